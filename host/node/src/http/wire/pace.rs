//! What a connection is doing, and since when: told by those who answer its requests, asked by its wire. Also the
//! way by which a refusal reaches its answer. Must not know bytes.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::Instant;

use crate::http::reply;
use crate::http::wire::refusal::Refusal;

/// What a connection is doing.
#[derive(Debug)]
pub(in crate::http) struct Pace(Mutex<Doing>);

#[derive(Debug)]
struct Doing {
    /// Requests begun so far.
    begun: u64,
    /// Requests being answered: one, or none.
    answering: u64,
    /// When there was the last one.
    rested: Instant,
    /// The request that is refused, by its number.
    refused: Option<(u64, Refusal)>,
}

impl Pace {
    /// A connection that begins.
    pub(super) fn new() -> Pace {
        Pace(Mutex::new(Doing {
            begun: 0,
            answering: 0,
            rested: Instant::now(),
            refused: None,
        }))
    }

    /// Begins to answer the connection's next request.
    pub(in crate::http) fn begin(self: &Arc<Pace>) -> Answering {
        let mut doing = self.doing();
        doing.begun += 1;
        doing.answering += 1;
        Answering(self.clone())
    }

    /// Notes that the request of this number, from 1, is refused.
    pub(super) fn refuse(&self, number: u64, refusal: Refusal) {
        self.doing().refused = Some((number, refusal));
    }

    /// Since when the connection rests; none while a request of it is answered.
    pub(super) fn rests_since(&self) -> Option<Instant> {
        let doing = self.doing();
        (doing.answering == 0).then_some(doing.rested)
    }

    fn doing(&self) -> MutexGuard<'_, Doing> {
        // Numbers and a refusal, each set in one go: a panic leaves nothing half said.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request being answered. Dropped when the last of its answer is on its way.
#[derive(Debug)]
pub(in crate::http) struct Answering(Arc<Pace>);

impl Answering {
    /// Why it is refused, if it is.
    pub(in crate::http) fn refusal(&self) -> Option<Refusal> {
        let doing = self.0.doing();
        let (number, refusal) = doing.refused.as_ref()?;
        (*number == doing.begun).then(|| refusal.clone())
    }

    /// The answer, which takes so long as this body is not at its end.
    pub(in crate::http) fn by(self, body: reply::Body) -> Answer {
        Answer {
            body,
            _answering: self,
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let mut doing = self.0.doing();
        doing.answering -= 1;
        doing.rested = Instant::now();
    }
}

/// An answer's body, known to be on its way as long as it is.
#[derive(Debug)]
pub(in crate::http) struct Answer {
    body: reply::Body,
    _answering: Answering,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = <reply::Body as Body>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
