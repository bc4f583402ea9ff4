//! Compiled forms kept on disk, in a folder that is this node's user's alone. Takes a component's digest,
//! gives native code; a file that is damaged, foreign or readable by others is never given. Must not know
//! how components are compiled, checked or called.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};
use wasmtime::Engine;

use crate::digest::Digest;

/// First bytes of a file of the cache: magic, SHA-256 of the rest, the rest. Its number is another with every change
/// of this layout, and of what is made of a component before it is compiled.
const MAGIC: &[u8; 16] = b"foreshore-code-2";

/// Bytes before the native code.
const HEADER_BYTES: usize = MAGIC.len() + 32;

/// What is told of a file that is there and is no good.
const NOT_USED: &str = "not using a compiled plugin; compiling it again";

/// Files begun by this process: two threads must not write one file aside.
static WRITES: AtomicU64 = AtomicU64::new(0);

/// Why the cache's folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// It cannot be made or read.
    #[error("open the cache of compiled plugins at `{}`: {source}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others could put native code there.
    #[error(
        "the cache of compiled plugins at `{}` has mode {mode:o}, expected 700: it holds native code; run `chmod 700` on it",
        folder.display()
    )]
    Shared {
        /// The folder.
        folder: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

/// A folder of compiled forms for one engine's settings on one kind of machine.
pub(crate) struct Cache {
    folder: PathBuf,
    /// Digest of all that decides whether this engine can run a compiled form.
    engine: [u8; 32],
}

impl Cache {
    /// Opens the folder, making it if it is not there.
    pub(crate) fn open(folder: PathBuf, engine: &Engine) -> Result<Cache, CacheError> {
        let made = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder);
        let mode = match made.and_then(|()| fs::metadata(&folder)) {
            Ok(metadata) => metadata.mode() & 0o777,
            Err(source) => return Err(CacheError::Folder { folder, source }),
        };
        if mode & 0o077 != 0 {
            return Err(CacheError::Shared { folder, mode });
        }
        let mut state = Fingerprint(Sha256::new());
        // Holds the runtime's version, its settings, and the processor's features.
        engine.precompile_compatibility_hash().hash(&mut state);
        Ok(Cache {
            folder,
            engine: state.0.finalize().into(),
        })
    }

    /// The native code of a component, if a sound file of it is there.
    pub(crate) fn load(&self, digest: &Digest) -> Option<Vec<u8>> {
        let path = self.path(digest);
        match read(&path) {
            Ok(code) => Some(code),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                warn(NOT_USED, &path, &error);
                None
            }
        }
    }

    /// Tells that the engine does not take what it was given: it is compiled again.
    pub(crate) fn reject(&self, digest: &Digest, why: &dyn std::fmt::Display) {
        warn(NOT_USED, &self.path(digest), why);
    }

    /// Keeps native code. Failing costs a compilation at the next start, so it is only logged.
    pub(crate) fn store(&self, digest: &Digest, code: &[u8]) {
        let path = self.path(digest);
        if let Err(error) = self.write(&path, code) {
            warn("not keeping a compiled plugin", &path, &error);
        }
    }

    /// One file per component, way of compiling it, engine settings and kind of machine.
    fn path(&self, digest: &Digest) -> PathBuf {
        let mut name = Sha256::new();
        name.update(MAGIC);
        name.update(digest.0);
        name.update(self.engine);
        self.folder
            .join(format!("{}.code", Digest(name.finalize().into())))
    }

    /// Whole or not at all: written aside, then renamed.
    fn write(&self, path: &Path, code: &[u8]) -> io::Result<()> {
        let nth = WRITES.fetch_add(1, Ordering::Relaxed);
        let aside = path.with_extension(format!("{}-{nth}.new", process::id()));
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&aside)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(MAGIC)?;
        file.write_all(&Sha256::digest(code))?;
        file.write_all(code)?;
        fs::rename(&aside, path)
    }
}

/// The native code in a file of the cache, if the file is ours and whole.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    if file.metadata()?.mode() & 0o077 != 0 {
        return Err(io::Error::other(
            "others than this user may read or write it",
        ));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let code = bytes.split_off(HEADER_BYTES.min(bytes.len()));
    let sum = bytes.strip_prefix(MAGIC);
    if sum != Some(Sha256::digest(&code).as_slice()) {
        return Err(io::Error::other(
            "it is damaged: its checksum does not hold",
        ));
    }
    Ok(code)
}

fn warn(what: &str, path: &Path, error: &dyn std::fmt::Display) {
    tracing::warn!(path = %path.display(), %error, "{what}");
}

/// Hashes whatever is hashable with SHA-256: equal digests, equal engines.
struct Fingerprint(Sha256);

impl Hasher for Fingerprint {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        // Only asked of hashers of maps; the digest is taken instead.
        0
    }
}
