//! What is wrong with a plugin, line by line: it gives something else than is expected, it fails, or it is
//! impure. Bounded, so that one cause does not bury the others.

use std::fmt;

use foreshore_timeline::Fault;
use serde::Serialize;

/// Findings told one by one; the others are only counted.
const TOLD_MAX: usize = 20;

/// What to look for when a plugin is impure.
pub const USUAL_CAUSES: &str = "what a plugin gives must follow from the state and the rows alone; the usual \
     causes are a static or thread-local that outlives a call, the order of a HashMap's entries, memory read \
     before it is written, and a state that leaves out something the features go by";

/// How a plugin can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It gives something else than the trace expects.
    Unexpected,
    /// It traps, runs over its limits, or breaks the contract.
    Failed,
    /// Asked for the same again, it gives something else.
    Impure,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// How it is wrong.
    pub kind: Kind,
    /// The line of the trace.
    pub line: usize,
    /// What was found.
    pub what: String,
}

/// All that is wrong.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Findings {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub first: Vec<Finding>,
}

impl Findings {
    /// Notes something.
    pub fn add(&mut self, kind: Kind, line: usize, what: String) {
        self.count += 1;
        if self.first.len() < TOLD_MAX {
            self.first.push(Finding { kind, line, what });
        }
    }

    /// Notes that a call failed where the same call had not, or had failed otherwise.
    pub fn add_fault(&mut self, line: usize, way: &str, fault: &Fault) {
        let kind = match fault {
            Fault::Timeout(_) | Fault::Open(_) => Kind::Failed,
            Fault::Trap(_) | Fault::Impure(_) => Kind::Impure,
        };
        self.add(kind, line, format!("{way}, the call fails: {fault}"));
    }

    /// Whether asking again gave something else.
    pub fn is_impure(&self) -> bool {
        self.first
            .iter()
            .any(|finding| finding.kind == Kind::Impure)
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { kind, line, what } in &self.first {
            let word = match kind {
                Kind::Unexpected => "unexpected",
                Kind::Failed => "failed",
                Kind::Impure => "impure",
            };
            writeln!(f, "  {word}: line {line}: {what}")?;
        }
        let more = self.count - self.first.len();
        if more > 0 {
            writeln!(f, "  and {more} more")?;
        }
        if self.is_impure() {
            writeln!(f, "  {USUAL_CAUSES}")?;
        }
        Ok(())
    }
}
