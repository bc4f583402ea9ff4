//! A folder in plain Rust, for tests and simulations: its state is a digest of everything folded, so that
//! any difference in order shows in every later byte. Can be told to trap, stall or lie.

use crate::fold::{Fault, Folded, Folder, Row, State};

/// Features of [`Chain`]: low half of the digest, number of events, time of the row in seconds.
pub const FEATURES: usize = 3;

/// A hash chain over the events.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// Trap on applying an event where the digest so far and the event give a multiple of this; 0 never.
    /// The verdict depends on the sorted prefix, as a real plugin's may.
    pub trap_every: u64,
    /// Miss the deadline of this many of the next calls.
    pub timeouts: u32,
    /// Calls answered or failed so far.
    pub calls: u64,
    /// Rows folded so far.
    pub rows: u64,
}

impl Chain {
    /// The digest of what the chain holds after one more event.
    fn link(digest: u64, row: &Row<'_>) -> u64 {
        let event = row
            .event
            .map_or(0, |event| (event.identity().0 ^ event.digest().0) as u64);
        let mut mixed = digest ^ event.rotate_left(17) ^ (row.time.0 as u64);
        // The finaliser of SplitMix64.
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

impl Folder for Chain {
    fn features(&self) -> usize {
        FEATURES
    }

    fn fold(&mut self, state: &[u8], rows: &[Row<'_>]) -> Result<Folded, Fault> {
        self.calls += 1;
        if self.timeouts > 0 {
            self.timeouts -= 1;
            return Err(Fault::Timeout("told to".into()));
        }
        let (mut digest, mut count) = decode(state)?;
        let mut folded = Folded::default();
        for row in rows {
            if row.flags.apply {
                let linked = Chain::link(digest, row);
                if self.trap_every > 0 && linked.is_multiple_of(self.trap_every) {
                    return Err(Fault::Trap("told to".into()));
                }
                (digest, count) = (linked, count + 1);
            }
            if row.flags.emit {
                let seconds = row.time.0 as f64 / 1e6;
                folded
                    .features
                    .extend([(digest & 0xFFFF_FFFF) as f64, count as f64, seconds]);
            }
            if row.flags.mark {
                folded.states.push(encode(digest, count));
            }
        }
        self.rows += rows.len() as u64;
        Ok(folded)
    }
}

fn encode(digest: u64, count: u64) -> State {
    [digest.to_le_bytes(), count.to_le_bytes()].concat().into()
}

fn decode(state: &[u8]) -> Result<(u64, u64), Fault> {
    let word = |at: usize| {
        let bytes = state.get(at..at + 8)?.try_into().ok()?;
        Some(u64::from_le_bytes(bytes))
    };
    match (state.is_empty(), word(0), word(8)) {
        (true, ..) => Ok((0, 0)),
        (false, Some(digest), Some(count)) => Ok((digest, count)),
        _ => Err(Fault::Trap(format!(
            "a state of {} bytes is not mine",
            state.len()
        ))),
    }
}
