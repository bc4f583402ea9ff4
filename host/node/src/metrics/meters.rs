//! What is measured of a pipeline's requests, kind by kind and stage by stage. Written by the HTTP side.

use crate::metrics::histogram::Histogram;

/// A pipeline's requests.
#[derive(Debug, Default)]
pub struct Meters {
    /// Those that score an event.
    pub score: Stages,
    /// Those that bring events, slice by slice but for the whole.
    pub events: Stages,
}

/// How long the stages of a request take.
#[derive(Debug, Default)]
pub struct Stages {
    /// Bytes to events: decode and validate.
    pub decode: Histogram,
    /// The pipeline's thread, the wait for it included.
    pub worker: Histogram,
    /// The whole, from the request's head to the answer's bytes; the client's time for the body included.
    pub request: Histogram,
}

impl Stages {
    /// Every stage with its name.
    pub fn named(&self) -> [(&'static str, &Histogram); 3] {
        [
            ("decode", &self.decode),
            ("worker", &self.worker),
            ("request", &self.request),
        ]
    }
}
