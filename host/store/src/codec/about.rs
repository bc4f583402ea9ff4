//! Which decision a record is about, from its first bytes: what a search through a log asks of every record.
//! Must not know what else a record says.

use foreshore_timeline::Lsn;

use super::reader::Reader;
use super::record::{AMENDMENT, REVISION, TOLD};

/// Bytes of a revision before its decision: format, flags, outcome.
const REVISION_HEAD: usize = 3;

/// Bytes of the others before it: the format.
const HEAD: usize = 1;

/// The decision that a record of this kind, at this position, is about; none of other kinds, and where the
/// bytes do not tell.
pub fn about(kind: u8, lsn: Lsn, payload: &[u8]) -> Option<Lsn> {
    let head = match kind {
        REVISION => REVISION_HEAD,
        TOLD | AMENDMENT => HEAD,
        _ => return None,
    };
    let mut from = Reader::new("record", payload);
    from.take(head).ok()?;
    from.back(lsn.0).ok().map(Lsn)
}
