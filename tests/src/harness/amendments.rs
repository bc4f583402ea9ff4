//! Amendments, as a follower gets them: a stream of server-sent events, read on a thread of its own so that
//! a test waits for one no longer than it has patience.

use std::io::{BufRead as _, BufReader};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};

use serde_json::Value;

use super::http::{PATIENCE, agent};

/// One server-sent event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// Its `id`.
    pub id: String,
    /// Its `event`.
    pub event: String,
    /// Its `data`.
    pub data: Value,
}

/// A stream of amendments, being followed.
pub struct Following(Receiver<Told>);

impl Following {
    /// Follows this address, with these headers; ready once the node has said so.
    pub fn start(url: &str, headers: &[(&str, &str)]) -> Following {
        let mut request = agent().get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.call().unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut lines = BufReader::new(response.into_body().into_reader()).lines();
        let greeting = lines.next().unwrap().unwrap();
        assert_eq!(greeting, ": following");
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            // Whoever no longer listens has heard enough.
            frames(lines.map_while(Result::ok)).try_for_each(|told| sender.send(told))
        });
        Following(receiver)
    }

    /// The next event.
    #[track_caller]
    pub fn next(&self) -> Told {
        self.0.recv_timeout(PATIENCE).unwrap()
    }

    /// Waits until the stream ends; there must be no event before that.
    #[track_caller]
    pub fn ended(&self) {
        assert_eq!(
            self.0.recv_timeout(PATIENCE),
            Err(RecvTimeoutError::Disconnected)
        );
    }
}

/// The events in these lines; what has no name is no event.
fn frames(lines: impl Iterator<Item = String>) -> impl Iterator<Item = Told> {
    let mut told = Told::default();
    lines.filter_map(move |line| {
        match line.split_once(": ") {
            Some(("id", id)) => told.id = id.to_owned(),
            Some(("event", event)) => told.event = event.to_owned(),
            Some(("data", data)) => told.data = serde_json::from_str(data).unwrap(),
            _ => {}
        }
        let is_whole = line.is_empty() && !told.event.is_empty();
        is_whole.then(|| std::mem::take(&mut told))
    })
}
