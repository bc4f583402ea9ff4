//! The room a port has for requests that are answered, for their bodies, and for followers. Gives a part of it or the
//! problem; a body's first bytes need none, so that large bodies on their way never keep small ones out.

use std::sync::Arc;

use hyper::StatusCode;
use hyper::header::{CONNECTION, HeaderValue, RETRY_AFTER};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::problem::Problem;

/// What every body has for itself, in bytes: an event fits.
pub(super) const OWN_BYTES: usize = 64 << 10;

/// Room is counted in pieces of so many bytes.
const PIECE_BYTES: usize = 4 << 10;

/// How long a client should stay away when there is none.
const RETRY_AFTER_SECONDS: u64 = 1;

/// The room of a port.
#[derive(Debug)]
pub(super) struct Room {
    requests: Arc<Semaphore>,
    requests_max: usize,
    pieces: Arc<Semaphore>,
    pieces_max: usize,
    followers: Arc<Semaphore>,
}

/// A follower's place. Each is told everything again: they cost, though they ask once.
#[derive(Debug)]
pub(super) struct Following {
    _one: OwnedSemaphorePermit,
}

/// A request's place among those that are answered.
#[derive(Debug)]
pub(super) struct InFlight {
    _one: OwnedSemaphorePermit,
}

/// What a body has of the room.
#[derive(Debug)]
pub(super) struct Share {
    pieces: Arc<Semaphore>,
    taken: Option<OwnedSemaphorePermit>,
}

impl Room {
    /// Room for so many requests, for so many bytes of bodies beyond what each has for itself, and for so many
    /// followers.
    pub(super) fn new(requests_max: usize, bodies_bytes_max: usize, followers_max: usize) -> Room {
        let requests_max = requests_max.clamp(1, Semaphore::MAX_PERMITS);
        let pieces_max = (bodies_bytes_max / PIECE_BYTES).min(Semaphore::MAX_PERMITS);
        Room {
            requests: Arc::new(Semaphore::new(requests_max)),
            requests_max,
            pieces: Arc::new(Semaphore::new(pieces_max)),
            pieces_max,
            followers: Arc::new(Semaphore::new(followers_max.min(Semaphore::MAX_PERMITS))),
        }
    }

    /// A place for a request that is there as a whole.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn enter(&self) -> Result<InFlight, Problem> {
        let one = self.requests.clone().try_acquire_owned();
        let _one = one.map_err(|_| crowded(self.requests_max))?;
        Ok(InFlight { _one })
    }

    /// A place for a follower.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn follow(&self) -> Result<Following, Problem> {
        let one = self.followers.clone().try_acquire_owned();
        let _one = one.map_err(|_| followed())?;
        Ok(Following { _one })
    }

    /// What a body has before it has any.
    pub(super) fn share(&self) -> Share {
        Share {
            pieces: self.pieces.clone(),
            taken: None,
        }
    }

    /// Requests that are answered.
    pub(super) fn in_flight(&self) -> usize {
        self.requests_max - self.requests.available_permits()
    }

    /// Bytes of bodies, beyond what each has for itself.
    pub(super) fn body_bytes(&self) -> usize {
        (self.pieces_max - self.pieces.available_permits()) * PIECE_BYTES
    }
}

impl Share {
    /// Makes it enough for a body of so many bytes.
    ///
    /// # Errors
    /// When there is no room for it.
    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), Problem> {
        let wanted = bytes.saturating_sub(OWN_BYTES).div_ceil(PIECE_BYTES);
        let taken = self.taken.as_ref();
        let more = wanted.saturating_sub(taken.map_or(0, OwnedSemaphorePermit::num_permits));
        if more == 0 {
            return Ok(());
        }
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        let more = self.pieces.clone().try_acquire_many_owned(more);
        let more = more.map_err(|_| no_room())?;
        match &mut self.taken {
            Some(taken) => taken.merge(more),
            None => self.taken = Some(more),
        }
        Ok(())
    }
}

fn crowded(requests_max: usize) -> Problem {
    let what =
        format!("the node answers {requests_max} requests already, as many as it takes at once");
    let fix =
        "send it again in a moment; the limit is `server.requests_max` of the node's configuration";
    unavailable("node", what, fix).with((RETRY_AFTER, RETRY_AFTER_SECONDS.into()))
}

fn followed() -> Problem {
    let what = "the node has as many followers of amendments as it takes".to_owned();
    let fix = "try again in a moment, or share one stream; the limit is `server.followers_max` of the node's \
               configuration";
    unavailable("node", what, fix).with((RETRY_AFTER, RETRY_AFTER_SECONDS.into()))
}

fn no_room() -> Problem {
    let what = "the node has no room for more large bodies".to_owned();
    let fix = format!(
        "send it again in a moment, or in bodies of at most {} KiB; the limit is `server.bodies_bytes_max` of the \
         node's configuration",
        OWN_BYTES >> 10
    );
    // What follows on this connection would be the rest of the body.
    unavailable("body", what, &fix)
        .with((RETRY_AFTER, RETRY_AFTER_SECONDS.into()))
        .with((CONNECTION, HeaderValue::from_static("close")))
}

fn unavailable(place: &'static str, what: String, fix: &str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, place, what, fix.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::reply::text_of;

    #[test]
    fn so_many_requests_are_answered_at_once() {
        let room = Room::new(1, 0, 1);
        let first = room.enter().unwrap();
        assert_eq!(room.in_flight(), 1);
        let response = room.enter().unwrap_err().into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "1");
        assert!(text_of(response).contains("server.requests_max"));
        drop(first);
        assert_eq!(room.in_flight(), 0);
        room.enter().unwrap();
    }

    #[test]
    fn so_many_follow_at_once() {
        let room = Room::new(1, 0, 1);
        let first = room.follow().unwrap();
        let response = room.follow().unwrap_err().into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "1");
        assert!(text_of(response).contains("server.followers_max"));
        drop(first);
        room.follow().unwrap();
    }

    #[test]
    fn a_small_body_needs_no_room_and_a_large_one_gives_back_what_it_had() {
        let room = Room::new(1, 8 << 10, 1);
        let mut large = room.share();
        large.grow(OWN_BYTES).unwrap();
        assert_eq!(room.body_bytes(), 0);
        large.grow(OWN_BYTES + 1).unwrap();
        large.grow(OWN_BYTES + 5000).unwrap();
        assert_eq!(room.body_bytes(), 8 << 10);
        let mut other = room.share();
        let response = other.grow(OWN_BYTES + 1).unwrap_err().into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "1");
        assert_eq!(response.headers()["connection"], "close");
        assert!(text_of(response).contains("server.bodies_bytes_max"));
        other.grow(OWN_BYTES).unwrap();
        drop(large);
        assert_eq!(room.body_bytes(), 0);
        other.grow(OWN_BYTES + 1).unwrap();
    }
}
