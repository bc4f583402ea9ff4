//! Replay of archives that are not as they should be, and in each of the forms they may have.

use std::fs;
use std::path::PathBuf;

use crate::harness::place::Folder;
use crate::harness::program::{Run, foreshore};
use crate::harness::{Config, paid, topped_up};

/// An archive and where its rows go.
struct Archive {
    folder: Folder,
    config: PathBuf,
    out: PathBuf,
}

impl Archive {
    fn of(config: &Config) -> Archive {
        let folder = Folder::new();
        let config = folder.write("node.toml", config.text());
        let out = folder.join("rows.csv");
        Archive {
            folder,
            config,
            out,
        }
    }

    /// Replays a file of this name and content.
    fn replay(&self, name: &str, content: &str, more: &[&str]) -> Run {
        let events = self.folder.write(name, content);
        let files = [
            ("--config", &self.config),
            ("--events", &events),
            ("--out", &self.out),
        ];
        let files = files
            .iter()
            .flat_map(|(flag, path)| [*flag, path.to_str().unwrap()]);
        foreshore(
            ["replay"]
                .into_iter()
                .chain(files)
                .chain(more.iter().copied()),
        )
    }

    fn rows(&self) -> String {
        fs::read_to_string(&self.out).unwrap()
    }
}

#[test]
fn a_row_says_what_its_event_was_and_what_was_said_of_it() {
    let archive = Archive::of(&Config::cards());
    let lines = format!("{}\n{}\n", topped_up("0").of(300), paid("1").at(1).of(250));
    archive.replay("events.ndjson", &lines, &[]).good();
    let rows = archive.rows();
    let (header, row) = rows.trim_end().split_once('\n').unwrap();
    assert_eq!(
        header,
        "source,id,time,event.amount,event.items,event.online,card.count,card.sum,card.remembered,score,outcome"
    );
    assert_eq!(
        row,
        "pos,1,2025-06-01T00:01:00.000000Z,250.0,,,2.0,550.0,0.0,0.55,review"
    );
}

#[test]
fn csv_and_json_lines_are_the_same_archive() {
    let archive = Archive::of(&Config::cards());
    let events = [
        paid("1").of(250).with("sequence", "3"),
        paid("2").at(1).without("card"),
    ];
    let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
    archive.replay("events.jsonl", &lines, &[]).good();
    let rows = archive.rows();
    let csv = "time,source,id,type,sequence,amount,card\n\
               2025-06-01T00:00:00Z,pos,1,paid,3,250,a\n\
               2025-06-01T00:01:00Z,pos,2,paid,,10,\n";
    archive.replay("events.csv", csv, &[]).good();
    assert_eq!(archive.rows(), rows);
}

#[test]
fn lines_that_are_no_events_are_named_and_counted() {
    let archive = Archive::of(&Config::cards());
    let lines = format!("{}\nnot json\n{}\n", paid("1"), paid("2").of(-1));
    let run = archive.replay("events.ndjson", &lines, &[]).good();
    for word in [
        "2",
        "not valid JSON",
        "3",
        "data.amount",
        "-1 is below the smallest allowed",
    ] {
        assert!(
            run.stderr.contains(word),
            "`{word}` is not in\n{}",
            run.stderr
        );
    }
    assert_eq!(archive.rows().lines().count(), 2, "header and one row");
}

#[test]
fn a_strict_replay_stops_and_leaves_nothing_half_done() {
    let archive = Archive::of(&Config::cards());
    let lines = format!("{}\nnot json\n", paid("1"));
    archive
        .replay("events.ndjson", &lines, &["--strict"])
        .fails(1, &["2", "not valid JSON"]);
    let left: Vec<_> = fs::read_dir(archive.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!left.iter().any(|name| name.contains("rows")), "{left:?}");
}

#[test]
fn files_that_cannot_be_replayed_are_named() {
    let archive = Archive::of(&Config::cards());
    archive
        .replay("events.json", "", &[])
        .fails(1, &["events.json: the format is told by the ending"]);
    archive
        .replay("events.ndjson", "", &["--pipeline", "crads"])
        .fails(1, &["has no pipeline `crads`", "did you mean `cards`?"]);
    let two = Archive::of(&Config::cards().and_cards_as("others"));
    two.replay("events.ndjson", "", &[])
        .fails(1, &["choose one with --pipeline: cards, others"]);
    let config = two.config.to_str().unwrap();
    let files = [
        "--events",
        "/nowhere.ndjson",
        "--out",
        "/nowhere.csv",
        "--pipeline",
        "cards",
    ];
    foreshore(["replay", "--config", config].iter().chain(&files)).fails(1, &["/nowhere"]);
}

#[test]
fn an_archive_that_lacks_what_every_event_has_is_refused() {
    let archive = Archive::of(&Config::cards());
    archive
        .replay(
            "events.csv",
            "source,id,type,amount\npos,1,paid,10\n",
            &["--strict"],
        )
        .fails(1, &["time"]);
}
