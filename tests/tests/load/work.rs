//! Events whose fold costs what they are told to, and the load they make. Takes a node and a time; gives events
//! that take the node's plugin so long on this machine.

use std::time::{Duration, Instant};

use foreshore_load::{Answer, Load, Verdict};

use crate::harness::{Node, paid};

/// Turns whose time is measured: some milliseconds.
const MEASURED: u64 = 4_000_000;

/// How often: the quickest one was disturbed least.
const ATTEMPTS: usize = 7;

/// How many turns of a loop in the plugin take so long.
pub fn turns(node: &Node, time: Duration) -> u64 {
    let quickest = |turns| {
        let event = paid("measured").doing(&format!("work {turns}"));
        let ask = |_| {
            let started = Instant::now();
            node.score_with("?store=false", &event).good();
            started.elapsed()
        };
        (0..ATTEMPTS).map(ask).min().unwrap()
    };
    let (none, all) = (quickest(0), quickest(MEASURED));
    let each = all.saturating_sub(none).as_secs_f64() / MEASURED as f64;
    println!("a turn takes {:.2} ns; {time:?} are wanted", each * 1e9);
    (time.as_secs_f64() / each) as u64
}

/// A load of score requests to a pipeline; nothing is due before a pace is set.
pub fn load(node: &Node, pipeline: &str, connections: usize, time: Duration) -> Load {
    Load {
        address: node.data.strip_prefix("http://").unwrap().parse().unwrap(),
        path: format!("/v1/pipelines/{pipeline}/score"),
        media: "application/json",
        connections,
        rate: None,
        time,
        requests: None,
    }
}

/// Payments that each cost so many turns, told apart by `round`; every one with a card of its own, so that none is
/// folded twice.
pub fn payments(round: String, turns: u64) -> impl Fn(u64) -> String + Sync {
    move |number| {
        let id = format!("{round} {number}");
        let payment = paid(&id).by(&id);
        match turns {
            0 => payment,
            turns => payment.doing(&format!("work {turns}")),
        }
        .to_string()
    }
}

/// Good is an answer that nothing is missing from, shed one that says when to come back.
pub fn judge(answer: &Answer) -> Verdict {
    match answer.status {
        200 if answer.body.contains("\"degraded\":[]") => Verdict::Good,
        503 if answer.retry_after.is_some() && answer.body.contains("\"disposition\":\"shed\"") => {
            Verdict::Shed
        }
        _ => Verdict::Bad,
    }
}

/// The middle one.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
