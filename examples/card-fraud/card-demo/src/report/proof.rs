//! The proof as lines: how much was compared, and how much of it is the same.

use std::fmt;

use crate::proof::Proof;
use crate::words::count;

/// A proof to be shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a>(pub &'a Proof);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shown(proof) = self;
        writeln!(
            f,
            "  The node had the events in the order of their arrival, the replay in the order of their time.\n  \
             {} of {} final decisions are equal: score, outcome and every feature, {} values to the last bit.",
            count(proof.equal),
            count(proof.decisions),
            count(proof.cells)
        )?;
        proof
            .differences
            .iter()
            .try_for_each(|difference| writeln!(f, "  {difference}"))
    }
}
