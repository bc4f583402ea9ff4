//! Figures of several rounds: their median and how far they spread, and how two of them compare round by round.
//! Takes numbers as they are measured; must not know what they mean.

use std::fmt;

use serde::Serialize;

/// One figure, of every round.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// The part of the bench.
    pub part: &'static str,
    /// Whose it is.
    pub arm: String,
    /// What it was measured at: connections, events in a request.
    pub at: f64,
    /// What it is, with its unit.
    pub what: &'static str,
    /// Its values, in order of the rounds.
    pub rounds: Vec<f64>,
}

/// All figures of a run.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Figures(Vec<Figure>);

/// Values of rounds: the middle one, the least and the most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The middle one.
    pub median: f64,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

impl Figures {
    /// Adds a round's value to the figure of this name.
    pub fn note(&mut self, part: &'static str, arm: &str, at: f64, what: &'static str, value: f64) {
        let is_it = |f: &&mut Figure| {
            f.part == part && f.arm == arm && f.at.to_bits() == at.to_bits() && f.what == what
        };
        match self.0.iter_mut().find(is_it) {
            Some(figure) => figure.rounds.push(value),
            None => self.0.push(Figure {
                part,
                arm: arm.to_owned(),
                at,
                what,
                rounds: vec![value],
            }),
        }
    }

    /// The figures of a part that are this.
    pub fn of(&self, part: &str, what: &str) -> impl Iterator<Item = &Figure> {
        let is_meant = move |figure: &&Figure| figure.part == part && figure.what == what;
        self.0.iter().filter(is_meant)
    }

    /// A figure of an arm.
    pub fn find(&self, part: &str, arm: &str, at: f64, what: &str) -> Option<&Figure> {
        let is_it = |f: &&Figure| {
            f.part == part && f.arm == arm && f.at.to_bits() == at.to_bits() && f.what == what
        };
        self.0.iter().find(is_it)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Figure> {
        self.0.iter()
    }

    /// What the figures of a part that are this were measured at, in order.
    pub fn places(&self, part: &str, what: &str) -> Vec<f64> {
        let mut places: Vec<f64> = self.of(part, what).map(|figure| figure.at).collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        places
    }

    /// Whose the figures of a part are that are this, in the order they were measured.
    pub fn arms(&self, part: &str, what: &str) -> Vec<&str> {
        let mut arms: Vec<&str> = Vec::new();
        for figure in self.of(part, what) {
            if !arms.contains(&figure.arm.as_str()) {
                arms.push(&figure.arm);
            }
        }
        arms
    }
}

impl Figure {
    /// Its values in one.
    pub fn spread(&self) -> Spread {
        Spread::of(self.rounds.iter().copied())
    }

    /// It as a multiple of another one, round by round.
    pub fn over(&self, other: &Figure) -> Spread {
        Spread::of(
            self.rounds
                .iter()
                .zip(&other.rounds)
                .map(|(own, other)| own / other),
        )
    }
}

impl Spread {
    /// These values in one; not a number where there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Spread {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
        Spread {
            median: at(values.len() / 2),
            least: at(0),
            most: at(values.len().saturating_sub(1)),
        }
    }
}

/// The median, and the spread after it.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spread {
            median,
            least,
            most,
        } = *self;
        match median.is_nan() || least == most {
            true => f.write_str(&number(median)),
            false => write!(f, "{} ({}-{})", number(median), number(least), number(most)),
        }
    }
}

/// A number with about three digits that say something.
pub fn number(value: f64) -> String {
    match value.abs() {
        _ if value.is_nan() => "-".to_owned(),
        0.0 => "0".to_owned(),
        size if size >= 100.0 => grouped(value),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.01 => format!("{value:.2}"),
        _ => format!("{value:.2e}"),
    }
}

/// A number that names a place on an axis: whole ones have no fraction.
pub fn mark(value: f64) -> String {
    match value.fract() == 0.0 {
        true => grouped(value),
        false => number(value),
    }
}

fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut grouped = String::from(if value < 0.0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_median_and_both_ends() {
        let spread = Spread::of([3.0, 1.0, 2.0, 10.0, 2.5]);
        assert_eq!((spread.median, spread.least, spread.most), (2.5, 1.0, 10.0));
        assert_eq!(spread.to_string(), "2.50 (1.00-10.0)");
        assert_eq!(Spread::of([]).to_string(), "-");
    }

    #[test]
    fn arms_compare_round_by_round() {
        let mut figures = Figures::default();
        for (own, other) in [(10.0, 20.0), (30.0, 40.0), (5.0, 5.0)] {
            figures.note("p", "a", 1.0, "w", own);
            figures.note("p", "b", 1.0, "w", other);
        }
        let find = |arm| figures.find("p", arm, 1.0, "w").unwrap();
        assert_eq!(find("a").over(find("b")).median, 0.75);
        assert_eq!(figures.arms("p", "w"), ["a", "b"]);
        assert_eq!(figures.places("p", "w"), [1.0]);
    }

    #[test]
    fn numbers_are_as_long_as_they_say_something() {
        for (value, text) in [
            (1_234_567.8, "1,234,568"),
            (123.4, "123"),
            (12.34, "12.3"),
            (0.123, "0.12"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
