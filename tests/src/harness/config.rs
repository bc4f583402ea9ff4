//! Configurations: that of the test pipeline and that of the example, changed key by key. Gives TOML; must
//! not know which changes are wrong.

use std::fs;

use toml::{Table, Value};

use super::node::Node;
use super::place::{root, target};
use super::plugins::component;
use super::program::command;

/// The test pipeline: `unruly` counts and sums per card, `tally-model` scores thousandths of the sum.
const CARDS: &str = r#"
scored = ["paid"]
ingested = ["topped-up"]

[fields]
card = { kind = "text" }
shop = { kind = "text", text_bytes_max = 16 }
amount = { kind = "number", unit = "EUR", required = true, min = 0.0, max = 100000.0 }
items = { kind = "integer" }
online = { kind = "boolean" }
country = { kind = "text", allowed = ["FR", "IT"] }
does = { kind = "text" }

[features.card]
file = "unruly"
lateness = "1h"

[models.tally]
file = "tally-model"

[decide]
review = 0.5
decline = 0.9
fallback = "review"

# Debug builds on busy machines are slow: only what a plugin is told to do may run over a limit.
[limits]
deadline = "30s"
call_time = "5s"
"#;

/// A node's configuration.
#[derive(Clone)]
pub struct Config(Table);

impl Config {
    /// A node that runs the test pipeline, as `cards`.
    pub fn cards() -> Config {
        Config::new().pipeline("cards", CARDS)
    }

    /// A node that runs the example, as `card-fraud`.
    pub fn card_fraud() -> Config {
        Config::example(&Config::card_fraud_text())
            .with("pipelines.card-fraud.limits.deadline", "30s")
            .with("pipelines.card-fraud.limits.call_time", "5s")
    }

    /// The example's own file.
    pub fn card_fraud_text() -> String {
        fs::read_to_string(root().join("examples/card-fraud/card-fraud.toml")).unwrap()
    }

    /// A configuration like the example's, with its plugins where these tests have built them, and without
    /// its store.
    pub fn example(text: &str) -> Config {
        Config(text.parse().unwrap())
            .without("store.folder")
            .with("store.compiled", compiled())
            .with_file(
                "pipelines.card-fraud.features.customer",
                "customer-spending",
            )
            .with_file("pipelines.card-fraud.features.terminal", "terminal-risk")
            .with_file("pipelines.card-fraud.models.logistic", "fraud-model")
    }

    fn new() -> Config {
        Config(Table::new()).with("store.compiled", compiled())
    }

    /// The same, with another pipeline of this name that is like the test pipeline.
    pub fn and_cards_as(self, name: &str) -> Config {
        self.pipeline(name, CARDS)
    }

    fn pipeline(mut self, name: &str, text: &str) -> Config {
        let pipeline: Table = text.parse().unwrap();
        table(&mut self.0, &["pipelines"]).insert(name.into(), pipeline.into());
        self.with_file(&format!("pipelines.{name}.features.card"), "unruly")
            .with_file(&format!("pipelines.{name}.models.tally"), "tally-model")
    }

    /// The same, with another value under a key: `pipelines.cards.limits.queue_max`.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Config {
        let path: Vec<&str> = key.split('.').collect();
        let (name, tables) = path.split_last().unwrap();
        table(&mut self.0, tables).insert((*name).into(), value.into());
        self
    }

    /// The same, without a key.
    pub fn without(mut self, key: &str) -> Config {
        let path: Vec<&str> = key.split('.').collect();
        let (name, tables) = path.split_last().unwrap();
        table(&mut self.0, tables).remove(*name);
        self
    }

    /// The same, with the component of this plugin as the file of a feature plugin or model.
    pub fn with_file(self, key: &str, plugin: &str) -> Config {
        let file = component(plugin);
        self.with(&format!("{key}.file"), file.to_str().unwrap())
    }

    /// The same, with a table under another name.
    pub fn renaming(mut self, key: &str, name: &str) -> Config {
        let path: Vec<&str> = key.split('.').collect();
        let (old, tables) = path.split_last().unwrap();
        let parent = table(&mut self.0, tables);
        let renamed = parent.remove(*old).unwrap();
        parent.insert(name.into(), renamed);
        self
    }

    /// Starts a node with it.
    pub fn start(&self) -> Node {
        Node::start(self)
    }

    /// Starts a node with it that logs as much as this.
    pub fn start_telling(&self, level: &str) -> Node {
        let mut command = command();
        command.env("FORESHORE_LOG", level);
        Node::start_by(command, self)
    }

    /// The names of its pipelines.
    pub fn pipelines(&self) -> Vec<String> {
        let pipelines = self.0["pipelines"].as_table().unwrap();
        pipelines.keys().cloned().collect()
    }

    /// As TOML.
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

fn table<'a>(root: &'a mut Table, path: &[&str]) -> &'a mut Table {
    path.iter().fold(root, |parent, name| {
        let child = parent.entry(*name).or_insert_with(|| Table::new().into());
        child.as_table_mut().unwrap()
    })
}

/// Compiled plugins are shared by all tests.
fn compiled() -> String {
    target().0.join("compiled").to_str().unwrap().to_owned()
}
