//! Order, whatever happens in between: timelines leave memory and come back, the process ends and starts, the
//! pipeline is deployed anew, history is closed, folds are put off. Nothing of it shows in any byte.

use foreshore_proof::Proof;

use crate::SUITE;
use crate::node::Node;

/// Rounds of a life at most.
const ROUNDS: u64 = 14;

/// A few lives, each ended in order or by a kill.
fn lives(node: &mut Node) {
    for _ in 0..=node.random.below(3) {
        if node.random.below(4) == 0 {
            node.configured = node.another_pipeline();
        }
        let mut running = node.start().unwrap();
        for _ in 0..node.random.below(ROUNDS) {
            node.round(&mut running).unwrap();
        }
        if node.random.below(2) == 0 {
            // What is in no commit yet goes with the process.
            node.settle(&mut running);
            node.commit(&mut running).unwrap();
        }
    }
    let mut running = node.start().unwrap();
    for _ in 0..node.random.below(ROUNDS) {
        node.round(&mut running).unwrap();
    }
    node.settle_and_compare(&mut running).unwrap();
    node.compare_answers();
}

#[test]
fn a_to_d_hold_whatever_leaves_memory_restarts_is_deployed_or_closed() {
    let name = "a_to_d_hold_whatever_leaves_memory_restarts_is_deployed_or_closed";
    Proof::new("order", SUITE, name).seeds(1_000, |proof, seed| {
        let mut node = Node::new(seed);
        node.deploys = seed % 2 == 0;
        lives(&mut node);
        let tally = &node.tally;
        proof.count("restarts", tally.restarts);
        proof.count("live deploys", tally.deploys);
        proof.count("states compared", tally.states);
        proof.count("final scores compared", tally.finals);
        proof.count("answers compared at their basis", tally.answers);
        proof.count("steps after which the dispositions added up", tally.steps);
    });
}
