//! Who may do what, and who is kept out: tokens, certificates, sources, and what the log keeps of operators' acts.

/// Tokens, and what each is good for.
mod tokens;

/// Tokens and certificates that change while the node runs.
mod renewing;

/// Events of other sources.
mod sources;

/// TLS, and what is sent to it instead.
mod encrypting;

/// Clients' certificates.
mod certificates;

/// What operators did.
mod auditing;

/// `foreshore token`.
mod making;

/// Ports that others can reach.
mod exposing;

use serde_json::Value;

use crate::harness::http::Reply;
use crate::harness::node::until;
use crate::harness::tokens::Tokens;
use crate::harness::{Config, Node};

/// The test pipeline, for those whom these tokens name.
fn guarded(tokens: &Tokens) -> Config {
    Config::cards().with("access.tokens", tokens.path())
}

/// The headers that show a token.
fn showing(token: &str) -> String {
    format!("Bearer {token}")
}

/// A refusal has this status, says so in this place and in these words, and names the scheme.
#[track_caller]
fn refused(reply: &Reply, status: u16, place: &str, words: &str) {
    let told = reply.json(status);
    assert_eq!(told["error"]["where"], place, "{told}");
    let what = told["error"]["what"].as_str().unwrap();
    assert!(what.contains(words), "{told}");
    let challenge = reply.header("www-authenticate").unwrap();
    assert!(
        challenge.starts_with("Bearer realm=\"foreshore\""),
        "{challenge}"
    );
}

/// How often requests were refused for this reason, by the node's metrics.
fn refusals(node: &Node, reason: &str) -> u64 {
    number(
        node,
        &format!("foreshore_access_refused_total{{reason=\"{reason}\"}}"),
    )
}

/// A sample of the node's own, by its name and labels.
#[track_caller]
fn number(node: &Node, sample: &str) -> u64 {
    let page = node.get_admin("/metrics").text;
    let line = page.lines().find_map(|line| line.strip_prefix(sample));
    let line = line.unwrap_or_else(|| panic!("no {sample} in\n{page}"));
    line.trim().parse().unwrap()
}

/// Waits until the node watches its files.
fn watched(node: &Node) {
    until("the files are watched", || {
        let page = node.get_admin("/metrics").text;
        page.contains("foreshore_access_files_stale{")
    });
}

/// The records of this kind that a dump of a store shows.
fn of_kind(dump: &str, kind: &str) -> Vec<Value> {
    let records = dump
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    records.filter(|record| record["record"] == kind).collect()
}
