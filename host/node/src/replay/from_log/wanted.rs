//! Which revisions of a log are made again, and which records have to be taken for that: of one decision those
//! of its own timelines, of anything else all up to its end.

use anyhow::{Context as _, bail};
use foreshore_core::{DecisionId, Pipeline, Record};
use foreshore_event::Event;
use foreshore_store::Records;
use foreshore_timeline::Lsn;

/// Which revisions are made again.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    /// All that one decision said.
    Decision(DecisionId),
    /// Those whose records lie between these two, both included.
    Range(Lsn, Lsn),
}

/// Which records matter.
pub struct Scope {
    wanted: Wanted,
    /// The last record that is looked at.
    pub last: Lsn,
    /// Key slots and the keys of the decision's event; none where all events matter.
    keys: Option<Vec<(usize, String)>>,
}

impl Wanted {
    /// Which records of a log matter.
    ///
    /// # Errors
    /// When it has no such records.
    pub fn scope(self, records: &Records, pipeline: &Pipeline, last: Lsn) -> anyhow::Result<Scope> {
        let keys = match self {
            Wanted::Range(from, to) if from > to || from > last => {
                bail!(
                    "there are no records {} to {}: the log ends with record {}",
                    from.0,
                    to.0,
                    last.0
                )
            }
            Wanted::Range(..) => None,
            Wanted::Decision(id) => {
                let event = records.event(id.0)?;
                let (first, _) = records.log().range();
                let event = event.with_context(|| match id.0 < first {
                    true => format!(
                        "record {} was dropped by retention, and decision {id} with it: the log begins with record {}",
                        id.0.0, first.0
                    ),
                    false => format!(
                        "record {} is no event, so there is no decision {id}",
                        id.0.0
                    ),
                })?;
                Some(keys(&event, pipeline))
            }
        };
        let last = match self {
            Wanted::Range(_, to) => last.min(to),
            Wanted::Decision(_) => last,
        };
        let wanted = self;
        Ok(Scope { wanted, last, keys })
    }
}

impl Scope {
    /// Whether every record up to the last matters.
    pub fn is_whole(&self) -> bool {
        self.keys().is_none()
    }

    /// Key slots and keys of the timelines that matter; none where all do.
    pub fn keys(&self) -> Option<&[(usize, String)]> {
        self.keys.as_deref()
    }

    /// Whether what is asked for depends on a record.
    pub fn concerns(&self, record: &Record) -> bool {
        let (Some(keys), Wanted::Decision(id)) = (&self.keys, self.wanted) else {
            return true;
        };
        match record {
            Record::Event { event, .. } => keys
                .iter()
                .any(|(slot, key)| event.text(*slot) == Some(key.as_str())),
            Record::Revision { decision, .. } => *decision == id,
            Record::Close { .. } | Record::Deploy { .. } => true,
            Record::Told { .. } | Record::Amendment(_) | Record::Audit { .. } => false,
        }
    }

    /// Whether a record is to be made again.
    pub fn is_asked_for(&self, record: &Record) -> bool {
        match self.wanted {
            Wanted::Range(from, to) => (from..=to).contains(&record.lsn()),
            Wanted::Decision(_) => true,
        }
    }
}

/// What the timelines of an event are keyed by.
fn keys(event: &Event, pipeline: &Pipeline) -> Vec<(usize, String)> {
    let slots = pipeline.instances.iter().map(|instance| instance.key);
    let mut keys: Vec<(usize, String)> = slots
        .filter_map(|slot| Some((slot, event.text(slot)?.to_owned())))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}
