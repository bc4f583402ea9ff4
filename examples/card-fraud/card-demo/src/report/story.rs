//! One correction, told in sentences: who wanted to pay, what was answered, what came late, and what it
//! changed.

use std::fmt;

use card_traffic::{Delivery, Disposition, Event, Kind};
use foreshore_event::{Span, Time};

use crate::finals::Settled;
use crate::table::Table;
use crate::wire::{Amendment, Cause, Revision};
use crate::words::{moment, span};

/// Requests that overtook each other by seconds make no story.
const AFTER_MIN: Span = Span(10 * Span::SECOND.0);

/// Features shown: those that changed most in proportion.
const FEATURES_MAX: usize = 5;

/// A payment, its first answer, the late event, and the answer that this led to.
#[derive(Clone, Debug)]
pub struct Story<'a> {
    attempt: Arrived<'a>,
    before: &'a Revision,
    late: Arrived<'a>,
    after: &'a Revision,
}

/// An event, and how it came.
#[derive(Clone, Copy, Debug)]
struct Arrived<'a> {
    event: &'a Event,
    arrival: Time,
    /// Events that came with it, itself included.
    together: usize,
}

impl<'a> Story<'a> {
    /// The amendment that makes the best story; none if no late event led to any.
    pub fn find(
        deliveries: &'a [Delivery],
        settled: &'a [Settled],
        amendments: &[Amendment],
    ) -> Option<Story<'a>> {
        let mut best_first: Vec<&Amendment> = amendments.iter().collect();
        best_first.sort_by(|a, b| interest(b).total_cmp(&interest(a)));
        let told = |amendment| Story::of(deliveries, settled, amendment);
        best_first.into_iter().find_map(told)
    }

    fn of(
        deliveries: &'a [Delivery],
        settled: &'a [Settled],
        amendment: &Amendment,
    ) -> Option<Story<'a>> {
        let Cause::LateEvent { event, source } = &amendment.cause else {
            return None;
        };
        let about = |settled: &&Settled| settled.decision.decision == amendment.decision;
        let revisions = &settled.iter().find(about)?.decision.revisions;
        let at = revisions
            .iter()
            .position(|said| said.revision == amendment.revision)?;
        let mut earlier = revisions.iter().take(at).rev();
        let story = Story {
            attempt: Arrived::find(deliveries, &amendment.source, &amendment.event)?,
            before: earlier.find(|said| said.verdict == amendment.old)?,
            late: Arrived::find(deliveries, source, event)?,
            after: revisions.get(at)?,
        };
        let after = story.late.arrival.since(story.attempt.arrival);
        (after > AFTER_MIN).then_some(story)
    }

    /// What the model saw differently, the greatest change first: name, then, now.
    fn features(&self) -> Vec<(&'a str, f64, f64)> {
        let mut changed: Vec<(&str, f64, f64)> = (self.before.features.iter())
            .filter_map(|(name, then)| {
                let now = self.after.features.get(name)?;
                Some((name.as_str(), (*then)?, (*now)?)).filter(|(_, then, now)| then != now)
            })
            .collect();
        let proportion =
            |(_, then, now): &(&str, f64, f64)| (now - then).abs() / then.abs().max(now.abs());
        changed.sort_by(|a, b| proportion(b).total_cmp(&proportion(a)));
        changed.truncate(FEATURES_MAX);
        changed
    }

    /// What the strongest reasons add now, and what they added then where they were strong already.
    fn reasons(&self) -> impl Iterator<Item = (&'a str, Option<f64>, f64)> {
        self.after.reasons.iter().map(|now| {
            let then = self
                .before
                .reasons
                .iter()
                .find(|then| then.name == now.name);
            (
                now.name.as_str(),
                then.map(|then| then.contribution),
                now.contribution,
            )
        })
    }
}

/// What an event of this kind tells of a payment.
fn what(kind: Kind) -> &'static str {
    match kind {
        Kind::Attempted => "the attempt",
        Kind::Completed => "the completion",
        Kind::Reported => "the report",
    }
}

/// How far the score moved; a payment found out is the better story than one cleared.
fn interest(amendment: &Amendment) -> f64 {
    match (amendment.old.score, amendment.new.score) {
        (Some(old), Some(new)) if new > old => 1.0 + new - old,
        (Some(old), Some(new)) => old - new,
        _ => 0.0,
    }
}

impl<'a> Arrived<'a> {
    fn find(deliveries: &'a [Delivery], source: &str, id: &str) -> Option<Arrived<'a>> {
        deliveries.iter().find_map(|delivery| {
            let sent = delivery.events.iter().find(|sent| {
                sent.disposition == Disposition::Admitted
                    && (&*sent.event.source, &*sent.event.id) == (source, id)
            })?;
            Some(Arrived {
                event: &sent.event,
                arrival: delivery.arrival,
                together: delivery.events.len(),
            })
        })
    }
}

impl fmt::Display for Story<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Story {
            attempt,
            before,
            late,
            after,
        } = self;
        writeln!(
            f,
            "  {}  {} offers {:.2} EUR at {}.\n{:23}Answered at once: {}, score {:.4}.",
            moment(attempt.event.time),
            attempt.event.data.customer,
            attempt.event.euros().unwrap_or_default(),
            attempt.event.data.terminal,
            "",
            before.verdict.outcome,
            before.verdict.score.unwrap_or(f64::NAN),
        )?;
        writeln!(
            f,
            "  {}  A batch of {} events arrives. One of them, {} of {} from {},\n{:23}\
             happened {} before the payment and was {} on its way.\n{:23}\
             Put where it belongs, it makes the answer: {}, score {:.4}.\n",
            moment(late.arrival),
            late.together,
            what(late.event.kind),
            late.event.data.payment,
            late.event.source,
            "",
            span(attempt.event.time.since(late.event.time)),
            span(late.arrival.since(late.event.time)),
            "",
            after.verdict.outcome,
            after.verdict.score.unwrap_or(f64::NAN),
        )?;
        let features = Table::of(["what the model saw", "then", "now"]);
        let features = self
            .features()
            .into_iter()
            .fold(features, |table, (name, then, now)| {
                table.with([name.to_owned(), format!("{then:.2}"), format!("{now:.2}")])
            });
        let reasons = Table::of(["strongest reasons now", "then", "now"]);
        let reasons = self.reasons().fold(reasons, |table, (name, then, now)| {
            let then = then.map_or("-".to_owned(), |then| format!("{then:+.2}"));
            table.with([name.to_owned(), then, format!("{now:+.2}")])
        });
        write!(f, "{features}\n{reasons}")
    }
}
