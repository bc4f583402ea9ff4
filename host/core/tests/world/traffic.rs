//! What the world sends: events in any order, some too late, some ahead of their arrival, some again and some
//! again with other words. Takes a seed's numbers and the time, gives inputs; knows nothing of what becomes of
//! them.

use foreshore_core::Input;
use foreshore_event::{Event, Span, Time};
use foreshore_proof::Random;

use crate::world;

/// How disordered a world is.
#[derive(Clone, Copy, Debug)]
pub struct Disorder {
    /// Of a hundred events, so many come late.
    pub late: u64,
    /// By so many seconds at most.
    pub delay: u64,
    /// Of a hundred events, so many are ahead of their arrival, by up to ten seconds.
    pub ahead: u64,
    /// Of a hundred sendings, so many are of an event that was sent before.
    pub again: u64,
    /// Values of each of the two keys: with few, many events share a timeline.
    pub keys: u64,
    /// Of a hundred sendings, so many are closes.
    pub closes: u64,
}

/// An event as its sender remembers it.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    pub number: usize,
    pub is_try: bool,
    pub time: i64,
    a: Option<u8>,
    b: Option<u8>,
    pub amount: i64,
}

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub enum Sending {
    Score(Made),
    Ingest(Made),
    WhatIf(Made),
    Close(Time),
    Tick,
    Settle(u64),
}

/// The senders.
pub struct Traffic {
    disorder: Disorder,
    pub sent: Vec<Made>,
}

impl Disorder {
    /// Up to half of the events late, by a little or by more than any timeline waits for.
    pub fn of(random: &mut Random) -> Disorder {
        Disorder {
            late: random.below(51),
            delay: random.of([3, 25, 120]),
            ahead: random.of([0, 3]),
            again: random.of([0, 15, 30]),
            keys: random.of([1, 2, 5]),
            closes: 2,
        }
    }
}

impl Made {
    pub fn event(&self) -> Event {
        let kind = if self.is_try { "try" } else { "done" };
        world::event(self.number, kind, self.time, self.a, self.b, self.amount)
    }

    /// Whether it is from the future for a pipeline that takes events so far ahead.
    pub fn is_ahead(&self, now: Time, future_max: Span) -> bool {
        Time(self.time * 1_000_000) > now.plus(future_max)
    }

    /// The same identity, with something else to say.
    fn contradicted(self) -> Made {
        Made {
            amount: self.amount + 1,
            ..self
        }
    }

    /// How it is sent if somebody waits for the answer, as far as there is one.
    pub fn score(self) -> Sending {
        match self.is_try {
            true => Sending::Score(self),
            false => Sending::Ingest(self),
        }
    }
}

impl Sending {
    pub fn input(&self) -> Input {
        match self {
            Sending::Score(made) => Input::Score(made.event()),
            Sending::Ingest(made) => Input::Ingest(made.event()),
            Sending::WhatIf(made) => Input::WhatIf(made.event()),
            Sending::Close(time) => Input::Close(*time),
            Sending::Tick => Input::Tick,
            Sending::Settle(rows) => Input::Settle(*rows),
        }
    }

    /// The event it is about.
    pub fn made(&self) -> Option<Made> {
        match self {
            Sending::Score(made) | Sending::Ingest(made) | Sending::WhatIf(made) => Some(*made),
            _ => None,
        }
    }
}

impl Traffic {
    pub fn new(disorder: Disorder) -> Traffic {
        Traffic {
            disorder,
            sent: Vec::new(),
        }
    }

    pub fn next(&mut self, random: &mut Random, now: Time) -> Sending {
        if random.percent(self.disorder.closes) {
            return Sending::Close(now.minus(Span(30_000_000)));
        }
        if !self.sent.is_empty() && random.percent(self.disorder.again) {
            return self.again(random);
        }
        match random.below(50) {
            0..=2 => Sending::Tick,
            3..=7 => Sending::Settle(1 + random.below(6)),
            8 => Sending::WhatIf(Made {
                is_try: true,
                ..self.make(random, now)
            }),
            _ => self.new_event(random, now),
        }
    }

    /// An earlier event, the latest more often than others.
    pub fn earlier(&self, random: &mut Random) -> Made {
        let among = match random.below(2) {
            0 => self.sent.len().min(6),
            _ => self.sent.len(),
        };
        self.sent[self.sent.len() - 1 - random.below(among as u64) as usize]
    }

    fn again(&mut self, random: &mut Random) -> Sending {
        let made = self.earlier(random);
        match random.below(6) {
            0 => made.contradicted().score(),
            1 => Sending::Ingest(made),
            2 if made.is_try => Sending::WhatIf(made),
            _ => made.score(),
        }
    }

    fn new_event(&mut self, random: &mut Random, now: Time) -> Sending {
        let made = self.make(random, now);
        self.sent.push(made);
        match random.below(3) {
            0 => Sending::Ingest(made),
            _ => made.score(),
        }
    }

    fn make(&self, random: &mut Random, now: Time) -> Made {
        let keys = self.disorder.keys;
        let mut key = || (random.below(10) > 0).then(|| random.below(keys) as u8);
        let (a, b) = (key(), key());
        let Disorder {
            late, delay, ahead, ..
        } = self.disorder;
        let behind = match random.below(100) {
            at if at < late => 1 + random.below(delay) as i64,
            at if at < late + ahead => -1 - random.below(10) as i64,
            _ => 0,
        };
        Made {
            number: self.sent.len(),
            is_try: random.below(2) == 0,
            time: now.0.div_euclid(1_000_000) - behind,
            a,
            b,
            amount: random.below(100) as i64,
        }
    }
}
