//! `foreshore store backup` and `restore`: the same answers elsewhere, and nothing from what is damaged.

use std::path::Path;

use super::{Kept, flip, payments, stop};
use crate::harness::paid;

#[test]
fn a_backup_of_a_running_node_gives_the_same_answers_elsewhere() {
    let kept = Kept::cards();
    let node = kept.start();
    let events = payments(1_500);
    node.ingest(&events).good();
    let before = node.timeline("card", "card-3");
    // Asked for first: what is decided only after the copy is decided anew elsewhere, on another basis.
    let answer = node.score(&events[42]).good();
    let backup = kept.path("backup");
    let run = kept.store("backup", &["--to", &backup]).good();
    assert!(
        run.stderr.contains("cards: records 1 to "),
        "{}",
        run.stderr
    );
    kept.store("backup", &["--to", &backup])
        .fails(1, &["is not empty"]);
    node.ingest([&paid("after the backup").at(500).by("card-3")])
        .good();
    stop(node);
    let elsewhere = Kept::cards();
    elsewhere.store("restore", &["--from", &backup]).good();
    elsewhere.store("check", &[]).good();
    let node = elsewhere.start();
    let restored = node.score(&events[42]).good();
    assert_eq!(restored["disposition"], "duplicate");
    for said in ["decision", "score", "outcome", "basis"] {
        assert_eq!(restored[said], answer[said], "{said}");
    }
    assert_eq!(
        node.timeline("card", "card-3")["features"],
        before["features"]
    );
    stop(node);
    elsewhere
        .store("restore", &["--from", &backup])
        .fails(1, &["holds a store already"]);
}

#[test]
fn a_damaged_backup_is_not_restored() {
    let kept = Kept::cards();
    let node = kept.start();
    node.ingest(&payments(300)).good();
    stop(node);
    let backup = kept.path("backup");
    kept.store("backup", &["--to", &backup]).good();
    let log = Path::new(&backup).join("cards/log/00000000000000000001.log");
    flip(&log, 9_000);
    let elsewhere = Kept::cards();
    elsewhere
        .store("restore", &["--from", &backup])
        .fails(1, &["is damaged", "use another backup"]);
    assert!(!elsewhere.folder.join("store/cards").exists());
    elsewhere
        .store("restore", &["--from", &kept.path("store")])
        .fails(1, &["is no backup"]);
}
