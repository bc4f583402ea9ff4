//! One record, one line of JSON. Takes the record and the manifest it was written under; filters and files
//! are its caller's.

use std::borrow::Cow;
use std::io;

use foreshore_core::{Amendment, Manifest, Record};
use foreshore_event::Time;
use serde::Serialize;

use super::event::{Arrived, Mentioned};
use super::number::{name, text};
use super::revision::{Because, InShort, Said};

/// Writes a record as one line. The names are those of the manifest it was written under: of a record
/// that was read [alone](crate::codec::Reading::alone).
///
/// # Errors
/// When the line cannot be written.
pub fn write_json(record: &Record, manifest: &Manifest, mut to: impl io::Write) -> io::Result<()> {
    serde_json::to_writer(&mut to, &Shown::new(record, manifest))?;
    to.write_all(b"\n")
}

#[derive(Serialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
enum Shown<'a> {
    Event {
        lsn: u64,
        #[serde(serialize_with = "text")]
        arrival: Time,
        disposition: &'static str,
        late_for: Vec<Cow<'a, str>>,
        #[serde(flatten)]
        event: Arrived<'a>,
    },
    Revision {
        lsn: u64,
        decision: String,
        previous: Option<u64>,
        told: bool,
        #[serde(flatten)]
        said: Said<'a>,
    },
    Told {
        lsn: u64,
        decision: String,
        revision: u32,
    },
    Amendment {
        lsn: u64,
        decision: String,
        revision: u32,
        event: Mentioned<'a>,
        old: InShort,
        new: InShort,
        cause: Because<'a>,
    },
    Close {
        lsn: u64,
        #[serde(serialize_with = "text")]
        time: Time,
    },
    Deploy {
        lsn: u64,
        manifest: &'a Manifest,
    },
    Audit {
        lsn: u64,
        #[serde(serialize_with = "text")]
        time: Time,
        who: &'a str,
        act: &'static str,
        subject: &'a str,
        outcome: &'a str,
    },
}

impl<'a> Shown<'a> {
    fn new(record: &'a Record, manifest: &'a Manifest) -> Shown<'a> {
        let lsn = record.lsn().0;
        match record {
            Record::Event {
                lsn: _,
                arrival,
                disposition,
                late,
                event,
            } => Shown::Event {
                lsn,
                arrival: *arrival,
                disposition: disposition.name(),
                late_for: late_for(*late, manifest),
                event: Arrived::new(event, manifest),
            },
            Record::Revision {
                lsn: _,
                decision,
                previous,
                told,
                revision,
            } => Shown::Revision {
                lsn,
                decision: decision.to_string(),
                previous: previous.map(|previous| previous.0),
                told: *told,
                said: Said::new(revision),
            },
            Record::Told {
                lsn: _,
                decision,
                revision,
            } => Shown::Told {
                lsn,
                decision: decision.to_string(),
                revision: *revision,
            },
            Record::Amendment(amendment) => Shown::amendment(amendment, manifest),
            Record::Close { lsn: _, time } => Shown::Close { lsn, time: *time },
            Record::Deploy { lsn: _, manifest } => Shown::Deploy { lsn, manifest },
            Record::Audit {
                lsn: _,
                time,
                audit,
            } => Shown::Audit {
                lsn,
                time: *time,
                who: &audit.who,
                act: audit.act.name(),
                subject: &audit.subject,
                outcome: &audit.outcome,
            },
        }
    }

    fn amendment(amendment: &'a Amendment, manifest: &'a Manifest) -> Shown<'a> {
        Shown::Amendment {
            lsn: amendment.lsn.0,
            decision: amendment.decision.to_string(),
            revision: amendment.revision,
            event: Mentioned::new(&amendment.event, manifest),
            old: InShort::new(&amendment.old),
            new: InShort::new(&amendment.new),
            cause: Because::new(&amendment.cause, manifest),
        }
    }
}

/// The instances of these bits, by name.
fn late_for(bits: u64, manifest: &Manifest) -> Vec<Cow<'_, str>> {
    let instances = || manifest.instances.iter().map(|instance| &instance.name);
    let set = (0..64).filter(|at| bits >> at & 1 != 0);
    set.map(|at| name(instances(), at)).collect()
}
