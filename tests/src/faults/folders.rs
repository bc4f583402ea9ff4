//! Folders that cannot be used: taken, read-only, forbidden, of another kind, of another pipeline.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use foreshore_proof::Proof;

use crate::harness::program::command;
use crate::harness::volume::Volume;
use crate::harness::{Config, Stored, paid};

use super::filled;

#[test]
fn a_folder_belongs_to_one_process_which_is_named_to_the_others() {
    let stored = Stored::cards();
    let node = stored.start();
    let folder = stored.path("");
    let folder = folder.to_str().unwrap().trim_end_matches('/');
    let holder = format!("is in use by process {}", node.pid());
    stored.refuses(&[
        folder,
        &holder,
        "stop that process first, or use another folder",
    ]);
    node.score(&paid("1")).good();
    node.stop();
    stored.start().stop();
}

#[test]
fn a_read_only_folder_is_named() {
    let mut proof = Proof::new(
        "processes",
        "-p foreshore-tests --lib",
        "a_read_only_folder_is_named",
    );
    let stored = Stored::cards();
    fs::create_dir(stored.root()).unwrap();
    let Some(volume) = Volume::at(&stored.root(), "16m") else {
        return;
    };
    volume.set_read_only();
    let folder = stored.path("");
    let folder = folder.to_str().unwrap().trim_end_matches('/');
    let words = [
        "Read-only file system",
        "check the disk, its mount and its permissions",
    ];
    stored.refuses_by(volume.command(), &[&[folder], &words[..]].concat());
    proof.cases(1);
}

#[test]
fn a_disk_that_has_become_read_only_is_named() {
    let mut proof = Proof::new(
        "processes",
        "-p foreshore-tests --lib",
        "a_disk_that_has_become_read_only_is_named",
    );
    let stored = Stored::of(
        &Config::cards()
            .with("store.reserve", "1MiB")
            .with("store.segment", "64KiB"),
    );
    fs::create_dir(stored.root()).unwrap();
    let Some(volume) = Volume::at(&stored.root(), "96m") else {
        return;
    };
    let node = stored.start_by(volume.command());
    node.score(&paid("1")).good();
    node.stop();
    volume.set_read_only();
    let words = [
        "Read-only file system",
        "check the disk, its mount and its permissions",
    ];
    stored.refuses_by(volume.command(), &words);
    proof.cases(1);
}

#[test]
fn a_folder_without_permission_is_named() {
    let stored = Stored::of(&Config::cards().without("store.compiled"));
    fs::create_dir(stored.root()).unwrap();
    fs::set_permissions(stored.root(), Permissions::from_mode(0o555)).unwrap();
    let Some(command) = unprivileged() else {
        return println!("not tested: root may write anywhere, and cannot be somebody else here");
    };
    let folder = stored.path("");
    let folder = folder.to_str().unwrap().trim_end_matches('/');
    let words = [
        "Permission denied",
        "check the disk, its mount and its permissions",
    ];
    stored.refuses_by(command, &[&[folder], &words[..]].concat());
}

/// The program run by somebody to whom permissions apply; none where root cannot become anybody.
fn unprivileged() -> Option<Command> {
    if !rustix::process::geteuid().is_root() {
        return Some(command());
    }
    let by_nobody = || {
        let mut nobody = Command::new("setpriv");
        nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
        nobody.arg(command().get_program());
        nobody
    };
    let tried = by_nobody().arg("--version").output();
    tried
        .is_ok_and(|tried| tried.status.success())
        .then(by_nobody)
}

#[test]
fn a_file_where_the_folder_should_be_is_named() {
    let stored = Stored::cards();
    fs::write(stored.root(), "").unwrap();
    let root = stored.root();
    stored.refuses(&[
        root.to_str().unwrap(),
        "check the disk, its mount and its permissions",
    ]);
}

#[test]
fn the_log_of_another_pipeline_is_refused_by_its_name() {
    let stored = filled();
    fs::rename(stored.path(""), stored.root().join("others")).unwrap();
    let config = Config::cards().renaming("pipelines.cards", "others");
    stored.configure(&config);
    stored.refuses(&[
        "the log is of pipeline `cards`, not of `others`",
        "put the folder of the right one here",
    ]);
}

#[test]
fn the_state_of_another_log_is_refused() {
    let (stored, other) = (filled(), filled());
    fs::remove_dir_all(stored.path("cold")).unwrap();
    fs::rename(other.path("cold"), stored.path("cold")).unwrap();
    let cold = stored.path("cold");
    stored.refuses(&[
        cold.to_str().unwrap(),
        "belongs to another log",
        "it is rebuilt from the log",
    ]);
}
