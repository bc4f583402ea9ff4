//! A node's configuration and its store in a folder of a test's own: they outlive the node, and can be looked
//! at and damaged between two starts. Must not know what a test does to them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::config::Config;
use super::node::Node;
use super::place::Folder;
use super::program::{Run, command, foreshore};

/// A node's folder.
pub struct Stored {
    folder: Folder,
    pipeline: String,
}

impl Stored {
    /// A folder with this configuration, whose first pipeline is meant.
    pub fn of(config: &Config) -> Stored {
        let stored = Stored {
            folder: Folder::new(),
            pipeline: config.pipelines().swap_remove(0),
        };
        stored.configure(config);
        stored
    }

    /// A folder for the test pipeline, with segments so small that a test fills several.
    pub fn cards() -> Stored {
        Stored::of(&Config::cards().with("store.segment", "64KiB"))
    }

    /// Writes another configuration.
    pub fn configure(&self, config: &Config) {
        let config = config.clone().with("store.folder", "store");
        self.folder.write("node.toml", config.text());
    }

    /// The configuration's file.
    pub fn file(&self) -> PathBuf {
        self.folder.join("node.toml")
    }

    /// Starts a node with it.
    #[track_caller]
    pub fn start(&self) -> Node {
        Node::of_file(&self.file(), &self.pipeline)
    }

    /// Starts a node by a command that becomes it.
    #[track_caller]
    pub fn start_by(&self, command: Command) -> Node {
        Node::by(command, &self.file(), &self.pipeline)
    }

    /// Starts a node that must not come to serve: it ends with these words.
    #[track_caller]
    pub fn refuses(&self, words: &[&str]) {
        self.refuses_by(command(), words);
    }

    /// The same, by a command that becomes the node.
    #[track_caller]
    pub fn refuses_by(&self, mut command: Command, words: &[&str]) {
        let ports = ["--data", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
        command
            .args(["serve", "--config"])
            .arg(self.file())
            .args(ports);
        let run = Run::of(&mut command).fails(1, words);
        println!("{}", run.stderr);
    }

    /// Runs a command with the configuration, as `["store", "check"]`.
    pub fn run(&self, words: &[&str]) -> Run {
        let file = self.file();
        let config = ["--config", file.to_str().unwrap()];
        foreshore(words.iter().chain(&config))
    }

    /// The store of the pipeline, or something in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join("store").join(&self.pipeline).join(name)
    }

    /// The folder of all stores.
    pub fn root(&self) -> PathBuf {
        self.folder.join("store")
    }

    /// Files of the log with this ending, in order of their records.
    pub fn log(&self, ending: &str) -> Vec<PathBuf> {
        let files = fs::read_dir(self.path("log")).unwrap();
        let files = files.map(|file| file.unwrap().path());
        let is_meant = |file: &PathBuf| file.extension().is_some_and(|found| found == ending);
        let mut files: Vec<PathBuf> = files.filter(is_meant).collect();
        files.sort();
        files
    }
}

/// Changes the bytes of a file.
pub fn alter(file: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(file).unwrap();
    change(&mut bytes);
    fs::write(file, bytes).unwrap();
}
