//! A record in its place in the tree: what is stored there, or what is wrong with it. Must not know what a
//! body means.

use foreshore_timeline::Lsn;

use super::error::{ColdError, Damage, Flaw};
use super::key::Place;
use super::tree::{Change, Tree};
use super::value::{self, Stored};

/// What is stored under a key of the tree.
pub(super) fn read<T: Tree + ?Sized>(tree: &T, key: &[u8]) -> Result<Option<Stored>, ColdError> {
    match tree.get(key)? {
        None => Ok(None),
        Some(record) => Ok(Some(opened(key, &record)?)),
    }
}

/// The change that stores a body under a key of the tree.
pub(super) fn put(key: Vec<u8>, lsn: Lsn, body: &[u8]) -> Option<Change> {
    let record = value::seal(&key, lsn, body)?;
    Some(Change::Put(key, record))
}

/// A body that can only be of one length.
pub(super) fn exactly<const N: usize>(
    key: &[u8],
    lsn: Lsn,
    body: &[u8],
) -> Result<[u8; N], Damage> {
    body.try_into().map_err(|_| Damage {
        place: Place::of(key),
        lsn: Some(lsn),
        flaw: Flaw::Length {
            stated: (value::HEADER + N) as u64,
            found: (value::HEADER + body.len()) as u64,
        },
    })
}

/// What a record holds, or its damage.
pub(super) fn opened(key: &[u8], record: &[u8]) -> Result<Stored, Damage> {
    value::unseal(key, record).map_err(|flaw| Damage {
        place: Place::of(key),
        lsn: value::stated_lsn(record),
        flaw,
    })
}
