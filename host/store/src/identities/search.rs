//! One event by its identity, in the file of a segment: entries stand in the order of identities, and those are
//! evenly spread digests, so where one stands can be told but for a page or two. Takes a file, gives a position.

use std::ops::RangeInclusive;
use std::path::Path;

use foreshore_core::identities::Entry;
use foreshore_event::Identity;
use foreshore_timeline::Lsn;

use super::error::{Flaw, IdentitiesError};
use super::file::path;
use super::layout::{FORMAT, HEAD, Head, Parsed};
use crate::disk::{Access, Disk, DiskError, DiskFile};

/// Where the event of an identity was logged, if it is among those of a segment. Reads a few pages of 4 KiB.
///
/// # Errors
/// When the file is missing, of another segment or of a newer format, or what is read of it is damaged, or the
/// disk refuses.
pub fn find(
    disk: &dyn Disk,
    folder: &Path,
    segment: &RangeInclusive<Lsn>,
    identity: Identity,
) -> Result<Option<Lsn>, IdentitiesError> {
    let path = path(folder, *segment.start());
    let file = disk.open(&path, Access::Read)?;
    let damaged = |flaw| IdentitiesError::Damaged {
        path: path.clone(),
        flaw,
    };
    let head = read(&*file, 0, HEAD)?;
    let head = match Head::parse(&head, segment, file.len()?).map_err(damaged)? {
        Parsed::Known(head) => head,
        Parsed::Newer(found) => {
            let known = FORMAT;
            return Err(IdentitiesError::Newer { path, found, known });
        }
    };
    let wanted = Entry::number_of(identity);
    let (mut low, mut high) = (0, head.pages());
    let mut next = guess(wanted, high);
    while low < high {
        let at = next.clamp(low, high - 1);
        let (offset, length) = head.place(at);
        let page = head.page(&read(&*file, offset, length)?).map_err(damaged)?;
        let (Some(first), Some(last)) = (page.first(), page.last()) else {
            return Err(damaged(Flaw::Magic));
        };
        if wanted < first.number() {
            (high, next) = (at, at.saturating_sub(1));
        } else if wanted > last.number() {
            (low, next) = (at + 1, at + 1);
        } else {
            let found = page.iter().find(|entry| entry.number() == wanted);
            return Ok(found.map(Entry::lsn));
        }
    }
    Ok(None)
}

/// The page an identity stands on if all are spread as they should be.
fn guess(wanted: u128, pages: u64) -> u64 {
    let share = (wanted * u128::from(pages)) >> Entry::NUMBER_BITS;
    u64::try_from(share).unwrap_or(0)
}

fn read(file: &dyn DiskFile, offset: u64, length: usize) -> Result<Vec<u8>, DiskError> {
    let mut bytes = vec![0; length];
    let read = file.read_at(offset, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use foreshore_event::Digest;

    use super::*;
    use crate::disk::SimulatedDisk;
    use crate::identities::write;

    const SEGMENT: RangeInclusive<Lsn> = Lsn(1)..=Lsn(100_000);

    /// As evenly spread as a digest.
    fn identity(number: u64) -> Identity {
        Identity::of("shop", &number.to_string())
    }

    /// A disk with the file of a segment that holds the events with these numbers.
    fn disk(numbers: impl Iterator<Item = u64>) -> SimulatedDisk {
        let disk = SimulatedDisk::new(1);
        disk.create_folder(Path::new("log")).unwrap();
        let entries: Vec<Entry> = numbers
            .map(|number| Entry::new(identity(number), Digest(0), Lsn(number)))
            .collect();
        write(&disk, Path::new("log"), &SEGMENT, &entries).unwrap();
        disk
    }

    fn found(disk: &SimulatedDisk, identity: Identity) -> Result<Option<Lsn>, IdentitiesError> {
        find(disk, Path::new("log"), &SEGMENT, identity)
    }

    #[test]
    fn every_event_is_found_and_no_other() {
        for count in [0, 1, 2, 203, 204, 205, 408, 409, 5_000] {
            let disk = disk(1..=count);
            for number in 1..=count {
                let place = found(&disk, identity(number)).unwrap();
                assert_eq!(place, Some(Lsn(number)), "{number} of {count}");
            }
            for number in count + 1..count + 200 {
                assert_eq!(found(&disk, identity(number)).unwrap(), None, "{count}");
            }
        }
    }

    #[test]
    fn identities_that_are_not_spread_are_found_too() {
        let disk = SimulatedDisk::new(1);
        disk.create_folder(Path::new("log")).unwrap();
        let crowded = |number: u64| Identity(u128::from(number));
        let entries: Vec<Entry> = (1..=2_000)
            .map(|number| Entry::new(crowded(number), Digest(0), Lsn(number)))
            .collect();
        write(&disk, Path::new("log"), &SEGMENT, &entries).unwrap();
        for number in 1..=2_000 {
            assert_eq!(found(&disk, crowded(number)).unwrap(), Some(Lsn(number)));
        }
        assert_eq!(found(&disk, Identity(u128::MAX)).unwrap(), None);
    }

    #[test]
    fn a_flipped_bit_on_the_way_is_damage_and_never_another_event() {
        let disk = disk(1..=500);
        let file = path(Path::new("log"), Lsn(1));
        let bits = 8 * disk.open(&file, Access::Read).unwrap().len().unwrap();
        for bit in (0..bits).step_by(37) {
            disk.flip_bit(&file, bit).unwrap();
            match found(&disk, identity(7)) {
                Ok(place) => assert_eq!(place, Some(Lsn(7)), "bit {bit}"),
                Err(error) => assert!(!error.to_string().is_empty(), "bit {bit}"),
            }
            disk.flip_bit(&file, bit).unwrap();
        }
    }
}
