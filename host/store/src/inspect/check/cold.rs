//! Cold state: every record of it, that each makes a timeline, and that the log has what it rests on. All of it
//! can be rebuilt, so that whatever is wrong has an answer.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use foreshore_timeline::Lsn;

use super::finding::{Finding, Part, Told};
use super::log::Facts;
use super::run::Look;
use crate::codec::{decode_core, decode_timeline};
use crate::cold::{Cold, Damage, Family, FjallCold, Key, Place, Stored};
use crate::disk::{Disk, LockError};
use crate::error::StoreError;
use crate::inspect::folders::COLD;
use crate::store::{CORE, OWN};

/// Bytes of blocks kept in memory: everything is read once.
const CACHE_BYTES: u64 = 16 << 20;

/// Timelines between two tellings.
const TELL_EVERY: u64 = 10_000;

/// Looks through the cold state in a pipeline's folder, unless somebody has it.
pub(super) fn check(
    disk: &dyn Disk,
    folder: &Path,
    facts: &Facts,
    look: &mut Look<'_>,
) -> Result<(), StoreError> {
    let place = folder.join(COLD);
    if disk.list(&place).is_ok_and(|names| names.is_empty()) || disk.list(&place).is_err() {
        look.checked.cold_unread = Some("there is none yet".to_owned());
        return Ok(());
    }
    let _lock = match disk.lock(folder) {
        Ok(lock) => lock,
        Err(LockError::Held { holder, .. }) => {
            look.checked.cold_unread = Some(format!("{holder} has it; stop that to check it too"));
            return Ok(());
        }
        Err(LockError::Disk(error)) => {
            look.checked.cold_unread = Some(error.to_string());
            return Ok(());
        }
    };
    let log = facts.log.as_deref().unwrap_or_default();
    match FjallCold::open(&place, log.as_bytes(), CACHE_BYTES) {
        Ok(cold) => read(&cold, &place, facts, look),
        Err(error) => look.found(&Finding::new(Part::Cold, place, error.to_string())),
    }
    Ok(())
}

/// Reads everything that is there.
pub(super) fn read(cold: &dyn Cold, place: &Path, facts: &Facts, look: &mut Look<'_>) {
    let mut unknown: Vec<Family> = Vec::new();
    let walked = cold.timelines(None, None, &mut |key, stored| {
        let family = key.family;
        if family != OWN && !facts.families.contains_key(&family) && !unknown.contains(&family) {
            unknown.push(family);
        }
        if let Some(message) = wrong(&key, stored, facts) {
            look.found(&timeline(place, &key, facts, message));
        }
        look.checked.timelines += u64::from(family != OWN);
        if look.checked.timelines.is_multiple_of(TELL_EVERY) {
            let timelines = look.checked.timelines;
            look.tell(Told::Cold { timelines });
        }
        ControlFlow::Continue(())
    });
    let mut failed = |message: String| look.found(&whole(place, message));
    if let Err(error) = walked {
        failed(error.to_string());
    }
    match cold.through() {
        Ok(through) if through > facts.last => {
            let error = StoreError::Behind {
                last: facts.last,
                through,
            };
            failed(error.to_string());
        }
        Ok(_) => {}
        Err(error) => failed(error.to_string()),
    }
    for family in unknown {
        let message = format!(
            "timelines of family {} belong to no plugin the log names: they only take space",
            family.0
        );
        look.found(&Finding {
            harmless: true,
            ..whole(place, message)
        });
    }
    trails(cold, place, facts, look);
}

/// Reads the trails of decisions that were revised.
fn trails(cold: &dyn Cold, place: &Path, facts: &Facts, look: &mut Look<'_>) {
    for decision in &facts.revised {
        let message = match cold.trail(*decision) {
            Ok(Some(trail)) if trail.last > facts.last => format!(
                "the trail of decision d{} leads to record {}, and the log ends with record {}: move the \
                 folder away, it is rebuilt from the log",
                decision.0, trail.last.0, facts.last.0
            ),
            Ok(trail) => {
                look.checked.trails += u64::from(trail.is_some());
                continue;
            }
            Err(error) => error.to_string(),
        };
        look.found(&Finding {
            lsn: Some(decision.0),
            ..whole(place, message)
        });
    }
}

/// What is wrong with a record; none if nothing is.
fn wrong(key: &Key, stored: Result<Stored, Damage>, facts: &Facts) -> Option<String> {
    let stored = match stored {
        Ok(stored) => stored,
        Err(damage) => return Some(healing(&damage.to_string())),
    };
    if let Some(message) = unreadable(key, &stored) {
        return Some(healing(&message));
    }
    let missing = missing_event(key, &stored, facts)?;
    Some(healing(&format!(
        "{} rests on the event of record {}, which the log does not have",
        Place::Timeline(key.clone()),
        missing.0
    )))
}

/// The first event a timeline holds that is not in the log.
fn missing_event(key: &Key, stored: &Stored, facts: &Facts) -> Option<Lsn> {
    if key.family == OWN {
        return None;
    }
    let resting = decode_timeline(0, &key.key, stored.lsn, &stored.body).ok()?;
    let mut held = resting.timeline.entries.iter().map(|(lsn, _)| *lsn);
    held.find(|lsn| !facts.has_event(*lsn))
}

/// Why a record makes no timeline; none if it does.
pub(super) fn unreadable(key: &Key, stored: &Stored) -> Option<String> {
    let decoded = match key.family {
        OWN if &*key.key == CORE => decode_core(&stored.body).map(drop),
        OWN => return None,
        _ => decode_timeline(0, &key.key, stored.lsn, &stored.body).map(drop),
    };
    let error = decoded.err()?;
    Some(format!("{}: {error}", Place::Timeline(key.clone())))
}

fn healing(message: &str) -> String {
    format!(
        "{message}; it is rebuilt from the log when it is next needed, or all at once when the folder is \
         moved away"
    )
}

fn timeline(place: &Path, key: &Key, facts: &Facts, message: String) -> Finding {
    Finding {
        instance: facts.families.get(&key.family).cloned(),
        key: Some(key.key.to_string()),
        ..whole(place, message)
    }
}

fn whole(place: &Path, message: String) -> Finding {
    Finding::new(Part::Cold, PathBuf::from(place), message)
}
