//! A feature plugin as its author writes it, and the one call the host makes of it: bytes of state and rows
//! in, features and states out. The same call natively and in a component.

use crate::event::Event;
use crate::fields::Fields;
use crate::rows::{Row, Rows};
use crate::state::{Reader, State, Writer};
use crate::time::{Span, Time};
use crate::vector::Vector;

/// One timeline's state, how an event changes it, and the features it yields.
///
/// `Default` is the state of a timeline without history.
pub trait Features: State + Default {
    /// The fields it reads; `()` for none.
    type Event<'a>: Fields<'a>;
    /// The features it yields.
    type Vector: Vector;
    /// The text field whose value names the timeline.
    const KEY: &'static str;
    /// The event types that change the state.
    const EVENTS: &'static [&'static str];
    /// Version of the state's bytes: raise it whenever a field or bound of the state changes.
    const STATE_VERSION: u32 = 1;
    /// How far back an event can still matter; none for ever.
    const HORIZON: Option<Span> = None;

    /// Takes in one event of [`Features::EVENTS`]; times never decrease from call to call.
    fn fold(&mut self, event: &Event<Self::Event<'_>>);

    /// The features as of `at`, which is not before the event folded last.
    fn features(&self, at: Time) -> Self::Vector;
}

/// What one call gives, laid out as in `docs/PLUGIN-ABI.md`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folded {
    /// The features of every row flagged `emit`, in row order.
    pub features: Vec<f64>,
    /// The state after every row flagged `mark`, each after its length in 4 bytes.
    pub states: Vec<u8>,
}

/// Folds a call's rows onto a state. An empty state is a timeline without history.
///
/// # Panics
/// When `state` or `rows` do not have the agreed layout, or the plugin itself panics.
pub fn fold<F: Features>(state: &[u8], rows: &[u8]) -> Folded {
    let mut plugin = F::default();
    if !state.is_empty() {
        let mut reader = Reader::of(state);
        plugin.decode(&mut reader);
        reader.finish();
    }
    let rows = Rows::of(rows).iter();
    let mut features = Vec::with_capacity(rows.len() * F::Vector::FEATURES.len());
    // A state grows little in a call, and most calls mark one row.
    let mut states = Writer::with_capacity(state.len() + 128);
    for row in rows {
        if row.apply {
            apply(&mut plugin, row);
        }
        if row.emit {
            plugin.features(row.time).write(&mut features);
        }
        if row.mark {
            states.framed(|writer| plugin.encode(writer));
        }
    }
    Folded {
        features,
        states: states.into_bytes(),
    }
}

fn apply<F: Features>(plugin: &mut F, mut row: Row<'_>) {
    plugin.fold(&Event {
        time: row.time,
        kind: F::EVENTS.get(row.kind).copied().unwrap_or_default(),
        fields: F::Event::read(&mut row.cells),
    });
}

/// Makes a crate the component of one feature plugin. Natively it does nothing.
#[macro_export]
macro_rules! export_features {
    ($plugin:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Plugin = $crate::component::Exported<$plugin>;
    $crate::bindings::features::export!(Plugin with_types_in $crate::bindings::features);
        };
    };
}
