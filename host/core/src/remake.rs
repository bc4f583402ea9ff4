//! A revision made again from what is folded: what it lacked for a reason that lay in its moment, it lacks
//! again. Takes a decision in memory and what was logged; must not know where from.

use foreshore_timeline::Lsn;

use crate::core::{Context, Core};
use crate::decision::{Degraded, Features, Part, Revision};
use crate::judge::Subject;

impl Core {
    /// What a decision says of what is folded, lacking what the logged revision lacked for reasons of its
    /// moment.
    pub(crate) fn make_again(
        &mut self,
        lsn: Lsn,
        logged: &Revision,
        context: &mut Context<'_>,
    ) -> Option<Revision> {
        let decision = self.decisions.get(lsn)?;
        let mut vector = decision.vector.clone();
        let mut features = decision.features.clone();
        for lack in lacks(logged) {
            if let Part::Instance(at) = lack.part
                && let Some(known) = features.get_mut(at)
            {
                *known = Features::Failed(lack.reason);
                vector[self.pipeline.layout.features(at)].fill(f64::NAN);
            }
        }
        let subject = Subject::new(&vector, &features);
        let mut made = self.weigh(vec![subject], context).pop()?;
        for lack in lacks(logged) {
            if let Part::Model(at) = lack.part {
                self.silence(&mut made, at, lack);
            }
        }
        Some(made)
    }

    /// The same with the features of late places read anew, as a node does that was restarted in between; none
    /// if that is not what was logged.
    pub(crate) fn make_as_of_now(
        &mut self,
        lsn: Lsn,
        logged: &Revision,
        context: &mut Context<'_>,
    ) -> Option<Revision> {
        let decision = self.decisions.get(lsn)?;
        if decision.late_for().is_empty() {
            return None;
        }
        let (vector, features) = (decision.vector.clone(), decision.features.clone());
        self.read_bases(lsn, context);
        let again = self.make_again(lsn, logged, context)?;
        if again.says_the_same(logged) {
            return Some(again);
        }
        let decision = self.decisions.get_mut(lsn)?;
        (decision.vector, decision.features) = (vector, features);
        None
    }

    /// Takes a model's word out of a revision.
    fn silence(&self, revision: &mut Revision, model: usize, lack: &Degraded) {
        if let Some(score) = revision.scores.get_mut(model) {
            *score = None;
        }
        if model == 0 {
            revision.outcome = self.pipeline.policy.outcome(None);
            revision.reasons = Box::default();
        }
        let degraded = &mut revision.degraded;
        degraded.retain(|known| known.part != lack.part);
        let order = |known: &Degraded| match known.part {
            Part::Model(at) => at > model,
            _ => false,
        };
        let at = degraded.iter().position(order).unwrap_or(degraded.len());
        degraded.insert(at, lack.clone());
    }
}

/// Parts a revision lacks for a reason that lay in its moment.
pub(crate) fn lacks(revision: &Revision) -> impl Iterator<Item = &Degraded> {
    let degraded = revision.degraded.iter();
    degraded.filter(|degraded| !degraded.reason.is_derived())
}
