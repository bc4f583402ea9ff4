//! Every kept input, through its target: seeds and what the fuzzer made of them, and whatever once broke one.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed test is the message, in its helpers too"
)]

use std::fs;
use std::path::{Path, PathBuf};

use foreshore_fuzz::target::{TARGETS, Target};

/// Bytes of all kept inputs: they are read by every clone.
const KEPT_BYTES_MAX: u64 = 200_000;

/// The inputs of a target.
fn inputs(target: &Target) -> Vec<PathBuf> {
    let fuzz = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz"));
    let mut inputs = Vec::new();
    for kept in ["corpus", "regressions"] {
        let folder = fuzz.join(kept).join(target.name);
        if folder.is_dir() {
            let files = fs::read_dir(folder).unwrap();
            inputs.extend(files.map(|file| file.unwrap().path()));
        }
    }
    inputs.sort();
    inputs
}

/// Runs a target over its inputs; a broken promise names the file.
fn holds(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let inputs = inputs(target);
    assert!(inputs.len() >= 3, "{name} has {} inputs", inputs.len());
    for input in inputs {
        let bytes = fs::read(&input).unwrap();
        if std::panic::catch_unwind(|| (target.run)(&bytes)).is_err() {
            panic!("{} breaks the target {name}", input.display());
        }
    }
}

#[test]
fn no_lines_break_decoding() {
    holds("decode");
}

#[test]
fn no_event_is_judged_against_the_rules() {
    holds("validate");
}

#[test]
fn no_text_breaks_the_configuration() {
    holds("configuration");
}

#[test]
fn no_bytes_are_a_record_that_has_another_form() {
    holds("record");
}

#[test]
fn no_change_of_its_files_breaks_the_log() {
    holds("segment");
}

#[test]
fn no_file_breaks_the_loading_of_plugins() {
    holds("component");
}

#[test]
fn no_answer_of_a_guest_breaks_the_host() {
    holds("lowering");
}

#[test]
fn what_is_kept_is_small() {
    let files = TARGETS.iter().flat_map(inputs);
    let bytes: u64 = files.map(|file| fs::metadata(file).unwrap().len()).sum();
    assert!(
        bytes <= KEPT_BYTES_MAX,
        "{bytes} bytes, expected at most {KEPT_BYTES_MAX}"
    );
}
