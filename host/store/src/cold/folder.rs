//! Cold state in a folder, kept by fjall: one keyspace, so that what survives a loss of power is always the
//! first part of what was written. Takes a folder and the log it must belong to. The only file that knows
//! fjall, and of it only levels, whole values and batches of single changes: the rest has had its bugs.

use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::Duration;

use fjall::compaction::Leveled;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, LsmError, PersistMode};
use foreshore_timeline::Lsn;

use super::attempt;
use super::error::{ColdError, Damage, Flaw};
use super::key::Place;
use super::merging;
use super::record::{exactly, put, read};
use super::tree::{Change, Durable, Look, Tree};

/// The format of the folder: keys, values and what they mean.
const FORMAT: u32 = 1;

/// The engine's folder in ours.
const TREE: &str = "tree";

/// The one keyspace.
const KEYSPACE: &str = "state";

/// Bytes of what fjall makes of changes.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    /// Changes kept in memory before they are made a table.
    write_buffer: u64,
    /// A table, but for those of write buffers.
    table: u64,
}

/// A table is synced whole, and a commit of the log waits for its turn on the disk meanwhile: fjall's own 64 MiB take
/// 30 ms. It is four write buffers: fjall merges once for each full buffer, which may move one table from one level to
/// the next, and a change goes through all of them. So merging keeps up with three levels below the first, which hold
/// 100 GiB.
const SIZES: Sizes = Sizes {
    write_buffer: 4 << 20,
    table: 16 << 20,
};

/// Tables of full write buffers that gather before they are merged into the first level, which is as large as so many
/// tables.
const FRESH_TABLES: u8 = 8;

/// Such tables at which writers wait for some to be merged. From 20 on fjall has writers spin; from 30 on it stops
/// them, for good if no merging is asked for any more.
const FRESH_TABLES_MAX: usize = 16;

/// Write buffers full and not yet a table, above which writers wait. One below fjall's own bound, at which it
/// would wait for good should its thread have failed.
const FULL_BUFFERS_MAX: usize = 3;

/// How long a writer waits before it looks again.
const WAIT: Duration = Duration::from_millis(1);

/// Bytes of fjall's own journal, after which it makes tables of what is in there: its least.
const JOURNAL_BYTES: u64 = 64 << 20;

/// Threads that write and merge tables. Of two, one would spin while the other merges.
const THREADS: usize = 1;

/// Tables open at a time.
const OPEN_FILES: usize = 128;

/// How the keyspace is kept, where it is new.
fn options(table_bytes: u64) -> KeyspaceCreateOptions {
    let levels = Leveled::default()
        .with_table_target_size(table_bytes)
        .with_l0_threshold(FRESH_TABLES);
    KeyspaceCreateOptions::default().compaction_strategy(Arc::new(levels))
}

/// Cold state in a folder.
pub struct FjallCold {
    folder: PathBuf,
    database: Database,
    keyspace: Keyspace,
    sizes: Sizes,
    /// Bytes of changes since the last full write buffer.
    buffered: AtomicU64,
}

impl FjallCold {
    /// Opens the cold state of the log that `log` names, or starts it if the folder is empty or not there.
    /// `cache_bytes` bounds the blocks kept in memory; write buffers take some 16 MiB besides.
    ///
    /// # Errors
    /// When it is in use, of a newer format, of another log, damaged, or the disk fails.
    pub fn open(folder: &Path, log: &[u8], cache_bytes: u64) -> Result<FjallCold, ColdError> {
        FjallCold::open_sized(folder, log, cache_bytes, SIZES)
    }

    fn open_sized(
        folder: &Path,
        log: &[u8],
        cache_bytes: u64,
        sizes: Sizes,
    ) -> Result<FjallCold, ColdError> {
        let path = folder.join(TREE);
        let (database, keyspace) = attempt::open(folder, || {
            let database = Database::builder(path)
                .cache_size(cache_bytes)
                .worker_threads(THREADS)
                .max_cached_files(Some(OPEN_FILES))
                .max_journaling_size(JOURNAL_BYTES)
                .with_compaction_filter_factories(Arc::new(merging::politely))
                .open()?;
            let keyspace = database.keyspace(KEYSPACE, || options(sizes.table))?;
            Ok((database, keyspace))
        })?
        .map_err(|error| failed(folder, &error))?;
        let cold = FjallCold {
            folder: folder.to_path_buf(),
            database,
            keyspace,
            sizes,
            buffered: AtomicU64::new(0),
        };
        cold.claim(log)?;
        Ok(cold)
    }

    /// Checks format and log, or writes them down where there is nothing yet.
    fn claim(&self, log: &[u8]) -> Result<(), ColdError> {
        let (format, owner) = (Place::Format.bytes(), Place::Log.bytes());
        let Some(found) = read(self, &format)? else {
            let changes = [
                put(format, Lsn::default(), &FORMAT.to_le_bytes()),
                put(owner, Lsn::default(), log),
            ];
            return self.apply(changes.into_iter().flatten().collect(), Durable::Now);
        };
        let found = u32::from_le_bytes(exactly(&format, found.lsn, &found.body)?);
        if found > FORMAT {
            return Err(self.newer(found.to_string()));
        }
        let found = read(self, &owner)?.map_or_else(Vec::new, |found| found.body);
        if found != log {
            return Err(ColdError::OtherLog {
                folder: self.folder.clone(),
                found: hexadecimal(&found),
                expected: hexadecimal(log),
            });
        }
        Ok(())
    }

    fn change(&self, changes: Vec<Change>, durable: Durable) -> fjall::Result<()> {
        self.wait_for_tables()?;
        let mut batch = self.database.batch();
        let mut bytes = 0;
        for change in changes {
            match change {
                Change::Put(key, value) => {
                    bytes += (key.len() + value.len()) as u64;
                    batch.insert(&self.keyspace, key, value);
                }
                Change::Remove(key) => {
                    bytes += key.len() as u64;
                    batch.remove(&self.keyspace, key);
                }
            }
        }
        batch.commit()?;
        if durable == Durable::Now {
            self.database.persist(PersistMode::SyncAll)?;
        }
        // Left to fjall, this waits behind the merging of tables, while the buffer grows without bound.
        if self.buffered.fetch_add(bytes, Ordering::Relaxed) + bytes >= self.sizes.write_buffer {
            self.buffered.store(0, Ordering::Relaxed);
            self.keyspace.rotate_memtable()?;
        }
        Ok(())
    }

    /// Waits until there is room for another write buffer, or it shows that there never will be.
    fn wait_for_tables(&self) -> fjall::Result<()> {
        loop {
            let full = self.keyspace.sealed_memtable_count();
            let is_behind = self.keyspace.l0_table_count() >= FRESH_TABLES_MAX;
            if full < FULL_BUFFERS_MAX && !is_behind {
                return Ok(());
            }
            if is_behind && full == 0 && self.database.active_compactions() == 0 {
                self.ask_for_merging()?;
            }
            self.database.persist(PersistMode::Buffer)?;
            sleep(WAIT);
        }
    }

    /// Has fjall merge once. It does so by itself for each full write buffer only, which is not enough where levels
    /// have fallen behind, and never again once writers wait. Adding no tables is the way it offers to ask; that
    /// leaves an empty file, which it removes when it is opened.
    fn ask_for_merging(&self) -> fjall::Result<()> {
        self.keyspace.start_ingestion()?.finish()
    }

    fn newer(&self, found: String) -> ColdError {
        ColdError::Newer {
            folder: self.folder.clone(),
            found,
            known: FORMAT,
        }
    }
}

impl Tree for FjallCold {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ColdError> {
        match self.keyspace.get(key) {
            Ok(found) => Ok(found.map(|value| value.to_vec())),
            Err(error) => Err(block(&error).map_or_else(
                || failed(&self.folder, &error),
                |flaw| {
                    let (place, lsn) = (Place::of(key), None);
                    Damage { place, lsn, flaw }.into()
                },
            )),
        }
    }

    fn scan(&self, range: Range<Vec<u8>>, visit: &mut Look<'_>) -> Result<(), ColdError> {
        if range.is_empty() {
            return Ok(());
        }
        for found in self.keyspace.range(range) {
            let (key, value) = found
                .into_inner()
                .map_err(|error| failed(&self.folder, &error))?;
            if visit(&key, &value).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn apply(&self, changes: Vec<Change>, durable: Durable) -> Result<(), ColdError> {
        self.change(changes, durable)
            .map_err(|error| failed(&self.folder, &error))
    }

    fn bytes(&self) -> u64 {
        let journals = self.database.journal_disk_space().unwrap_or(0);
        self.keyspace.disk_space() + journals
    }
}

/// What is wrong with a block, if that is why it cannot be read.
fn block(error: &fjall::Error) -> Option<Flaw> {
    match error {
        fjall::Error::Storage(LsmError::Io(_)) => None,
        fjall::Error::Storage(error) => Some(Flaw::Block(error.to_string())),
        _ => None,
    }
}

fn failed(folder: &Path, error: &fjall::Error) -> ColdError {
    let folder = folder.to_path_buf();
    match error {
        fjall::Error::Locked => ColdError::Locked(folder),
        fjall::Error::InvalidVersion(Some(found)) => ColdError::Newer {
            folder,
            found: format!("of the engine: {found:?}"),
            known: FORMAT,
        },
        error => {
            let reason = error.to_string();
            match is_refused(error) {
                true => ColdError::Refused { folder, reason },
                false => ColdError::Failed { folder, reason },
            }
        }
    }
}

/// Whether it is the folder or the disk that does not allow it.
fn is_refused(error: &fjall::Error) -> bool {
    let (fjall::Error::Io(error) | fjall::Error::Storage(LsmError::Io(error))) = error else {
        return false;
    };
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::StorageFull
            | ErrorKind::QuotaExceeded
    )
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::{create_dir_all, remove_dir_all};
    use std::sync::mpsc::channel;
    use std::thread;

    use foreshore_proof::Random;

    use super::*;

    #[test]
    fn writers_wait_for_merging_that_falls_behind_and_not_for_ever() {
        let name = format!("foreshore-cold-behind-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        create_dir_all(&folder).unwrap();
        // Four tables to a buffer: one merging for each buffer cannot keep up.
        let sizes = Sizes {
            write_buffer: 64 << 10,
            table: 16 << 10,
        };
        let (done, finished) = channel();
        let path = folder.clone();
        thread::spawn(move || {
            let cold = FjallCold::open_sized(&path, b"log", 1 << 20, sizes).unwrap();
            let mut random = Random::new(1);
            let mut number = || random.below(u64::MAX).to_be_bytes();
            for _ in 0..600 {
                let put = |_| {
                    let value = (0..50).flat_map(|_| number()).collect();
                    Change::Put(number().to_vec(), value)
                };
                let changes = (0..64).map(put).collect();
                cold.apply(changes, Durable::Later).unwrap();
                assert!(cold.keyspace.l0_table_count() <= FRESH_TABLES_MAX + FULL_BUFFERS_MAX + 1);
            }
            drop(cold);
            done.send(()).unwrap();
        });
        let outcome = finished.recv_timeout(Duration::from_secs(120));
        outcome.unwrap();
        remove_dir_all(&folder).unwrap();
    }
}
