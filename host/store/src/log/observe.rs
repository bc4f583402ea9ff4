//! A log looked at by somebody who does not write it, while another process may, or after one has died. Takes
//! a folder, gives a reader of what is there now; changes nothing, cuts nothing off.

use std::path::Path;
use std::sync::Arc;

use foreshore_timeline::Lsn;

use super::error::{Flaw, LogError};
use super::header::Header;
use super::index::Index;
use super::reader::{LogReader, Shared};
use super::segment::{Segment, first_of, flawed, kept_index, segment_path};
use super::tail::Tail;
use super::walk::{LOOKS, Step, Walk};
use crate::disk::{Access, Disk};

/// What a look at a log found.
pub struct Observed {
    /// Reads what could be found, up to the last record that was there.
    pub reader: LogReader,
    /// Places from which on a segment cannot be read.
    pub unread: Vec<LogError>,
}

/// How many segments lie behind one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    /// None: it is written to.
    None,
    /// One: it may be about to be sealed.
    One,
    /// More.
    More,
}

impl LogReader {
    /// A reader of a log that another process may write. What it sees of the last segment is made durable
    /// first, so that nothing is told that a loss of power could still take back.
    ///
    /// # Errors
    /// The folder is not there, or the disk fails. Damage is no error: what lies beside it can be read.
    pub fn observe(disk: &Arc<dyn Disk>, folder: &Path) -> Result<Observed, LogError> {
        let names = disk.list(folder)?;
        let firsts: Vec<Lsn> = names
            .iter()
            .filter_map(|name| first_of(name, ".log"))
            .collect();
        let (mut segments, mut unread) = (Vec::new(), Vec::new());
        for (at, first) in firsts.iter().enumerate() {
            let behind = match firsts.len() - at {
                1 => Behind::None,
                2 => Behind::One,
                _ => Behind::More,
            };
            match segment(&**disk, folder, *first, behind) {
                Ok((segment, flaw)) => {
                    segments.push(segment);
                    unread.extend(flaw);
                }
                // Dropped since it was listed.
                Err(LogError::Disk(error)) if error.is_missing() => {}
                Err(LogError::Disk(error)) => return Err(error.into()),
                Err(damage) => unread.push(damage),
            }
        }
        let shared = Arc::new(Shared::new(disk.clone(), folder.to_owned(), segments));
        let reader = LogReader { shared };
        Ok(Observed { reader, unread })
    }
}

/// A segment as far as it can be read, and what ends it too early.
fn segment(
    disk: &dyn Disk,
    folder: &Path,
    first: Lsn,
    behind: Behind,
) -> Result<(Segment, Option<LogError>), LogError> {
    let path: Arc<Path> = segment_path(folder, first).into();
    let file = disk.open(&path, Access::Read)?;
    let header = Header::read(&*file, &path, first)?;
    if let Some(index) = kept_index(disk, folder, header.id, first) {
        return Ok((Segment::new(path, &header, index, true), None));
    }
    file.sync_data()?;
    let mut index = Index::new(first, header.size(), header.previous);
    let start = (first, header.size());
    let mut walk = Walk::new(file.clone(), header.id, start, Some(header.previous));
    let mut looks = LOOKS;
    let (sealed, flaw) = loop {
        let flaw = match walk.step()? {
            Step::Record(raw) => {
                index.push(&raw.head);
                looks = LOOKS;
                continue;
            }
            Step::Seal(raw) => {
                index.chain = raw.head.checksum;
                break (true, None);
            }
            Step::Broken(flaw) => flaw,
        };
        if !ends_too_early(&mut walk, &flaw, behind)? {
            break (false, None);
        }
        if looks == 0 || behind == Behind::More {
            break (false, Some(flaw));
        }
        looks -= 1;
        file.sync_data()?;
        walk.look_again();
    };
    let damage = flaw.map(|flaw| flawed(&path, index.end_offset, index.end, flaw));
    Ok((Segment::new(path, &header, index, sealed), damage))
}

/// Whether a segment goes on behind a flaw.
fn ends_too_early(walk: &mut Walk, flaw: &Flaw, behind: Behind) -> Result<bool, LogError> {
    Ok(behind == Behind::More || walk.tail(flaw)? == Tail::Damaged)
}
