//! What a stored timeline rests on: the lowest log position its record names. Takes a record, reads no log.

use foreshore_core::RestingTimeline;
use foreshore_timeline::{Border, Lsn};

use crate::codec::{DecodeError, decode_timeline};
use crate::cold::{Key, Stored};

/// The lowest position a timeline's record names; none if it needs no event of the log.
pub(super) fn rests_on(key: &Key, stored: &Stored) -> Result<Option<Lsn>, DecodeError> {
    let resting = decode_timeline(0, &key.key, stored.lsn, &stored.body)?;
    Ok(lowest(&resting))
}

/// The lowest position a timeline at rest names.
pub(super) fn lowest(resting: &RestingTimeline) -> Option<Lsn> {
    let border = match resting.timeline.watermark {
        Border::Above(lsn) => Some(lsn),
        Border::First(_) => None,
    };
    let held = resting.timeline.entries.iter().map(|(lsn, _)| *lsn);
    held.chain(border).min()
}
