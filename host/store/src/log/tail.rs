//! Where the last segment really ends. A power cut leaves the last write torn, anywhere in it; damage to
//! what was durable is something else. Takes the place where the chain breaks, tells the two apart.

use foreshore_timeline::Lsn;

use super::error::Flaw;
use super::frame::{HEAD, Head, VERSION};
use super::window::Window;
use crate::disk::DiskError;

/// Bytes looked through at once.
const CHUNK: usize = 1 << 16;

/// What lies behind the last record of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing of this log.
    Clean,
    /// A write that was never made durable: this many bytes.
    Torn(u64),
    /// A later record that was written when the missing one was durable, or one of a newer version.
    Damaged,
}

/// What lies behind the end of a chain, where `missing` should be, linked to the checksum `chain`, and is
/// not because of `flaw`.
///
/// A record says which one was the last durable when it was written. A later record that knew the missing
/// one durable proves damage; one that did not belongs to the write that was torn.
pub(super) fn tail(
    window: &mut Window,
    segment: u64,
    (missing, end): (Lsn, u64),
    chain: Option<u32>,
    flaw: &Flaw,
) -> Result<Tail, DiskError> {
    if matches!(flaw, Flaw::Version(_)) {
        return Ok(Tail::Damaged);
    }
    let mut torn_to = torn_here(window, (missing, end), chain)?;
    let mut offset = end + 8;
    loop {
        let chunk = window.bytes(offset, CHUNK)?;
        if chunk.len() < HEAD {
            break;
        }
        let candidates = candidates(chunk, missing);
        let step = (chunk.len() - HEAD + 8) as u64 & !7;
        for candidate in candidates {
            let at = offset + candidate as u64;
            let Ok(raw) = window.record(segment, at)? else {
                continue;
            };
            if raw.head.proves() >= missing {
                return Ok(Tail::Damaged);
            }
            torn_to = torn_to.max(at + raw.head.size());
        }
        offset += step;
    }
    Ok(match torn_to > end {
        true => Tail::Torn(torn_to - end),
        false => Tail::Clean,
    })
}

/// The end of the torn record that stands where the missing one should; `end` if none does. One is known by
/// its position or by its link to the record before: what a recycled file held before has neither.
fn torn_here(
    window: &mut Window,
    (missing, end): (Lsn, u64),
    chain: Option<u32>,
) -> Result<u64, DiskError> {
    let bytes = window.bytes(end, HEAD)?;
    let blank = bytes.iter().all(|byte| *byte == 0);
    let Some(head) = Head::read(bytes).filter(|_| !blank) else {
        return Ok(end);
    };
    if head.lsn != missing && Some(head.previous) != chain {
        return Ok(end);
    }
    Ok((end + head.size()).min(window.file_length()?))
}

/// Where in a chunk a header of a record after the missing one could begin.
fn candidates(chunk: &[u8], missing: Lsn) -> Vec<usize> {
    // A segment has no more records than it has room for headers.
    let furthest = missing.0.saturating_add(u64::from(u32::MAX));
    let later = |at: &usize| {
        let head = chunk.get(*at..).and_then(Head::read);
        head.is_some_and(|head| {
            head.version == VERSION && head.lsn > missing && head.lsn.0 < furthest
        })
    };
    let blank = |at: usize| {
        let block = chunk.get(at..(at + BLOCK).min(chunk.len()));
        block.is_some_and(|block| block.iter().all(|byte| *byte == 0))
    };
    (0..chunk.len())
        .step_by(BLOCK)
        .filter(|at| !blank(*at))
        .flat_map(|at| (at..(at + BLOCK).min(chunk.len())).step_by(8))
        .filter(later)
        .collect()
}

/// Bytes skipped at once where nothing was ever written.
const BLOCK: usize = 4096;
