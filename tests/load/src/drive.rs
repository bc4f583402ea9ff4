//! All connections of a load: what is due goes out on whichever is idle, what comes in is judged. Takes the load and
//! its bodies; gives the report. Must not know bytes of HTTP.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::Load;
use crate::answer::Answer;
use crate::connection::Connection;
use crate::readiness::Readiness;
use crate::report::{PATIENCE, Report, Verdict};

pub(crate) struct Drive<'a, B, J> {
    load: &'a Load,
    body: B,
    judge: J,
    readiness: Readiness,
    connections: Vec<Connection>,
    /// When the request of each connection was due; none of an idle one.
    due: Vec<Option<Duration>>,
    idle: VecDeque<usize>,
    /// The number of the next request.
    next: u64,
    started: Instant,
    report: Report,
}

impl<'a, T, B, J> Drive<'a, B, J>
where
    T: AsRef<[u8]>,
    B: FnMut(u64) -> T,
    J: FnMut(&Answer) -> Verdict,
{
    pub(crate) fn new(load: &'a Load, body: B, judge: J) -> Self {
        let connection = |number| Connection::new(number, load.address, &load.path, load.media);
        Drive {
            load,
            body,
            judge,
            readiness: Readiness::new().unwrap(),
            connections: (0..load.connections).map(connection).collect(),
            due: vec![None; load.connections],
            idle: (0..load.connections).collect(),
            next: 0,
            started: Instant::now(),
            report: Report::new(load.time),
        }
    }

    /// Sends until nothing is due any more, then waits for what is under way.
    pub(crate) fn run(mut self) -> Report {
        for connection in &mut self.connections {
            // One that cannot be made breaks its first request.
            drop(connection.connect(&self.readiness));
        }
        let work = self.report.begin();
        self.started = Instant::now();
        loop {
            self.send();
            let now = self.started.elapsed();
            let is_over = now >= self.load.time || self.is_all();
            if is_over && self.is_at_rest() {
                break;
            }
            if is_over && now >= self.load.time + PATIENCE {
                self.give_up();
                break;
            }
            self.receive(self.patience(now));
        }
        self.count_unsent();
        self.report.end(work, self.started.elapsed());
        self.report
    }

    /// When the next request is due.
    fn next_due(&self, now: Duration) -> Duration {
        match self.load.rate {
            Some(rate) => Duration::from_secs_f64(self.next as f64 / rate),
            None => now,
        }
    }

    /// Sends what is due, as far as connections are idle. What is not sent before the end was never offered.
    fn send(&mut self) {
        while !self.is_all() {
            let now = self.started.elapsed();
            let due = self.next_due(now);
            if due > now || due >= self.load.time || now >= self.load.time {
                return;
            }
            let Some(number) = self.idle.pop_front() else {
                return;
            };
            let body = (self.body)(self.next);
            self.next += 1;
            self.due[number] = Some(due);
            let sent = self.connections[number].send(body.as_ref(), &self.readiness);
            if sent.is_err() {
                self.done(number, Verdict::Broken);
            }
        }
    }

    /// How long there is nothing to send.
    fn patience(&self, now: Duration) -> Duration {
        let until = match now < self.load.time {
            true if self.idle.is_empty() || self.is_all() => self.load.time,
            true => self.next_due(now).min(self.load.time),
            false => self.load.time + PATIENCE,
        };
        until.saturating_sub(now)
    }

    fn receive(&mut self, patience: Duration) {
        let ready: Vec<usize> = self.readiness.wait(patience).unwrap().collect();
        for number in ready {
            if self.due[number].is_none() {
                // The room it had when it was made; or the server went, which the next request will find.
                continue;
            }
            match self.connections[number].proceed() {
                Ok(None) => {}
                Ok(Some(answer)) => {
                    let verdict = (self.judge)(&answer);
                    self.done(number, verdict);
                }
                Err(_) => self.done(number, Verdict::Broken),
            }
        }
    }

    fn done(&mut self, number: usize, verdict: Verdict) {
        if let Some(due) = self.due[number].take() {
            self.report.record(due, self.started.elapsed(), verdict);
            self.idle.push_back(number);
        }
    }

    /// Whether every request was sent that is to be.
    fn is_all(&self) -> bool {
        self.load
            .requests
            .is_some_and(|requests| self.next >= requests)
    }

    fn is_at_rest(&self) -> bool {
        self.idle.len() == self.connections.len()
    }

    /// What has no answer by now gets none.
    fn give_up(&mut self) {
        for number in 0..self.connections.len() {
            self.connections[number].hang_up();
            self.done(number, Verdict::Broken);
        }
    }

    fn count_unsent(&mut self) {
        if let Some(rate) = self.load.rate {
            let due = (self.load.time.as_secs_f64() * rate).ceil() as u64;
            let due = self.load.requests.map_or(due, |requests| due.min(requests));
            self.report.unsent(due.saturating_sub(self.next));
        }
    }
}
