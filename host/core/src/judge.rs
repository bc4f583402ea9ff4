//! Stages 5 and 6 of the path: models and policy, for one vector or for many in one call. A new revision is
//! written only when it says something new.

use std::sync::Arc;

use foreshore_timeline::{Fault, Lsn};

use crate::core::{Context, Core};
use crate::decision::{Decision, DecisionId, Degraded, Features, Part, Reason, Revision};
use crate::record::Record;

/// What is to be scored: a vector, and the parts it lacks.
pub(crate) struct Subject {
    vector: Arc<[f64]>,
    lacks: Vec<Degraded>,
}

/// Whether a revision is made for somebody who waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// It is the answer.
    Yes,
    /// Nobody knows of it yet.
    No,
}

/// One model's word on one vector: the score, then the contributions.
type Word = Result<Box<[f64]>, Reason>;

impl Subject {
    /// A vector of which this is known.
    pub(crate) fn new(vector: &[f64], features: &[Features]) -> Subject {
        let lacks = features
            .iter()
            .enumerate()
            .filter_map(|(index, features)| match features {
                Features::Failed(reason) => Some(Degraded {
                    part: Part::Instance(index),
                    reason: *reason,
                }),
                _ => None,
            });
        Subject {
            vector: vector.into(),
            lacks: lacks.collect(),
        }
    }
}

impl Core {
    /// Scores those of these decisions that are stale, as they now stand, and writes their revisions.
    pub(crate) fn judge(&mut self, lsns: &[Lsn], told: Told, context: &mut Context<'_>) {
        let decisions = lsns.iter().filter_map(|lsn| self.decisions.get(*lsn));
        let stale: Vec<&Decision> = decisions.filter(|decision| decision.stale).collect();
        let lsns: Vec<Lsn> = stale.iter().map(|decision| decision.lsn).collect();
        let subject = |decision: &&Decision| Subject::new(&decision.vector, &decision.features);
        let subjects: Vec<Subject> = stale.iter().map(subject).collect();
        for (lsn, revision) in lsns.into_iter().zip(self.weigh(subjects, context)) {
            self.revise(lsn, revision, told, context);
        }
    }

    /// What models and policy make of these vectors, each as a first revision. A vector that lacks a part
    /// is not scored.
    pub(crate) fn weigh(
        &mut self,
        subjects: Vec<Subject>,
        context: &mut Context<'_>,
    ) -> Vec<Revision> {
        let pipeline = self.pipeline.clone();
        let whole: Vec<&[f64]> = subjects
            .iter()
            .filter(|s| s.lacks.is_empty())
            .map(|s| &*s.vector)
            .collect();
        let mut words: Vec<_> = (0..pipeline.models.len())
            .map(|model| self.ask(model, &whole, context).into_iter())
            .collect();
        let revisions = subjects.into_iter().map(|Subject { vector, lacks }| {
            let words: Vec<Word> = match lacks.is_empty() {
                true => words.iter_mut().filter_map(Iterator::next).collect(),
                false => Vec::new(),
            };
            let failed = |(model, word): (usize, &Word)| {
                let reason = *word.as_ref().err()?;
                Some(Degraded {
                    part: Part::Model(model),
                    reason,
                })
            };
            let score = |model: usize| words.get(model)?.as_ref().ok()?.first().copied();
            let scores: Box<[_]> = (0..pipeline.models.len()).map(score).collect();
            Revision {
                number: 1,
                under: pipeline.manifest.clone(),
                basis: self.lsn,
                outcome: pipeline.policy.outcome(scores.first().copied().flatten()),
                reasons: strongest(words.first(), pipeline.policy.reasons_max),
                degraded: lacks
                    .into_iter()
                    .chain(words.iter().enumerate().filter_map(failed))
                    .collect(),
                cause: None,
                vector,
                scores,
            }
        });
        revisions.collect()
    }

    /// Asks a model about these vectors, all at once; where that fails, one by one.
    fn ask(&mut self, model: usize, vectors: &[&[f64]], context: &mut Context<'_>) -> Vec<Word> {
        if vectors.is_empty() {
            return Vec::new();
        }
        let inputs = &self.pipeline.models[model].inputs;
        let width = 1 + self.pipeline.models[model].reasons.len();
        let rows: Vec<f64> = vectors
            .iter()
            .flat_map(|vector| inputs.iter().map(|&at| vector[at]))
            .collect();
        let breaker = &mut self.model_breakers[model];
        let mut call = || breaker.call(context.now, || context.plugins.score(model, &rows));
        let mut result = call();
        if vectors.len() == 1 && matches!(result, Err(Fault::Trap(_))) {
            // Believed when it repeats on a fresh instance.
            result = call();
        }
        match result {
            Ok(numbers) => numbers
                .chunks_exact(width)
                .map(|row| Ok(row.into()))
                .collect(),
            Err(Fault::Trap(_) | Fault::Timeout(_)) if vectors.len() > 1 => vectors
                .iter()
                .flat_map(|vector| self.ask(model, &[*vector], context))
                .collect(),
            Err(fault) => vec![Err(Reason::of(&fault)); vectors.len()],
        }
    }

    /// Adds a revision to a decision, and to the log, if it says something new.
    fn revise(&mut self, lsn: Lsn, mut revision: Revision, told: Told, context: &mut Context<'_>) {
        let Some(decision) = self.decisions.get_mut(lsn) else {
            return;
        };
        let cause = decision.cause.take();
        // A feature plugin's failure ends with a fold that emits; a model's has to be tried again.
        decision.stale = !revision.is_whole();
        let current = decision.current();
        let is_old = current.is_some_and(|current| current.says_the_same(&revision));
        revision.number = decision.revisions.len() as u32 + 1;
        revision.cause = cause.filter(|_| revision.number > 1);
        let (previous, is_told) = (decision.last, told == Told::Yes);
        if decision.stale {
            self.decisions.wait(lsn);
        }
        if is_old {
            return;
        }
        let record = self.lsn.next();
        let revision = Arc::new(revision);
        context.outputs.records.push(Record::Revision {
            lsn: record,
            decision: DecisionId(lsn),
            previous,
            told: is_told,
            revision: revision.clone(),
        });
        self.lsn = record;
        self.decisions.revise(lsn, record, revision, is_told);
    }
}

/// The largest contributions, largest first.
fn strongest(word: Option<&Word>, count: usize) -> Box<[(usize, f64)]> {
    let Some(Ok(row)) = word else {
        return Box::default();
    };
    let mut reasons: Vec<(usize, f64)> = row[1..].iter().copied().enumerate().collect();
    reasons.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    reasons.truncate(count);
    reasons.into_boxed_slice()
}
