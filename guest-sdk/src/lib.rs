//! Write feature and model plugins for foreshore: plain Rust that becomes a WebAssembly component.
//!
//! A feature plugin is a struct. One value of it is the state of one timeline (one card, one terminal, one
//! device): it says how it takes an event in, and which features it then has. This is a whole plugin:
//!
//! ```
//! //! Counts a card's payments and sums what was spent within the hour.
//! use foreshore_guest::prelude::*;
//! fields! { struct Payment { amount in "EUR": f64 } }
//! state! { struct Card { spent: Window = Window::of(HOUR, 64) } }
//! vector! { struct Spending {
//!     /// Payments within the hour.
//!     count_1h,
//!     /// Spent within the hour.
//!     spent_1h in "EUR",
//! } }
//!
//! impl Features for Card {
//!     type Event<'a> = Payment;
//!     type Vector = Spending;
//!     const KEY: &'static str = "card";
//!     const EVENTS: &'static [&'static str] = &["payment.completed"];
//!     fn fold(&mut self, event: &Event<Payment>) {
//!         self.spent.add(event.time, event.amount);
//!     }
//!     fn features(&self, at: Time) -> Spending {
//!         let [hour] = self.spent.over([HOUR], at);
//!         Spending { count_1h: hour.count, spent_1h: hour.sum }
//!     }
//! }
//! export_features!(Card);
//! # fn main() {}
//! ```
//!
//! Its `Cargo.toml` says `crate-type = ["cdylib", "rlib"]` and depends on this crate; `foreshore build` makes
//! the component.
//!
//! # What an author can rely on
//!
//! - Events of one timeline come **in order, one at a time**, each once: late ones, duplicates and disorder are
//!   the host's business. It folds again from an earlier state when it must.
//! - **Nothing outlives a call but the struct.** No statics, no caches: the host keeps the state, and may hand
//!   an instance any timeline next.
//! - There is **no clock, no randomness and no I/O**. Time is [`Event::time`], and `at` where features are read.
//! - The same events give **the same bytes**, natively and in the component. [`math`] stands in for the
//!   platform's own functions, which do not.
//! - A **panic** means that this event cannot be folded: it leaves the state as it was.
//! - **Missing** is NaN, in a number field and in a feature; an infinite feature is a fault.
//!
//! # Aggregates
//!
//! A span at time `t` is `(t - span, t]`; one pass answers any number of spans. State in bytes and native times
//! per event, by `cargo bench -p foreshore-guest` on one core of an AMD EPYC virtual machine:
//!
//! | aggregate | holds | bytes | add, ns | add and read, ns | decode and encode, ns |
//! | --- | --- | --- | --- | --- | --- |
//! | [`Window`](aggregate::Window), 3 spans | 16 amounts | 199 | 6 | 92 | 138 |
//! | | 64 amounts | 775 | 6 | 201 | 412 |
//! | | 256 amounts | 3080 | 6 | 599 | 1560 |
//! | | 64 amounts and 32 summaries | 2230 | 53 | 542 | 1418 |
//! | [`Share`](aggregate::Share) | 64 events | 407 | 6 | 148 | 388 |
//! | [`Distinct`](aggregate::Distinct), 2 spans | 64 values | 777 | 38 | 109 | 386 |
//! | [`Panes`](aggregate::Panes), 2 spans | 60 panes | 2044 | 7 | 546 | 1031 |
//! | [`Changes`](aggregate::Changes) | 64 changes | 291 | 8 | 137 | 386 |
//! | [`Last`](aggregate::Last) | 2 numbers | 34 | < 1 | < 1 | 32 |
//! | [`Seen`](aggregate::Seen) | 3 numbers | 19 | < 1 | 1 | 33 |
//! | [`Decay`](aggregate::Decay) | 1 number | 17 | 3 | 7 | 20 |
//!
//! # Models
//!
//! A model plugin is the names of its inputs and reasons, and a function:
//!
//! ```
//! //! Scores a payment by how far it leaves what the card spends.
//! use foreshore_guest::prelude::*;
//!
//! struct Excess;
//!
//! impl Model for Excess {
//!     const INPUTS: &'static [&'static str] = &["event.amount", "card.spent_1h"];
//!     const REASONS: &'static [&'static str] = &["amount"];
//!     fn score(inputs: &[f64], contributions: &mut [f64]) -> f64 {
//!         let [amount, spent] = inputs else { return 0.0 };
//!         let excess = if spent.is_nan() { 0.0 } else { math::ln_1p(amount / (1.0 + spent)) };
//!         contributions.copy_from_slice(&[excess]);
//!         math::sigmoid(excess - 3.0)
//!     }
//! }
//! export_model!(Excess);
//! # fn main() {}
//! ```
//!
//! # Tests
//!
//! A trace is a file of events as on the wire, one JSON object per line, with what is expected as of them:
//!
//! ```json
//! {"id":"1","source":"pos-1","type":"payment.completed","time":"2026-03-01T12:00:00Z","data":{"card":"a","amount":10},"expect":{"spent_1h":10}}
//! ```
//!
//! ```no_run
//! # use foreshore_guest::prelude::*;
//! # fields! { struct Payment { amount: f64 } }
//! # state! { struct Card { paid: u64 } }
//! # vector! { struct Spending { paid } }
//! # impl Features for Card {
//! #     type Event<'a> = Payment;
//! #     type Vector = Spending;
//! #     const KEY: &'static str = "card";
//! #     const EVENTS: &'static [&'static str] = &["payment.completed"];
//! #     fn fold(&mut self, _: &Event<Payment>) { self.paid += 1; }
//! #     fn features(&self, _: Time) -> Spending { Spending { paid: self.paid as f64 } }
//! # }
//! use foreshore_guest::testing::Trace;
//!
//! # fn main() {
//! Trace::read("trace.jsonl").expect("a trace").check::<Card>();
//! # }
//! ```
//!
//! It runs natively through the very bytes that a component is handed, one event a call and all at once;
//! `foreshore check plugin.wasm --trace trace.jsonl` runs the same file on the component.

/// Instants and spans of event time.
pub mod time;

/// The fields of an event, by name.
pub mod fields;

/// One event as a fold sees it.
pub mod event;

/// A timeline's state, as bytes and back.
pub mod state;

/// What a timeline's events add up to.
pub mod aggregate;

/// Mathematics with the same bits everywhere.
pub mod math;

/// The features a plugin yields, by name.
pub mod vector;

/// A feature plugin, and the one call made of it.
pub mod features;

/// A model plugin, and the one call made of it.
pub mod model;

/// The rows of a call, read where they lie.
pub mod rows;

/// The only way out: a trap.
mod fault;

/// The generated side of the contract.
#[cfg(target_family = "wasm")]
pub mod bindings;

/// A plugin as a component.
#[cfg(target_family = "wasm")]
pub mod component;

/// Native tests from trace files.
#[cfg(not(target_family = "wasm"))]
pub mod testing;

/// All that a plugin's source needs.
pub mod prelude;

pub use event::Event;
pub use features::Features;
pub use fields::{Field, FieldNeed, Fields, Kind};
pub use model::Model;
pub use state::{Reader, State, Writer};
pub use time::{Span, Time};
pub use vector::{Feature, Vector};
