//! Which records are about what is asked for. Decides by a record's first bytes where these tell, so that a
//! search through a log reads little of it.

use std::collections::HashSet;

use foreshore_core::{Disposition, Manifest, Record};
use foreshore_event::Event;
use foreshore_timeline::Lsn;

use super::choice::Choice;
use crate::codec::{AUDIT, DecodeError, EVENT, Reading, about, decode};
use crate::log::Frame;

/// Chooses records, in the order of the log.
pub(super) struct Matcher<'a> {
    choice: &'a Choice,
    /// Events chosen so far: what is about a decision on one of them is chosen too.
    chosen: HashSet<Lsn>,
}

impl Matcher<'_> {
    pub(super) fn new(choice: &Choice) -> Matcher<'_> {
        let chosen = match choice {
            Choice::Decision(id) => HashSet::from([id.0]),
            _ => HashSet::new(),
        };
        Matcher { choice, chosen }
    }

    /// The record of a frame, if it is chosen.
    pub(super) fn choose(
        &mut self,
        frame: &Frame,
        reading: &Reading,
    ) -> Result<Option<Record>, DecodeError> {
        let lsn = frame.lsn;
        let read = || decode(frame.kind, lsn, &frame.payload, reading);
        if matches!(self.choice, Choice::All) {
            return read().map(Some);
        }
        if matches!(self.choice, Choice::Audit) {
            return (frame.kind == AUDIT).then(read).transpose();
        }
        if let Some(decision) = about(frame.kind, lsn, &frame.payload) {
            let chosen = self.chosen.contains(&decision);
            return chosen.then(read).transpose();
        }
        let may_be = match self.choice {
            Choice::Decision(id) => id.0 == lsn,
            _ => frame.kind == EVENT,
        };
        if !may_be {
            return Ok(None);
        }
        let record = read()?;
        let chosen = self.is_chosen(&record, reading.written());
        if chosen {
            self.chosen.insert(lsn);
        }
        Ok(chosen.then_some(record))
    }

    fn is_chosen(&self, record: &Record, manifest: &Manifest) -> bool {
        let Record::Event {
            event,
            disposition,
            late,
            ..
        } = record
        else {
            return false;
        };
        match self.choice {
            Choice::All | Choice::Audit | Choice::Decision(_) => true,
            Choice::Event(name) => is_called(event, name),
            Choice::Timeline { instance, key } => {
                *disposition == Disposition::Admitted
                    && stands_in(event, *late, manifest, instance, key)
            }
        }
    }
}

/// Whether source and id of an event make this name.
pub(super) fn is_called(event: &Event, name: &str) -> bool {
    let id = name.strip_prefix(event.source());
    id.and_then(|rest| rest.strip_prefix('/')) == Some(event.id())
}

/// Whether an event was placed in the timeline of a plugin and a key.
fn stands_in(event: &Event, late: u64, manifest: &Manifest, instance: &str, key: &str) -> bool {
    let mut instances = manifest.instances.iter().enumerate();
    let Some((at, instance)) = instances.find(|(_, found)| found.name == instance) else {
        return false;
    };
    let mut texts = manifest.fields.iter().filter(|field| field.kind == "text");
    let slot = texts.position(|field| field.name == instance.key);
    late & (1 << at) == 0 && slot.and_then(|slot| event.text(slot)) == Some(key)
}
