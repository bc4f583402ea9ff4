//! The text format of Prometheus: families with help and type, samples with labels. Takes names and
//! numbers; must not know what they measure.

use std::fmt::Display;

use crate::metrics::histogram::Reading;

/// What a family's numbers do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// They only rise.
    Counter,
    /// They rise and fall.
    Gauge,
    /// They are a distribution.
    Histogram,
}

/// Labels of a sample: names and values.
pub type Labels<'a> = [(&'a str, &'a str)];

/// A page of metrics, being written.
#[derive(Debug, Default)]
pub struct Exposition {
    page: String,
    family: &'static str,
}

impl Exposition {
    /// Begins a family: what follows are its samples.
    pub fn family(&mut self, name: &'static str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.family = name;
        self.write(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    /// A sample of the family.
    pub fn sample(&mut self, labels: &Labels<'_>, value: impl Display) {
        self.line("", labels, value);
    }

    /// The samples of a distribution.
    pub fn distribution(&mut self, labels: &Labels<'_>, reading: &Reading) {
        let mut bounded = labels.to_vec();
        for (bound, count) in &reading.buckets {
            bounded.push(("le", *bound));
            self.line("_bucket", &bounded, count);
            bounded.pop();
        }
        let count = reading.buckets.last().map_or(0, |(_, count)| *count);
        self.line("_sum", labels, reading.sum.as_secs_f64());
        self.line("_count", labels, count);
    }

    /// The page.
    pub fn into_text(self) -> String {
        self.page
    }

    fn line(&mut self, suffix: &str, labels: &Labels<'_>, value: impl Display) {
        let name = self.family;
        self.write(format_args!("{name}{suffix}"));
        for (at, (label, text)) in labels.iter().enumerate() {
            let open = if at == 0 { '{' } else { ',' };
            self.write(format_args!("{open}{label}=\"{}\"", escape(text)));
        }
        let close = if labels.is_empty() { "" } else { "}" };
        self.write(format_args!("{close} {value}\n"));
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        self.page.push_str(&text.to_string());
    }
}

fn escape(text: &str) -> String {
    text.replace('\\', r"\\")
        .replace('"', r#"\""#)
        .replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::histogram::Histogram;
    use std::time::Duration;

    #[test]
    fn samples_follow_their_familys_help_and_type() {
        let mut page = Exposition::default();
        page.family("events_total", Kind::Counter, "Events.");
        page.sample(&[("pipeline", "p"), ("kind", "a")], 3);
        page.sample(&[], 0.5);
        assert_eq!(
            page.into_text(),
            "# HELP events_total Events.\n# TYPE events_total counter\n\
             events_total{pipeline=\"p\",kind=\"a\"} 3\nevents_total 0.5\n"
        );
    }

    #[test]
    fn label_values_are_escaped() {
        let mut page = Exposition::default();
        page.family("up", Kind::Gauge, "Up.");
        page.sample(&[("name", "a\"b\\c\nd")], 1);
        assert!(
            page.into_text()
                .ends_with("up{name=\"a\\\"b\\\\c\\nd\"} 1\n")
        );
    }

    #[test]
    fn a_distribution_has_buckets_sum_and_count() {
        let histogram = Histogram::default();
        histogram.record(Duration::from_millis(3));
        let mut page = Exposition::default();
        page.family("seconds", Kind::Histogram, "Time.");
        page.distribution(&[("stage", "decode")], &histogram.read());
        let text = page.into_text();
        for line in [
            "# TYPE seconds histogram",
            "seconds_bucket{stage=\"decode\",le=\"0.002\"} 0",
            "seconds_bucket{stage=\"decode\",le=\"0.005\"} 1",
            "seconds_bucket{stage=\"decode\",le=\"+Inf\"} 1",
            "seconds_sum{stage=\"decode\"} 0.003",
            "seconds_count{stage=\"decode\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
