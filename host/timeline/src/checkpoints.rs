//! States kept on the way, at exponentially growing distance from the head, so that going back k events
//! costs folding about k again. Bounded in bytes, but for the lowest: it is the timeline's next base, and without
//! one the timeline would hold its events for ever. Knows states and indices, not events.

use crate::fold::State;

/// A state between two events: everything before `index` is folded into it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Checkpoint {
    /// Number of events, counted from the timeline's first, that the state holds.
    pub(crate) index: u64,
    pub(crate) state: State,
}

/// Checkpoints of one timeline, lowest first.
#[derive(Debug, Default)]
pub(crate) struct Checkpoints {
    kept: Vec<Checkpoint>,
    bytes: usize,
}

/// How many times as far from the head one checkpoint of a timeline at rest is as the next.
const APART: u64 = 16;

/// Whether the ladder has a rung at `index` when the head is at `head`: near the head every index is one,
/// at distance d those divisible by about d / 2. That leaves some `2 log2(head)` rungs, and going back d
/// events folds at most 3 d again. After the spacing of Time Warp checkpointing; see also GGRS.
pub(crate) fn is_rung(index: u64, head: u64) -> bool {
    let reach = 2_u64
        .checked_shl(index.trailing_zeros())
        .unwrap_or(u64::MAX);
    head.saturating_sub(index) <= reach
}

impl Checkpoints {
    /// Adds a checkpoint above all others, then drops what is no rung any more and, while they take more
    /// than `bytes_max`, the rung whose loss costs the least. The lowest stays.
    pub(crate) fn push(&mut self, checkpoint: Checkpoint, head: u64, bytes_max: usize) {
        self.put_back(checkpoint);
        let lowest = self.lowest();
        self.retain(|index| is_rung(index, head) || Some(index) == lowest);
        while self.bytes > bytes_max && self.kept.len() > 1 {
            let at = self.cheapest(head);
            self.bytes -= self.kept.remove(at).state.len();
        }
    }

    /// The highest checkpoint at or below `index`.
    pub(crate) fn at_or_below(&self, index: u64) -> Option<&Checkpoint> {
        let above = self
            .kept
            .partition_point(|checkpoint| checkpoint.index <= index);
        self.kept[..above].last()
    }

    /// A few of them, for a timeline at rest when the head is at `head`: each sixteen times as far from it as the
    /// one before, as far as they fit into `bytes_max` together, and the lowest; by index, lowest first. A
    /// timeline is put away far more often than one that was put away goes back, and folds on the way give it
    /// the others again.
    pub(crate) fn sparse(&self, head: u64, bytes_max: usize) -> Vec<(u64, State)> {
        let (mut left, mut distance) = (bytes_max, APART);
        let mut sparse = Vec::new();
        let Some((lowest, others)) = self.kept.split_first() else {
            return sparse;
        };
        for kept in others.iter().rev() {
            let reached = head.saturating_sub(kept.index);
            if reached < distance {
                continue;
            }
            let Some(rest) = left.checked_sub(kept.state.len()) else {
                break;
            };
            (left, distance) = (rest, reached.saturating_mul(APART));
            sparse.push((kept.index, kept.state.clone()));
        }
        sparse.push((lowest.index, lowest.state.clone()));
        sparse.reverse();
        sparse
    }

    /// Adds a checkpoint above all others that was one before.
    pub(crate) fn put_back(&mut self, checkpoint: Checkpoint) {
        self.bytes += checkpoint.state.len();
        self.kept.push(checkpoint);
    }

    /// Whether all indices rise and lie above `from` and below `to`.
    pub(crate) fn lie_within(&self, from: u64, to: u64) -> bool {
        let indices = || self.kept.iter().map(|kept| kept.index);
        indices().is_sorted_by(|a, b| a < b) && indices().all(|index| from < index && index < to)
    }

    /// Drops every checkpoint above `index`.
    pub(crate) fn drop_above(&mut self, index: u64) {
        self.retain(|kept| kept <= index);
    }

    /// Drops every checkpoint at or below `index`.
    pub(crate) fn drop_through(&mut self, index: u64) {
        self.retain(|kept| kept > index);
    }

    /// Drops all but the lowest.
    pub(crate) fn shed(&mut self) {
        let lowest = self.lowest();
        self.retain(|index| Some(index) == lowest);
        self.kept.shrink_to_fit();
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Bytes of their states and of the list.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes + self.kept.capacity() * size_of::<Checkpoint>()
    }

    /// The index of the lowest.
    fn lowest(&self) -> Option<u64> {
        self.kept.first().map(|kept| kept.index)
    }

    fn retain(&mut self, keep: impl Fn(u64) -> bool) {
        let bytes = &mut self.bytes;
        self.kept.retain(|checkpoint| {
            let keep = keep(checkpoint.index);
            if !keep {
                *bytes -= checkpoint.state.len();
            }
            keep
        });
    }

    /// The checkpoint above the lowest without which going back gets dearer by the smallest factor: the gap it
    /// leaves, measured against the distance one goes back to fall into it.
    fn cheapest(&self, head: u64) -> usize {
        let cost = |at: usize| {
            let below = self.kept[at - 1].index;
            let above = self
                .kept
                .get(at + 1)
                .map_or(head, |checkpoint| checkpoint.index);
            let gap = (above - below) as f64;
            gap / (head.saturating_sub(below) + 1) as f64
        };
        (1..self.kept.len())
            .min_by(|&a, &b| cost(a).total_cmp(&cost(b)))
            .unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(head: u64, bytes_max: usize) -> Checkpoints {
        let mut checkpoints = Checkpoints::default();
        for index in 1..head {
            let state = State::from(vec![0; 100]);
            checkpoints.push(Checkpoint { index, state }, index + 1, bytes_max);
        }
        checkpoints
    }

    #[test]
    fn going_back_costs_at_most_three_times_the_distance() {
        let head = 5_000;
        let checkpoints = filled(head, usize::MAX);
        assert!(checkpoints.len() < 40, "{}", checkpoints.len());
        for distance in 1..head - 1 {
            let back = checkpoints
                .at_or_below(head - distance)
                .map_or(0, |found| found.index);
            assert!(
                head - back <= 3 * distance,
                "{distance} back refolds {}",
                head - back
            );
        }
    }

    #[test]
    fn at_rest_few_are_kept_and_going_back_costs_at_most_48_times_the_distance() {
        let head = 5_000;
        let sparse = filled(head, usize::MAX).sparse(head, usize::MAX);
        assert!(
            sparse.is_sorted_by(|a, b| a.0 < b.0) && sparse.len() <= 4,
            "{sparse:?}"
        );
        for distance in 1..head - 1 {
            let below = sparse.iter().rfind(|(index, _)| *index <= head - distance);
            let back = below.map_or(0, |(index, _)| *index);
            assert!(
                head - back <= 48 * distance,
                "{distance} back refolds {}",
                head - back
            );
        }
        assert_eq!(filled(head, usize::MAX).sparse(head, 250).len(), 3);
        assert!(Checkpoints::default().sparse(0, usize::MAX).is_empty());
    }

    #[test]
    fn the_lowest_stays_whatever_it_takes() {
        for bytes_max in [0, 150, 1_000, usize::MAX] {
            let mut checkpoints = filled(5_000, bytes_max);
            assert_eq!(checkpoints.kept[0].index, 1, "{bytes_max} bytes");
            assert_eq!(checkpoints.sparse(5_000, bytes_max)[0].0, 1);
            checkpoints.shed();
            assert_eq!((checkpoints.len(), checkpoints.kept[0].index), (1, 1));
            assert_eq!(checkpoints.bytes, 100);
        }
    }

    #[test]
    fn bytes_are_bounded() {
        let checkpoints = filled(5_000, 1_000);
        assert!((5..=10).contains(&checkpoints.len()));
        assert!(
            checkpoints
                .at_or_below(4_999)
                .is_some_and(|nearest| nearest.index > 4_000)
        );
    }

    #[test]
    fn dropping_keeps_the_count_of_bytes() {
        let mut checkpoints = filled(100, usize::MAX);
        checkpoints.drop_above(98);
        checkpoints.drop_through(64);
        assert!(
            checkpoints
                .kept
                .iter()
                .all(|kept| (65..=98).contains(&kept.index))
        );
        assert_eq!(checkpoints.bytes, checkpoints.len() * 100);
    }
}
