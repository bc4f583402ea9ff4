//! From the log to lines: segment by segment, and past a place that cannot be read to the next one that can.
//! Takes a view and what is asked of it.

use std::io::Write;
use std::ops::ControlFlow;

use foreshore_core::DecisionId;
use foreshore_timeline::Lsn;

use super::choice::{Choice, Dump, DumpError, Dumped};
use super::matcher::Matcher;
use super::search;
use crate::codec::{EVENT, Reading, write_json};
use crate::error::StoreError;
use crate::inspect::view::View;
use crate::log::Frame;

/// Writes the records that are asked for, a line each, in the order of the log. What cannot be read is told
/// and passed over.
///
/// # Errors
/// When what is asked for cannot be there, the lines are not taken, or the disk fails.
pub fn dump(
    view: &View,
    asked: &Dump,
    to: &mut dyn Write,
    unread: &mut dyn FnMut(&StoreError),
) -> Result<Dumped, DumpError> {
    let from = start(view, asked)?.max(asked.from);
    let mut matcher = Matcher::new(&asked.choice);
    let mut dumped = Dumped::default();
    for damage in view.unread() {
        dumped.unread += 1;
        unread(&damage.clone().into());
    }
    let range = from..=asked.to;
    for segment in view.segments(&range) {
        let mut failed = None;
        let mut visit = |frame: &Frame, reading: &Reading| {
            match matcher.choose(frame, reading) {
                Ok(None) => {}
                Ok(Some(record)) => match write_json(&record, reading.written(), &mut *to) {
                    Ok(()) => dumped.lines += 1,
                    Err(error) => {
                        failed = Some(error);
                        return ControlFlow::Break(());
                    }
                },
                Err(error) => {
                    dumped.unread += 1;
                    let lsn = frame.lsn;
                    unread(&StoreError::Decode { lsn, error });
                }
            }
            ControlFlow::Continue(())
        };
        if let Err(error) = view.walk(&segment, &range, &mut visit) {
            dumped.unread += 1;
            unread(&error);
        }
        if let Some(error) = failed {
            return Err(error.into());
        }
    }
    to.flush()?;
    Ok(dumped)
}

/// The first record that can be about what is asked for.
fn start(view: &View, asked: &Dump) -> Result<Lsn, DumpError> {
    match &asked.choice {
        Choice::All | Choice::Audit => Ok(Lsn(0)),
        // One that was never placed, because it lies in the future, is in no index.
        Choice::Event(name) => Ok(search::find(view, name)?.unwrap_or(Lsn(0))),
        Choice::Timeline { instance, .. } => known(view, instance).map(|()| Lsn(0)),
        Choice::Decision(id) => decided(view, *id).map(|()| id.0),
    }
}

/// Fails if no event is logged where a decision's should be.
fn decided(view: &View, decision: DecisionId) -> Result<(), DumpError> {
    let (first, last) = view.log().range();
    let is_event = (first..=last).contains(&decision.0)
        && view.log().read(decision.0).map_err(StoreError::from)?.kind == EVENT;
    match is_event {
        true => Ok(()),
        false => Err(DumpError::NoDecision {
            decision,
            first,
            last,
        }),
    }
}

/// Fails if no feature plugin of this name was ever deployed.
fn known(view: &View, name: &str) -> Result<(), DumpError> {
    let mut known: Vec<String> = Vec::new();
    for segment in view.segments(&(Lsn(0)..=Lsn(u64::MAX))) {
        if let Ok(reading) = view.reading(&segment) {
            let instances = reading.written().instances.iter();
            known.extend(instances.map(|instance| instance.name.clone()));
        }
    }
    known.sort_unstable();
    known.dedup();
    match known.iter().any(|found| found == name) {
        true => Ok(()),
        false => Err(DumpError::Instance {
            name: name.to_owned(),
            known,
        }),
    }
}
