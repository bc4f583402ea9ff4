//! What became of an arriving event. Every event gets exactly one disposition, and each is counted, so
//! that received = the sum of them, always (promise F).

/// The fate of one arriving event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Placed in at least one of its timelines, or it has none.
    Admitted,
    /// Seen before, saying the same.
    Duplicate,
    /// Seen before, saying something else.
    Conflict,
    /// Below the watermark of all its timelines.
    Late,
    /// Too far ahead of its arrival.
    Future,
    /// Not an event of this pipeline.
    Invalid,
    /// Turned away under load.
    Shed,
}

impl Disposition {
    /// All of them, in the order tables show them.
    pub const ALL: [Disposition; 7] = [
        Disposition::Admitted,
        Disposition::Duplicate,
        Disposition::Conflict,
        Disposition::Late,
        Disposition::Future,
        Disposition::Invalid,
        Disposition::Shed,
    ];

    /// Its name on the wire, in metrics and in the log.
    pub fn name(self) -> &'static str {
        match self {
            Disposition::Admitted => "admitted",
            Disposition::Duplicate => "duplicate",
            Disposition::Conflict => "conflict",
            Disposition::Late => "late",
            Disposition::Future => "future",
            Disposition::Invalid => "invalid",
            Disposition::Shed => "shed",
        }
    }
}

/// How many events met each fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; 7]);

impl Counts {
    /// Counts one event.
    pub fn add(&mut self, disposition: Disposition) {
        self.0[disposition as usize] += 1;
    }

    /// Goes on from so many.
    pub fn set(&mut self, disposition: Disposition, count: u64) {
        self.0[disposition as usize] = count;
    }

    /// How many met this fate.
    pub fn of(&self, disposition: Disposition) -> u64 {
        self.0[disposition as usize]
    }

    /// Their sum: all that arrived.
    pub fn received(&self) -> u64 {
        self.0.iter().sum()
    }
}
