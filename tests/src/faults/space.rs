//! A disk that fills up while a node writes to it: events are refused before anything has changed, what is there
//! can be read, and when there is space again it goes on by itself.

use std::fs::{self, File};
use std::thread;

use foreshore_proof::Proof;
use rustix::process::Signal;
use serde_json::Value;

use crate::harness::node::until;
use crate::harness::volume::Volume;
use crate::harness::{Config, Event, Node, Stored, paid};

/// Payments that were answered.
struct Taken(Vec<(Event, Value)>);

impl Taken {
    /// Sends the next payment; tells whether it was taken, and not refused for want of space.
    #[track_caller]
    fn next(&mut self, node: &Node) -> bool {
        let number = self.0.len() as u32;
        let event = paid(&number.to_string()).at(number % 50).of(number);
        // A node that can write no more ends: then nobody is told anything, or that it is stopping.
        let reply = node.try_score(&event);
        let taken = reply.filter(|reply| ![503, 507].contains(&reply.status));
        let answer = taken.map(|reply| reply.good());
        let is_taken = answer.is_some();
        self.0.extend(answer.map(|answer| (event, answer)));
        is_taken
    }

    #[track_caller]
    fn still_stand(&self, node: &Node) {
        for (event, answer) in &self.0 {
            let again = node.score(event).good();
            assert_eq!(again["disposition"], "duplicate", "{event}");
            assert_eq!(again["decision"], answer["decision"], "{event}");
            assert_eq!(again["first"]["score"], answer["score"], "{event}");
        }
    }
}

/// A claim about a disk that fills up.
fn proof(test: &str) -> Proof {
    Proof::new("processes", "-p foreshore-tests --lib", test)
}

/// A store for a small disk.
fn small(config: Config) -> Config {
    config
        .with("store.segment", "4MiB")
        .with("store.reserve", "8MiB")
}

#[test]
fn a_full_disk_refuses_events_and_takes_them_again_when_there_is_space() {
    let mut proof = proof("a_full_disk_refuses_events_and_takes_them_again_when_there_is_space");
    let stored = Stored::of(&small(Config::cards()));
    fs::create_dir(stored.root()).unwrap();
    let Some(volume) = Volume::at(&stored.root(), "96m") else {
        return;
    };
    let node = stored.start_by(volume.command());
    let mut taken = Taken(Vec::new());
    for _ in 0..40 {
        assert!(taken.next(&node));
    }
    let filler = volume.path().join("filler");
    let free = || node.metric("foreshore_store_free_bytes", "") as u64;
    File::create(&filler).unwrap();
    fs::write(&filler, vec![1; (free() - (6 << 20)) as usize]).unwrap();
    let mut refused = 0;
    until("events are refused", || {
        let is_refused = !taken.next(&node);
        refused += u64::from(is_refused);
        is_refused
    });

    let reply = node.score(&paid("refused"));
    refused += 1;
    assert_eq!(reply.header("retry-after"), Some("1"));
    let said = reply.json(507);
    assert_eq!(said["disposition"], "shed");
    let (what, place) = (&said["error"]["what"], &said["error"]["where"]);
    assert!(
        what.as_str()
            .unwrap()
            .contains("MiB are free, 8 MiB are to stay free"),
        "{what}"
    );
    assert!(place.as_str().unwrap().ends_with("store/cards"), "{place}");
    let fix = said["error"]["fix"].as_str().unwrap();
    assert!(fix.contains("make space on that disk"), "{fix}");
    assert_eq!(node.ingest([&paid("refused too")]).status, 507);
    refused += 1;
    assert_eq!(node.count("shed"), refused);

    let (_, answer) = &taken.0[7];
    assert_eq!(
        node.decision(answer)["revisions"][0]["score"],
        answer["score"]
    );
    assert_eq!(
        node.timeline("card", "a")["features"]["count"],
        taken.0.len() as f64
    );

    fs::remove_file(&filler).unwrap();
    until("events are taken again", || taken.next(&node));
    taken.still_stand(&node);
    assert_eq!(node.count("admitted"), taken.0.len() as u64);
    let log = node.stop();
    assert!(
        log.contains("events are refused until there is space"),
        "{log}"
    );
    assert!(log.contains("there is space again"), "{log}");
    let node = stored.start_by(volume.command());
    taken.still_stand(&node);
    node.stop();
    proof.cases(1);
    proof.count("acknowledged events found again", taken.0.len() as u64);
}

#[test]
fn what_was_acknowledged_outlives_a_disk_without_a_single_byte_left() {
    let mut proof = proof("what_was_acknowledged_outlives_a_disk_without_a_single_byte_left");
    let config = small(Config::cards()).with("store.dirty_age", "100ms");
    let stored = Stored::of(&config);
    fs::create_dir(stored.root()).unwrap();
    let Some(volume) = Volume::at(&stored.root(), "96m") else {
        return;
    };
    let node = stored.start_by(volume.command());
    let filler = volume.path().join("filler");
    let mut taken = Taken(Vec::new());
    thread::scope(|scope| {
        // Ends where the disk does.
        scope.spawn(|| fs::write(&filler, vec![1; 96 << 20]).unwrap_err());
        until("no event is taken", || !taken.next(&node));
    });
    fs::remove_file(&filler).unwrap();
    node.signal(Signal::KILL);
    node.ended();
    let node = stored.start_by(volume.command());
    taken.still_stand(&node);
    node.stop();
    proof.cases(1);
    proof.count("acknowledged events found again", taken.0.len() as u64);
}
