//! Which events were seen before: identity to log position and content digest. Consulted before lateness,
//! so that a repeated event is told apart from a late one. In memory; must not know files.

mod entry;

use foreshore_event::{Event, Identity};
use foreshore_timeline::Lsn;
use hashbrown::HashTable;
use hashbrown::hash_table;

pub use self::entry::Entry;
use self::entry::{Short, short};

/// Tables of an index.
const SHARDS: usize = 1024;

/// Entries that one sweep looks at, give or take a shard.
const SWEPT_AT_ONCE: usize = 16 * 1024;

/// What the index says of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Never met, or forgotten.
    New,
    /// Met, saying the same.
    Same(Lsn),
    /// Met, saying something else.
    Other(Lsn),
}

/// The identity index of a pipeline: an [`Entry`] per remembered event.
///
/// An event takes 24 to 48 bytes, depending on how full the tables are: 44 at 10^6 events, 35 at 10^7. A new
/// one is looked up and remembered in 0.13 µs and 0.24 µs. The index is cut into 1,024 tables because a table
/// that is full is doubled in one go: on the way to 10^7 events that holds up no event for longer than 0.7 ms,
/// where a single table does for 460 ms.
/// (`cargo bench -p foreshore-core --bench identities`, on two shared cores.)
#[derive(Debug)]
pub struct Identities {
    shards: Box<[HashTable<Entry>]>,
    /// Entries below it are dead.
    floor: Lsn,
    /// The shard to be swept next.
    next: usize,
    /// Shards that may hold dead entries.
    unswept: usize,
}

impl Default for Identities {
    fn default() -> Identities {
        Identities {
            shards: (0..SHARDS).map(|_| HashTable::new()).collect(),
            floor: Lsn::default(),
            next: 0,
            unswept: 0,
        }
    }
}

impl Identities {
    /// What is known of this event.
    pub fn look_up(&self, event: &Event) -> Seen {
        match self.entry(event.identity()) {
            None => Seen::New,
            Some(entry) if entry.says(event.digest()) => Seen::Same(entry.lsn()),
            Some(entry) => Seen::Other(entry.lsn()),
        }
    }

    /// Where the event of this identity was logged, if it is known.
    pub fn find(&self, identity: Identity) -> Option<Lsn> {
        self.entry(identity).map(Entry::lsn)
    }

    /// Remembers an event.
    pub fn remember(&mut self, event: &Event, lsn: Lsn) {
        self.remember_entry(Entry::of(event, lsn));
    }

    /// Remembers an event by its entry. Of two entries of one identity the later in the log counts, so that
    /// entries may come in any order. One below the floor is passed over.
    pub fn remember_entry(&mut self, entry: Entry) {
        if entry.lsn() < self.floor {
            return;
        }
        let hash = hash(&entry.identity);
        let is_same = |known: &Entry| known.identity == entry.identity;
        let rehash = |known: &Entry| self::hash(&known.identity);
        match self.shards[shard(hash)].entry(hash, is_same, rehash) {
            hash_table::Entry::Vacant(place) => {
                place.insert(entry);
            }
            hash_table::Entry::Occupied(mut place) if place.get().lsn() < entry.lsn() => {
                *place.get_mut() = entry;
            }
            hash_table::Entry::Occupied(_) => {}
        }
    }

    /// Forgets all events logged below `floor`, at once and for good: a floor never sinks. Their memory is
    /// given back by [`sweep`](Identities::sweep). Events at [`Entry::LAST`] are never forgotten.
    pub fn forget_below(&mut self, floor: Lsn) {
        let floor = floor.min(Entry::LAST);
        if floor > self.floor {
            self.floor = floor;
            self.unswept = SHARDS;
        }
    }

    /// Clears away some of what is forgotten. Looks at about 16,000 entries, or one shard if that is larger.
    pub fn sweep(&mut self) {
        let mut looked_at = 0;
        while self.unswept > 0 && looked_at < SWEPT_AT_ONCE {
            let shard = &mut self.shards[self.next];
            looked_at += shard.len();
            shard.retain(|entry| entry.lsn() >= self.floor);
            // Takes effect below a quarter of what the table holds, and leaves it half full.
            shard.shrink_to(2 * shard.len(), |entry| hash(&entry.identity));
            self.next = (self.next + 1) % SHARDS;
            self.unswept -= 1;
        }
    }

    /// How many events take up memory: those known, and those forgotten but not yet swept.
    pub fn len(&self) -> usize {
        self.shards.iter().map(HashTable::len).sum()
    }

    /// Whether none do.
    pub fn is_empty(&self) -> bool {
        self.shards.iter().all(HashTable::is_empty)
    }

    /// Bytes of memory taken.
    pub fn bytes(&self) -> usize {
        let tables = self.shards.iter().map(HashTable::allocation_size);
        size_of_val(&*self.shards) + tables.sum::<usize>()
    }

    fn entry(&self, identity: Identity) -> Option<&Entry> {
        let identity = short(identity);
        let hash = hash(&identity);
        self.shards[shard(hash)]
            .find(hash, |known| known.identity == identity)
            .filter(|known| known.lsn() >= self.floor)
    }
}

/// An identity is a digest already: part of it will do as a hash.
fn hash(identity: &Short) -> u64 {
    let [i0, i1, i2, i3, i4, i5, i6, i7, _] = *identity;
    u64::from_le_bytes([i0, i1, i2, i3, i4, i5, i6, i7])
}

/// The shard of a hash, by bits a table looks at neither for a place (the low ones) nor for a tag (the top
/// seven).
fn shard(hash: u64) -> usize {
    (hash >> 40) as usize % SHARDS
}

#[cfg(test)]
#[path = "identities/tests.rs"]
mod tests;
