//! A model of 200 trees over the inputs of the card-fraud model: what a forest costs, not what one knows. Its trees
//! are complete and grown by chance when this is compiled, each split where about half of all payments go either way.

use foreshore_guest::prelude::*;

/// Trees.
const TREES: usize = 200;

/// Splits on the way to a leaf.
const DEPTH: usize = 6;

const SPLITS: usize = (1 << DEPTH) - 1;
const LEAVES: usize = 1 << DEPTH;

/// What splits ask for: an input, and between which values they lie.
#[rustfmt::skip] // a table reads by columns
const RANGES: [(&str, f32, f32); 33] = [
    ("event.amount",                    10.480,    53.560),
    ("event.online",                     0.000,     0.655),
    ("customer.attempts_10m",            0.856,     1.265),
    ("customer.attempts_1h",             0.818,     1.711),
    ("customer.attempts_1d",             1.855,     5.640),
    ("customer.open_1h",                 0.896,     1.152),
    ("customer.open_share_1d",           0.141,     0.626),
    ("customer.completed_1d",            0.829,     4.488),
    ("customer.spent_1h",                0.000,     7.412),
    ("customer.spent_1d",                8.298,     206.2),
    ("customer.spent_7d",                125.1,     986.8),
    ("customer.mean_30d",               18.220,    47.983),
    ("customer.deviation_30d",           9.258,    37.464),
    ("customer.max_30d",                48.001,     170.3),
    ("customer.amount_ratio",            0.369,     1.670),
    ("customer.terminals_1d",            1.653,     4.623),
    ("customer.terminals_7d",            6.080,    13.580),
    ("customer.since_previous",         1660.2,   74028.9),
    ("customer.online_share_30d",        0.084,     0.380),
    ("customer.country_changes_7d",      4.281,    15.558),
    ("customer.known_for",            476419.0, 1863934.7),
    ("terminal.attempts_10m",            0.801,     1.519),
    ("terminal.attempts_1h",             0.935,     2.668),
    ("terminal.mean_tried_10m",         10.813,    53.375),
    ("terminal.open_share_1h",           0.424,     1.010),
    ("terminal.customers_1h",            0.921,     2.546),
    ("terminal.customers_1d",            4.678,    12.300),
    ("terminal.completed_1d",            4.538,    12.627),
    ("terminal.mean_7d",                18.675,    47.147),
    ("terminal.turnover",                478.7,    3978.4),
    ("terminal.frauds_28d",              0.000,     1.037),
    ("terminal.fraud_share_28d",         0.000,     0.012),
    ("terminal.since_fraud",           71192.1,  957644.5),
];

/// One question: whether an input is below a threshold.
#[derive(Clone, Copy)]
struct Split {
    input: u8,
    threshold: f32,
}

/// A complete tree, its splits level by level.
#[derive(Clone, Copy)]
struct Tree {
    splits: [Split; SPLITS],
    leaves: [f32; LEAVES],
}

/// The forest.
static FOREST: [Tree; TREES] = grown();

/// The model itself; it has no state.
pub struct Forest;

impl Model for Forest {
    const INPUTS: &'static [&'static str] = &names();
    const REASONS: &'static [&'static str] = &[];

    fn score(inputs: &[f64], _contributions: &mut [f64]) -> f64 {
        math::sigmoid(FOREST.iter().map(|tree| tree.leaf(inputs)).sum())
    }
}

impl Tree {
    /// What the leaf says that these inputs lead to; a missing one is not below anything.
    fn leaf(&self, inputs: &[f64]) -> f64 {
        let mut at = 0;
        for _ in 0..DEPTH {
            let Split { input, threshold } = self.splits[at];
            let is_below = inputs[usize::from(input)] < f64::from(threshold);
            at = 2 * at + 1 + usize::from(!is_below);
        }
        self.leaves[at - SPLITS].into()
    }
}

/// The inputs' names, as the contract asks for them.
const fn names() -> [&'static str; RANGES.len()] {
    let mut names = [""; RANGES.len()];
    let mut index = 0;
    while index < RANGES.len() {
        names[index] = RANGES[index].0;
        index += 1;
    }
    names
}

/// Trees grown by chance, always the same.
const fn grown() -> [Tree; TREES] {
    let stump = Tree {
        splits: [Split {
            input: 0,
            threshold: 0.0,
        }; SPLITS],
        leaves: [0.0; LEAVES],
    };
    let mut trees = [stump; TREES];
    let mut random = 0x9E37_79B9_7F4A_7C15;
    let mut tree = 0;
    while tree < TREES {
        let mut split = 0;
        while split < SPLITS {
            random = next(random);
            let input = (random >> 40) as usize % RANGES.len();
            let (_, low, high) = RANGES[input];
            random = next(random);
            trees[tree].splits[split] = Split {
                input: input as u8,
                threshold: low + (high - low) * share(random),
            };
            split += 1;
        }
        let mut leaf = 0;
        while leaf < LEAVES {
            random = next(random);
            trees[tree].leaves[leaf] = (share(random) - 0.5) / 8.0;
            leaf += 1;
        }
        tree += 1;
    }
    trees
}

/// The next of a row of numbers that look like chance (xorshift, Marsaglia 2003).
const fn next(mut random: u64) -> u64 {
    random ^= random << 13;
    random ^= random >> 7;
    random ^ random << 17
}

/// A number between 0 and 1 made of another's upper bits.
const fn share(random: u64) -> f32 {
    (random >> 40) as f32 / (1 << 24) as f32
}

export_model!(Forest);

#[cfg(test)]
mod tests {
    use super::*;

    fn score(share: f32) -> f64 {
        let value = |(_, low, high): (&str, f32, f32)| f64::from(low + (high - low) * share);
        Forest::score(&RANGES.map(value), &mut [])
    }

    #[test]
    fn different_payments_end_at_different_leaves() {
        let scores: Vec<f64> = (0..10).map(|tenths| score(tenths as f32 / 10.0)).collect();
        assert!(
            scores.iter().all(|score| (0.01..0.99).contains(score)),
            "{scores:?}"
        );
        let mut different = scores.clone();
        different.sort_by(f64::total_cmp);
        different.dedup();
        assert_eq!(different.len(), scores.len(), "{scores:?}");
    }

    #[test]
    fn a_split_sends_about_half_of_the_payments_either_way() {
        let middle: Vec<f64> = RANGES
            .iter()
            .map(|(_, low, high)| f64::from(low + high) / 2.0)
            .collect();
        let splits = FOREST.iter().flat_map(|tree| tree.splits);
        let below =
            splits.filter(|split| middle[usize::from(split.input)] < split.threshold.into());
        let share = below.count() as f64 / (TREES * SPLITS) as f64;
        assert!((0.4..0.6).contains(&share), "{share}");
    }
}
