//! Folding what has been placed, in calls of many rows, as far as asked. Gives the features of every
//! event a decision rests on. Decides nothing about decisions.

use foreshore_event::OrderKey;

use crate::checkpoints::{Checkpoint, is_rung};
use crate::entry::{Entry, Lsn};
use crate::fold::{Fault, Flags, Folder, ROWS_MAX, Row, State};
use crate::step::{Step, step};
use crate::timeline::{Settings, Timeline};

/// The features as of an event a decision rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Emission {
    /// The event, by its log position.
    pub lsn: Lsn,
    /// Its features; none where the event traps here.
    pub features: Option<Box<[f64]>>,
}

impl Timeline {
    /// Folds every placed event up to and including the one of this key.
    ///
    /// # Errors
    /// As [`Timeline::settle`].
    pub fn settle_through(
        &mut self,
        key: OrderKey<'_>,
        folder: &mut dyn Folder,
        settings: &Settings,
        emissions: &mut Vec<Emission>,
    ) -> Result<u64, Fault> {
        let rows = self.index_after(key).saturating_sub(self.cursor.index);
        self.settle(rows, folder, settings, emissions)
    }

    /// Folds up to `rows_max` of the events not yet folded, adding what they emit; gives how many it was.
    ///
    /// # Errors
    /// When a call fails for a reason other than an event that traps. What was folded until then stays
    /// folded, its emissions are in `emissions`; the rest stays placed and can be settled later.
    pub fn settle(
        &mut self,
        rows_max: u64,
        folder: &mut dyn Folder,
        settings: &Settings,
        emissions: &mut Vec<Emission>,
    ) -> Result<u64, Fault> {
        let through = self.end().min(self.cursor.index.saturating_add(rows_max));
        let mut folded = 0;
        while self.cursor.index < through {
            let count = (through - self.cursor.index).min(ROWS_MAX as u64) as usize;
            folded += self.advance(count, folder, settings, emissions)?;
        }
        Ok(folded)
    }

    /// Folds once more what is committed and held because no state right above it was kept, so that all of it
    /// can be [let go of](Timeline::let_go). What lies above is owed then, and emits again what it emitted.
    ///
    /// # Errors
    /// As [`Timeline::settle`].
    pub fn pass_committed(
        &mut self,
        folder: &mut dyn Folder,
        settings: &Settings,
        emissions: &mut Vec<Emission>,
    ) -> Result<u64, Fault> {
        if self.committed == 0 {
            return Ok(0);
        }
        let border = self.committed_index();
        self.go_back_to(border);
        self.settle(border - self.cursor.index, folder, settings, emissions)
    }

    /// One call: folds up to `count` events from the cursor on.
    fn advance(
        &mut self,
        count: usize,
        folder: &mut dyn Folder,
        settings: &Settings,
        emissions: &mut Vec<Emission>,
    ) -> Result<u64, Fault> {
        let from = (self.cursor.index - self.offset) as usize;
        let head = self.end();
        let mut rows: Vec<Row<'_>> = self
            .entries
            .range(from..from + count)
            .zip(self.cursor.index + 1..)
            .map(|(entry, index)| row(entry, is_rung(index, head)))
            .collect();
        let (done, folded) = match step(folder, &self.cursor.state, &mut rows)? {
            Step::Folded(done, folded) => (done, folded),
            Step::Trapped => {
                self.skip_trapped(from, head, settings, emissions);
                return Ok(1);
            }
        };
        let marks = rows[..done].iter().zip(self.cursor.index + 1..);
        let marked: Vec<u64> = marks
            .filter(|(row, _)| row.flags.mark)
            .map(|(_, index)| index)
            .collect();
        let mut features = folded.features.chunks_exact(folder.features().max(1));
        for entry in self
            .entries
            .range(from..from + done)
            .filter(|entry| entry.role.emit)
        {
            emissions.push(Emission {
                lsn: entry.lsn,
                features: features.next().map(Box::from),
            });
        }
        for (index, state) in marked.into_iter().zip(folded.states) {
            self.move_cursor(index, state, head, settings);
        }
        Ok(done as u64)
    }

    /// Passes over an event that cannot be folded: the state stays as it was.
    fn skip_trapped(
        &mut self,
        from: usize,
        head: u64,
        settings: &Settings,
        emissions: &mut Vec<Emission>,
    ) {
        if let Some(entry) = self.entries.get(from).filter(|entry| entry.role.emit) {
            emissions.push(Emission {
                lsn: entry.lsn,
                features: None,
            });
        }
        let state = self.cursor.state.clone();
        self.move_cursor(self.cursor.index + 1, state, head, settings);
    }

    /// Sets the cursor to a higher index; where it stood becomes a checkpoint: as a rung, or as the only one.
    fn move_cursor(&mut self, index: u64, state: State, head: u64, settings: &Settings) {
        let passed = std::mem::replace(&mut self.cursor, Checkpoint { index, state });
        let is_kept = is_rung(passed.index, head) || self.checkpoints.is_empty();
        if passed.index > self.offset && is_kept {
            self.checkpoints
                .push(passed, head, settings.checkpoint_bytes_max);
        }
    }
}

/// The row of an entry.
pub(crate) fn row(entry: &Entry, mark: bool) -> Row<'_> {
    Row {
        event: Some(&entry.event),
        time: entry.time(),
        flags: Flags {
            apply: entry.role.apply,
            emit: entry.role.emit,
            mark,
        },
    }
}
