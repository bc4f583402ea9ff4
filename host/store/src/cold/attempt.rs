//! Opening a folder whose engine may not come back: over some damage it panics, and may end the process while
//! it does. Each attempt leaves a mark that only coming back removes, so that the third finds an answer
//! instead of the same end. Must not know the engine.

use std::fs;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::error::ColdError;

/// The file that gets a byte with each attempt.
const MARK: &str = "opening";

/// Attempts that may fail to come back. A process can be killed once while it opens, and once more.
const ATTEMPTS_MAX: u64 = 2;

/// What `engine` gives over this folder, which is made if it is not there.
pub(super) fn open<T>(folder: &Path, engine: impl FnOnce() -> T) -> Result<T, ColdError> {
    let mark = folder.join(MARK);
    let refused = |error: io::Error| ColdError::Refused {
        folder: folder.to_path_buf(),
        reason: error.to_string(),
    };
    let unopenable = || ColdError::Unopenable(folder.to_path_buf());
    fs::create_dir_all(folder).map_err(refused)?;
    if fs::metadata(&mark).is_ok_and(|mark| mark.len() >= ATTEMPTS_MAX) {
        return Err(unopenable());
    }
    let marking = fs::OpenOptions::new().append(true).create(true).open(&mark);
    let marked = marking.and_then(|mut file| file.write_all(b"."));
    marked.map_err(refused)?;
    let opened = catch_unwind(AssertUnwindSafe(engine));
    fs::remove_file(&mark).map_err(refused)?;
    opened.map_err(|_| unopenable())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// A folder of a test's own, with so many marks.
    fn folder(name: &str, marks: usize) -> PathBuf {
        let name = format!("foreshore-attempt-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(MARK), vec![b'.'; marks]).unwrap();
        folder
    }

    #[test]
    fn an_engine_that_comes_back_leaves_no_mark() {
        for marks in 0..ATTEMPTS_MAX as usize {
            let folder = folder("back", marks);
            assert_eq!(open(&folder, || 7).unwrap(), 7);
            assert!(!folder.join(MARK).exists());
            fs::remove_dir_all(folder).unwrap();
        }
    }

    #[test]
    fn an_engine_that_panics_is_an_error() {
        let folder = folder("panics", 0);
        let opened = open(&folder, || panic!("damage"));
        assert!(matches!(opened, Err(ColdError::Unopenable(path)) if path == folder));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn an_engine_that_never_comes_back_is_not_asked_a_third_time() {
        let folder = folder("never", ATTEMPTS_MAX as usize);
        let opened = open(&folder, || panic!("it is asked"));
        assert!(matches!(opened, Err(ColdError::Unopenable(_))));
        assert!(folder.join(MARK).exists());
        fs::remove_dir_all(folder).unwrap();
    }
}
