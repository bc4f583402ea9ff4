//! Tokens that change while the node runs: given, taken back, broken. What is taken back is over within a second,
//! for what is under way too.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{guarded, number, showing, watched};
use crate::harness::Node;
use crate::harness::node::until;
use crate::harness::paid;
use crate::harness::tokens::Tokens;

/// How long a change may take to be in force: the documented second, and what a busy machine may add.
const PATIENCE: Duration = Duration::from_secs(10);

fn status(node: &Node, token: &str) -> u16 {
    let headers = [
        ("authorization", &*showing(token)),
        ("content-type", "application/json"),
    ];
    node.send("POST", "score", &headers, paid("1").to_string())
        .status
}

#[test]
fn a_token_is_given_and_taken_back_while_the_node_runs() {
    let tokens = Tokens::new();
    let monitor = tokens.give("monitor", "--scope read");
    let without = tokens.text();
    let node = guarded(&tokens).start().bearing(&monitor);
    let till = tokens.give("till", "--scope score");
    until("the token is known", || status(&node, &till) == 200);
    tokens.say(&without);
    let taken_back = Instant::now();
    until("the token is over", || status(&node, &till) == 401);
    assert!(
        taken_back.elapsed() < PATIENCE,
        "{:?}",
        taken_back.elapsed()
    );
    println!("taken back within {:?}", taken_back.elapsed());
    assert_eq!(number(&node, "foreshore_access_identities"), 1);
    let taken = "foreshore_access_files_taken_total{files=\"tokens\"}";
    // Counted behind its being in force.
    until("both changes are counted", || number(&node, taken) == 2);
}

#[test]
fn a_stream_ends_when_its_token_is_taken_back() {
    let tokens = Tokens::new();
    let monitor = tokens.give("monitor", "--scope read");
    let without = tokens.text();
    let follower = tokens.give("follower", "--scope read");
    let node = guarded(&tokens).start().bearing(&monitor);
    let (theirs, ours) = (node.follow_with(&follower), node.follow_with(&monitor));
    tokens.say(&without);
    theirs.ended();
    // Who is still known follows on.
    drop(ours);
    assert_eq!(node.get("amendments?from=9999").status, 400);
}

#[test]
fn a_broken_file_leaves_what_was_in_force_and_says_so() {
    let tokens = Tokens::new();
    let monitor = tokens.give("monitor", "--scope read --scope score");
    let good = tokens.text();
    let node = guarded(&tokens).start().bearing(&monitor);
    let stale = || number(&node, "foreshore_access_files_stale{files=\"tokens\"}") == 1;
    watched(&node);
    for broken in [
        "identities = 3",
        "",
        "[identities.monitor]\nscopes = [\"all\"]",
        &good[..good.len() / 2],
    ] {
        tokens.say(broken);
        until("the node says that the file is broken", stale);
        assert_eq!(status(&node, &monitor), 200);
        tokens.say(&good);
        until("the node says that the file is good", || !stale());
    }
    std::fs::remove_file(tokens.file()).unwrap();
    until("the node says that the file is gone", stale);
    assert_eq!(status(&node, &monitor), 200);
    assert_eq!(
        number(
            &node,
            "foreshore_access_files_refused_total{files=\"tokens\"}"
        ),
        5
    );
    let log = node.stop();
    assert!(
        log.contains("not taken, what was in force stays so: "),
        "{log}"
    );
    assert!(log.contains("nobody is named"), "{log}");
}

#[test]
fn a_hang_up_has_the_files_taken_again_and_the_node_goes_on() {
    let tokens = Tokens::new();
    let monitor = tokens.give("monitor", "--scope read --scope score");
    let node = guarded(&tokens).start().bearing(&monitor);
    watched(&node);
    let refused = || {
        number(
            &node,
            "foreshore_access_files_refused_total{files=\"tokens\"}",
        )
    };
    tokens.say("");
    until("the node says that the file is broken", || refused() == 1);
    // It has not changed since: only the signal can have it looked at once more.
    node.signal(Signal::HUP);
    until("the file was taken again", || refused() == 2);
    assert_eq!(status(&node, &monitor), 200);
}
