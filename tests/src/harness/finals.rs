//! What is finally said of scored events, from a node or from a replay, in one shape: to be compared bit by
//! bit. Must not know which of the two is right.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::config::Config;
use super::event::Event;
use super::node::{Node, until};
use super::place::Folder;
use super::program::foreshore;

/// What is finally said of one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Final {
    /// Score and outcome, then every number the model saw, by name, with a missing one as nothing. The
    /// shortest text of a number names its bits.
    pub said: BTreeMap<String, Option<String>>,
}

/// Finals by source and id of their event.
pub type Finals = BTreeMap<(String, String), Final>;

/// What a node finally says of these events of scored types; waits until it is final.
#[track_caller]
pub fn finals<'a>(node: &Node, events: impl IntoIterator<Item = &'a Event>) -> Finals {
    events
        .into_iter()
        .map(|event| final_of(node, event))
        .collect()
}

#[track_caller]
fn final_of(node: &Node, event: &Event) -> ((String, String), Final) {
    let mut answer = Value::Null;
    until("the score is final", || {
        let reply = node.score_with("?features=true", event);
        // A node that fell behind turns it away: it is asked again.
        if reply.status == 503 {
            return false;
        }
        answer = reply.good();
        answer["finality"] == "final"
    });
    assert_eq!(answer["disposition"], "duplicate", "{event}");
    let mut said: BTreeMap<_, _> = numbers(answer["features"].as_object().unwrap());
    said.insert("score".into(), cell(&answer["score"]));
    said.insert("outcome".into(), cell(&answer["outcome"]));
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    ((text("source"), text("event")), Final { said })
}

/// What a replay of these lines of JSON says, through files of this ending.
#[track_caller]
pub fn replayed(config: &Config, events: &str, ending: &str) -> Finals {
    let folder = Folder::new();
    let file = folder.write("node.toml", config.text());
    let events = folder.write("events.ndjson", events);
    let out = folder.join(&format!("rows.{ending}"));
    let files = [("--config", &file), ("--events", &events), ("--out", &out)];
    let arguments = files
        .iter()
        .flat_map(|(name, path)| [*name, path.to_str().unwrap()]);
    foreshore(["replay", "--strict"].into_iter().chain(arguments)).good();
    let rows = fs::read_to_string(out).unwrap();
    match ending {
        "csv" => from_csv(&rows),
        _ => rows.lines().map(from_json).collect(),
    }
}

fn from_json(line: &str) -> ((String, String), Final) {
    let row: Value = serde_json::from_str(line).unwrap();
    named(numbers(row.as_object().unwrap()))
}

/// No cell of the tests' rows holds a comma or a quote.
fn from_csv(rows: &str) -> Finals {
    let mut lines = rows.lines().map(|line| line.split(','));
    let header: Vec<&str> = lines.next().unwrap().collect();
    let row = |cells| {
        let cells = header.iter().zip(cells);
        let cell = |cell: &str| (!cell.is_empty()).then(|| normal(cell));
        named(
            cells
                .map(|(name, text)| ((*name).to_owned(), cell(text)))
                .collect(),
        )
    };
    lines.map(row).collect()
}

fn named(mut said: BTreeMap<String, Option<String>>) -> ((String, String), Final) {
    said.remove("time");
    let mut take = |name: &str| said.remove(name).flatten().unwrap();
    ((take("source"), take("id")), Final { said })
}

fn numbers(object: &serde_json::Map<String, Value>) -> BTreeMap<String, Option<String>> {
    object
        .iter()
        .map(|(name, value)| (name.clone(), cell(value)))
        .collect()
}

fn cell(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        number => Some(normal(&number.to_string())),
    }
}

/// A number in one of its forms: `1`, `1.0` and `1e0` have the same bits.
fn normal(text: &str) -> String {
    match text.parse::<f64>() {
        Ok(number) => format!("{number:?}"),
        Err(_) => text.to_owned(),
    }
}
