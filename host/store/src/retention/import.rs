//! From a checkpoint to a state, where what cold state kept is lost and the log does not reach back to its first
//! record. Takes the newest checkpoint the log goes on from; the replay of that log is the restart's business.

use std::mem::take;
use std::ops::ControlFlow;

use foreshore_core::{Record, RestingTimeline};
use foreshore_timeline::{Lsn, NotWoken, Timeline, Watermark};

use super::checkpoints::Checkpoints;
use super::rests::{lowest, rests_on};
use crate::checkpoint::Reader;
use crate::codec::{decode_core, decode_timeline};
use crate::cold::{Batch, Key, Rested};
use crate::error::StoreError;
use crate::progress::{Progress, Tell};
use crate::rebuild::trails;
use crate::store::{CORE, OWN, Store};

/// Timelines put into cold state at once.
const PUT_AT_ONCE: usize = 1_000;

/// A timeline to be built on, and the record it is built through.
pub(crate) type Ground = (Timeline, Lsn);

impl Checkpoints {
    /// The newest checkpoint that a log of this name and these records goes on from, and the last record any of
    /// its timelines holds; why the others are none.
    pub(crate) fn usable(
        &self,
        name: &str,
        first: Lsn,
        last: Lsn,
    ) -> Result<(Reader, Lsn), String> {
        let found = self.newest_first().map_err(|error| error.to_string())?;
        let mut refused = String::new();
        for (_, path) in found {
            let opened = Reader::open(&*self.disk, &path).map_err(|error| error.to_string());
            let checked = opened.and_then(|reader| {
                let through = check(&reader, name, first, last)?;
                Ok((reader, through))
            });
            match checked {
                Ok(usable) => return Ok(usable),
                Err(why) => refused.push_str(&format!("; {}: {why}", path.display())),
            }
        }
        Err(match refused.is_empty() {
            true => "; there is no checkpoint".to_owned(),
            false => refused,
        })
    }
}

/// Reads all of a checkpoint; gives the last record that any of its timelines holds, or says why a log of these
/// records does not go on from it.
fn check(reader: &Reader, name: &str, first: Lsn, last: Lsn) -> Result<Lsn, String> {
    let head = reader.head();
    if head.log != name.as_bytes() {
        return Err("it is of another log".to_owned());
    }
    if head.lsn.next() < first || head.lsn > last {
        return Err(format!("it is as of record {}", head.lsn.0));
    }
    reader.verify().map_err(|error| error.to_string())?;
    let (mut wrong, mut through) = (None, head.lsn);
    let shown = reader.timelines(|key, stored| {
        wrong = match rests_on_if_timeline(&key, &stored) {
            Err(error) => Some(format!("timeline {key}: {error}")),
            Ok(Some(lowest)) if lowest < first => {
                Some(format!("timeline {key} rests on record {}", lowest.0))
            }
            Ok(_) if key.family != OWN && stored.lsn > last => {
                Some(format!("timeline {key} is as of record {}", stored.lsn.0))
            }
            Ok(_) => {
                through = through.max(stored.lsn);
                return ControlFlow::Continue(());
            }
        };
        ControlFlow::Break(())
    });
    shown.map_err(|error| error.to_string())?;
    wrong.map_or(Ok(through), Err)
}

/// Takes over the state of the newest usable checkpoint. Nothing may be stored yet.
///
/// # Errors
/// When there is none, or the state cannot be written.
pub(crate) fn import(
    store: &Store,
    first: Lsn,
    last: Lsn,
    tell: &Tell<'_>,
) -> Result<(), StoreError> {
    let usable = store.checkpoints().usable(store.name(), first, last);
    let (reader, _) = usable.map_err(|tried| StoreError::Missing {
        from: Lsn(1),
        to: first.before(),
        tried,
    })?;
    let (mut batch, mut own, mut done) = (Vec::new(), Vec::new(), 0);
    let mut outcome = Ok(());
    reader.timelines(|key, stored| {
        let rested = Rested {
            key,
            lsn: stored.lsn,
            body: stored.body,
        };
        match rested.key.family {
            OWN => own.push(rested),
            _ => batch.push(rested),
        }
        if batch.len() < PUT_AT_ONCE {
            return ControlFlow::Continue(());
        }
        done += batch.len() as u64;
        let of = reader.count();
        tell(Progress::Importing { done, of });
        outcome = put(store, take(&mut batch));
        match outcome {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    outcome?;
    put(store, batch)?;
    let mut deployed = Lsn(0);
    trails(store, first, last, tell, |record| {
        if let Record::Deploy { lsn, .. } = record {
            deployed = *lsn;
        }
    })?;
    let Some(at) = own.iter().position(|rested| &*rested.key.key == CORE) else {
        return Err(StoreError::Missing {
            from: Lsn(1),
            to: first.before(),
            tried: "; the checkpoint does not have what the core keeps".to_owned(),
        });
    };
    let core = own.swap_remove(at);
    put(store, own)?;
    let (lsn, decoded) = (core.lsn, decode_core(&core.body));
    let mut core = decoded.map_err(|error| StoreError::Decode { lsn, error })?;
    // What was decided before is settled, also while it is replayed.
    core.deployed = core.deployed.max(deployed);
    // Last: it stands for all the others.
    store.put_core(&core, lsn)
}

fn put(store: &Store, timelines: Vec<Rested>) -> Result<(), StoreError> {
    store.write(Batch {
        timelines,
        ..Batch::default()
    })
}

/// What a timeline that has to be built anew is built on: nothing where the log begins with record 1, else what
/// the newest checkpoint has of it.
///
/// # Errors
/// When no checkpoint has what the log does not.
pub(crate) fn ground(store: &Store, instance: usize, key: &str) -> Result<Ground, StoreError> {
    let (first, last) = store.records().log().range();
    if first <= Lsn(1) {
        return Ok((Timeline::starting_at(Watermark::LOWEST), Lsn(0)));
    }
    let checkpoints = store.checkpoints();
    let missing = || StoreError::Timeline {
        instance,
        key: key.to_owned(),
        reason: NotWoken::Missing(first.before()),
    };
    for (lsn, path) in checkpoints.newest_first()? {
        if lsn.next() < first || lsn > last {
            break;
        }
        let Ok(reader) = Reader::open(&*checkpoints.disk, &path) else {
            continue;
        };
        let closed = reader.head().closed;
        match reader.find(store.family(instance), key) {
            Err(_) => {}
            Ok(None) => return Ok((Timeline::starting_at(Watermark::First(closed)), lsn)),
            Ok(Some(stored)) => {
                let resting = decode_timeline(instance, key, stored.lsn, &stored.body);
                let resting = resting
                    .ok()
                    .filter(|found| lowest(found).is_none_or(|l| l >= first));
                if let Some(resting) = resting {
                    let through = resting.lsn.max(lsn);
                    let mut timeline = woken(store, resting)?.ok_or_else(missing)?;
                    timeline.close(closed);
                    return Ok((timeline, through));
                }
            }
        }
    }
    Err(missing())
}

/// The timeline with its events from the log; none if one is not there.
fn woken(store: &Store, resting: RestingTimeline) -> Result<Option<Timeline>, StoreError> {
    let mut failed = None;
    let timeline = Timeline::woken(resting.timeline, &mut |lsn| {
        let event = store.records().event(lsn);
        event.unwrap_or_else(|error| {
            failed = Some(error);
            None
        })
    });
    failed.map_or(Ok(timeline.ok()), Err)
}

/// As [`rests_on`]; what is no timeline rests on nothing.
fn rests_on_if_timeline(
    key: &Key,
    stored: &crate::cold::Stored,
) -> Result<Option<Lsn>, crate::codec::DecodeError> {
    match key.family {
        OWN => Ok(None),
        _ => rests_on(key, stored),
    }
}
