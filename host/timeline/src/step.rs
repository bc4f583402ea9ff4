//! One step of folding: as many rows as the plugin takes at once, and the verdict about an event that
//! traps. Takes a state and rows; gives how far it came. Holds no state of its own.

use crate::fold::{Fault, Folded, Folder, Row, State};

/// How far a step came.
#[derive(Debug)]
pub(crate) enum Step {
    /// These first rows were folded.
    Folded(usize, Folded),
    /// The first row cannot be folded onto this state: it leaves the state as it was.
    Trapped,
}

/// Folds as many of the first rows as possible in one call. Its last row is always marked, so that there
/// is a state to go on from.
///
/// Whether an event traps is a function of the events before it. A trap in a call of many rows only says
/// that one of them traps, so fewer are tried; a trap in a call of one row is believed when it repeats,
/// because the sandbox answers the repetition with a fresh instance. A missed deadline says nothing about
/// the rows, but fewer of them may come through.
pub(crate) fn step(
    folder: &mut dyn Folder,
    state: &State,
    rows: &mut [Row<'_>],
) -> Result<Step, Fault> {
    let mut count = rows.len();
    let mut traps_of_one = 0;
    loop {
        rows[count - 1].flags.mark = true;
        match folder.fold(state, &rows[..count]) {
            Ok(folded) => return Ok(Step::Folded(count, folded)),
            Err(Fault::Trap(_) | Fault::Timeout(_)) if count > 1 => count /= 2,
            Err(Fault::Trap(_)) if traps_of_one == 0 => traps_of_one = 1,
            Err(Fault::Trap(_)) => return Ok(Step::Trapped),
            Err(fault) => return Err(fault),
        }
    }
}
