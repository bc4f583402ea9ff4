//! As many score requests as there can be: every connection sends its next request when it has its answer. All arms
//! in turn, for each number of connections.

use foreshore_load::Verdict;

use super::{Arms, Bench, FLOOR, FORESHORE, HANDWRITTEN};
use crate::figure::{Figures, Spread, mark};
use crate::report::{Plot, Scale, Section, Table, by_arm};

pub(super) const PART: &str = "ceiling";
pub(super) const ANSWERS: &str = "answers/s";
const CPU: &str = "server us per answer";

/// Connections that are enough to keep a processor busy while the disk works.
const SATURATED: f64 = 64.0;

/// Measures the ceilings.
pub(super) fn measure(bench: &mut Bench, arms: &mut Arms, section: Section) -> Section {
    for &connections in bench.plan.connections {
        for _ in 0..bench.plan.rounds {
            for arm in arms.all() {
                let before = arm.server.cpu();
                let report = arm.load(&bench.rows, connections, None, bench.plan.ceiling_time);
                let cpu = (arm.server.cpu() - before).as_secs_f64() * 1e6;
                let good = report.count(Verdict::Good);
                let at = connections as f64;
                let mut note = |what, value| bench.figures.note(PART, &arm.name, at, what, value);
                note(ANSWERS, report.goodput());
                note(CPU, cpu / good as f64);
                note("p50, us", report.latency(0.5).as_secs_f64() * 1e6);
                note("p99, us", report.latency(0.99).as_secs_f64() * 1e6);
                note(
                    "not good, %",
                    100.0 * (1.0 - good as f64 / report.sent() as f64),
                );
                note("client busy, %", 100.0 * report.busy());
            }
        }
    }
    let figures = &bench.figures;
    let by = |what| by_arm(figures, PART, what, "connections");
    section
        .saying("### As many as there can be")
        .saying("Good answers a second; each connection sends its next request when it has its answer.")
        .saying(by(ANSWERS))
        .saying("Processor time of the server's process per good answer, in microseconds.")
        .saying(by(CPU))
        .saying("Share of its processor that the client was busy, in percent: near 100 it is what is measured.")
        .saying(by("client busy, %"))
        .saying("As a multiple, round by round; by processor time also where the machine had other things to do.")
        .saying(ratios(figures))
        .showing("ceiling", Plot::by_arm(figures, PART, ANSWERS, "connections", Scale::Even))
}

/// The most an arm gave, over the connections that saturate; and at how many.
pub(super) fn best(figures: &Figures, arm: &str) -> Option<(f64, f64)> {
    let of_arm = figures.of(PART, ANSWERS).filter(|figure| figure.arm == arm);
    let answers = of_arm.map(|figure| (figure.at, figure.spread().median));
    answers.max_by(|a, b| a.1.total_cmp(&b.1))
}

/// One arm's answers over another's, in the place where the first is best among those that saturate.
pub fn ratio(figures: &Figures, arm: &str, other: &str) -> Option<(f64, Spread)> {
    let saturated = figures
        .of(PART, ANSWERS)
        .filter(|f| f.arm == arm && f.at >= SATURATED);
    let best = saturated.max_by(|a, b| a.spread().median.total_cmp(&b.spread().median))?;
    let other = figures.find(PART, other, best.at, ANSWERS)?;
    Some((best.at, best.over(other)))
}

fn ratios(figures: &Figures) -> Table {
    let columns = [
        "arm",
        "over",
        "connections",
        "answers",
        "answers per processor time",
    ];
    let mut table = Table::new(columns);
    for (arm, other) in [
        (FORESHORE, FLOOR),
        (FORESHORE, HANDWRITTEN),
        ("foreshore, 200 trees", FLOOR),
        ("foreshore, os", FLOOR),
        ("foreshore, os", "handwritten, os"),
        ("foreshore, per call", FORESHORE),
        (HANDWRITTEN, FLOOR),
    ] {
        if let Some((at, ratio)) = ratio(figures, arm, other) {
            let cpu = |arm| figures.find(PART, arm, at, CPU);
            // Less time for each is more of them.
            let per_time = cpu(other).zip(cpu(arm)).map(|(other, own)| other.over(own));
            table.row([
                arm.to_owned(),
                other.to_owned(),
                mark(at),
                ratio.to_string(),
                per_time.unwrap_or(Spread::of([])).to_string(),
            ]);
        }
    }
    table
}
