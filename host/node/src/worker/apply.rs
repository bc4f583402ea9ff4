//! One request to its reply: what it needs is brought in, the core steps, the reply waits for the log. Knows
//! every request; what a step does is the core's business.

use std::time::Instant;

use foreshore_core::{Act, Audit, Core, DecisionId, Disposition, Input, Need, Reply};
use foreshore_event::{Event, Time};
use foreshore_store::StoreError;
use foreshore_timeline::Lsn;

use crate::clock;
use crate::worker::request::{
    AnswerTo, DecisionView, ReplyTo, Request, Retain, Scored, Turn, decision_view,
};
use crate::worker::run::{Next, Worker};

impl Worker {
    /// Takes a request.
    ///
    /// # Errors
    /// When the store fails: the node cannot go on.
    pub(super) fn apply(&mut self, request: Request) -> Result<Next, StoreError> {
        if self.is_overtaken(&request) {
            self.give_back(request);
            return Ok(Next::Continue);
        }
        if let Some(why) = self.why_not(&request) {
            self.turn_away(request, why);
            return Ok(Next::Continue);
        }
        match request {
            Request::Score {
                under: _,
                event,
                store,
                arrival,
                deadline,
                reply,
            } => {
                self.sandboxes.set_deadline(Some(deadline));
                self.score(event, store, arrival, reply)?;
            }
            Request::Ingest {
                under: _,
                events,
                arrival,
                reply,
            } => {
                let dispositions = self.ingest(events, arrival)?;
                self.reply(reply, Ok(Turn::Done(dispositions)));
            }
            Request::Close { time, by, reply } => {
                self.close(time, by.as_deref());
                self.reply(reply, ());
            }
            Request::Audit { audit, reply } => {
                self.step(clock::now(), Input::Audit(audit));
                self.reply(reply, ());
            }
            Request::Timeline {
                under: _,
                instance,
                key,
                at,
                reply,
            } => {
                self.start_read();
                self.bring(|core| core.need_of(instance, &key))?;
                let (now, plugins) = (clock::now(), &mut self.sandboxes);
                let view = self.core.read_timeline(instance, &key, at, now, plugins);
                self.reply(reply, Ok(Turn::Done(view)));
            }
            Request::Decision { id, reply } => self.read_decision(Some(id), reply)?,
            Request::DecisionOfEvent { source, id, reply } => {
                self.read_decision(self.core.decision_of(&source, &id), reply)?;
            }
            Request::Snapshot { reply } => {
                let snapshot = self.snapshot();
                self.reply(reply, snapshot);
            }
            Request::Retain(step) => self.retain(step)?,
            Request::Switch(switch) => self.switch(*switch)?,
            Request::Stop => return Ok(Next::Stop),
        }
        Ok(Next::Continue)
    }

    /// Raises every watermark: an act of somebody, or the node's own.
    fn close(&mut self, time: Time, by: Option<&str>) {
        let now = clock::now();
        let outcome = match time > self.core.closed() {
            true => "closed",
            false => "it was closed before",
        };
        // Written down first: what is done has a record of whose act it is.
        if let Some(by) = by {
            let audit = Audit::new(by, Act::Close, &time.to_string(), outcome);
            self.step(now, Input::Audit(audit));
        }
        self.step(now, Input::Close(time));
    }

    fn retain(&mut self, step: Retain) -> Result<(), StoreError> {
        match step {
            Retain::Renew { timelines, reply } => {
                let last = self.renew(timelines)?;
                self.reply(reply, last);
            }
            Retain::UnstoredFrom { reply } => {
                let first = self.core.unstored_from();
                self.reply(reply, first);
            }
            Retain::Forget { below, reply } => {
                self.core.forget_below(below);
                self.reply(reply, ());
            }
        }
        Ok(())
    }

    fn score(
        &mut self,
        event: Event,
        store: bool,
        arrival: Time,
        reply: AnswerTo<Scored>,
    ) -> Result<(), StoreError> {
        let input = match store {
            true => Input::Score(event),
            false => Input::WhatIf(event),
        };
        self.bring(|core| core.needs(&input))?;
        let scored = match self.step(arrival, input) {
            Reply::Answer(answer) => Scored::Answer(answer),
            Reply::Conflict(event) => Scored::Conflict(event),
            // The HTTP side sends only scored types here; without a decision there is no reply.
            Reply::Ingested(_) | Reply::Settled(_) | Reply::Done => return Ok(()),
        };
        self.owes = true;
        self.reply(reply, Ok(Turn::Done(scored)));
        Ok(())
    }

    fn ingest(
        &mut self,
        events: Vec<Event>,
        arrival: Time,
    ) -> Result<Vec<Disposition>, StoreError> {
        self.sandboxes.set_deadline(None);
        let mut dispositions = Vec::with_capacity(events.len());
        for event in events {
            let input = Input::Ingest(event);
            self.bring(|core| core.needs(&input))?;
            if let Reply::Ingested(disposition) = self.step(arrival, input) {
                dispositions.push(disposition);
            }
        }
        self.owes = true;
        Ok(dispositions)
    }

    /// Has timelines rest on no more of the log than they must; gives the log's end.
    fn renew(&mut self, timelines: Vec<(usize, Box<str>)>) -> Result<Lsn, StoreError> {
        self.sandboxes.set_deadline(None);
        for (instance, key) in timelines {
            self.bring(|core| core.need_of(instance, &key))?;
            let plugins = &mut self.sandboxes;
            self.core.renew(instance, &key, clock::now(), plugins);
        }
        self.owes = true;
        Ok(Lsn(self.core.gauges().lsn))
    }

    fn read_decision(
        &mut self,
        id: Option<DecisionId>,
        reply: ReplyTo<Option<DecisionView>>,
    ) -> Result<(), StoreError> {
        self.start_read();
        let mut view = None;
        if let Some(id) = id {
            self.bring(|core| core.needs_of_decision(id))?;
            let (now, plugins) = (clock::now(), &mut self.sandboxes);
            view = decision_view(
                &mut self.core,
                &self.loaded.pipeline,
                id,
                now,
                plugins,
                &mut self.outputs,
            );
        }
        self.reply(reply, view);
        Ok(())
    }

    fn bring<I: IntoIterator<Item = Need>>(
        &mut self,
        needs: impl Fn(&Core) -> I,
    ) -> Result<(), StoreError> {
        match &self.storage {
            Some(storage) => storage.bring(&mut self.core, needs),
            None => Ok(()),
        }
    }

    fn start_read(&mut self) {
        self.sandboxes
            .set_deadline(Some(Instant::now() + self.loaded.deadline));
    }

    /// Keeps a reply until what it rests on is durable. Whoever has stopped waiting for it is not missed.
    pub(super) fn reply<T: Send + 'static>(&mut self, to: ReplyTo<T>, value: T) {
        self.departures.push(Box::new(move || drop(to.send(value))));
    }
}
