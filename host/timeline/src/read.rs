//! Features as of a point of a timeline, without changing anything: for answers about events that cannot
//! or shall not be placed, and for people who ask. Folds from the nearest state; keeps nothing.

use foreshore_event::{Event, Time};

use crate::checkpoints::Checkpoint;
use crate::entry::Role;
use crate::fold::{Fault, Flags, Folder, ROWS_MAX, Row};
use crate::settle::row;
use crate::step::{Step, step};
use crate::timeline::Timeline;

/// Where to read.
#[derive(Clone, Copy, Debug)]
pub enum Point<'a> {
    /// After every event of this time and earlier.
    AsOf(Time),
    /// At the watermark: what is committed.
    Watermark,
    /// As of an event that is not placed, in its role.
    Event(&'a Event, Role),
}

/// Why there are no features to read.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum ReadError {
    /// The point lies below the watermark, where the timeline has let go of its events.
    #[error("the timeline keeps no events before its watermark, {watermark}; ask for a later time")]
    Past {
        /// The earliest time that can be read.
        watermark: Time,
    },
    /// The plugin traps on the read itself.
    #[error("the plugin traps as of this point")]
    Trapped,
    /// The plugin could not be asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Timeline {
    /// The features as of a point.
    ///
    /// # Errors
    /// When the point lies below the watermark, or the plugin fails.
    pub fn read(&self, point: Point<'_>, folder: &mut dyn Folder) -> Result<Box<[f64]>, ReadError> {
        let watermark = self.watermark().time();
        let past = || ReadError::Past { watermark };
        let (index, row) = match point {
            Point::AsOf(time) if time < watermark => return Err(past()),
            Point::AsOf(time) => (self.index_behind(time), read_row(time)),
            Point::Watermark => (self.committed_index(), read_row(watermark)),
            Point::Event(event, _) if self.is_final(event.order_key()) => return Err(past()),
            Point::Event(event, role) => {
                let key = event.order_key();
                let flags = Flags {
                    apply: role.apply,
                    emit: true,
                    mark: false,
                };
                (
                    self.index_after(key),
                    Row {
                        event: Some(event),
                        time: event.time(),
                        flags,
                    },
                )
            }
        };
        let mut reached = self.nearest_state(index);
        self.fold_up_to(index, &mut reached, folder)?;
        match step(folder, &reached.state, &mut [row])? {
            Step::Folded(_, folded) => Ok(folded.features.into_boxed_slice()),
            Step::Trapped => Err(ReadError::Trapped),
        }
    }

    fn index_behind(&self, time: Time) -> u64 {
        self.offset
            + self
                .entries
                .partition_point(|entry| entry.event.time() <= time) as u64
    }

    /// The highest state at or below `index` there is.
    fn nearest_state(&self, index: u64) -> Checkpoint {
        if self.cursor.index <= index {
            return self.cursor.clone();
        }
        match self.checkpoints.at_or_below(index) {
            Some(checkpoint) => checkpoint.clone(),
            None => Checkpoint {
                index: self.offset,
                state: self.base.clone(),
            },
        }
    }

    /// Folds the events from `reached` to `index`, for the sake of the state alone.
    fn fold_up_to(
        &self,
        index: u64,
        reached: &mut Checkpoint,
        folder: &mut dyn Folder,
    ) -> Result<(), Fault> {
        while reached.index < index {
            let from = (reached.index - self.offset) as usize;
            let count = (index - reached.index).min(ROWS_MAX as u64) as usize;
            let quiet = |entry| {
                let mut row = row(entry, false);
                row.flags.emit = false;
                row
            };
            let mut rows: Vec<_> = self.entries.range(from..from + count).map(quiet).collect();
            match step(folder, &reached.state, &mut rows)? {
                Step::Folded(done, folded) => {
                    reached.index += done as u64;
                    reached.state = folded.states.into_iter().next_back().unwrap_or_default();
                }
                Step::Trapped => reached.index += 1,
            }
        }
        Ok(())
    }
}

/// A read as of a time, without an event.
fn read_row(time: Time) -> Row<'static> {
    Row {
        event: None,
        time,
        flags: Flags {
            apply: false,
            emit: true,
            mark: false,
        },
    }
}
