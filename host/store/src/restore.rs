//! A core that goes on where its log ends: from what is stored, then record by record. Takes a store, gives
//! a core; what is missing or of another plugin is built anew first.

use std::sync::Arc;

use foreshore_core::identities::Entry;
use foreshore_core::{Amendment, Core, Manifest, Need, Record, RestingCore};
use foreshore_event::Time;
use foreshore_timeline::Lsn;

use crate::cold::ColdError;
use crate::error::StoreError;
use crate::identities;
use crate::journal::identity_of;
use crate::open::Opening;
use crate::progress::Progress;
use crate::rebuild::{Families, own};
use crate::retention::import;
use crate::store::Store;

/// Records between two tellings.
const TELL_EVERY: u64 = 10_000;

/// Records gone through before room is made.
const ROUND: usize = 256;

/// What a restart gives.
pub(crate) struct Restored {
    pub(crate) core: Core,
    /// The events of the last segment.
    pub(crate) events: Vec<Entry>,
    /// The amendments published last, and the record they begin at: those before are not among them.
    pub(crate) amendments: Vec<Amendment>,
    pub(crate) amendments_from: Lsn,
}

/// Restores a core from a log with these records.
///
/// # Errors
/// When log or state cannot be read, or contradict each other.
pub(crate) fn restore(
    opening: &mut Opening<'_>,
    store: &Arc<Store>,
    at_end: &Manifest,
    first: Lsn,
    last: Lsn,
) -> Result<Restored, StoreError> {
    let mut core = Core::new(opening.pipeline.clone());
    let through = store.cold().through()?;
    if through > last {
        return Err(StoreError::Behind { last, through });
    }
    if through == Lsn(0) && first > Lsn(1) {
        import(store, first, last, opening.tell)?;
    }
    if first == Lsn(1) && matches!(store.core(), Err(StoreError::Cold(ColdError::Damaged(_)))) {
        own(store, first, through, opening.tell)?;
    }
    build_missing(opening, store, &mut core, at_end, first, last)?;
    let stored = store.core()?.map(|(stored, core)| (stored.lsn, core));
    let (basis, resting) = stored.unwrap_or((Lsn(0), RestingCore::new(Time::MIN)));
    // Not what the state itself says of how far it goes: that moves after the rest.
    let through = resting.through;
    if through.next() < first {
        return Err(StoreError::Missing {
            from: through.next(),
            to: first.before(),
            tried: "; what is stored beside the log ends before them".to_owned(),
        });
    }
    core.resume(resting, basis);
    let events = last_segment(store, last)?;
    let (amendments_from, amendments) = last_amendments(store)?;
    load_identities(opening, store, &mut core, &events, through)?;
    let (mut records, mut told) = (store.records().from(through.next()), through);
    loop {
        let round = records
            .by_ref()
            .take(ROUND)
            .collect::<Result<Vec<_>, _>>()?;
        let Some(done) = round.last().map(Record::lsn) else {
            break;
        };
        replay(opening, store, &mut core, round)?;
        if core.is_crowded() {
            make_room(opening, store, at_end, &mut core)?;
        }
        if done.0 - told.0 >= TELL_EVERY {
            told = done;
            (opening.tell)(Progress::Replaying { done, of: last });
        }
    }
    core.pass_to(last);
    core.take_up(opening.now, opening.plugins);
    Ok(Restored {
        core,
        events,
        amendments,
        amendments_from,
    })
}

/// Goes through records, with all they need in memory.
fn replay(
    opening: &Opening<'_>,
    store: &Store,
    core: &mut Core,
    records: Vec<Record>,
) -> Result<(), StoreError> {
    let readers = opening.settings.readers;
    if readers > 1 {
        let needs = records
            .iter()
            .flat_map(|record| core.needs_of_record(record));
        let needs: Vec<Need> = needs.collect();
        store.bring_ahead(core, needs, readers)?;
    }
    for record in records {
        store.bring(core, |core| core.needs_of_record(&record))?;
        core.replay(record)?;
    }
    Ok(())
}

/// Lets leave memory what the records so far are the last word about. Nothing under a pipeline that is still to
/// be deployed: if it never is, what is stored for the one before would seem to go as far.
fn make_room(
    opening: &mut Opening<'_>,
    store: &Store,
    at_end: &Manifest,
    core: &mut Core,
) -> Result<(), StoreError> {
    if at_end.revision == opening.pipeline.revision()
        && core.catch_up(opening.now, opening.plugins)
        && let Some(leaving) = core.leave(Time(i64::MAX), usize::MAX)
    {
        store.put_away(leaving)?;
        core.arrived();
    }
    core.evict(1);
    Ok(())
}

/// The record of the last deploy: what was decided before it is settled.
fn last_deploy(store: &Store) -> Result<Lsn, StoreError> {
    let log = store.records().log();
    let (mut deploy, mut newest) = (Lsn(0), None);
    for segment in log.segments().iter().rev() {
        // One without records is yet to be written to.
        if segment.first <= segment.last {
            let preamble = log.preamble_at(segment.first)?;
            if *newest.get_or_insert_with(|| preamble.clone()) != preamble {
                break;
            }
            deploy = segment.first;
        }
    }
    // A segment that had begun already takes the deploy itself; the next one is the first under it.
    let is_it = matches!(store.records().get(deploy), Ok(Record::Deploy { .. }));
    Ok(if is_it { deploy } else { deploy.before() })
}

/// Builds the timelines of instances that are not stored, because their plugin is new or the state is lost;
/// and with none stored, all the rest of the state.
fn build_missing(
    opening: &mut Opening<'_>,
    store: &Arc<Store>,
    core: &mut Core,
    at_end: &Manifest,
    first: Lsn,
    last: Lsn,
) -> Result<(), StoreError> {
    let mut missing = Vec::new();
    for instance in 0..opening.pipeline.instances.len() {
        match store.complete_through(instance, at_end)? {
            Some(lsn) => core.take_as_complete(instance, lsn),
            None => missing.push(instance),
        }
    }
    if !missing.is_empty() {
        store.check_reach(&opening.pipeline, &missing, opening.horizons, opening.now)?;
        let stored = store.stored_through()?;
        // What was not said yet about what was decided under this very pipeline is found by replaying it.
        let goes_on = at_end.revision == opening.pipeline.revision();
        let through = match (goes_on, stored) {
            (false, _) => last,
            (true, Lsn(0)) => last_deploy(store)?,
            (true, through) => through,
        };
        // With any timelines stored there is a state, or all that is missing of it is replayed; so it is before a
        // deploy, which may never come: to the pipeline before, nothing is stored so far.
        let is_all = missing.len() == opening.pipeline.instances.len();
        let builds_own = is_all && goes_on && stored == Lsn(0);
        let pipeline = opening.pipeline.clone();
        let mut families = Families::new(store.clone(), pipeline, missing, first)?;
        families.build(through, opening.now, opening.plugins, opening.tell)?;
        families.finish(core)?;
        if builds_own {
            own(store, first, through, opening.tell)?;
        }
    }
    Ok(())
}

/// The events of the last segment.
fn last_segment(store: &Store, last: Lsn) -> Result<Vec<Entry>, StoreError> {
    if last == Lsn(0) {
        return Ok(Vec::new());
    }
    let begins = store.records().log().segment_of(last)?;
    identities_of(store, begins, last)
}

/// The amendments of the last segment and the one before, and where those begin.
fn last_amendments(store: &Store) -> Result<(Lsn, Vec<Amendment>), StoreError> {
    let segments = store.records().log().segments();
    let oldest = segments.iter().rev().nth(1).or(segments.first());
    let from = oldest.map_or(Lsn(1), |segment| segment.first);
    let amendments = store.records().amendments(from);
    Ok((from, amendments.collect::<Result<_, _>>()?))
}

/// Brings back which events were seen, up to where the replay begins and as far back as they are to be known.
fn load_identities(
    opening: &mut Opening<'_>,
    store: &Store,
    core: &mut Core,
    last_segment: &[Entry],
    through: Lsn,
) -> Result<(), StoreError> {
    let known_since = opening.now.minus(opening.settings.identity_retention);
    let log = store.records().log();
    let segments = log.segments();
    let of = segments.len();
    for (done, segment) in (1..).zip(&segments) {
        if segment.newest < known_since && segment.sealed {
            core.forget_below(segment.last.next());
            continue;
        }
        let entries = match segment.sealed {
            false => last_segment.to_vec(),
            true => {
                let range = segment.first..=segment.last;
                match identities::read(&*opening.disk, log.folder(), &range) {
                    Ok(entries) => entries.iter().collect(),
                    Err(error) if error.asks_for_rebuilding() => {
                        let entries = identities_of(store, segment.first, segment.last)?;
                        identities::keep(&*opening.disk, log.folder(), &range, &entries)?;
                        entries
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        };
        let stored = entries.into_iter().filter(|entry| entry.lsn() <= through);
        stored.for_each(|entry| core.remember(entry));
        (opening.tell)(Progress::Identities { done, of });
    }
    Ok(())
}

/// The events of a segment, from its records.
fn identities_of(store: &Store, first: Lsn, last: Lsn) -> Result<Vec<Entry>, StoreError> {
    let records = store.records().from(first);
    let within = records.take_while(|record| !matches!(record, Ok(record) if record.lsn() > last));
    within
        .filter_map(|record| record.map(|record| identity_of(&record)).transpose())
        .collect()
}
