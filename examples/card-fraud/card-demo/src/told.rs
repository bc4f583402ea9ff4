//! What those who asked for a score were told: the answers, and then the amendments to them. Takes replies
//! and amendments; gives what is believed; must not know what is final.

use std::collections::HashMap;

use card_traffic::Event;

use crate::play::Reply;
use crate::wire::{Amendment, Answer, Outcome};

/// What was told about every payment that somebody asked about, by source and id of its event.
pub struct Told<'a>(HashMap<(&'a str, &'a str), Word<'a>>);

/// What was told about one payment.
#[derive(Clone, Copy, Debug)]
pub struct Word<'a> {
    /// The decision's id.
    pub decision: &'a str,
    /// The first answer.
    pub first: &'a Answer,
    /// The outcome as its asker knows it.
    pub outcome: Outcome,
    /// The number of the revision it was told with.
    pub revision: u32,
}

impl<'a> Told<'a> {
    /// What the answers told.
    pub fn by(replies: &'a [Reply]) -> Told<'a> {
        let mut words: HashMap<(&str, &str), Word> = HashMap::new();
        for answer in replies.iter().filter_map(Reply::answer) {
            let Some(decision) = &answer.decision else {
                continue;
            };
            let word = words
                .entry((&answer.source, &answer.event))
                .or_insert(Word {
                    decision,
                    first: answer,
                    outcome: answer.said.verdict.outcome,
                    revision: answer.said.revision,
                });
            word.hear(answer.said.revision, answer.said.verdict.outcome);
        }
        Told(words)
    }

    /// What was told after these amendments. Answers and amendments say what is, not what to add: one
    /// that is older than what was told already changes nothing, and neither does one heard twice.
    #[must_use]
    pub fn amended(mut self, amendments: &'a [Amendment]) -> Told<'a> {
        for amendment in amendments {
            if let Some(word) = self.0.get_mut(&(&*amendment.source, &*amendment.event)) {
                word.hear(amendment.revision, amendment.new.outcome);
            }
        }
        self
    }

    /// What was told about this attempt; none if nobody asked.
    pub fn about(&self, attempt: &Event) -> Option<Word<'_>> {
        self.0.get(&(&*attempt.source, &*attempt.id)).copied()
    }

    /// All that was told, in no order.
    pub fn words(&self) -> impl ExactSizeIterator<Item = &Word<'a>> {
        self.0.values()
    }
}

impl Word<'_> {
    fn hear(&mut self, revision: u32, outcome: Outcome) {
        if revision > self.revision {
            self.revision = revision;
            self.outcome = outcome;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::client::Scored;
    use crate::play::Said;
    use crate::wire::Disposition;

    fn answer(decision: &str, revision: u32, outcome: &str) -> Reply {
        let answer = json!({
            "disposition": "admitted", "event": "a", "source": "t", "decision": decision,
            "revision": revision, "score": 0.5, "outcome": outcome, "reasons": []
        });
        let scored = Scored {
            disposition: Disposition::Admitted,
            answer: serde_json::from_value(answer).unwrap(),
        };
        Reply {
            said: Said::Scored(scored),
            again: false,
            took: Duration::ZERO,
        }
    }

    fn amendment(revision: u32, outcome: &str) -> Amendment {
        let amendment = json!({
            "decision": "d1", "event": "a", "source": "t", "revision": revision,
            "old": {"score": 0.5, "outcome": "review"}, "new": {"score": 0.1, "outcome": outcome},
            "cause": {"what": "caught-up"}
        });
        serde_json::from_value(amendment).unwrap()
    }

    #[test]
    fn an_amendment_says_what_is_however_often_it_is_heard() {
        let replies = [answer("d1", 1, "review"), answer("d1", 3, "decline")];
        for (revisions, outcome) in [
            (vec![], Outcome::Decline),
            (vec![(2, "approve")], Outcome::Decline),
            (vec![(4, "approve")], Outcome::Approve),
            (
                vec![(4, "approve"), (5, "review"), (4, "approve")],
                Outcome::Review,
            ),
        ] {
            let amendments: Vec<Amendment> = (revisions.iter())
                .map(|(number, outcome)| amendment(*number, outcome))
                .collect();
            let told = Told::by(&replies).amended(&amendments);
            let word = told.words().next().unwrap();
            assert_eq!(word.outcome, outcome);
            assert_eq!(word.first.said.verdict.outcome, Outcome::Review);
        }
    }
}
