//! A running node: the real binary on free ports, spoken to over HTTP, ended with the test. Gives replies as
//! they come; must not know what a test expects of them.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use ureq::Agent;

use super::amendments::Following;
use super::config::Config;
use super::event::Event;
use super::http::{PATIENCE, Reply, agent, bearing, send, try_send};
use super::place::Folder;
use super::program::command;

/// How often a condition is looked at that is waited for.
const POLL: Duration = Duration::from_millis(5);

/// A running node; killed when it is dropped.
pub struct Node {
    child: Child,
    log: Option<JoinHandle<String>>,
    agent: Agent,
    /// Address of the data port: `http://127.0.0.1:41234`.
    pub data: String,
    /// Address of the admin port.
    pub admin: String,
    /// The pipeline that requests go to.
    pipeline: String,
    _folder: Option<Folder>,
}

impl Node {
    /// Starts a node with this configuration, and waits until it is ready. Requests go to the first of its
    /// pipelines.
    #[track_caller]
    pub fn start(config: &Config) -> Node {
        Node::start_by(command(), config)
    }

    /// The same, with the program run by this command, which becomes the node.
    #[track_caller]
    pub fn start_by(command: Command, config: &Config) -> Node {
        let folder = Folder::new();
        let file = folder.write("node.toml", config.text());
        let pipeline = config.pipelines().swap_remove(0);
        Node::serve(command, &file, pipeline, Some(folder))
    }

    /// Starts a node with a configuration file; requests go to this pipeline of it.
    #[track_caller]
    pub fn of_file(file: &Path, pipeline: &str) -> Node {
        Node::by(command(), file, pipeline)
    }

    /// The same, with the program run by this command, which becomes the node.
    #[track_caller]
    pub fn by(command: Command, file: &Path, pipeline: &str) -> Node {
        Node::serve(command, file, pipeline.to_owned(), None)
    }

    #[track_caller]
    fn serve(mut command: Command, file: &Path, pipeline: String, folder: Option<Folder>) -> Node {
        let mut child = command
            .arg("serve")
            .arg("--config")
            .arg(file)
            .args(["--data", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let log = child.stderr.take().unwrap();
        let mut node = Node {
            log: Some(std::thread::spawn(|| read(log))),
            child,
            agent: agent(),
            data: String::new(),
            admin: String::new(),
            pipeline,
            _folder: folder,
        };
        node.data = node.address(&mut lines, "data");
        node.admin = node.address(&mut lines, "admin");
        // Over TLS only a client of that port's own kind could ask.
        if node.admin.starts_with("http:") {
            until("the node is ready", || node.is_ready());
        }
        node
    }

    /// The address in a line `NAME http://HOST:PORT`.
    #[track_caller]
    fn address(&mut self, lines: &mut BufReader<ChildStdout>, name: &str) -> String {
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        match line.trim_end().strip_prefix(name) {
            Some(address) => address.trim_start().to_owned(),
            None => panic!("the node does not serve: {}", self.end()),
        }
    }

    /// The same node, with a token in every request that shows none.
    pub fn bearing(mut self, token: &str) -> Node {
        self.agent = bearing(token);
        self
    }

    /// The same node, with requests going to another of its pipelines.
    pub fn to(mut self, pipeline: &str) -> Node {
        self.pipeline = pipeline.to_owned();
        self
    }

    /// Asks for the score of an event.
    pub fn score(&self, event: &Event) -> Reply {
        self.score_with("", event)
    }

    /// Asks for the score of an event, with a query.
    pub fn score_with(&self, query: &str, event: &Event) -> Reply {
        self.post(
            &format!("score{query}"),
            "application/json",
            event.to_string(),
        )
    }

    /// Sends events, a line each.
    pub fn ingest<'a>(&self, events: impl IntoIterator<Item = &'a Event>) -> Reply {
        let lines: String = events
            .into_iter()
            .map(|event| format!("{event}\n"))
            .collect();
        self.post("events", "application/x-ndjson", lines)
    }

    /// Asks for the score of an event; none if the node goes before it has answered.
    pub fn try_score(&self, event: &Event) -> Option<Reply> {
        self.try_post("score", "application/json", event)
    }

    /// Sends an event nobody waits for; none if the node goes before it has answered.
    pub fn try_ingest(&self, event: &Event) -> Option<Reply> {
        self.try_post("events", "application/x-ndjson", event)
    }

    fn try_post(&self, path: &str, media: &str, event: &Event) -> Option<Reply> {
        let headers = [("content-type", media)];
        let (url, body) = (self.url(path), event.to_string());
        try_send(&self.agent, "POST", &url, &headers, body).ok()
    }

    /// Sends a body to a path of the pipeline.
    pub fn post(&self, path: &str, media: &str, body: impl AsRef<[u8]>) -> Reply {
        self.send("POST", path, &[("content-type", media)], body)
    }

    /// Reads a path of the pipeline.
    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], "")
    }

    /// Sends any request to a path of the pipeline.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Reply {
        send(&self.agent, method, &self.url(path), headers, body)
    }

    /// Sends any request to any path of the data port.
    pub fn send_to(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Reply {
        send(
            &self.agent,
            method,
            &format!("{}{path}", self.data),
            headers,
            body,
        )
    }

    /// The whole address of a path of the pipeline.
    pub fn url(&self, path: &str) -> String {
        format!("{}/v1/pipelines/{}/{path}", self.data, self.pipeline)
    }

    /// Reads a path of the admin port.
    pub fn get_admin(&self, path: &str) -> Reply {
        self.send_admin("GET", path, &[], "")
    }

    /// Sends any request to any path of the admin port.
    pub fn send_admin(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Reply {
        let url = format!("{}{path}", self.admin);
        send(&self.agent, method, &url, headers, body)
    }

    /// Sends a request without a body to a path of the pipeline on the admin port.
    pub fn admin(&self, method: &str, path: &str) -> Reply {
        let url = format!("{}/v1/pipelines/{}/{path}", self.admin, self.pipeline);
        send(&self.agent, method, &url, &[], "")
    }

    /// Makes everything before a time final.
    #[track_caller]
    pub fn close(&self, time: &str) {
        let url = format!("{}/v1/pipelines/{}/close", self.admin, self.pipeline);
        let headers = [("content-type", "application/json")];
        let body = json!({ "time": time }).to_string();
        send(&self.agent, "POST", &url, &headers, body).good();
    }

    /// The decision in an answer, as it now stands.
    #[track_caller]
    pub fn decision(&self, answer: &Value) -> Value {
        let id = answer["decision"].as_str().unwrap();
        self.get(&format!("decisions/{id}")).good()
    }

    /// A timeline of an instance and a key.
    #[track_caller]
    pub fn timeline(&self, instance: &str, key: &str) -> Value {
        self.get(&format!("timelines/{instance}/{key}")).good()
    }

    /// Follows the amendments from now on.
    pub fn follow(&self) -> Following {
        Following::start(&self.url("amendments"), &[])
    }

    /// The same, by the holder of this token.
    pub fn follow_with(&self, token: &str) -> Following {
        let shown = format!("Bearer {token}");
        Following::start(&self.url("amendments"), &[("authorization", &shown)])
    }

    /// Follows the amendments after the one with this id.
    pub fn follow_after(&self, id: &str) -> Following {
        Following::start(&self.url("amendments"), &[("last-event-id", id)])
    }

    /// How many events of the pipeline met this fate, by the node's metrics.
    #[track_caller]
    pub fn count(&self, disposition: &str) -> u64 {
        self.metric(
            "foreshore_events_total",
            &format!("disposition=\"{disposition}\""),
        ) as u64
    }

    /// The number of the pipeline's sample that has this label.
    #[track_caller]
    pub fn metric(&self, name: &str, label: &str) -> f64 {
        let sample = self.sample(name, label);
        sample.unwrap_or_else(|| panic!("the node tells no {name} with {label}"))
    }

    /// The same; none while the pipeline is too busy to tell.
    pub fn sample(&self, name: &str, label: &str) -> Option<f64> {
        let page = self.get_admin("/metrics").text;
        let pipeline = format!("pipeline=\"{}\"", self.pipeline);
        let sample = page.lines().find(|line| {
            let is_sample = line
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('{'));
            is_sample && line.contains(&pipeline) && line.contains(label)
        });
        sample?.rsplit(' ').next()?.parse().ok()
    }

    /// Whether the node's admin port says that it takes requests.
    pub fn is_ready(&self) -> bool {
        let asked = self
            .agent
            .get(format!("{}/health/ready", self.admin))
            .call();
        asked.is_ok_and(|reply| reply.status() == 200)
    }

    /// Asks the node to stop, as its operator would.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Sends a signal to the node's process.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.pid() as i32).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// The id of the node's process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Stops the node as its operator would; gives its log.
    #[track_caller]
    pub fn stop(self) -> String {
        self.terminate();
        let (code, log) = self.ended();
        assert_eq!(code, Some(0), "{log}");
        log
    }

    /// Waits until the node has ended by itself; gives its exit code and its log.
    #[track_caller]
    pub fn ended(mut self) -> (Option<i32>, String) {
        let mut status = None;
        until("the node has ended", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        (status.and_then(|status| status.code()), self.end())
    }

    /// Ends the node, whatever it does; gives its log.
    fn end(&mut self) -> String {
        drop(self.child.kill());
        drop(self.child.wait());
        self.log
            .take()
            .map(|log| log.join().unwrap())
            .unwrap_or_default()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let log = self.end();
        // Shown with the test's other output, that is: only if the test fails.
        println!("--- the node's log\n{log}");
    }
}

fn read(mut log: ChildStderr) -> String {
    let mut text = String::new();
    log.read_to_string(&mut text).unwrap();
    text
}

/// Waits until a condition holds.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(
            started.elapsed() < PATIENCE,
            "after {PATIENCE:?} still not: {what}"
        );
        std::thread::sleep(POLL);
    }
}
