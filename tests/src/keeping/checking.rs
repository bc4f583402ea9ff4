//! `foreshore store check`: a sound store is good, and damage is named by its place.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Kept, flip, lines, payments, stop};
use crate::harness::program::foreshore;

#[test]
fn a_sound_store_is_good_while_its_node_runs_and_after() {
    let kept = Kept::cards();
    let node = kept.start();
    node.ingest(&payments(1_000)).good();
    let run = kept.store("check", &[]).good();
    assert!(
        run.stderr.contains("has it; stop that to check it too"),
        "{}",
        run.stderr
    );
    stop(node);
    let run = kept.store("check", &["--json"]).good();
    let report = &lines(&run)[0][0];
    assert_eq!(report["pipeline"], "cards");
    assert_eq!(
        (&report["damaged"], &report["findings"]),
        (&json!(0), &json!([]))
    );
    assert_eq!(
        (&report["timelines"], &report["first"]),
        (&json!(5), &json!(1))
    );
    assert!(report["segments"].as_u64().unwrap() > 2, "{report}");
    let folder = kept.path("store/cards");
    foreshore(["store", "check", "--folder", &folder]).good();
}

#[test]
fn a_flipped_bit_is_named_by_file_and_offset() {
    let kept = Kept::cards();
    let node = kept.start();
    node.ingest(&payments(1_000)).good();
    stop(node);
    let segment = kept.log("log").swap_remove(1);
    flip(&segment, 20_000);
    let name = segment.to_str().unwrap();
    let run = kept.store("check", &["--json"]);
    let run = run.fails(
        1,
        &[name, "the checksum does not match", "restore the store"],
    );
    let finding = &lines(&run)[0][0]["findings"][0];
    assert_eq!(
        (&finding["part"], &finding["file"]),
        (&json!("log"), &json!(name))
    );
    let offset = finding["offset"].as_u64().unwrap();
    assert!((19_000..=20_000).contains(&offset), "{finding}");
    // What lies beside the damage can still be read.
    let last = kept.store("dump", &["--from", "1000"]);
    assert!(last.stdout.lines().count() > 500);
}

#[test]
fn a_segment_that_is_gone_is_named_by_its_records() {
    let kept = Kept::cards();
    let node = kept.start();
    node.ingest(&payments(1_000)).good();
    stop(node);
    let gone = kept.log("log").swap_remove(1);
    let first: u64 = gone.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    fs::remove_file(gone).unwrap();
    let words = format!("the segment with records {first} to ");
    kept.store("check", &[]).fails(1, &[&words, "is missing"]);
}

#[test]
fn damaged_cold_state_is_named_and_has_an_answer() {
    let kept = Kept::cards();
    let node = kept.start();
    node.ingest(&payments(200)).good();
    stop(node);
    let cold = kept.folder.join("store/cards/cold");
    for file in files_under(&cold) {
        let mut bytes = fs::read(&file).unwrap();
        bytes.iter_mut().step_by(97).for_each(|byte| *byte ^= 0x10);
        fs::write(file, bytes).unwrap();
    }
    kept.store("check", &[])
        .fails(1, &["store/cards/cold", "rebuilt from the log"]);
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| match path.is_dir() {
        true => files_under(&path),
        false => vec![path],
    });
    files.collect()
}
