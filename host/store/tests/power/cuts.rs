//! Power cuts and kills, by seeds: at any operation of the disk, at any change of the cold state, or in
//! between, while it starts as much as while it works; and what else may happen to a node that is off.

use std::sync::Arc;

use foreshore_proof::Proof;
use foreshore_store::StoreError;
use foreshore_store::cold::MemoryCold;

use crate::node::Node;
use crate::proof;

/// Lives of a node before the last.
const LIVES: usize = 5;

/// One life, until its end.
pub fn live(node: &mut Node, rounds: u64) -> Result<(), StoreError> {
    let mut running = node.start()?;
    for _ in 0..rounds {
        node.round(&mut running)?;
    }
    if node.random.below(3) == 0 {
        node.settle_and_compare(&mut running)?;
    }
    Ok(())
}

/// The last life, in which all is looked at.
pub fn live_on(node: &mut Node) -> Result<(), StoreError> {
    let mut running = node.start()?;
    for _ in 0..5 {
        node.round(&mut running)?;
    }
    node.settle_and_compare(&mut running)
}

/// Several lives of so many rounds and a few more, each with what `before` does to the node while it is off.
fn lives(proof: &mut Proof, mut node: Node, rounds: u64, before: impl Fn(&mut Node)) {
    for _ in 0..LIVES {
        before(&mut node);
        let mut is_cut = true;
        match node.random.below(8) {
            0 => is_cut = false,
            1 => node.cold.lose_power_after(node.random.below(60)),
            _ => {
                let after = 1 + node.random.below(10 + 16 * rounds);
                node.disk.cut_power_at(node.disk.operations() + after);
            }
        }
        let rounds = rounds + node.random.below(25);
        let outcome = live(&mut node, rounds);
        assert!(outcome.is_ok() || is_cut, "{outcome:?}");
        if is_cut || node.random.below(2) == 0 {
            node.lose_power();
        }
    }
    before(&mut node);
    live_on(&mut node).unwrap();
    let tally = &node.tally;
    proof.count_rate("power cuts", tally.cuts);
    proof.count("acknowledged events found again", tally.acknowledged);
    proof.count("outputs found again", tally.outputs);
    proof.count("steps after which the dispositions added up", tally.steps);
    proof.count("live deploys", tally.deploys);
}

#[test]
fn after_power_cuts_and_kills_nothing_is_lost_and_every_answer_is_right() {
    proof("after_power_cuts_and_kills_nothing_is_lost_and_every_answer_is_right")
        .seeds(400, |proof, seed| lives(proof, Node::new(seed), 5, |_| {}));
}

#[test]
fn without_its_cold_state_a_node_comes_back_the_same() {
    proof("without_its_cold_state_a_node_comes_back_the_same").seeds(60, |proof, seed| {
        lives(proof, Node::new(seed), 40, |node| {
            if node.random.below(2) == 0 {
                node.cold = Arc::new(MemoryCold::default());
            }
        });
    });
}

#[test]
fn a_pipeline_that_was_changed_goes_on_from_its_whole_log() {
    proof("a_pipeline_that_was_changed_goes_on_from_its_whole_log").seeds(150, |proof, seed| {
        lives(proof, Node::new(seed), 5, |node| {
            if node.random.below(2) == 0 {
                node.configured = node.another_pipeline();
            }
        });
    });
}

#[test]
fn a_deploy_of_a_running_pipeline_that_loses_its_power_loses_nothing_else() {
    let name = "a_deploy_of_a_running_pipeline_that_loses_its_power_loses_nothing_else";
    proof(name).seeds(150, |proof, seed| {
        let mut node = Node::new(seed);
        node.deploys = true;
        lives(proof, node, 8, |_| {});
    });
}
