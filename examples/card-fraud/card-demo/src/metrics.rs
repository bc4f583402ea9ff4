//! The node's numbers, as a monitor reads them: Prometheus text. Takes the text; gives sums by name.

/// Every sample: its name with labels, and its value.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Vec<(String, f64)>);

impl Metrics {
    /// Reads the text; comments and what is no number are passed over.
    pub fn read(text: &str) -> Metrics {
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        let samples = samples.filter_map(|line| {
            let (name, value) = line.rsplit_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        Metrics(samples.collect())
    }

    /// The sum of the samples of this name that have this label (`disposition="late"`; "" for any).
    pub fn sum(&self, name: &str, label: &str) -> f64 {
        let of_name = |full: &str| full.split('{').next() == Some(name) && full.contains(label);
        let samples = self.0.iter().filter(|(full, _)| of_name(full));
        samples.map(|(_, value)| value).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_add_up_by_name_and_label() {
        let text = "# HELP events_total Events.\n\
            events_total{pipeline=\"a\",disposition=\"late\"} 3\n\
            events_total{pipeline=\"b\",disposition=\"late\"} 4\n\
            events_total{pipeline=\"a\",disposition=\"future\"} 5\n\
            events_total_more 100\n";
        let metrics = Metrics::read(text);
        assert_eq!(metrics.sum("events_total", "disposition=\"late\""), 7.0);
        assert_eq!(metrics.sum("events_total", ""), 12.0);
        assert_eq!(metrics.sum("events", ""), 0.0);
    }
}
