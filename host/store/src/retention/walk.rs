//! Stored timelines that still rest on what is to go, a few at a time, so that whoever folds them past it is
//! never held up for long. Must not know how that is done.

use std::ops::ControlFlow;

use foreshore_timeline::Lsn;

use super::rests::rests_on;
use crate::cold::Key;
use crate::error::StoreError;
use crate::store::Store;

/// Records looked at before the state they are all of is let go.
const LOOKED_AT_ONCE: usize = 10_000;

/// A timeline by instance and key.
pub type Named = (usize, Box<str>);

/// A walk over the stored timelines of a pipeline that rest on records before a position.
pub struct Walk<'a> {
    store: &'a Store,
    before: Lsn,
    instance: usize,
    after: Option<Key>,
}

impl<'a> Walk<'a> {
    /// A walk over those of a store.
    pub fn new(store: &'a Store, before: Lsn) -> Walk<'a> {
        Walk {
            store,
            before,
            instance: 0,
            after: None,
        }
    }

    /// The next of them, by instance and key, at most `count`; none once all were met. One whose record is
    /// damaged is among them: it is rebuilt while it can be.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn next(&mut self, count: usize) -> Result<Vec<Named>, StoreError> {
        while self.instance < self.store.instances() {
            let (found, is_through) = self.slice(count)?;
            if is_through {
                (self.instance, self.after) = (self.instance + 1, None);
            }
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    /// Some of one instance's, and whether these are its last.
    fn slice(&mut self, count: usize) -> Result<(Vec<Named>, bool), StoreError> {
        let (mut found, mut looked_at, mut is_through) = (Vec::new(), 0, true);
        let family = self.store.family(self.instance);
        let (before, instance) = (self.before, self.instance);
        let mut last = None;
        self.store
            .cold()
            .timelines(Some(family), self.after.as_ref(), &mut |key, stored| {
                looked_at += 1;
                let rests = stored.ok().map(|stored| rests_on(&key, &stored));
                match rests {
                    Some(Ok(rests)) if rests.is_none_or(|lowest| lowest >= before) => {}
                    _ => found.push((instance, key.key.clone())),
                }
                last = Some(key);
                is_through = found.len() < count && looked_at < LOOKED_AT_ONCE;
                match is_through {
                    true => ControlFlow::Continue(()),
                    false => ControlFlow::Break(()),
                }
            })?;
        self.after = last;
        Ok((found, is_through))
    }
}
