//! What was logged, and what the world was told: a plain list each, and the rules that hold between them.
//! Takes records as the core emits them and replies as they leave; knows neither disk nor core.

use std::collections::BTreeMap;
use std::sync::Arc;

use foreshore_core::{Amendment, Answer, Disposition, Record, Reply, Revision};
use foreshore_store::codec::encode;
use foreshore_timeline::Lsn;

use crate::traffic::Made;

/// An answer: the decision and what it said; none for an event nobody asked about.
type Said = Option<(Lsn, Arc<Revision>)>;

/// What was logged, and what the world was told.
#[derive(Default)]
pub struct Ledger {
    /// Every record, record 1 first.
    pub records: Vec<Record>,
    /// Everything up to here was said to be durable.
    pub durable: Lsn,
    /// Events that count as seen: by number, where and with which amount.
    pub seen: BTreeMap<usize, (Lsn, i64)>,
    /// The records of each decision's revisions, in order.
    pub revisions: BTreeMap<Lsn, Vec<Lsn>>,
    /// The number of the revision last told of each decision.
    pub told: BTreeMap<Lsn, u32>,
    /// What senders hold in their hands: by event, the position it was acknowledged at, and the answer.
    pub acknowledged: BTreeMap<usize, (Disposition, Said)>,
    /// Events in the records, by disposition.
    logged: BTreeMap<&'static str, u64>,
}

/// A record's kind and bytes.
pub fn bytes(record: &Record) -> (u8, Vec<u8>) {
    let mut bytes = Vec::new();
    (encode(record, &mut bytes), bytes)
}

impl Ledger {
    /// Takes a record the core emitted, before it is durable.
    pub fn log(&mut self, record: Record) {
        let lsn = record.lsn();
        assert_eq!(
            lsn.0,
            self.records.len() as u64 + 1,
            "positions have no gaps"
        );
        if let Record::Event { disposition, .. } = &record {
            *self.logged.entry(disposition.name()).or_default() += 1;
        }
        match &record {
            Record::Event {
                disposition: Disposition::Admitted | Disposition::Late,
                event,
                ..
            } => {
                let amount = event.numbers()[0] as i64;
                let before = self.seen.insert(number(event.id()), (lsn, amount));
                assert_eq!(before, None, "an event was admitted twice");
            }
            Record::Revision {
                decision,
                previous,
                told,
                revision,
                ..
            } => {
                let revisions = self.revisions.entry(decision.0).or_default();
                assert_eq!(*previous, revisions.last().copied(), "{record:?}");
                revisions.push(lsn);
                assert_eq!(revision.number as usize, revisions.len(), "{record:?}");
                if *told {
                    self.told.insert(decision.0, revision.number);
                }
            }
            Record::Told {
                decision, revision, ..
            } => {
                let before = self.told.insert(decision.0, *revision);
                assert!(before < Some(*revision), "{record:?}");
            }
            Record::Amendment(amendment) => self.amend(amendment),
            _ => {}
        }
        self.records.push(record);
    }

    /// An amendment starts from what the world was told, and ends at what the decision says.
    fn amend(&mut self, amendment: &Amendment) {
        let decision = amendment.decision.0;
        let before = self.told.insert(decision, amendment.revision).unwrap();
        for (number, verdict) in [(before, amendment.old), (amendment.revision, amendment.new)] {
            let revision = self.revision(decision, number).unwrap();
            let said = (revision.score().map(f64::to_bits), revision.outcome);
            assert_eq!(
                said,
                (verdict.score.map(f64::to_bits), verdict.outcome),
                "{amendment:?}"
            );
        }
    }

    /// A revision of a decision, as it was logged.
    pub fn revision(&self, decision: Lsn, number: u32) -> Option<&Revision> {
        let lsn = self.revisions.get(&decision)?.get(number as usize - 1)?;
        match &self.records[lsn.0 as usize - 1] {
            Record::Revision { revision, .. } => Some(revision),
            other => panic!("{other:?}"),
        }
    }

    /// How many events the log says this of.
    pub fn logged(&self, disposition: Disposition) -> u64 {
        self.logged.get(disposition.name()).copied().unwrap_or(0)
    }

    /// What should become of an event that is sent now; none if it is new.
    pub fn expected(&self, made: &Made) -> Option<Disposition> {
        let (_, amount) = self.seen.get(&made.number)?;
        Some(match *amount == made.amount {
            true => Disposition::Duplicate,
            false => Disposition::Conflict,
        })
    }

    /// Takes a reply that leaves: what it says is durable by now.
    pub fn acknowledge(&mut self, made: &Made, reply: &Reply) {
        let seen = self.seen.get(&made.number).copied();
        let (disposition, answer) = match reply {
            Reply::Ingested(disposition) => (*disposition, None),
            Reply::Conflict(_) => (Disposition::Conflict, None),
            Reply::Answer(answer) => {
                let decision = answer.decision.map(|decision| decision.0);
                (answer.disposition, decision.map(|lsn| (lsn, answer)))
            }
            other => panic!("{other:?}"),
        };
        if let Some((decision, answer)) = answer {
            assert_eq!(seen.map(|(lsn, _)| lsn), Some(decision), "{answer:?}");
            self.check_answer(decision, answer);
        }
        if matches!(disposition, Disposition::Admitted | Disposition::Late) {
            assert!(seen.is_some_and(|(lsn, _)| lsn <= self.durable), "{made:?}");
            let answer = answer.map(|(lsn, answer)| (lsn, answer.revision.clone()));
            self.acknowledged.insert(made.number, (disposition, answer));
        }
    }

    /// An answer says what the log says, and no more than is durable.
    fn check_answer(&self, decision: Lsn, answer: &Answer) {
        let number = answer.revision.number;
        let logged = self.revision(decision, number).unwrap();
        assert!(logged.says_the_same(&answer.revision), "{answer:?}");
        let record = self.revisions[&decision][number as usize - 1];
        assert!(record <= self.durable, "{answer:?} rests on {record:?}");
        assert!(self.told[&decision] >= number, "{answer:?}");
        if let Some(first) = &answer.first {
            assert!(
                self.revision(decision, 1).unwrap().says_the_same(first),
                "{answer:?}"
            );
        }
    }

    /// Goes back to the first records up to `last`: the others were lost, which only what was never said to
    /// be durable may be. Gives how many acknowledged events, and how many revisions and amendments the world was
    /// told of, are still there.
    pub fn go_back(&mut self, last: Lsn) -> (u64, u64) {
        assert!(
            last >= self.durable,
            "lost {:?} of {:?}",
            self.durable,
            last
        );
        let outputs =
            self.records[..self.durable.0 as usize]
                .iter()
                .filter(|record| match record {
                    Record::Revision { told, .. } => *told,
                    Record::Told { .. } | Record::Amendment(_) => true,
                    _ => false,
                });
        let outputs = outputs.count() as u64;
        let mut records = std::mem::take(&mut self.records);
        records.truncate(last.0 as usize);
        self.logged.clear();
        self.seen.clear();
        self.revisions.clear();
        self.told.clear();
        records.into_iter().for_each(|record| self.log(record));
        self.durable = last;
        for (number, (_, answer)) in &self.acknowledged {
            let (lsn, _) = self.seen.get(number).unwrap();
            if let Some((decision, said)) = answer {
                assert_eq!(decision, lsn, "a decision has another name");
                let logged = self.revision(*decision, said.number).unwrap();
                assert!(logged.says_the_same(said), "a decision says something else");
            }
        }
        (self.acknowledged.len() as u64, outputs)
    }
}

/// The number of an event by its id.
pub fn number(id: &str) -> usize {
    id[1..].parse().unwrap()
}
