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
    /// The outcome as its askers know it.
    pub outcome: Outcome,
    revision: u32,
}

impl<'a> Told<'a> {
    /// Applies the amendments to the answers. Both say what is, not what to add: one that is older than
    /// what was told already changes nothing, and neither does one heard twice.
    pub fn of(replies: &'a [Reply], amendments: &'a [Amendment]) -> Told<'a> {
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
        for amendment in amendments {
            if let Some(word) = words.get_mut(&(&*amendment.source, &*amendment.event)) {
                word.hear(amendment.revision, amendment.new.outcome);
            }
        }
        Told(words)
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
