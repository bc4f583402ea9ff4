//! `foreshore cost`: what scores cost a pipeline, from a page of its node's metrics; and from that, scoring when somebody
//! asks against computing every key's score each hour. Takes the page and a reader's own numbers; gives two tables.
//! Must not ask a node: the page comes from whoever may read it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail};

use crate::commands::log;

/// Scores a day of each key that the table has.
const SCORES_PER_DAY: [f64; 6] = [0.1, 1.0, 10.0, 24.0, 100.0, 1_000.0];

/// Times a day that all keys are computed where scores are computed ahead.
const AHEAD: f64 = 24.0;

/// What scores cost, and what it would cost to compute them ahead.
#[derive(clap::Args)]
pub struct Args {
    /// The page that GET /metrics of the admin port gives; standard input if left out
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
    /// The pipeline; may be left out where the page has one
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,
    /// How many keys there are to be scored: cards, customers, devices
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    keys: u64,
}

/// What one score takes of a processor, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cost {
    /// All that the pipeline's thread does for it.
    score: f64,
    /// Its plugins alone, each called once: what a score computed ahead takes at least.
    plugins: f64,
}

/// The samples of a page: names with their labels, and values.
struct Page(BTreeMap<String, f64>);

/// Prints what scores cost.
pub fn run(args: Args) -> anyhow::Result<()> {
    let text = match &args.metrics {
        Some(file) => {
            fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?
        }
        None => {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .context("read the metrics")?;
            text
        }
    };
    let page = Page::read(&text);
    let pipeline = page.pipeline(args.pipeline.as_deref())?;
    let cost = page.cost(&pipeline)?;
    log::give(table(&page, &pipeline, cost, args.keys as f64).trim_end())?;
    Ok(())
}

impl Page {
    fn read(text: &str) -> Page {
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        let samples = samples.filter_map(|line| {
            let (name, value) = line.rsplit_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        Page(samples.collect())
    }

    /// The samples of a name that have these labels, with what else their labels say.
    fn of<'a>(&'a self, name: &'a str, label: &'a str) -> impl Iterator<Item = (&'a str, f64)> {
        self.0.iter().filter_map(move |(full, value)| {
            let labels = full.strip_prefix(name)?.strip_prefix('{')?;
            labels.contains(label).then_some((labels, *value))
        })
    }

    fn sum(&self, name: &str, label: &str) -> f64 {
        self.of(name, label).map(|(_, value)| value).sum()
    }

    /// The label of the pipeline that is meant.
    fn pipeline(&self, wanted: Option<&str>) -> anyhow::Result<String> {
        let known = self.of("foreshore_pipeline_up", "");
        let known: Vec<&str> = known
            .filter_map(|(labels, _)| labels.split('"').nth(1))
            .collect();
        let found = match (wanted, known.as_slice()) {
            (Some(wanted), known) => known.iter().find(|name| **name == wanted),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        match found {
            Some(name) => Ok(format!("pipeline=\"{name}\"")),
            None if known.is_empty() => bail!("this is no page of metrics of a node that serves"),
            None => bail!(
                "which pipeline? --pipeline takes one of {}",
                known.join(", ")
            ),
        }
    }

    fn cost(&self, pipeline: &str) -> anyhow::Result<Cost> {
        let calls = "foreshore_plugin_calls_total";
        let seconds = "foreshore_plugin_call_seconds_total";
        let of_pipeline = |name| self.of(name, pipeline);
        let models = of_pipeline(calls).filter(|(labels, _)| labels.contains("plugin=\"models."));
        let scores = models.map(|(_, calls)| calls).fold(0.0, f64::max);
        if scores == 0.0 {
            bail!("nothing was scored yet; ask again when the node has worked for a while");
        }
        let each = of_pipeline(calls).zip(of_pipeline(seconds));
        let each = each.filter(|((_, calls), _)| *calls > 0.0);
        Ok(Cost {
            score: self.sum("foreshore_cpu_seconds_total", pipeline) / scores,
            plugins: each.map(|((_, calls), (_, seconds))| seconds / calls).sum(),
        })
    }
}

fn table(page: &Page, pipeline: &str, cost: Cost, keys: f64) -> String {
    let micros = |seconds: f64| format!("{:.1} us", seconds * 1e6);
    let events = page.sum("foreshore_events_total", "disposition=\"admitted\"");
    let fsyncs = page.sum("foreshore_store_fsyncs_total", pipeline) / events.max(1.0);
    let timelines = page.sum("foreshore_timelines", pipeline).max(1.0);
    let bytes = page.sum("foreshore_timeline_bytes", pipeline) / timelines;
    let mut said = format!(
        "a score        {} of the pipeline's thread, {} of it its plugins\n\
         an event       {fsyncs:.3} syncs\n\
         a timeline     {bytes:.0} bytes in memory\n\n\
         processor seconds a day, for {keys:.0} keys\n\
         scores a key and day   when asked   ahead, each hour   ahead over asked\n",
        micros(cost.score),
        micros(cost.plugins),
    );
    let ahead = keys * AHEAD * cost.plugins;
    for scores in SCORES_PER_DAY {
        let asked = keys * scores * cost.score;
        said.push_str(&format!(
            "{scores:>20} {asked:>12.0} {ahead:>18.0} {:>18.2}\n",
            ahead / asked
        ));
    }
    said.push_str("A score computed ahead is up to an hour old; one that is asked for knows all that has come.\n");
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# HELP foreshore_pipeline_up Whether.\n\
        foreshore_pipeline_up{pipeline=\"p\"} 1\n\
        foreshore_cpu_seconds_total{pipeline=\"p\"} 0.05\n\
        foreshore_events_total{pipeline=\"p\",disposition=\"admitted\"} 2000\n\
        foreshore_plugin_call_seconds_total{pipeline=\"p\",plugin=\"features.a\"} 0.01\n\
        foreshore_plugin_call_seconds_total{pipeline=\"p\",plugin=\"models.m\"} 0.001\n\
        foreshore_plugin_calls_total{pipeline=\"p\",plugin=\"features.a\"} 2000\n\
        foreshore_plugin_calls_total{pipeline=\"p\",plugin=\"models.m\"} 1000\n";

    #[test]
    fn a_score_costs_what_the_thread_used_for_each_and_its_plugins_one_call_of_each() {
        let page = Page::read(PAGE);
        let pipeline = page.pipeline(None).unwrap();
        let cost = page.cost(&pipeline).unwrap();
        assert!((cost.score - 50e-6).abs() < 1e-12);
        assert!((cost.plugins - 6e-6).abs() < 1e-12);
        let said = table(&page, &pipeline, cost, 1_000_000.0);
        assert!(
            said.contains("50.0 us of the pipeline's thread, 6.0 us"),
            "{said}"
        );
        // A million keys, 24 times 6 us; once 50 us.
        assert!(said.contains("144"), "{said}");
        assert!(said.contains("2.88"), "{said}");
    }

    #[test]
    fn a_page_that_does_not_say_enough_is_told_what_is_missing() {
        let wrong = |page: &str, pipeline: Option<&str>| {
            let page = Page::read(page);
            let cost = page
                .pipeline(pipeline)
                .and_then(|pipeline| page.cost(&pipeline));
            cost.unwrap_err().to_string()
        };
        assert!(wrong("", None).contains("no page of metrics"));
        assert!(wrong(PAGE, Some("q")).contains("one of p"));
        let idle = PAGE.replace("1000\n", "0\n");
        assert!(wrong(&idle, None).contains("nothing was scored yet"));
    }
}
