//! The product: the binary with the example's own configuration, some keys changed. Takes those keys; gives
//! an arm, and the numbers the node tells of itself.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use toml::{Table, Value};

use super::{Arm, PIPELINE};
use crate::server::{Server, built};

/// How long a node may take to be ready.
const PATIENCE: Duration = Duration::from_secs(600);

/// How often it is asked whether it is.
const POLL: Duration = Duration::from_millis(1);

/// A node to be started.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What it is called in tables.
    pub name: String,
    root: PathBuf,
    folder: PathBuf,
    config: Table,
}

/// A running node.
pub struct Node {
    /// As an arm.
    pub arm: Arm,
    /// Where it is asked about itself.
    pub admin: SocketAddr,
    /// From the start of its process to when it was ready.
    pub took: Duration,
}

impl Setup {
    /// The example's configuration, with its store in a folder of this name, below `folder`, that is empty.
    pub fn new(root: &Path, folder: &Path, name: &str) -> anyhow::Result<Setup> {
        let example = root.join("examples/card-fraud/card-fraud.toml");
        let text = fs::read_to_string(&example);
        let config = text
            .with_context(|| format!("read {}", example.display()))?
            .parse()?;
        let folder = folder.join(name.replace([' ', ','], "-"));
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
        let path = |path: PathBuf| path.display().to_string();
        let setup = Setup {
            name: name.to_owned(),
            root: root.to_owned(),
            folder,
            config,
        };
        let store = path(setup.store());
        let mut setup = setup
            .with("store.folder", store)
            .with("store.compiled", path(root.join("target/bench/compiled")));
        for (key, plugin) in [
            ("features.customer", "customer-spending"),
            ("features.terminal", "terminal-risk"),
            ("models.logistic", "fraud-model"),
        ] {
            setup = setup.plugin(key, plugin);
        }
        // A bench on a busy machine measures its waits; it does not have them turned away.
        Ok(setup
            .pipeline("limits.deadline", "10s")
            .pipeline("limits.call_time", "1s"))
    }

    /// The same, with another plugin as a part of the pipeline.
    pub fn plugin(self, key: &str, plugin: &str) -> Setup {
        let file = self.root.join(format!("target/plugins/{plugin}.wasm"));
        self.pipeline(&format!("{key}.file"), file.display().to_string())
    }

    /// The same, with another value under a key of the pipeline.
    pub fn pipeline(self, key: &str, value: impl Into<Value>) -> Setup {
        self.with(&format!("pipelines.{PIPELINE}.{key}"), value)
    }

    /// The same, with another value under a key.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Setup {
        let mut table = &mut self.config;
        let mut names = key.split('.').peekable();
        while let Some(name) = names.next() {
            if names.peek().is_none() {
                table.insert(name.to_owned(), value.into());
                break;
            }
            let child = table.entry(name).or_insert_with(|| Table::new().into());
            match child.as_table_mut() {
                Some(child) => table = child,
                None => break,
            }
        }
        self
    }

    /// The same, with a part of the pipeline under another name, too.
    pub fn copied(self, key: &str, name: &str) -> Setup {
        let pipeline = &self.config["pipelines"][PIPELINE];
        let part = key
            .split('.')
            .fold(pipeline, |table, name| &table[name])
            .clone();
        self.pipeline(name, part)
    }

    /// The same, with the pipeline under another name, too.
    pub fn beside(self, name: &str) -> Setup {
        let pipeline = self.config["pipelines"][PIPELINE].clone();
        self.with(&format!("pipelines.{name}"), pipeline)
    }

    /// Where it keeps what it keeps.
    pub fn store(&self) -> PathBuf {
        self.folder.join("store")
    }

    /// Writes its configuration file.
    fn write(&self) -> anyhow::Result<PathBuf> {
        let file = self.folder.join("node.toml");
        let config = self.config.to_string();
        fs::write(&file, config).with_context(|| format!("write {}", file.display()))?;
        Ok(file)
    }

    /// Has the node that runs with this setup's file go on with this setup; gives how long that took.
    pub fn deploy(&self, admin: SocketAddr) -> anyhow::Result<Duration> {
        self.write()?;
        let path = format!("http://{admin}/v1/pipelines/{PIPELINE}/deploy");
        let started = Instant::now();
        ureq::post(&path).send_empty()?;
        loop {
            let told = ureq::get(&path).call()?.body_mut().read_to_string()?;
            ensure!(!told.contains("\"failed\""), "the deploy failed: {told}");
            if told.contains("\"idle\"") {
                return Ok(started.elapsed());
            }
            ensure!(
                started.elapsed() < PATIENCE,
                "the deploy does not end: {told}"
            );
            std::thread::sleep(POLL);
        }
    }

    /// A command of the program with this configuration, not started yet.
    pub fn command(&self, verb: &str) -> anyhow::Result<Command> {
        let file = self.write()?;
        let mut command = Command::new(built("foreshore")?);
        command.args([verb, "--config"]).arg(&file);
        Ok(command)
    }

    /// Starts it on this processor, and waits until it is ready.
    pub fn start(&self, core: usize) -> anyhow::Result<Node> {
        self.start_on(&[core])
    }

    /// As [`start`](Setup::start), on several processors.
    pub fn start_on(&self, cores: &[usize]) -> anyhow::Result<Node> {
        let mut command = self.command("serve")?;
        command.args(["--data", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
        let started = Instant::now();
        let mut server = Server::start(cores, &command, &self.folder.join("node.log"))?;
        let admin = server.says("admin")?;
        let mut node = Node {
            arm: Arm::new(self.name.clone(), server, true),
            admin,
            took: Duration::ZERO,
        };
        while node.admin("/health/ready").is_err() {
            ensure!(started.elapsed() < PATIENCE, "{} is not ready", self.name);
            std::thread::sleep(POLL);
        }
        node.took = started.elapsed();
        Ok(node)
    }
}

impl Node {
    /// The numbers it tells of itself, by name and labels.
    pub fn metrics(&self) -> anyhow::Result<Metrics> {
        let text = self.admin("/metrics")?;
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let samples = lines.filter_map(|line| {
            let (name, value) = line.rsplit_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        Ok(Metrics(samples.collect()))
    }

    /// Waits until nothing is owed: every event is folded, every decision is what it will be.
    pub fn settled(&self) -> anyhow::Result<()> {
        let asked = Instant::now();
        loop {
            let metrics = self.metrics()?;
            let owed = ["foreshore_debt_rows", "foreshore_decisions_stale"];
            if owed.iter().all(|name| metrics.sum(name, "") == 0.0) {
                return Ok(());
            }
            ensure!(
                asked.elapsed() < PATIENCE,
                "{} does not settle",
                self.arm.name
            );
            std::thread::sleep(POLL);
        }
    }

    fn admin(&self, path: &str) -> anyhow::Result<String> {
        let mut response = ureq::get(format!("http://{}{path}", self.admin)).call()?;
        Ok(response.body_mut().read_to_string()?)
    }
}

/// A node's numbers.
#[derive(Clone, Debug)]
pub struct Metrics(BTreeMap<String, f64>);

impl Metrics {
    /// The sum of those of this name that have this label; of all of them for an empty one.
    pub fn sum(&self, name: &str, label: &str) -> f64 {
        let is_meant = |full: &str| full.split('{').next() == Some(name) && full.contains(label);
        let samples = self.0.iter().filter(|(full, _)| is_meant(full));
        samples.map(|(_, value)| value).sum()
    }
}
