//! Every metric there is: its name, its help, and where its number comes from. A pipeline too busy to tell
//! its numbers is shown with those that are known without it.

use foreshore_core::Disposition;
use foreshore_plugin::Counters;

use crate::metrics::exposition::{Exposition, Kind, Labels};
use crate::metrics::meters::Meters;
use crate::metrics::metric::{Metric, seconds};
use crate::metrics::ports::{self, MeasuredPort};
use crate::metrics::store;
use crate::worker::{Handle, Snapshot};

/// A pipeline and its numbers.
pub struct Measured<'a> {
    /// Its name.
    pub name: &'a str,
    /// The way to it.
    pub handle: &'a Handle,
    /// What was measured of its requests.
    pub meters: &'a Meters,
    /// What its thread tells; none if it does not answer.
    pub snapshot: Option<Snapshot>,
}

const OF_PIPELINES: [Metric<Snapshot>; 20] = [
    Metric::gauge(
        "foreshore_log_position",
        "Position of the last log record.",
        |s| s.gauges.lsn as f64,
    ),
    Metric::counter("foreshore_log_records_total", "Log records written.", |s| {
        s.log_records as f64
    }),
    Metric::gauge(
        "foreshore_queue_requests",
        "Requests waiting for the pipeline's thread.",
        |s| s.queued as f64,
    ),
    Metric::counter(
        "foreshore_cpu_seconds_total",
        "Processor time of the pipeline's thread.",
        |s| s.cpu.as_secs_f64(),
    ),
    Metric::gauge(
        "foreshore_cpu_budget_seconds",
        "Processor time the pipeline's thread may use in a second.",
        |s| s.cpu_per_second.map_or(1.0, |time| time.as_secs_f64()),
    ),
    Metric::counter("foreshore_steps_total", "Steps of the core.", |s| {
        s.steps as f64
    }),
    Metric::counter(
        "foreshore_step_seconds_total",
        "Time spent in steps of the core.",
        |s| seconds(s.step_ns),
    ),
    Metric::gauge(
        "foreshore_foreshore_events",
        "Events at or above their timelines' watermarks.",
        |s| s.gauges.foreshore_events as f64,
    ),
    Metric::counter(
        "foreshore_amendments_total",
        "Changes of decisions published.",
        |s| s.gauges.amendments as f64,
    ),
    Metric::gauge("foreshore_timelines", "Timelines in memory.", |s| {
        s.gauges.timelines as f64
    }),
    Metric::gauge(
        "foreshore_timeline_bytes",
        "Bytes of timelines; an event counts in each that holds it.",
        |s| s.gauges.timeline_bytes as f64,
    ),
    Metric::gauge(
        "foreshore_timelines_owing",
        "Timelines that owe folds.",
        |s| s.gauges.timelines_owing as f64,
    ),
    Metric::gauge("foreshore_debt_rows", "Rows that timelines owe.", |s| {
        s.gauges.debt_rows as f64
    }),
    Metric::counter(
        "foreshore_folded_rows_total",
        "Rows folded, refolds included.",
        |s| s.gauges.folded_rows as f64,
    ),
    Metric::counter(
        "foreshore_displacing_events_total",
        "Events placed below others.",
        |s| s.gauges.displacing as f64,
    ),
    Metric::counter(
        "foreshore_displaced_events_total",
        "Events that others were placed below.",
        |s| s.gauges.displaced as f64,
    ),
    Metric::counter(
        "foreshore_overflowed_events_total",
        "Events committed early by foreshores at their bound.",
        |s| s.gauges.overflowed as f64,
    ),
    Metric::gauge("foreshore_decisions", "Decisions kept.", |s| {
        s.gauges.decisions as f64
    }),
    Metric::gauge(
        "foreshore_decisions_stale",
        "Decisions queued to be revised.",
        |s| s.gauges.decisions_stale as f64,
    ),
    Metric::gauge(
        "foreshore_identities",
        "Event identities remembered.",
        |s| s.gauges.identities as f64,
    ),
];

const OF_PLUGINS: [Metric<Counters>; 8] = [
    Metric::counter(
        "foreshore_plugin_calls_total",
        "Calls of plugins, refused ones included.",
        |c| c.calls as f64,
    ),
    Metric::counter(
        "foreshore_plugin_rows_total",
        "Rows in calls of plugins.",
        |c| c.rows as f64,
    ),
    Metric::counter(
        "foreshore_plugin_call_seconds_total",
        "Time spent in calls of plugins.",
        |c| seconds(c.call_ns),
    ),
    Metric::counter(
        "foreshore_plugin_traps_total",
        "Calls that trapped or broke the contract.",
        |c| c.traps as f64,
    ),
    Metric::counter(
        "foreshore_plugin_timeouts_total",
        "Calls that ran over their time or memory.",
        |c| c.timeouts as f64,
    ),
    Metric::counter(
        "foreshore_plugin_instantiations_total",
        "Instances made.",
        |c| c.instantiations as f64,
    ),
    Metric::counter(
        "foreshore_plugin_purity_checks_total",
        "Calls repeated on a fresh instance.",
        |c| c.purity_checks as f64,
    ),
    Metric::counter(
        "foreshore_plugin_impure_total",
        "Repeated calls that gave something else.",
        |c| c.impure as f64,
    ),
];

/// Writes all metrics of these ports and pipelines.
pub fn expose(
    page: &mut Exposition,
    ports: &[MeasuredPort<'_>],
    pipelines: &[Measured<'_>],
    ready: bool,
) {
    page.family(
        "foreshore_build_info",
        Kind::Gauge,
        "The version that runs; always 1.",
    );
    page.sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    page.family(
        "foreshore_ready",
        Kind::Gauge,
        "Whether the node takes requests.",
    );
    page.sample(&[], u8::from(ready));
    ports::ports(page, ports);
    page.family(
        "foreshore_pipeline_up",
        Kind::Gauge,
        "Whether the pipeline told its numbers.",
    );
    for pipeline in pipelines {
        let up = u8::from(pipeline.snapshot.is_some());
        page.sample(&[("pipeline", pipeline.name)], up);
    }
    dispositions(page, pipelines);
    shed(page, pipelines);
    requests(page, pipelines);
    for metric in &OF_PIPELINES {
        metric.open(page);
        for (name, _, snapshot) in told(pipelines) {
            page.sample(&[("pipeline", name)], metric.read(snapshot));
        }
    }
    let stores = told(pipelines);
    let stores = stores.filter_map(|(name, _, snapshot)| Some((name, snapshot.store.as_ref()?)));
    store::stores(page, &stores.collect::<Vec<_>>());
    plugins(page, pipelines);
}

/// The pipelines that told their numbers.
fn told<'a>(
    pipelines: &'a [Measured<'a>],
) -> impl Iterator<Item = (&'a str, &'a Handle, &'a Snapshot)> {
    pipelines.iter().filter_map(|pipeline| {
        let snapshot = pipeline.snapshot.as_ref()?;
        Some((pipeline.name, pipeline.handle, snapshot))
    })
}

fn dispositions(page: &mut Exposition, pipelines: &[Measured<'_>]) {
    let help = "Events received, by what became of them.";
    page.family("foreshore_events_total", Kind::Counter, help);
    for pipeline in pipelines {
        for disposition in Disposition::ALL {
            let counted = pipeline
                .snapshot
                .as_ref()
                .map(|s| s.counts().of(disposition));
            let count = match disposition {
                Disposition::Invalid => Some(pipeline.handle.invalid()),
                Disposition::Shed => Some(pipeline.handle.shed().map(|(_, count)| count).sum()),
                _ => counted,
            };
            let labels = [
                ("pipeline", pipeline.name),
                ("disposition", disposition.name()),
            ];
            count
                .into_iter()
                .for_each(|count| page.sample(&labels, count));
        }
    }
}

fn shed(page: &mut Exposition, pipelines: &[Measured<'_>]) {
    let help = "Events turned away, by what was wanting.";
    page.family("foreshore_shed_total", Kind::Counter, help);
    for pipeline in pipelines {
        for (reason, count) in pipeline.handle.shed() {
            page.sample(&[("pipeline", pipeline.name), ("reason", reason)], count);
        }
    }
}

fn requests(page: &mut Exposition, pipelines: &[Measured<'_>]) {
    let help = "Time of requests, by stage: decode, worker (the wait for the pipeline's thread and its \
                work), request (the whole, the client's sending included).";
    page.family("foreshore_request_seconds", Kind::Histogram, help);
    for pipeline in pipelines {
        let kinds = [
            ("score", &pipeline.meters.score),
            ("events", &pipeline.meters.events),
        ];
        for (kind, stages) in kinds {
            for (stage, histogram) in stages.named() {
                let labels = [
                    ("pipeline", pipeline.name),
                    ("request", kind),
                    ("stage", stage),
                ];
                page.distribution(&labels, &histogram.read());
            }
        }
    }
}

fn plugins(page: &mut Exposition, pipelines: &[Measured<'_>]) {
    for metric in &OF_PLUGINS {
        metric.open(page);
        each_plugin(pipelines, |labels, counters, _| {
            page.sample(labels, metric.read(counters))
        });
    }
    let help = "Whether the plugin's breaker refuses calls.";
    page.family("foreshore_plugin_breaker_open", Kind::Gauge, help);
    each_plugin(pipelines, |labels, _, open| {
        page.sample(labels, u8::from(open))
    });
}

/// Visits every plugin, labelled by its section in the configuration.
fn each_plugin(pipelines: &[Measured<'_>], mut visit: impl FnMut(&Labels<'_>, &Counters, bool)) {
    for (name, handle, snapshot) in told(pipelines) {
        let pipeline = &handle.loaded().pipeline;
        let instances = pipeline
            .instances
            .iter()
            .map(|known| format!("features.{}", known.name));
        let models = pipeline
            .models
            .iter()
            .map(|known| format!("models.{}", known.name));
        let numbers = snapshot.instances.iter().chain(&snapshot.models);
        for (plugin, (counters, open)) in instances.chain(models).zip(numbers) {
            visit(
                &[("pipeline", name), ("plugin", plugin.as_str())],
                counters,
                *open,
            );
        }
    }
}
