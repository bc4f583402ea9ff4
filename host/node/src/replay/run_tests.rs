//! Replays with native plugins: what order, format and faults of an archive come to, and that a failed replay
//! leaves nothing.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use foreshore_core::{AmendPolicy, BreakerSettings, Disposition, Instance, Layout, Model};
use foreshore_core::{Outcome, Policy};
use foreshore_event::{Field, Kind, Required, Schema, Span, Unknown};
use foreshore_timeline::native::Chain;
use foreshore_timeline::{Fault, Folder, Settings};

use super::*;

/// A chain of a card's events, and two models that repeat what they see.
#[derive(Default)]
struct Native(Chain);

impl Plugins for Native {
    fn features(&mut self, _instance: usize) -> &mut dyn Folder {
        &mut self.0
    }

    fn score(&mut self, model: usize, inputs: &[f64]) -> Result<Vec<f64>, Fault> {
        Ok(inputs
            .iter()
            .map(|count| count / 10.0 + model as f64)
            .collect())
    }
}

fn pipeline() -> Arc<Pipeline> {
    let amount = Field {
        required: Required::Always,
        ..Field::new("amount", Kind::Number)
    };
    let fields = vec![
        Field::new("card", Kind::Text),
        amount,
        Field::new("online", Kind::Boolean),
    ];
    let schema = Schema::new(vec!["paid".into(), "news".into()], fields, Unknown::Reject).unwrap();
    let features = ["digest", "count", "seconds"].map(str::to_owned);
    let layout = Layout::new(&schema, [("card", &features[..])]);
    let count = layout.resolve("card.count").unwrap();
    let model = |name: &str| Model {
        name: name.into(),
        inputs: vec![count],
        reasons: vec![],
    };
    let timeline = Settings {
        lateness: Span::SECOND,
        foreshore_max: 100,
        checkpoint_bytes_max: 1 << 10,
    };
    Arc::new(Pipeline {
        name: "p".into(),
        manifest: Arc::default(),
        schema: Arc::new(schema),
        scored: vec![true, false],
        instances: vec![Instance {
            name: "card".into(),
            key: 0,
            applies: vec![true, true],
            features: features.into(),
            timeline,
        }],
        models: vec![model("decides"), model("listens")],
        layout,
        policy: Policy {
            review: Some(0.25),
            decline: None,
            fallback: Outcome::Review,
            reasons_max: 0,
        },
        amend: AmendPolicy::Outcome,
        future_max: Span(0),
        close_after: None,
        lag_max: 100,
        hot_bytes_max: 1 << 20,
        breaker: BreakerSettings {
            failures: 3,
            cooldown: Span::SECOND,
        },
    })
}

/// A folder of its own, gone with the test.
struct Place(PathBuf);

impl Place {
    fn new() -> Place {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let folder = std::env::temp_dir().join(format!("foreshore-replay-{name}"));
        fs::create_dir_all(&folder).unwrap();
        Place(folder)
    }

    /// Replays a file of this name and text; gives what it came to, and the rows.
    fn replay(&self, name: &str, text: &str, strict: bool) -> anyhow::Result<(Tally, String)> {
        self.replay_with(name, text, strict, &mut Native::default())
    }

    fn replay_with(
        &self,
        name: &str,
        text: &str,
        strict: bool,
        plugins: &mut Native,
    ) -> anyhow::Result<(Tally, String)> {
        let (events, out) = (self.0.join(name), self.0.join("rows.csv"));
        fs::write(&events, text)?;
        let notice = |_: &str| {};
        let job = Job {
            pipeline: pipeline(),
            events: &events,
            out: &out,
            strict,
            notice: &notice,
        };
        let tally = run(&job, plugins)?;
        let rows = fs::read_to_string(&out)?;
        fs::remove_file(out)?;
        Ok((tally, rows))
    }

    #[track_caller]
    fn fails(&self, name: &str, text: &str, expected: &str) {
        let error = self.replay(name, text, true).unwrap_err();
        let error = format!("{error:#}");
        assert!(
            error.contains(expected),
            "found:    {error}\nexpected: {expected}"
        );
        assert_eq!(fs::read_dir(&self.0).unwrap().count(), 1, "rows were left");
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn line(id: u32, kind: &str, card: &str) -> String {
    let minute = id % 60;
    format!(
        "{{\"id\":\"{id}\",\"source\":\"s\",\"type\":\"{kind}\",\"time\":\"2026-03-01T12:{minute:02}:00Z\",\
         \"data\":{{\"card\":\"{card}\",\"amount\":{id}.5}}}}\n"
    )
}

fn lines() -> Vec<String> {
    let kind = |id| if id % 3 == 0 { "news" } else { "paid" };
    (0..9)
        .map(|id| line(id, kind(id), if id % 2 == 0 { "a" } else { "b" }))
        .collect()
}

#[test]
fn rows_tell_every_number_and_verdict_of_the_scored_events() {
    let (tally, rows) = Place::new()
        .replay("e.ndjson", &lines().concat(), true)
        .unwrap();
    assert_eq!((tally.rows, tally.counts.of(Disposition::Admitted)), (6, 9));
    let rows: Vec<&str> = rows.lines().collect();
    let header = "source,id,time,event.amount,event.online,card.digest,card.count,card.seconds,score,outcome,model.listens";
    assert_eq!(rows[0], header);
    let last: Vec<&str> = rows[6].split(',').collect();
    assert_eq!(
        last[..5],
        ["s", "8", "2026-03-01T12:08:00.000000Z", "8.5", ""]
    );
    // The fifth event of card a: news count, though they get no row.
    assert_eq!(
        (last[6], &last[8..]),
        ("5.0", &["0.5", "review", "1.5"][..])
    );
}

#[test]
fn order_and_format_of_the_archive_do_not_matter() {
    let place = Place::new();
    let (_, rows) = place.replay("e.ndjson", &lines().concat(), true).unwrap();
    let mut reversed = lines();
    reversed.reverse();
    let (_, same) = place.replay("e.ndjson", &reversed.concat(), true).unwrap();
    assert_eq!(same, rows);
    let mut csv = "type,id,time,source,sequence,amount,card,online\n".to_owned();
    for (id, line) in lines().iter().enumerate() {
        let kind = if line.contains("news") {
            "news"
        } else {
            "paid"
        };
        let card = if id % 2 == 0 { "\"a\"" } else { "b" };
        csv += &format!("{kind},{id},2026-03-01T12:0{id}:00Z,s,,{id}.5,{card},\n");
    }
    let (_, same) = place.replay("e.csv", &csv, true).unwrap();
    assert_eq!(same, rows);
}

#[test]
fn what_is_no_event_and_what_comes_twice_is_counted() {
    let mut text = lines();
    text.insert(2, "\n{\"id\":\n".into());
    text.push(line(8, "paid", "a"));
    text.push(line(8, "paid", "b"));
    let (tally, rows) = Place::new()
        .replay("e.jsonl", &text.concat(), false)
        .unwrap();
    let count = |disposition| tally.counts.of(disposition);
    assert_eq!(count(Disposition::Invalid), 1);
    assert_eq!(count(Disposition::Duplicate), 1);
    assert_eq!(count(Disposition::Conflict), 1);
    assert_eq!(tally.faults[0].line, 4);
    assert_eq!(rows.lines().count(), 7);
}

#[test]
fn what_is_wrong_with_an_archive_is_told_and_leaves_no_rows() {
    let place = Place::new();
    place.fails(
        "e.csv",
        "id,source,time\n",
        "line 1: no column `type`; the header is source,id",
    );
    let header = "id,source,type,time,amount,card";
    place.fails(
        "e.csv",
        &format!("{header},card\n"),
        "line 1: column `card` is there twice",
    );
    place.fails(
        "e.csv",
        &format!("{header},onlin\n"),
        "`onlin`: not a field of this pipeline; did you mean",
    );
    let csv = |row: &str| format!("{header}\n1,s,paid,2026-03-01T12:00:00Z,1.5,a\n{row}\n");
    place.fails(
        "e.csv",
        &csv("2,s,paid"),
        "e.csv: line 3: 3 cells, expected 6, one per column",
    );
    let amount = "data.amount: expected a number, found a text";
    place.fails(
        "e.csv",
        &csv("2,s,paid,2026-03-01T12:00:00Z,much,a"),
        amount,
    );
    place.fails(
        "e.csv",
        &csv("2,s,paid,2026-03-01T12:00:00Z,,a"),
        "data.amount: missing",
    );
    place.fails(
        "e.csv",
        &csv("2,s,paid,yesterday,1,a"),
        "time: not an RFC 3339 time: `yesterday`",
    );
    let mut twisted = lines();
    twisted.reverse();
    twisted.push("{}\n".into());
    place.fails(
        "e.csv",
        &csv("2,s,paid,2026-03-01T12:00:00Z,inf,a"),
        "not a finite number",
    );
    fs::remove_file(place.0.join("e.csv")).unwrap();
    place.fails(
        "e.ndjson",
        &twisted.concat(),
        "e.ndjson: line 10: source: missing",
    );
}

#[test]
fn a_trap_is_part_of_the_rows_and_a_missed_deadline_is_not() {
    let place = Place::new();
    let mut trapping = Native(Chain {
        trap_every: 1,
        ..Chain::default()
    });
    let (_, rows) = place
        .replay_with("e.ndjson", &lines().concat(), true, &mut trapping)
        .unwrap();
    assert!(
        rows.lines()
            .skip(1)
            .all(|row| row.ends_with(",,,,,review,")),
        "{rows}"
    );
    let mut late = Native(Chain {
        timeouts: 100,
        ..Chain::default()
    });
    let error = place
        .replay_with("e.ndjson", &lines().concat(), true, &mut late)
        .unwrap_err();
    let expected = "feature plugin `card` gave no answer about event `1` of `s` at 2026-03-01T12:01:00.000000Z";
    assert!(error.to_string().starts_with(expected), "{error}");
    assert!(!place.0.join("rows.csv").exists());
}
