//! Places by hand: what is too late for which timeline, by the words of the design alone. Takes the records
//! of a log in order; uses none of the code under test.

use std::collections::BTreeMap;
use std::sync::Arc;

use foreshore_core::{Disposition, Pipeline, Record};
use foreshore_event::{Event, Time};

use crate::world::Admitted;

/// The border of a timeline.
enum Border {
    First(Time),
    Above(Arc<Event>),
}

impl Border {
    fn is_above(&self, event: &Event) -> bool {
        match self {
            Border::First(time) => event.time() < *time,
            Border::Above(last) => event.order_key() <= last.order_key(),
        }
    }
}

/// A timeline.
struct Line {
    head: Time,
    border: Border,
    events: Vec<Arc<Event>>,
}

/// Every timeline of a pipeline, placed by hand.
pub struct Hand {
    lines: BTreeMap<(usize, String), Line>,
    /// Every event that was not too late everywhere, and where it was.
    pub admitted: Vec<Admitted>,
}

impl Hand {
    /// Places all the events of a log as this pipeline would have.
    pub fn place_all(pipeline: &Pipeline, records: &[Record]) -> Hand {
        let mut hand = Hand {
            lines: BTreeMap::new(),
            admitted: Vec::new(),
        };
        let mut closed = Time::MIN;
        for record in records {
            match record {
                Record::Close { time, .. } => {
                    closed = closed.max(*time);
                    for line in hand.lines.values_mut() {
                        line.close(closed);
                    }
                }
                Record::Event {
                    arrival,
                    disposition: Disposition::Admitted | Disposition::Late,
                    event,
                    ..
                } => hand.place(pipeline, event, *arrival, closed),
                _ => {}
            }
        }
        hand
    }

    fn place(&mut self, pipeline: &Pipeline, event: &Arc<Event>, arrival: Time, closed: Time) {
        let scored = pipeline.is_scored(event.kind());
        let mut late_for = Vec::new();
        for (index, instance) in pipeline.instances.iter().enumerate() {
            let Some(key) = event.text(instance.key) else {
                continue;
            };
            if !scored && !instance.applies(event.kind()) {
                continue;
            }
            let new = || Line {
                head: Time::MIN,
                border: Border::First(closed),
                events: Vec::new(),
            };
            let line = self.lines.entry((index, key.to_owned()));
            let line = line.or_insert_with(new);
            match line.border.is_above(event) {
                true => late_for.push(index),
                false => line.place(event, arrival, &instance.timeline),
            }
        }
        self.admitted.push((event.clone(), late_for));
    }

    /// Whether nothing can come below an event any more, in all the timelines it stands in.
    pub fn is_final(&self, pipeline: &Pipeline, (event, late_for): &Admitted) -> bool {
        let instances = pipeline.instances.iter().enumerate();
        let mut stands = instances.filter(|(index, _)| !late_for.contains(index));
        stands.all(|(index, instance)| {
            let key = event.text(instance.key);
            let line = key.and_then(|key| self.lines.get(&(index, key.to_owned())));
            line.is_none_or(|line| line.border.is_above(event))
        })
    }
}

impl Line {
    fn close(&mut self, time: Time) {
        let higher = match &self.border {
            Border::First(border) => time > *border,
            Border::Above(last) => time > last.time(),
        };
        if higher {
            self.border = Border::First(time);
        }
    }

    fn place(
        &mut self,
        event: &Arc<Event>,
        arrival: Time,
        settings: &foreshore_timeline::Settings,
    ) {
        let at = self
            .events
            .partition_point(|held| held.order_key() < event.order_key());
        self.events.insert(at, event.clone());
        self.head = self.head.max(event.time().min(arrival));
        self.close(self.head.minus(settings.lateness));
        let final_ones = self
            .events
            .partition_point(|event| self.border.is_above(event));
        let open = &self.events[final_ones..];
        if open.len() > settings.foreshore_max {
            let last = &open[open.len() - settings.foreshore_max - 1];
            self.border = Border::Above(last.clone());
        }
    }
}
