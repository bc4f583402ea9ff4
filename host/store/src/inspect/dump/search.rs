//! Where an event is, by its name: the files beside sealed segments tell, and of the last segment all records
//! are read. Takes a view, gives a position.

use std::ops::ControlFlow;

use foreshore_core::Record;
use foreshore_event::Identity;
use foreshore_timeline::Lsn;

use super::matcher::is_called;
use crate::codec::{EVENT, Reading, decode};
use crate::error::StoreError;
use crate::identities;
use crate::inspect::view::View;
use crate::log::{Frame, SegmentInfo};

/// The first event of this name that was placed, in the newest segment that has one; none if there is none.
pub(super) fn find(view: &View, name: &str) -> Result<Option<Lsn>, StoreError> {
    let all = Lsn(0)..=Lsn(u64::MAX);
    let mut segments: Vec<SegmentInfo> = view.segments(&all).collect();
    segments.reverse();
    for segment in segments {
        if let Some(found) = find_in(view, &segment, name)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn find_in(view: &View, segment: &SegmentInfo, name: &str) -> Result<Option<Lsn>, StoreError> {
    let range = segment.first..=segment.last;
    let folder = view.log().folder();
    let find = |(source, id)| {
        let identity = Identity::of(source, id);
        identities::find(view.disk(), folder, &range, identity)
    };
    if segment.sealed
        && let Ok(candidates) = names(name).map(find).collect::<Result<Vec<_>, _>>()
    {
        for lsn in candidates.into_iter().flatten() {
            if let Some(found) = read(view, segment, lsn..=lsn, name)? {
                return Ok(Some(found));
            }
        }
        return Ok(None);
    }
    read(view, segment, range, name)
}

/// The first event of this name in a range, record by record.
fn read(
    view: &View,
    segment: &SegmentInfo,
    range: std::ops::RangeInclusive<Lsn>,
    name: &str,
) -> Result<Option<Lsn>, StoreError> {
    let mut found = None;
    let mut visit = |frame: &Frame, reading: &Reading| {
        if frame.kind == EVENT
            && let Ok(Record::Event { event, .. }) =
                decode(frame.kind, frame.lsn, &frame.payload, reading)
            && is_called(&event, name)
        {
            found = Some(frame.lsn);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    };
    view.walk(segment, &range, &mut visit)?.is_break();
    Ok(found)
}

/// Every source and id a name could be of: both may have slashes.
fn names(name: &str) -> impl Iterator<Item = (&str, &str)> {
    let slashes = name.match_indices('/');
    slashes.map(|(at, _)| (&name[..at], &name[at + 1..]))
}
