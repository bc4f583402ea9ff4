//! Files that are damaged, of a newer format, or gone: what can be made again is, and the rest is named with
//! file and record.

use std::fs;
use std::path::Path;

use crate::harness::stored::alter;
use crate::harness::{Config, Stored, paid};

use super::{filled, said};

/// The first record of a segment, as its name says.
fn first(segment: &Path) -> u64 {
    segment
        .file_stem()
        .unwrap()
        .to_str()
        .unwrap()
        .parse()
        .unwrap()
}

/// The end of what is written in a segment: behind it there is reserved space.
fn end(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte != 0).unwrap()
}

/// Flips a bit of a file.
fn flip(file: &Path, place: usize) {
    alter(file, |bytes| bytes[place] ^= 1);
}

/// Where what is written in a segment ends.
fn written(segment: &Path) -> usize {
    end(&fs::read(segment).unwrap())
}

/// A store with one segment, of many writes.
fn small() -> Stored {
    let stored = Stored::of(&Config::cards());
    let node = stored.start();
    for id in 0..20_u32 {
        node.score(&paid(&id.to_string())).good();
    }
    node.stop();
    stored
}

#[test]
fn a_segment_of_a_newer_format_is_refused_with_both_formats() {
    let stored = filled();
    let segment = stored.log("log").remove(0);
    // The format stands where it stands in every format to come, and is looked at first.
    alter(&segment, |bytes| bytes[8] = 3);
    stored.refuses(&[
        segment.to_str().unwrap(),
        "was written by a newer foreshore (format 3, this one knows up to 1)",
        "run that version, or restore a backup of this one",
    ]);
}

#[test]
fn identities_of_a_newer_format_are_refused_with_both_formats() {
    let stored = filled();
    let identities = stored.log("identities").remove(0);
    alter(&identities, |bytes| {
        bytes[8] = 3;
        let end = bytes.len() - 4;
        let sum = crc32c::crc32c(&bytes[..end]);
        bytes[end..].copy_from_slice(&sum.to_le_bytes());
    });
    stored.refuses(&[
        identities.to_str().unwrap(),
        "format 3, this one knows up to 2",
    ]);
}

#[test]
fn a_segment_cut_short_is_named_with_the_record_that_is_missing() {
    let stored = filled();
    let segment = stored.log("log").swap_remove(1);
    alter(&segment, |bytes| bytes.truncate(end(bytes) / 2));
    stored.refuses(&[
        segment.to_str().unwrap(),
        "is damaged at byte",
        "`foreshore store check`",
    ]);
}

#[test]
fn a_log_that_lost_its_end_is_told_by_the_state_beside_it() {
    let stored = small();
    let segment = stored.log("log").remove(0);
    alter(&segment, |bytes| bytes.truncate(end(bytes) / 2));
    stored.refuses(&[
        "the log ends with record ",
        "but the state beside it holds everything up to record ",
        "restore the store from a backup",
    ]);
}

#[test]
fn a_flipped_bit_before_the_last_write_is_no_torn_write() {
    let stored = small();
    let segment = stored.log("log").remove(0);
    flip(&segment, written(&segment) / 2);
    stored.refuses(&[
        segment.to_str().unwrap(),
        "is damaged at byte",
        "restore the store from a backup",
    ]);
}

#[test]
fn a_flipped_bit_in_the_last_write_is_told_and_costs_nothing_once_it_is_put_right() {
    let stored = filled();
    let node = stored.start();
    let before = said(&node);
    node.stop();
    let segment = stored.log("log").pop().unwrap();
    let place = written(&segment);
    flip(&segment, place);
    // Alone, the log cannot tell it from a write that was torn.
    let words = ["the log ends with record ", "the end of the log is damaged"];
    stored.refuses(&words);
    stored.refuses(&words);
    flip(&segment, place);
    let node = stored.start();
    assert_eq!(said(&node), before);
    node.stop();
}

#[test]
fn a_flipped_bit_in_a_sealed_segment_is_named_when_it_is_needed() {
    let stored = filled();
    let segment = stored.log("log").swap_remove(1);
    flip(&segment, written(&segment) / 2);
    let words = [segment.to_str().unwrap(), "is damaged at byte"];
    stored.run(&["store", "check"]).fails(1, &words);
    // Building everything again needs every record.
    fs::remove_dir_all(stored.path("cold")).unwrap();
    stored.refuses(&words);
}

#[test]
fn segments_that_are_gone_are_named_by_their_records() {
    let stored = filled();
    let segments = stored.log("log");
    let (second, third) = (&segments[1], first(&segments[2]));
    let kept = fs::read(second).unwrap();
    fs::remove_file(second).unwrap();
    let words = format!(
        "the segment with records {} to {} is missing",
        first(second),
        third - 1
    );
    stored.refuses(&[&words, "put the file back"]);
    fs::write(second, kept).unwrap();
    let last = segments.last().unwrap();
    fs::remove_file(last).unwrap();
    let words = format!(
        "the segment with records {} to an unknown end is missing",
        first(last)
    );
    stored.refuses(&[&words, "put the file back"]);
}

#[test]
fn what_lies_beside_the_segments_is_made_again() {
    let stored = filled();
    let node = stored.start();
    let before = said(&node);
    node.stop();
    for ending in ["index", "identities"] {
        let files = stored.log(ending);
        assert!(files.len() > 2, "{ending}");
        fs::remove_file(&files[0]).unwrap();
        alter(&files[1], |bytes| bytes[20] ^= 1);
        alter(&files[2], |bytes| bytes.truncate(30));
        let node = stored.start();
        assert_eq!(said(&node), before, "{ending}");
        node.stop();
        assert_eq!(stored.log(ending), files);
        stored.run(&["store", "check"]).good();
    }
}

#[test]
fn state_that_is_gone_is_built_again_with_the_same_answers() {
    let stored = filled();
    let node = stored.start();
    let (before, timeline) = (said(&node), node.timeline("card", "card-3"));
    node.stop();
    fs::remove_dir_all(stored.path("cold")).unwrap();
    let node = stored.start();
    assert_eq!(said(&node), before);
    assert_eq!(
        node.timeline("card", "card-3")["features"],
        timeline["features"]
    );
    node.stop();
    stored.run(&["store", "check"]).good();
}
