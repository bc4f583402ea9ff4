//! What the client itself adds: the floor at rates that rise until its tail shows. Above that, a tail is the client's
//! as much as the server's.

use super::{Arm, Bench};
use crate::report::{Plot, Scale, Section, by_arm};

const PART: &str = "client";

/// Connections that the schedule has to spread over.
const CONNECTIONS: usize = 64;

/// How many times its p99 at the lowest rate shows a tail, and by how many microseconds at least.
const TAIL: (f64, f64) = (2.0, 100.0);

/// Measures the client at the floor.
pub(super) fn measure(bench: &mut Bench, floor: &mut Arm, section: Section) -> Section {
    for _ in 0..bench.plan.rounds {
        for rate in bench.plan.client_rates {
            let time = bench.plan.latency_time.div_f64(2.0);
            let report = floor.load(&bench.rows, CONNECTIONS, Some(*rate), time);
            let mut note = |what, value| bench.figures.note(PART, "floor", *rate, what, value);
            for (what, share) in [("p50, us", 0.5), ("p99, us", 0.99), ("p99.9, us", 0.999)] {
                note(what, report.latency(share).as_secs_f64() * 1e6);
            }
            note("client busy, %", 100.0 * report.busy());
        }
    }
    let p99 = "p99, us";
    let figures = &bench.figures;
    let lowest = figures
        .of(PART, p99)
        .next()
        .map_or(f64::NAN, |figure| figure.spread().median);
    let bound = (lowest * TAIL.0).max(lowest + TAIL.1);
    let mut without = figures
        .of(PART, p99)
        .take_while(|figure| figure.spread().median <= bound);
    let fit = without.by_ref().last().map_or(0.0, |figure| figure.at);
    section
        .saying("### The client, at the floor")
        .saying(format!(
            "On a fixed schedule over {CONNECTIONS} connections, latency from when a request was due. Up to **{} \
             requests/s** the client adds no tail of its own (p99 at the floor no more than {bound:.0} us).",
            crate::figure::mark(fit),
        ))
        .saying(by_arm(figures, PART, p99, "requests/s"))
        .saying(format!("p50: {}", brief(bench, "p50, us")))
        .showing(
            "client",
            Plot::by_arm(figures, PART, p99, "requests/s", Scale::Powers),
        )
}

fn brief(bench: &Bench, what: &str) -> String {
    let figures = bench.figures.of(PART, what);
    let said = figures.map(|figure| {
        format!(
            "{} us at {}/s",
            figure.spread(),
            crate::figure::mark(figure.at)
        )
    });
    said.collect::<Vec<_>>().join(", ")
}
