//! One event as an author's fold sees it: when, of which type, and its fields by name.

use std::ops::Deref;

use crate::time::Time;

/// An event with the fields `F`, which read as its own: `event.amount`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event<F> {
    /// When it happened, by its device's clock. Never before the event folded last.
    pub time: Time,
    /// Its type, one of the plugin's `EVENTS`.
    pub kind: &'static str,
    /// The fields the plugin reads.
    pub fields: F,
}

impl<F> Deref for Event<F> {
    type Target = F;

    fn deref(&self) -> &F {
        &self.fields
    }
}
