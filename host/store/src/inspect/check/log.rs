//! The log of a pipeline: its bytes, then, segment by segment while they are still in memory, its records and
//! the identities beside them. Gives what the rest of a store is held against.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use foreshore_core::identities::Entry;
use foreshore_core::{Manifest, Record};
use foreshore_timeline::Lsn;

use super::finding::{Finding, Part, Told};
use super::run::Look;
use crate::codec::{Reading, decode};
use crate::cold::Family;
use crate::disk::Disk;
use crate::error::StoreError;
use crate::identities;
use crate::inspect::view::View;
use crate::journal::identity_of;
use crate::log::{self, Frame, Progress, SegmentInfo};
use crate::store::family;

/// Records of one segment told one by one when they make no sense; the others are only counted.
const UNREADABLE_MAX: u64 = 20;

/// What a log says that the rest of a store must agree with.
#[derive(Default)]
pub(super) struct Facts {
    /// The last record.
    pub(super) last: Lsn,
    /// What the log calls itself.
    pub(super) log: Option<String>,
    /// The feature plugin of every family there was, by name.
    pub(super) families: HashMap<Family, String>,
    /// Decisions whose revisions are not only in the record after their event.
    pub(super) revised: Vec<Lsn>,
    events: Positions,
}

impl Facts {
    /// Whether an event is logged there.
    pub(super) fn has_event(&self, lsn: Lsn) -> bool {
        self.events.has(lsn)
    }

    fn learn(&mut self, manifest: &Manifest) {
        self.log = Some(manifest.log.clone());
        for instance in &manifest.instances {
            let (family, name) = (family(&instance.fold), instance.name.clone());
            self.families.insert(family, name);
        }
    }

    fn note(&mut self, record: &Record) {
        let lsn = record.lsn();
        self.last = self.last.max(lsn);
        match record {
            Record::Event { .. } => self.events.add(lsn),
            Record::Revision { decision, .. } if lsn != decision.0.next() => {
                self.revised.push(decision.0);
            }
            Record::Deploy { manifest, .. } => self.learn(manifest),
            _ => {}
        }
    }
}

/// Log positions, a bit each.
#[derive(Default)]
struct Positions(HashMap<u64, u64>);

impl Positions {
    fn add(&mut self, lsn: Lsn) {
        *self.0.entry(lsn.0 / 64).or_default() |= 1 << (lsn.0 % 64);
    }

    fn has(&self, lsn: Lsn) -> bool {
        let bits = self.0.get(&(lsn.0 / 64)).copied().unwrap_or(0);
        bits & (1 << (lsn.0 % 64)) != 0
    }
}

/// Looks through the log in a pipeline's folder.
pub(super) fn check(
    disk: &Arc<dyn Disk>,
    folder: &Path,
    look: &mut Look<'_>,
) -> Result<Facts, StoreError> {
    let view = View::open(disk.clone(), folder)?;
    let segments = view.log().segments();
    let of = segments.iter().map(|segment| segment.bytes).sum();
    let mut facts = Facts::default();
    let mut read = 0;
    let checked = log::check(&**disk, view.log().folder(), &mut |told| match told {
        Progress::Finding(finding) => look.found(&Finding {
            offset: Some(finding.offset),
            lsn: Some(finding.lsn.0),
            harmless: finding.harmless,
            ..Finding::new(Part::Log, finding.file.clone(), finding.error.to_string())
        }),
        Progress::Segment { file, bytes, .. } => {
            let held = segments.iter().find(|segment| segment.file == file);
            if let Some(segment) = held.filter(|segment| segment.first <= segment.last) {
                let records = Records {
                    view: &view,
                    segment,
                };
                records.check(&mut facts, look);
            }
            read += bytes;
            look.tell(Told::Log { bytes: read, of });
        }
    })?;
    let (first, last) = view.log().range();
    facts.last = facts.last.max(last);
    facts.revised.sort_unstable();
    facts.revised.dedup();
    look.checked.first = first.0;
    look.checked.last = facts.last.0;
    look.checked.segments = checked.segments;
    look.checked.records = checked.records;
    look.checked.bytes = checked.bytes;
    Ok(facts)
}

/// The records of one segment.
struct Records<'a> {
    view: &'a View,
    segment: &'a SegmentInfo,
}

impl Records<'_> {
    /// Reads every record and what stands beside the segment.
    fn check(&self, facts: &mut Facts, look: &mut Look<'_>) {
        let (mut entries, mut unreadable) = (Vec::new(), 0);
        match self.view.reading(self.segment) {
            Ok(reading) => facts.learn(reading.written()),
            Err(error) => return look.found(&self.finding(Part::Record, error.to_string())),
        }
        let range = self.segment.first..=self.segment.last;
        let mut visit = |frame: &Frame, reading: &Reading| {
            match decode(frame.kind, frame.lsn, &frame.payload, reading) {
                Ok(record) => {
                    facts.note(&record);
                    entries.extend(identity_of(&record));
                }
                Err(error) => {
                    unreadable += 1;
                    if unreadable <= UNREADABLE_MAX {
                        let message = format!("record {}: {error}", frame.lsn.0);
                        look.found(&Finding {
                            lsn: Some(frame.lsn.0),
                            ..self.finding(Part::Record, message)
                        });
                    }
                }
            }
            ControlFlow::Continue(())
        };
        // Damage of bytes is told already, by its place.
        let walked = self.view.walk(self.segment, &range, &mut visit);
        if unreadable > UNREADABLE_MAX {
            let more = unreadable - UNREADABLE_MAX;
            let message = format!("{more} more records of this segment make no sense");
            look.found(&self.finding(Part::Record, message));
        }
        if self.segment.sealed && walked.is_ok() && unreadable == 0 {
            self.identities(&entries, look);
        }
    }

    /// Holds the identities beside a sealed segment against its events.
    fn identities(&self, events: &[Entry], look: &mut Look<'_>) {
        let folder = self.view.log().folder();
        let range = self.segment.first..=self.segment.last;
        let (harmless, message) = match identities::read(self.view.disk(), folder, &range) {
            Ok(found) if holds(&found, events) => return,
            Ok(_) => {
                let message = "it does not hold the events of its segment: take the file away, it is written \
                               anew when the node starts";
                (false, message.to_owned())
            }
            Err(error) if error.asks_for_rebuilding() => (
                true,
                format!("{error}; it is written anew when the node starts"),
            ),
            Err(error) => (false, error.to_string()),
        };
        look.found(&Finding {
            file: identities::path(folder, self.segment.first),
            harmless,
            ..self.finding(Part::Identities, message)
        });
    }

    fn finding(&self, part: Part, message: String) -> Finding {
        Finding::new(part, self.segment.file.clone(), message)
    }
}

/// Whether a file holds the identities of these events, in whatever order.
fn holds(found: &identities::Entries, events: &[Entry]) -> bool {
    let mut found: Vec<Entry> = found.iter().collect();
    found.sort_unstable_by_key(Entry::lsn);
    found == events
}
