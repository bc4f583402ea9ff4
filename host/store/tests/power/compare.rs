//! What is held against the reference once all is quiet: states, vectors, scores and outcomes, what the
//! world believes, and what is final.

use std::collections::BTreeMap;
use std::sync::Arc;

use foreshore_core::{DecisionId, Disposition, Record, Revision};
use foreshore_store::StoreError;
use foreshore_timeline::Lsn;

use crate::hand::Hand;
use crate::ledger::number;
use crate::node::{Node, Running};
use crate::world::{self, Admitted, Final, World};

/// Answers of a node that are compared, of all there are.
const ANSWERS: usize = 4;

impl Node {
    /// Lets everything that was put off happen, and holds what has become of it against the reference.
    pub fn settle_and_compare(&mut self, running: &mut Running) -> Result<(), StoreError> {
        self.settle(running);
        self.commit(running)?;
        let hand = Hand::place_all(&self.pipeline, &self.ledger.records);
        let mut world = World::new(self.world.chains[0].trap_every);
        let (finals, states) = world::reference(&self.pipeline, &hand.admitted, &mut world);
        self.compare_late(&hand);
        for ((instance, key), state) in states {
            let (store, core) = (&running.store, &mut running.core);
            store.bring(core, |core| core.need_of(instance, &key))?;
            self.settle(running);
            let found = running
                .core
                .state(instance, &key)
                .map(|state| state.to_vec());
            assert_eq!(
                found,
                Some(state),
                "the state of {key} in instance {instance}"
            );
            self.tally.states += 1;
            self.make_room(running);
        }
        let deployed = self.deployed();
        for admitted in &hand.admitted {
            let lsn = self.ledger.seen[&number(admitted.0.id())].0;
            if let Some(expected) = finals.get(admitted.0.id()) {
                self.read(running, lsn)?;
                if !running.core.is_quiet() {
                    // What was brought in owes folds.
                    self.settle(running);
                }
                if lsn > deployed {
                    self.tally.finals += 1;
                    self.compare_final(running, (lsn, admitted), expected, &hand);
                }
            }
            self.make_room(running);
        }
        Ok(())
    }

    /// Some of the answers that senders hold in their hands are the fold of what was admitted at their basis.
    pub fn compare_answers(&mut self) {
        let deployed = self.deployed();
        let said = self.ledger.acknowledged.iter();
        let said = said.filter_map(|(number, (_, said))| Some((*number, said.as_ref()?)));
        let since = said.filter(|(_, (decision, said))| {
            let mut degraded = said.degraded.iter();
            *decision > deployed && degraded.all(|degraded| degraded.reason.is_derived())
        });
        let since: Vec<(usize, Arc<Revision>)> = since
            .map(|(number, (_, said))| (number, said.clone()))
            .collect();
        for _ in 0..since.len().min(ANSWERS) {
            let (asked, said) = &since[self.random.below(since.len() as u64) as usize];
            let records = &self.ledger.records[..said.basis.0 as usize];
            let hand = Hand::place_all(&self.pipeline, records);
            let mut admitted = hand.admitted.iter();
            let about = admitted.find(|(event, _)| number(event.id()) == *asked);
            let (event, late_for) = about.unwrap();
            if late_for.is_empty() {
                let mut world = World::new(self.world.chains[0].trap_every);
                let (finals, _) = world::reference(&self.pipeline, &hand.admitted, &mut world);
                assert_eq!(
                    Final::of(said),
                    finals[event.id()],
                    "{event:?} at {:?}",
                    said.basis
                );
                self.tally.answers += 1;
            }
        }
    }

    /// Lets what is idle leave memory, now and then.
    fn make_room(&mut self, running: &mut Running) {
        if self.random.below(8) == 0 {
            running.core.evict(1);
        }
    }

    /// The last deploy: what was decided before is settled.
    fn deployed(&self) -> Lsn {
        let mut deploys = self
            .ledger
            .records
            .iter()
            .filter(|r| matches!(r, Record::Deploy { .. }));
        deploys.next_back().unwrap().lsn()
    }

    /// What the log says of late events is what placing by hand says, since the last deploy.
    fn compare_late(&self, hand: &Hand) {
        let by_hand: BTreeMap<&str, &Vec<usize>> = hand
            .admitted
            .iter()
            .map(|(event, late)| (event.id(), late))
            .collect();
        let deployed = self.deployed();
        for record in self
            .ledger
            .records
            .iter()
            .filter(|record| record.lsn() > deployed)
        {
            if let Record::Event {
                disposition: Disposition::Admitted | Disposition::Late,
                late,
                event,
                ..
            } = record
            {
                let expected = by_hand[event.id()]
                    .iter()
                    .fold(0, |bits, at| bits | 1 << at);
                assert_eq!(*late, expected, "late for: {record:?}");
            }
        }
    }

    fn compare_final(
        &mut self,
        running: &mut Running,
        (lsn, admitted): (Lsn, &Admitted),
        expected: &Final,
        hand: &Hand,
    ) {
        let (world, outputs) = (&mut self.world, &mut running.outputs);
        let read = running
            .core
            .read_decision(DecisionId(lsn), self.now, world, outputs);
        let (decision, is_final) = read.unwrap();
        let mut found = world::final_of(decision);
        let mut expected = expected.clone();
        for instance in &admitted.1 {
            // Read from a base that has moved on since.
            for at in self.pipeline.layout.features(*instance) {
                (found.vector[at], expected.vector[at]) = (0, 0);
            }
            expected.scores.clone_from(&found.scores);
            expected.outcome = found.outcome;
        }
        assert_eq!(found, expected, "{lsn:?} {admitted:?}");
        let by_hand = hand.is_final(&self.pipeline, admitted);
        assert_eq!(is_final, by_hand, "whether {lsn:?} is final");
        let verdict = |number: u32| {
            let said = self.ledger.revision(lsn, number).unwrap();
            (
                said.score().map(f64::to_bits),
                said.outcome,
                said.degraded.clone(),
            )
        };
        if let Some(told) = self.ledger.told.get(&lsn) {
            let newest = self.ledger.revisions[&lsn].len() as u32;
            assert_eq!(
                verdict(*told),
                verdict(newest),
                "what the world believes of {lsn:?}"
            );
        }
    }
}
