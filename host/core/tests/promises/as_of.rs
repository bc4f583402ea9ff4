//! A timeline in its past, by hand: all its events up to a time, sorted and folded.

use foreshore_core::Pipeline;
use foreshore_event::Time;
use foreshore_timeline::{Flags, Folder, Row};

use crate::world::reference::bits;
use crate::world::{Admitted, World};

/// The features of a timeline as of a time: of all its events up to then, sorted and folded by hand.
pub fn as_of(
    pipeline: &Pipeline,
    admitted: &[Admitted],
    world: &mut World,
    (index, key): (usize, &str),
    at: Time,
) -> Vec<u64> {
    let instance = &pipeline.instances[index];
    let stands = |(event, late_for): &&Admitted| {
        let is_meant = event.text(instance.key) == Some(key) && !late_for.contains(&index);
        is_meant && instance.applies(event.kind()) && event.time() <= at
    };
    let mut sorted: Vec<&Admitted> = admitted.iter().filter(stands).collect();
    sorted.sort_by(|x, y| x.0.order_key().cmp(&y.0.order_key()));
    let folder = &mut world.chains[index];
    let mut state = Vec::new();
    for (event, _) in sorted {
        let flags = Flags {
            apply: true,
            emit: false,
            mark: true,
        };
        let row = Row {
            event: Some(event),
            time: event.time(),
            flags,
        };
        // One that traps leaves the state as it was.
        if let Ok(folded) = folder.fold(&state, &[row]) {
            state = folded.states[0].to_vec();
        }
    }
    let flags = Flags {
        emit: true,
        ..Flags::default()
    };
    let read = Row {
        event: None,
        time: at,
        flags,
    };
    bits(&folder.fold(&state, &[read]).unwrap().features)
}
