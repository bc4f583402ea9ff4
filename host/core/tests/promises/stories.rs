//! Single stories, told step by step: what a sender is told, and what changes it later.

use std::sync::Arc;

use foreshore_core::{
    Act, AmendPolicy, Answer, Audit, Cause, Core, Disposition, Input, Outcome, Outputs, Part,
    Reason, Record, Reply,
};
use foreshore_event::{Event, Span, Time};

use crate::world::{ARRIVAL, World, event, pipeline};

/// A core with everything it has said.
struct Story {
    core: Core,
    world: World,
    outputs: Outputs,
    now: Time,
}

impl Story {
    fn new(lateness: i64, amend: AmendPolicy) -> Story {
        Story {
            core: Core::new(pipeline(Span(lateness * 1_000_000), amend)),
            world: World::new(0),
            outputs: Outputs::default(),
            now: ARRIVAL,
        }
    }

    fn step(&mut self, input: Input) -> Reply {
        self.core
            .step(self.now, input, &mut self.world, &mut self.outputs)
    }

    fn score(&mut self, event: Event) -> Box<Answer> {
        match self.step(Input::Score(event)) {
            Reply::Answer(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    /// Goes on with these records alone.
    fn restart(&mut self, records: Vec<Record>) {
        self.core = Core::new(Arc::new(self.core.pipeline().clone()));
        for record in records {
            self.core.replay(record).unwrap();
        }
    }
}

fn attempt(id: usize, time: i64) -> Event {
    event(id, "try", time, Some(1), Some(1), 5)
}

#[test]
fn a_late_event_amends_a_served_answer_and_is_named_as_the_cause() {
    let mut story = Story::new(1_000, AmendPolicy::All);
    let first = story.score(attempt(1, 10));
    story.step(Input::Ingest(event(2, "done", 5, Some(1), None, 9)));
    assert!(
        story.outputs.amendments.is_empty(),
        "nothing is said before the refold"
    );
    story.step(Input::Settle(100));
    let [amendment] = &story.outputs.amendments[..] else {
        panic!("one amendment")
    };
    assert_eq!(
        (Some(amendment.decision), amendment.revision),
        (first.decision, 2)
    );
    assert_eq!(amendment.old.score, first.revision.score());
    assert_ne!(amendment.new.score, first.revision.score());
    let Cause::Late(late) = &amendment.cause else {
        panic!("an event is the cause")
    };
    assert_eq!(&*late.id, "e2");

    let again = story.score(attempt(1, 10));
    assert_eq!(again.disposition, Disposition::Duplicate);
    assert_eq!(again.revision.number, 2);
    assert_eq!(again.first.map(|first| first.number), Some(1));
}

#[test]
fn a_missed_deadline_falls_back_says_why_and_is_amended_when_caught_up() {
    let mut story = Story::new(1_000, AmendPolicy::All);
    story.world.chains[2].timeouts = 1;
    let answer = story.score(attempt(1, 10));
    assert_eq!(
        (answer.revision.score(), answer.revision.outcome),
        (None, Outcome::Review)
    );
    let [degraded] = &answer.revision.degraded[..] else {
        panic!("one degraded part")
    };
    assert_eq!(
        (degraded.part, degraded.reason),
        (Part::Instance(2), Reason::Timeout)
    );
    assert!(
        story
            .outputs
            .records
            .iter()
            .any(|r| matches!(r, Record::Revision { told: true, revision, .. } if revision.degraded == answer.revision.degraded))
    );
    assert!(!answer.is_final);
    story.step(Input::Settle(100));
    assert!(
        story.outputs.amendments.is_empty(),
        "a timeline that missed a deadline rests"
    );
    story.now = story.now.plus(Span(100_000));
    story.step(Input::Tick);
    story.step(Input::Settle(100));
    let [amendment] = &story.outputs.amendments[..] else {
        panic!("one amendment")
    };
    assert_eq!(amendment.cause, Cause::CaughtUp);
    assert!(amendment.new.score.is_some());
}

#[test]
fn a_what_if_about_a_decided_event_leaves_the_decision_as_it_is() {
    let mut story = Story::new(1_000, AmendPolicy::All);
    let answer = story.score(attempt(1, 10));
    // Something to fold anew, with a plugin that would miss its deadline over it.
    story.step(Input::Ingest(event(2, "done", 5, Some(1), None, 9)));
    story.world.chains[0].timeouts = 1;
    let records = story.outputs.records.len();
    let Reply::Answer(asked) = story.step(Input::WhatIf(attempt(1, 10))) else {
        panic!("no answer")
    };
    assert_eq!(asked.disposition, Disposition::Duplicate);
    assert!(asked.revision.says_the_same(&answer.revision));
    assert_eq!(story.outputs.records.len(), records, "nothing is logged");
}

#[test]
fn a_replayed_decision_without_the_word_of_a_model_is_not_done_until_the_model_is_asked_again() {
    let mut story = Story::new(1_000, AmendPolicy::All);
    story.world.model_timeouts = 1;
    assert_eq!(story.score(attempt(1, 10)).revision.score(), None);
    let records = std::mem::take(&mut story.outputs.records);
    story.restart(records);
    let is_quiet = story.core.catch_up(story.now, &mut story.world);
    assert!(!is_quiet, "what is put away now is never asked about again");
    story.core.take_up(story.now, &mut story.world);
    story.step(Input::Settle(100));
    let [amendment] = &story.outputs.amendments[..] else {
        panic!("one amendment")
    };
    assert!(amendment.new.score.is_some());
}

#[test]
fn a_replayed_change_is_not_done_until_a_record_says_that_the_world_was_told() {
    let mut story = Story::new(1_000, AmendPolicy::All);
    story.score(attempt(1, 10));
    story.step(Input::Ingest(event(2, "done", 5, Some(1), None, 9)));
    story.step(Input::Settle(100));
    let mut records = std::mem::take(&mut story.outputs.records);
    let told = records.pop().unwrap();
    assert!(matches!(told, Record::Amendment(_)), "{told:?}");

    story.restart(records.clone());
    let is_quiet = story.core.catch_up(story.now, &mut story.world);
    assert!(!is_quiet, "what is put away now would go beyond the change");
    story.core.replay(told).unwrap();
    assert!(story.core.catch_up(story.now, &mut story.world));

    // The same where the power went before it was told.
    story.restart(records);
    story.outputs.amendments.clear();
    story.core.take_up(story.now, &mut story.world);
    story.step(Input::Settle(100));
    assert_eq!(story.outputs.amendments.len(), 1);
    assert!(story.core.is_quiet());
}

#[test]
fn a_replayed_event_without_a_place_is_not_done_until_it_is_decided_about() {
    let mut story = Story::new(10, AmendPolicy::All);
    story.score(attempt(1, 1_000));
    story.step(Input::Ingest(attempt(2, 10)));
    let [records @ .., Record::Event { late, .. }] = &story.outputs.records[..] else {
        panic!("the event, and nothing decided about it")
    };
    assert_ne!(*late, 0);
    assert!(!records.is_empty());
    let records = std::mem::take(&mut story.outputs.records);
    story.restart(records);
    let is_quiet = story.core.catch_up(story.now, &mut story.world);
    assert!(!is_quiet, "what is put away now is never decided about");
    story.core.take_up(story.now, &mut story.world);
    story.step(Input::Settle(100));
    let last = story.outputs.records.last();
    assert!(matches!(last, Some(Record::Revision { .. })), "{last:?}");
}

#[test]
fn a_breaker_opens_after_missed_deadlines_and_its_timelines_catch_up() {
    let mut story = Story::new(1_000, AmendPolicy::All);
    story.world.chains[0].timeouts = 3;
    let reasons: Vec<Reason> = (0..4)
        .map(|id| {
            // Each key is a timeline of its own: one that missed a deadline rests.
            let attempt = event(id, "try", id as i64, Some(id as u8), None, 5);
            story.score(attempt).revision.degraded[0].reason
        })
        .collect();
    let expected = [
        Reason::Timeout,
        Reason::Timeout,
        Reason::Timeout,
        Reason::BreakerOpen,
    ];
    assert_eq!(reasons, expected);
    assert!(story.core.is_open(Part::Instance(0), story.now));
    story.now = story.now.plus(Span(2_000_000));
    story.step(Input::Tick);
    story.step(Input::Settle(100));
    assert!(!story.core.is_open(Part::Instance(0), story.now));
    assert_eq!(story.outputs.amendments.len(), 4);
}

#[test]
fn a_future_event_is_answered_by_the_fallback_and_judged_anew_when_sent_again() {
    let mut story = Story::new(1_000, AmendPolicy::All);
    story.now = Time(0);
    let answer = story.score(attempt(1, 10));
    assert_eq!(
        (answer.disposition, answer.decision),
        (Disposition::Future, None)
    );
    assert_eq!(answer.revision.degraded[0].reason, Reason::Future);
    story.now = Time(10_000_000);
    assert_eq!(
        story.score(attempt(1, 10)).disposition,
        Disposition::Admitted
    );
    assert_eq!(story.core.gauges().counts.of(Disposition::Future), 1);
}

#[test]
fn one_identity_with_two_contents_is_a_conflict_and_changes_nothing() {
    let mut story = Story::new(1_000, AmendPolicy::All);
    story.score(attempt(1, 10));
    let other = event(1, "try", 10, Some(1), Some(1), 6);
    assert!(matches!(
        story.step(Input::Score(other)),
        Reply::Conflict(_)
    ));
    let answer = story.score(attempt(2, 11));
    assert_eq!(
        answer.revision.vector[2], 2.0,
        "the conflict was not folded"
    );
}

#[test]
fn an_event_late_for_one_timeline_is_admitted_to_the_other_and_says_so() {
    let mut story = Story::new(10, AmendPolicy::All);
    story.step(Input::Ingest(event(1, "done", 100, None, Some(1), 5)));
    let answer = story.score(attempt(2, 50));
    assert_eq!(
        (answer.disposition, &answer.late_for[..]),
        (Disposition::Admitted, &[2][..])
    );
    assert!(
        !answer.revision.vector.iter().any(|number| number.is_nan()),
        "the base was read"
    );
    story.step(Input::Ingest(event(3, "done", 100, Some(1), None, 5)));
    let answer = story.score(attempt(4, 60));
    assert_eq!(
        (answer.disposition, answer.is_final),
        (Disposition::Late, true)
    );
    assert_eq!(answer.late_for, [0, 1, 2]);
}

#[test]
fn a_close_makes_answers_final_and_what_comes_after_late() {
    let mut story = Story::new(1_000, AmendPolicy::All);
    assert!(!story.score(attempt(1, 10)).is_final);
    story.step(Input::Settle(100));
    story.step(Input::Close(Time(11_000_000)));
    assert!(story.score(attempt(1, 10)).is_final);
    assert_eq!(story.score(attempt(2, 10)).disposition, Disposition::Late);
    let unseen = event(3, "try", 10, Some(9), None, 5);
    assert_eq!(
        story.score(unseen).disposition,
        Disposition::Late,
        "new timelines start closed"
    );
}

#[test]
fn only_changes_the_pipeline_publishes_are_published() {
    for (policy, expected) in [(AmendPolicy::All, 1), (AmendPolicy::ScoreDelta(1.1), 0)] {
        let mut story = Story::new(1_000, policy);
        let first = story.score(attempt(1, 10));
        // Find a late event that leaves the outcome as it was.
        let same = (2..200).find(|id| {
            let mut imagined = Story::new(1_000, policy);
            imagined.step(Input::Ingest(event(*id, "done", 5, Some(1), None, 9)));
            imagined.score(attempt(1, 10)).revision.outcome == first.revision.outcome
        });
        story.step(Input::Ingest(event(
            same.unwrap(),
            "done",
            5,
            Some(1),
            None,
            9,
        )));
        story.step(Input::Settle(100));
        assert_eq!(story.outputs.amendments.len(), expected, "{policy:?}");
    }
}

#[test]
fn an_ingested_event_of_a_scored_type_gets_its_decision_without_an_amendment() {
    let mut story = Story::new(1_000, AmendPolicy::All);
    story.step(Input::Ingest(attempt(1, 10)));
    story.step(Input::Settle(100));
    assert!(
        story.outputs.amendments.is_empty(),
        "nobody was told anything yet"
    );
    let answer = story.score(attempt(1, 10));
    assert_eq!(
        (answer.disposition, answer.revision.number),
        (Disposition::Duplicate, 1)
    );
}

#[test]
fn what_an_operator_did_is_a_record_and_changes_nothing_else() {
    let mut story = Story::new(1_000, AmendPolicy::All);
    let before = story.score(attempt(1, 10));
    let said = story.outputs.records.len();
    let audit = Audit::new("ops", Act::Close, "a time", "closed");
    story.step(Input::Audit(audit.clone()));
    let written = &story.outputs.records[said..];
    assert!(
        matches!(written, [Record::Audit { time, audit: found, .. }] if *time == story.now && *found == audit),
        "{written:?}"
    );
    let after = story.score(attempt(1, 10));
    assert_eq!(after.revision, before.revision);
    assert_eq!(story.outputs.records.len(), said + 1);
}

#[test]
fn a_close_after_follows_the_wall_clock() {
    let mut pipeline = (*pipeline(Span(i64::MAX), AmendPolicy::All)).clone();
    pipeline.close_after = Some(Span(60_000_000));
    let mut story = Story::new(1, AmendPolicy::All);
    story.core = Core::new(pipeline.into());
    story.score(attempt(1, 3_500));
    story.now = Time(3_600_000_000);
    story.step(Input::Tick);
    let closed = |story: &Story| {
        story.outputs.records.iter().any(
            |record| matches!(record, Record::Close { time, .. } if *time == Time(3_540_000_000)),
        )
    };
    assert!(closed(&story));
    assert!(story.score(attempt(1, 3_500)).is_final);
}

#[test]
fn timelines_of_a_failing_plugin_are_left_alone_until_a_tick() {
    let mut story = Story::new(1_000, AmendPolicy::Outcome);
    // More keys than failures that open the breaker: the last ones are refused without a call.
    let keys = 8;
    story.world.chains[0].timeouts = u32::MAX;
    for key in 0..keys {
        let (id, time) = (usize::from(key), i64::from(key));
        story.step(Input::Ingest(event(id, "try", time, Some(key), None, 1)));
    }
    let settled = story.step(Input::Settle(u64::MAX));
    assert!(matches!(settled, Reply::Settled(false)));
    assert_eq!(story.core.gauges().timelines_owing, usize::from(keys));
}
