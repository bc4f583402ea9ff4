//! One file of the simulated disk: the bytes a reader sees, the bytes that are sure, and the writes between
//! the two. Takes writes, gives what a power cut leaves of them. Must not know names.

use super::random::Random;

/// Bytes a disk writes wholly or not at all.
const SECTOR: usize = 512;

/// A change of a file that was not synced.
enum Pending {
    /// Bytes at an offset.
    Write(usize, Vec<u8>),
    /// At least this long.
    Length(usize),
}

/// A file.
#[derive(Default)]
pub(super) struct Content {
    seen: Vec<u8>,
    sure: Vec<u8>,
    pending: Vec<Pending>,
}

impl Content {
    /// Its length in bytes.
    pub(super) fn len(&self) -> u64 {
        self.seen.len() as u64
    }

    /// Fills `bytes` from an offset on, as far as the file goes.
    pub(super) fn read(&self, offset: u64, bytes: &mut [u8]) -> usize {
        let rest = self.seen.get(place(offset)..).unwrap_or_default();
        let length = rest.len().min(bytes.len());
        if let (Some(into), Some(from)) = (bytes.get_mut(..length), rest.get(..length)) {
            into.copy_from_slice(from);
        }
        length
    }

    /// Writes, for readers only.
    pub(super) fn write(&mut self, offset: u64, bytes: &[u8]) {
        put(&mut self.seen, place(offset), bytes);
        self.pending
            .push(Pending::Write(place(offset), bytes.to_vec()));
    }

    /// Makes the file at least this long, for readers only.
    pub(super) fn allocate(&mut self, length: u64) {
        grow(&mut self.seen, place(length));
        self.pending.push(Pending::Length(place(length)));
    }

    /// Makes all of it sure.
    pub(super) fn sync(&mut self) {
        for change in std::mem::take(&mut self.pending) {
            match change {
                Pending::Write(offset, bytes) => put(&mut self.sure, offset, &bytes),
                Pending::Length(length) => grow(&mut self.sure, length),
            }
        }
    }

    /// What a failed sync does: some of the changes got there, the others will not be tried again, and
    /// readers see them all.
    pub(super) fn fail_sync(&mut self, random: &mut Random) {
        for change in std::mem::take(&mut self.pending) {
            self.survive(&change, random);
        }
    }

    /// What a power cut does: some of the changes got there, and readers see no others.
    pub(super) fn cut(&mut self, random: &mut Random) {
        self.fail_sync(random);
        self.seen.clone_from(&self.sure);
    }

    /// Flips a bit, sure and seen. Gives whether there is such a bit.
    pub(super) fn flip(&mut self, bit: u64) -> bool {
        let (byte, mask) = (place(bit / 8), 1 << (bit % 8));
        if let Some(byte) = self.sure.get_mut(byte) {
            *byte ^= mask;
        }
        let seen = self.seen.get_mut(byte);
        seen.map(|byte| *byte ^= mask).is_some()
    }

    /// One change that was not synced: there, gone, or there in parts.
    fn survive(&mut self, change: &Pending, random: &mut Random) {
        match (change, random.next() % 3) {
            (_, 0) => {}
            (Pending::Length(length), _) => grow(&mut self.sure, *length),
            (Pending::Write(offset, bytes), 1) => put(&mut self.sure, *offset, bytes),
            (Pending::Write(offset, bytes), _) => {
                let mut start = 0;
                while start < bytes.len() {
                    let end = ((offset + start) / SECTOR + 1) * SECTOR - offset;
                    let end = end.min(bytes.len());
                    if random.coin() {
                        let sector = bytes.get(start..end).unwrap_or_default();
                        put(&mut self.sure, offset + start, sector);
                    }
                    start = end;
                }
            }
        }
    }
}

/// An offset as an index; one beyond memory is an index beyond every file.
fn place(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// Makes bytes at least this many, the new ones zero.
fn grow(bytes: &mut Vec<u8>, length: usize) {
    if bytes.len() < length {
        bytes.resize(length, 0);
    }
}

/// Writes into bytes, which grow as needed.
fn put(bytes: &mut Vec<u8>, offset: usize, new: &[u8]) {
    grow(bytes, offset + new.len());
    if let Some(into) = bytes.get_mut(offset..offset + new.len()) {
        into.copy_from_slice(new);
    }
}
