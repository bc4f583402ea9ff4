//! What was said, made again from a log that has lost its oldest part: by the checkpoint in its place, to the bit.

use std::path::Path;

use foreshore_core::{Record, Verified, Verifier};
use foreshore_store::Records;
use foreshore_store::inspect::{Footing, View};

use crate::node::{FOLDER, Node};
use crate::world::World;

/// Makes again all that the checkpoint does not hold already; gives how many revisions that were.
fn reproduce(node: &Node) -> usize {
    let folder = Path::new(FOLDER);
    let view = View::open(node.layer.clone(), folder).unwrap();
    let (first, _) = view.log().range();
    let records = Records::new(view.log().clone(), Some(&node.pipeline));
    let footing = Footing::of(&view, folder, &node.pipeline).unwrap().unwrap();
    assert_eq!(footing.lacks(&node.pipeline).unwrap(), None);
    let pipeline = node.pipeline.clone();
    let mut verifier = Verifier::going_on(pipeline, footing.core(), first, footing.under());
    let wake = |resting| {
        let mut event = |lsn| records.event(lsn).unwrap();
        verifier.wake(resting, &mut event).unwrap();
        Ok::<_, foreshore_store::StoreError>(())
    };
    footing.timelines(wake).unwrap();
    let (mut world, mut same) = (World::new(7), 0);
    for record in records.from(first) {
        let record = record.unwrap();
        if record.lsn() <= footing.through() {
            verifier.pass(record).unwrap();
            continue;
        }
        let verified = verifier.verify(&record, &mut world).unwrap();
        match (&record, verified) {
            (Record::Revision { .. }, Verified::Same) => same += 1,
            (Record::Revision { .. }, other) => panic!("{record:?}: {other:?}"),
            _ => {}
        }
        if record.lsn().0 % 50 == 0 {
            verifier.catch_up(&mut world);
        }
    }
    same
}

#[test]
fn what_was_said_since_the_checkpoint_is_made_again_to_the_bit() {
    for seed in 0..8 {
        let mut node = Node::new(seed);
        let mut running = node.start().unwrap();
        let mut same = 0;
        for _ in 0..3 {
            node.events(&mut running, 600).unwrap();
            node.retain(&mut running).unwrap().unwrap();
            node.events(&mut running, 200).unwrap();
            same += reproduce(&node);
        }
        assert!(same > 200, "seed {seed}: {same} revisions made again");
    }
}
