//! What a step, a record or a reader needs and is not in memory. Takes what is to happen, gives names of timelines and
//! decisions; changes nothing, and must not know where they are.

use foreshore_event::Event;
use foreshore_timeline::Lsn;

use crate::core::{Core, Input};
use crate::decision::DecisionId;
use crate::identities::Seen;
use crate::timelines::TimelineId;

/// Something a step needs that is not in memory. It may exist nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// The timeline of an instance and a key.
    Timeline(usize, Box<str>),
    /// The decision about the event of this log position.
    Decision(Lsn),
}

impl Core {
    /// What a step with this input needs and is not in memory. To be asked again when it has been brought in: a
    /// timeline tells which decisions may change.
    pub fn needs(&self, input: &Input) -> Vec<Need> {
        let (Input::Score(event) | Input::WhatIf(event) | Input::Ingest(event)) = input else {
            return Vec::new();
        };
        match self.identities.look_up(event) {
            Seen::New if !matches!(input, Input::WhatIf(_)) => self.needs_of_placing(event),
            Seen::Same(lsn) if self.pipeline.is_scored(event.kind()) => {
                let mut needs = self.timelines_for(event);
                needs.extend(self.need_of_decision(lsn));
                needs
            }
            _ => self.timelines_for(event),
        }
    }

    /// What giving an event its places needs and is not in memory: the timelines, and in each that is, the decisions
    /// about events that stand after it. Their features are folded again then, and may be others.
    pub(crate) fn needs_of_placing(&self, event: &Event) -> Vec<Need> {
        let mut needs = Vec::new();
        for (instance, key) in self.places_of(event) {
            match self.timelines.find(instance, key) {
                Some(id) => needs.extend(self.displaced_in(id, event)),
                None => needs.push(Need::Timeline(instance, key.into())),
            }
        }
        needs
    }

    /// The timelines this event has a place in that are not in memory.
    pub fn timelines_for(&self, event: &Event) -> Vec<Need> {
        let places = self.places_of(event);
        let need = places.filter_map(|(instance, key)| self.need_of(instance, key));
        need.collect()
    }

    /// The decisions, not in memory, that an event displaces in a timeline, if it has a place there.
    fn displaced_in(&self, id: TimelineId, event: &Event) -> impl Iterator<Item = Need> {
        let timeline = &self.timelines.get(id).timeline;
        let key = event.order_key();
        let is_open = !timeline.is_final(key);
        let above = is_open.then(|| timeline.held_above(key));
        let decided = above.into_iter().flatten();
        let decided = decided.filter(|entry| entry.role.emit && self.may_change(entry.lsn));
        decided.filter_map(|entry| self.need_of_decision(entry.lsn))
    }

    /// Where an event has a place: instances and keys.
    fn places_of<'a>(&'a self, event: &'a Event) -> impl Iterator<Item = (usize, &'a str)> {
        let scored = self.pipeline.is_scored(event.kind());
        let instances = self.pipeline.instances.iter().enumerate();
        instances.filter_map(move |(index, instance)| {
            let key = event.text(instance.key)?;
            instance.role(event.kind(), scored)?;
            Some((index, key))
        })
    }

    /// The timeline of an instance and a key, if it is not in memory.
    pub fn need_of(&self, instance: usize, key: &str) -> Option<Need> {
        match self.timelines.find(instance, key) {
            Some(_) => None,
            None => Some(Need::Timeline(instance, key.into())),
        }
    }

    /// The decision about the event of this log position, if it is not in memory.
    pub(crate) fn need_of_decision(&self, lsn: Lsn) -> Option<Need> {
        match self.decisions.get(lsn) {
            Some(_) => None,
            None => Some(Need::Decision(lsn)),
        }
    }

    /// What reading a decision needs and is not in memory: the decision, then its timelines.
    pub fn needs_of_decision(&self, id: DecisionId) -> Vec<Need> {
        match self.decisions.get(id.0) {
            None if id.0 <= self.lsn => vec![Need::Decision(id.0)],
            None => Vec::new(),
            Some(decision) => self.timelines_for(&decision.event),
        }
    }
}
