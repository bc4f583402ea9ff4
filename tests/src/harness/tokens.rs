//! Tokens as their holders have them, made by the program itself, and the file in which a node knows them.

use std::path::{Path, PathBuf};

use super::place::Folder;
use super::program::{Run, foreshore};

/// A tokens file in a folder of its own.
pub struct Tokens(Folder);

impl Tokens {
    /// One that names nobody yet.
    pub fn new() -> Tokens {
        Tokens(Folder::new())
    }

    /// The file.
    pub fn file(&self) -> PathBuf {
        self.0.join("tokens.toml")
    }

    /// The same, as a value of a configuration.
    pub fn path(&self) -> String {
        self.file().to_str().unwrap().to_owned()
    }

    /// Gives somebody a token that is good for this: `"--scope score --source till-7"`.
    #[track_caller]
    pub fn give(&self, name: &str, what: &str) -> String {
        let made = new(&self.file(), name, what).good();
        made.stdout.trim_end().to_owned()
    }

    /// What the file says.
    pub fn text(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap()
    }

    /// Has the file say something else.
    pub fn say(&self, text: &str) {
        let beside = self.0.write("beside", text);
        std::fs::rename(beside, self.file()).unwrap();
    }
}

/// Runs `foreshore token new`, adding to a file.
pub fn new(file: &Path, name: &str, what: &str) -> Run {
    let fixed = [
        "token",
        "new",
        "--append",
        file.to_str().unwrap(),
        "--name",
        name,
    ];
    foreshore(fixed.into_iter().chain(what.split_whitespace()))
}
