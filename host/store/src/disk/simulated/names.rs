//! The names of the simulated disk: those a reader sees, those that are sure, and the changes between the
//! two. Takes changes, gives what a power cut leaves of them. Must not know contents: a file is a number.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::random::Random;

/// A change of names that was not synced.
enum Change {
    /// A file got its first name.
    Made(PathBuf, usize),
    /// A file got another name.
    Renamed(PathBuf, PathBuf, usize),
    /// A file lost its name.
    Removed(PathBuf),
}

/// All names of a disk.
#[derive(Default)]
pub(super) struct Names {
    seen: BTreeMap<PathBuf, usize>,
    sure: BTreeMap<PathBuf, usize>,
    pending: Vec<Change>,
    folders: BTreeSet<PathBuf>,
}

impl Names {
    /// The file of this name.
    pub(super) fn find(&self, path: &Path) -> Option<usize> {
        self.seen.get(path).copied()
    }

    /// Every file that has a name.
    pub(super) fn files(&self) -> impl Iterator<Item = usize> + '_ {
        self.seen.values().copied()
    }

    /// Whether there is such a folder.
    pub(super) fn has_folder(&self, folder: &Path) -> bool {
        folder.as_os_str().is_empty() || self.folders.contains(folder)
    }

    /// The names in a folder, sorted.
    pub(super) fn list(&self, folder: &Path) -> Vec<String> {
        let inside = |path: &&PathBuf| path.parent() == Some(folder);
        let paths = self.seen.keys().chain(&self.folders).filter(inside);
        let names: BTreeSet<String> = paths
            .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
            .collect();
        names.into_iter().collect()
    }

    /// A folder and those above it; sure at once.
    pub(super) fn create_folder(&mut self, folder: &Path) {
        self.folders.extend(folder.ancestors().map(Path::to_owned));
    }

    /// Names a new file.
    pub(super) fn make(&mut self, path: &Path, inode: usize) {
        self.change(Change::Made(path.to_owned(), inode));
    }

    /// Gives a file another name. Gives whether there was one.
    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> bool {
        let Some(inode) = self.find(from) else {
            return false;
        };
        self.change(Change::Renamed(from.to_owned(), to.to_owned(), inode));
        true
    }

    /// Takes a name away. Gives whether there was one.
    pub(super) fn remove(&mut self, path: &Path) -> bool {
        let there = self.find(path).is_some();
        if there {
            self.change(Change::Removed(path.to_owned()));
        }
        there
    }

    /// Makes the names in a folder sure.
    pub(super) fn sync(&mut self, folder: &Path) {
        let here = |change: &mut Change| {
            let (Change::Made(path, _) | Change::Renamed(_, path, _) | Change::Removed(path)) =
                change;
            path.parent() == Some(folder)
        };
        for change in self.pending.extract_if(.., here) {
            change.apply(&mut self.sure);
        }
    }

    /// What a power cut does: each change that was not synced happened or not.
    pub(super) fn cut(&mut self, random: &mut Random) {
        for change in std::mem::take(&mut self.pending) {
            if random.coin() {
                change.apply(&mut self.sure);
            }
        }
        self.seen.clone_from(&self.sure);
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.seen);
        self.pending.push(change);
    }
}

impl Change {
    /// Does it to a set of names. A rename stands for itself, even where the file's first name was lost.
    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Change::Made(path, inode) => {
                names.insert(path.clone(), *inode);
            }
            Change::Renamed(from, to, inode) => {
                if names.get(from) == Some(inode) {
                    names.remove(from);
                }
                names.insert(to.clone(), *inode);
            }
            Change::Removed(path) => {
                names.remove(path);
            }
        }
    }
}
