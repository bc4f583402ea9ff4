//! What a step costs, in rounds that take turns with the other steps. Gives a line of a table, or of JSON.

use std::time::Instant;

use serde::Serialize;

/// One step and what it took.
#[derive(Serialize)]
pub struct Figure {
    /// The step.
    pub step: String,
    /// Nanoseconds per event, of every round.
    pub nanoseconds: Vec<f64>,
}

/// All steps.
#[derive(Default)]
pub struct Figures(Vec<Figure>);

impl Figures {
    /// Does something for so many events, and notes what it took for each.
    pub fn time<T>(&mut self, step: &str, events: usize, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let done = work();
        let nanoseconds = started.elapsed().as_nanos() as f64 / events as f64;
        self.note(step, nanoseconds);
        done
    }

    /// Notes what a step took for an event.
    pub fn note(&mut self, step: &str, nanoseconds: f64) {
        match self.0.iter_mut().find(|figure| figure.step == step) {
            Some(figure) => figure.nanoseconds.push(nanoseconds),
            None => self.0.push(Figure {
                step: step.to_owned(),
                nanoseconds: vec![nanoseconds],
            }),
        }
    }

    /// All of them, in the order they were noted first.
    pub fn iter(&self) -> impl Iterator<Item = &Figure> {
        self.0.iter()
    }
}

impl Figure {
    /// The middle one.
    pub fn median(&self) -> f64 {
        let mut sorted = self.nanoseconds.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }
}
