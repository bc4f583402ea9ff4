//! Where two revisions that should be the same are not: number by number, by name, to the bit. Takes what is
//! logged and what was made again; must not know how.

use std::fmt;

use foreshore_timeline::Lsn;

use crate::decision::{DecisionId, Degraded, Part, Revision};
use crate::manifest::Manifest;

/// A revision that comes out differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Its record.
    pub lsn: Lsn,
    /// Its decision.
    pub decision: DecisionId,
    /// Its number.
    pub number: u32,
    /// What differs; never empty.
    pub fields: Vec<DifferentField>,
}

/// One thing a revision says, in two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferentField {
    /// What it is: a number of the vector by its name, `score NAME`, `outcome`, `reasons`, `degraded`.
    pub name: String,
    /// As the log has it.
    pub logged: String,
    /// As it was made again.
    pub made: String,
}

impl Difference {
    /// Where a revision made again differs from the logged one; none if it says the same.
    pub(crate) fn between(
        lsn: Lsn,
        decision: DecisionId,
        logged: &Revision,
        made: &Revision,
    ) -> Option<Difference> {
        let bits = |(at, contribution): &(usize, f64)| (*at, contribution.to_bits());
        let reasons = |revision: &Revision| revision.reasons.iter().map(bits).collect::<Vec<_>>();
        if logged.says_the_same(made) && reasons(logged) == reasons(made) {
            return None;
        }
        let under = &*logged.under;
        let mut fields = Vec::new();
        let mut compare = |name: &dyn Fn() -> String, logged: String, made: String| {
            if logged != made {
                let name = name();
                fields.push(DifferentField { name, logged, made });
            }
        };
        let width = logged.vector.len().max(made.vector.len());
        for at in 0..width {
            let number = |revision: &Revision| shown(revision.vector.get(at).copied());
            compare(
                &|| named(under.vector.get(at), at),
                number(logged),
                number(made),
            );
        }
        for at in 0..logged.scores.len().max(made.scores.len()) {
            let score = |revision: &Revision| shown(revision.scores.get(at).copied().flatten());
            let model = under.models.get(at).map(|model| &model.name);
            compare(
                &|| format!("score {}", named(model, at)),
                score(logged),
                score(made),
            );
        }
        let outcome = |revision: &Revision| revision.outcome.name().to_owned();
        let why = |revision: &Revision| reasons_of(revision, under);
        let lacks = |revision: &Revision| lacks_of(revision, under);
        compare(&|| "outcome".into(), outcome(logged), outcome(made));
        compare(&|| "reasons".into(), why(logged), why(made));
        compare(&|| "degraded".into(), lacks(logged), lacks(made));
        Some(Difference {
            lsn,
            decision,
            number: logged.number,
            fields,
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lsn, decision, number) = (self.lsn.0, self.decision, self.number);
        write!(
            f,
            "record {lsn}: revision {number} of {decision} comes out differently"
        )?;
        self.fields.iter().try_for_each(|field| {
            let DifferentField { name, logged, made } = field;
            write!(f, "\n  {name}: logged {logged}, made {made}")
        })
    }
}

/// A number and its bits.
fn shown(number: Option<f64>) -> String {
    match number {
        None => "nothing".to_owned(),
        Some(number) => format!("{number:?} ({:#018x})", number.to_bits()),
    }
}

fn named(name: Option<&String>, at: usize) -> String {
    name.cloned().unwrap_or_else(|| format!("#{at}"))
}

fn reasons_of(revision: &Revision, under: &Manifest) -> String {
    let words = under.models.first().map(|model| &model.reasons);
    let reason = |(at, contribution): &(usize, f64)| {
        let name = named(words.and_then(|words| words.get(*at)), *at);
        format!("{name} {}", shown(Some(*contribution)))
    };
    list(revision.reasons.iter().map(reason))
}

fn lacks_of(revision: &Revision, under: &Manifest) -> String {
    let part = |part: Part| match part {
        Part::Event => "event".to_owned(),
        Part::Instance(at) => named(under.instances.get(at).map(|found| &found.name), at),
        Part::Model(at) => named(under.models.get(at).map(|found| &found.name), at),
    };
    let lack = |lack: &Degraded| format!("{} {}", part(lack.part), lack.reason.name());
    list(revision.degraded.iter().map(lack))
}

fn list(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    match words.is_empty() {
        true => "nothing".to_owned(),
        false => words.join(", "),
    }
}
