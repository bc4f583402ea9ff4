//! Files of a log, changed: bytes written over, moved, cut off, files gone or under another name; and then,
//! if the story says so, every checksum put right. Takes a disk, leaves it changed; must not know what follows.

use std::path::Path;

use arbitrary::{Result, Unstructured};
use foreshore_store::disk::{Access, Disk, SimulatedDisk, read_whole};

/// Bytes of a segment's header before its preamble, and of a record before its payload.
const HEADER: usize = 40;
/// See [`HEADER`].
const HEAD: usize = 32;

/// What became of the files.
pub(super) struct Changed {
    /// Checksums were put right: what is read may be anything.
    pub(super) repaired: bool,
}

/// Changes a few places of a few files.
pub(super) fn make(
    from: &mut Unstructured<'_>,
    disk: &SimulatedDisk,
    folder: &Path,
) -> Result<Changed> {
    let repaired = from.arbitrary()?;
    for _ in 0..from.int_in_range(1..=4)? {
        let names = disk.list(folder).unwrap();
        if names.is_empty() {
            break;
        }
        let path = folder.join(from.choose(&names)?);
        match from.int_in_range(0..=9)? {
            0 => disk.remove(&path).unwrap(),
            1 => {
                let position: u64 = match from.arbitrary()? {
                    true => from.int_in_range(0..=20)?,
                    false => from.arbitrary()?,
                };
                let name = format!("{position:020}.{}", from.choose(&["log", "index"])?);
                disk.rename(&path, &folder.join(name)).unwrap();
            }
            _ => {
                let mut bytes = read_whole(disk, &path).unwrap();
                edit(from, &mut bytes)?;
                replace(disk, &path, &bytes);
            }
        }
    }
    if repaired {
        let linked = from.arbitrary()?;
        for name in disk.list(folder).unwrap() {
            let path = folder.join(&name);
            let mut bytes = read_whole(disk, &path).unwrap();
            match name.ends_with(".log") {
                true => repair_segment(&mut bytes, linked),
                false => repair_index(&mut bytes),
            };
            replace(disk, &path, &bytes);
        }
    }
    Ok(Changed { repaired })
}

fn replace(disk: &SimulatedDisk, path: &Path, bytes: &[u8]) {
    let file = disk.open(path, Access::New).unwrap();
    file.write_at(0, bytes).unwrap();
}

/// One change within a file.
fn edit(from: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Result<()> {
    let length = bytes.len().max(1);
    let mut place = || -> Result<usize> { Ok(from.choose_index(length)? & !3) };
    let (at, to) = (place()?, place()?);
    match from.int_in_range(0..=5)? {
        0 => bytes.truncate(at),
        1 => {
            let count = from
                .int_in_range(1..=64)?
                .min(bytes.len() - at.max(to).min(bytes.len()));
            bytes.copy_within(at..at + count, to);
        }
        2 => put(bytes, at, &from.arbitrary::<u64>()?.to_le_bytes()),
        3 => put(bytes, at, &from.arbitrary::<u32>()?.to_le_bytes()),
        4 => put(bytes, at, &from.arbitrary::<[u8; 2]>()?),
        _ => {
            let few = bytes.iter_mut().skip(at).take(from.int_in_range(1..=32)?);
            few.for_each(|byte| *byte = 0);
        }
    }
    Ok(())
}

fn put(bytes: &mut [u8], at: usize, field: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + field.len()) {
        place.copy_from_slice(field);
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Puts a segment's checksums right, and each record's link to the one before if so told.
fn repair_segment(bytes: &mut [u8], linked: bool) -> Option<()> {
    let preamble = word(bytes, 12)? as usize;
    let header = HEADER.checked_add(preamble)?.next_multiple_of(8);
    let before = crc32c::crc32c(bytes.get(..36)?);
    let sum = crc32c::crc32c_append(before, bytes.get(HEADER..header)?);
    put(bytes, 36, &sum.to_le_bytes());
    let id = crc32c::crc32c(bytes.get(16..24)?);
    let (mut at, mut previous) = (header, word(bytes, 32)?);
    loop {
        let end = at
            .checked_add(HEAD + word(bytes, at)? as usize)?
            .next_multiple_of(8);
        let record = bytes.get_mut(at..end)?;
        if record.get(..HEAD)?.iter().all(|byte| *byte == 0) {
            return None;
        }
        if linked {
            put(record, 24, &previous.to_le_bytes());
        }
        let head = crc32c::crc32c_append(id, record.get(..28)?);
        previous = crc32c::crc32c_append(head, record.get(HEAD..)?);
        put(record, 28, &previous.to_le_bytes());
        at = end;
    }
}

/// Puts an index's checksum right.
fn repair_index(bytes: &mut [u8]) -> Option<()> {
    let before = crc32c::crc32c(bytes.get(..60)?);
    let sum = crc32c::crc32c_append(before, bytes.get(64..)?);
    put(bytes, 60, &sum.to_le_bytes());
    Some(())
}
