//! Writing the identities of a segment beside it, and reading them back. Takes a folder and the LSNs of the
//! segment; the file has its name only once it is whole and durable.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::thread::yield_now;

use foreshore_core::identities::Entry;
use foreshore_timeline::Lsn;

use super::error::IdentitiesError;
use super::layout::{self, Entries, FORMAT, Parsed};
use crate::disk::{Access, Disk, DiskError, read_whole};

/// Bytes written at once. The system does not look whether others wait for the processor while it copies them.
const PIECE_BYTES: usize = 128 << 10;

/// Where the identities of the segment that begins at `first` are.
pub fn path(folder: &Path, first: Lsn) -> PathBuf {
    folder.join(format!("{:020}.identities", first.0))
}

/// Writes the identities of a segment from its first to its last LSN, in place of those it had.
///
/// # Errors
/// When the disk refuses: the file is then as it was before.
pub fn write(
    disk: &dyn Disk,
    folder: &Path,
    segment: &RangeInclusive<Lsn>,
    entries: &[Entry],
) -> Result<(), DiskError> {
    let path = path(folder, *segment.start());
    let partial = path.with_extension("identities.partial");
    let file = disk.open(&partial, Access::New)?;
    let mut at = 0;
    for piece in layout::bytes(segment, entries).chunks(PIECE_BYTES) {
        file.write_at(at, piece)?;
        at += piece.len() as u64;
        yield_now();
    }
    file.sync_data()?;
    disk.rename(&partial, &path)?;
    disk.sync_folder(folder)
}

/// Keeps the identities of a segment beside it, if there is space: without them they are read from the segment.
///
/// # Errors
/// When the disk fails otherwise: the file is then as it was before.
pub fn keep(
    disk: &dyn Disk,
    folder: &Path,
    segment: &RangeInclusive<Lsn>,
    entries: &[Entry],
) -> Result<(), DiskError> {
    match write(disk, folder, segment, entries) {
        Err(error) if error.is_full() => Ok(()),
        written => written,
    }
}

/// Removes the identities of the segment that begins at `first`. They may never have been written, and without them
/// they are read from the segment: a disk that refuses does no harm.
pub fn remove(disk: &dyn Disk, folder: &Path, first: Lsn) {
    drop(disk.remove(&path(folder, first)));
}

/// Reads the identities of a segment from its first to its last LSN.
///
/// # Errors
/// When the file is missing, damaged, of another segment or of a newer format, or the disk refuses.
pub fn read(
    disk: &dyn Disk,
    folder: &Path,
    segment: &RangeInclusive<Lsn>,
) -> Result<Entries, IdentitiesError> {
    let path = path(folder, *segment.start());
    match layout::parse(read_whole(disk, &path)?, segment) {
        Ok(Parsed::Known(entries)) => Ok(entries),
        Ok(Parsed::Newer(found)) => Err(IdentitiesError::Newer {
            path,
            found,
            known: FORMAT,
        }),
        Err(flaw) => Err(IdentitiesError::Damaged { path, flaw }),
    }
}

#[cfg(test)]
mod tests {
    use foreshore_event::{Digest, Identity};

    use super::*;
    use crate::disk::{Operation, SimulatedDisk};

    const SEGMENT: RangeInclusive<Lsn> = Lsn(101)..=Lsn(150);

    fn folder() -> &'static Path {
        Path::new("log")
    }

    /// A disk with the folder of a log.
    fn disk(seed: u64) -> SimulatedDisk {
        let disk = SimulatedDisk::new(seed);
        disk.create_folder(folder()).unwrap();
        disk
    }

    /// What a segment with every `step`th LSN an event gives.
    fn entries(step: usize) -> Vec<Entry> {
        let lsns = (SEGMENT.start().0..=SEGMENT.end().0).step_by(step);
        lsns.map(|lsn| Entry::new(Identity(u128::from(lsn) << 64), Digest(7), Lsn(lsn)))
            .collect()
    }

    fn read_back(disk: &SimulatedDisk) -> Result<Vec<Entry>, IdentitiesError> {
        let mut entries: Vec<Entry> = read(disk, folder(), &SEGMENT)?.iter().collect();
        entries.sort_by_key(Entry::lsn);
        Ok(entries)
    }

    #[test]
    fn what_was_written_comes_back() {
        let disk = disk(1);
        for expected in [entries(3), Vec::new()] {
            write(&disk, folder(), &SEGMENT, &expected).unwrap();
            assert_eq!(read_back(&disk).unwrap(), expected);
        }
        assert_eq!(
            disk.list(folder()).unwrap(),
            ["00000000000000000101.identities"]
        );
    }

    #[test]
    fn a_missing_file_asks_for_rebuilding() {
        assert!(read_back(&disk(1)).unwrap_err().asks_for_rebuilding());
    }

    #[test]
    fn any_flipped_bit_is_damage_and_asks_for_rebuilding() {
        let disk = disk(1);
        let bits = 8 * layout::bytes(&SEGMENT, &entries(10)).len() as u64;
        for bit in 0..bits {
            write(&disk, folder(), &SEGMENT, &entries(10)).unwrap();
            disk.flip_bit(&path(folder(), *SEGMENT.start()), bit)
                .unwrap();
            let error = read_back(&disk).unwrap_err();
            assert!(error.asks_for_rebuilding(), "bit {bit}: {error}");
            assert!(
                error.to_string().contains("101.identities is damaged"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_damage() {
        let bytes = layout::bytes(&SEGMENT, &entries(10));
        for length in 0..bytes.len() {
            assert!(
                layout::parse(bytes[..length].to_vec(), &SEGMENT).is_err(),
                "{length} bytes"
            );
        }
    }

    #[test]
    fn a_file_of_another_segment_is_named_with_what_both_hold() {
        let disk = disk(1);
        write(&disk, folder(), &(Lsn(101)..=Lsn(149)), &[]).unwrap();
        let error = read_back(&disk).unwrap_err().to_string();
        assert!(
            error.contains("it is of LSN 101 to 149, its segment of LSN 101 to 150"),
            "{error}"
        );
    }

    #[test]
    fn a_newer_format_is_refused_by_name_and_not_rebuilt() {
        let disk = disk(1);
        let mut bytes = layout::bytes(&SEGMENT, &[]);
        bytes[8] = 3;
        let content = bytes.len() - 4;
        let checksum = crc32c::crc32c(&bytes[..content]);
        bytes[content..].copy_from_slice(&checksum.to_le_bytes());
        let file = disk
            .open(&path(folder(), *SEGMENT.start()), Access::New)
            .unwrap();
        file.write_at(0, &bytes).unwrap();
        let error = read_back(&disk).unwrap_err();
        assert!(!error.asks_for_rebuilding());
        assert!(
            error
                .to_string()
                .contains("newer foreshore (format 3, this one knows up to 2)"),
            "{error}"
        );
    }

    #[test]
    fn a_power_cut_or_a_failing_disk_leaves_the_old_file_or_the_new_one() {
        let (old, new) = (entries(3), entries(1));
        for seed in 0..200 {
            let disk = disk(seed);
            write(&disk, folder(), &SEGMENT, &old).unwrap();
            disk.cut_power_at(disk.operations() + seed % 8);
            let written = write(&disk, folder(), &SEGMENT, &new).is_ok();
            disk.cut_power();
            disk.restart();
            let found = read_back(&disk).unwrap();
            assert!(found == new || found == old && !written, "seed {seed}");
        }
        let disk = disk(1);
        write(&disk, folder(), &SEGMENT, &old).unwrap();
        disk.fail(Operation::Sync, 1);
        assert!(write(&disk, folder(), &SEGMENT, &new).is_err());
        assert_eq!(read_back(&disk).unwrap(), old);
    }
}
