//! Which events were seen before: identity to log position and content digest. Consulted before lateness,
//! so that a repeated event is told apart from a late one. In memory.

use std::hash::{BuildHasherDefault, Hasher};

use foreshore_event::{Digest, Event, Identity};
use foreshore_timeline::Lsn;
use hashbrown::HashMap;

/// What the index says of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Never met.
    New,
    /// Met, saying the same.
    Same(Lsn),
    /// Met, saying something else.
    Other(Lsn),
}

/// The identity index of a pipeline.
#[derive(Debug, Default)]
pub struct Identities {
    seen: HashMap<Identity, (Digest, Lsn), BuildHasherDefault<Already>>,
}

impl Identities {
    /// What is known of this event.
    pub fn look_up(&self, event: &Event) -> Seen {
        match self.seen.get(&event.identity()) {
            None => Seen::New,
            Some((digest, lsn)) if *digest == event.digest() => Seen::Same(*lsn),
            Some((_, lsn)) => Seen::Other(*lsn),
        }
    }

    /// Remembers an event.
    pub fn remember(&mut self, event: &Event, lsn: Lsn) {
        self.seen.insert(event.identity(), (event.digest(), lsn));
    }

    /// How many events are known.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether none are.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }
}

/// An identity is a digest already: its low half will do as a hash.
#[derive(Default)]
pub struct Already(u64);

impl Hasher for Already {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 ^= u64::from_le_bytes(word);
        }
    }

    fn write_u128(&mut self, digest: u128) {
        self.0 = digest as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
