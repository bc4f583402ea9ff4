//! The wire and the protocol layer agree: whatever bytes come, in whatever pieces, every message that passes is the
//! one the protocol layer reads, and without the wire it would have read no other one in its place.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use foreshore_proof::Proof;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::*;

const LIMITS: HeadLimits = HeadLimits {
    bytes_max: 16 << 10,
    target_bytes_max: 8 << 10,
    headers_max: 100,
};

const TIMES: Times = Times {
    header: Duration::from_secs(5),
    idle: Duration::from_secs(5),
    answer: Duration::from_secs(5),
};

/// Good requests, and what their ends can be blurred with.
const GOOD: [&str; 4] = [
    "GET /a?b HTTP/1.1\r\nhost: h\r\n\r\n",
    "POST /b HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nhello",
    "POST /c HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "POST /d HTTP/1.1\r\nhost: h\r\ncontent-length: 34\r\n\r\nGET /within HTTP/1.1\r\nhost: h\r\n\r\n\r\n",
];

const BLURS: [&str; 20] = [
    "\n",
    "\r",
    "\r\n",
    "\r\n\r\n",
    " ",
    "\t",
    ":",
    ";",
    ",",
    "0",
    "5",
    "a",
    "\0",
    "\x0b",
    "\u{e9}",
    "content-length: 3\r\n",
    "transfer-encoding: chunked\r\n",
    "0\r\n\r\n",
    "GET /smuggled HTTP/1.1\r\nhost: h\r\n\r\n",
    "connection: close\r\n",
];

/// Numbers that follow from a seed.
struct Random(u64);

impl Random {
    /// One below a bound.
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// Bytes that come in pieces, without an end, and an ear for answers.
struct Pieces {
    bytes: Vec<u8>,
    at: usize,
    piece: usize,
}

impl AsyncRead for Pieces {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        reader: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.at == self.bytes.len() {
            return Poll::Pending;
        }
        let end = self
            .bytes
            .len()
            .min(self.at + self.piece.min(reader.remaining()));
        reader.put_slice(&self.bytes[self.at..end]);
        self.at = end;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pieces {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// How often a connection is polled: more than it takes to read all there is.
const POLLS: usize = 600;

/// A request as the protocol layer reads it: its line, and its body, if that came to an end.
type Read = (String, Option<Vec<u8>>);

/// What the protocol layer reads over a stream, and whether the last of it was refused by the wire.
fn read<S>(stream: S, pace: Option<Arc<pace::Pace>>) -> (Vec<Read>, bool)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let seen = Mutex::new((Vec::new(), false));
    let service = service_fn(|request: Request<Incoming>| {
        let refused = pace
            .as_ref()
            .is_some_and(|pace| pace.begin().refusal().is_some());
        let seen = &seen;
        async move {
            if refused {
                seen.lock().unwrap().1 = true;
                return Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()));
            }
            let line = format!("{} {}", request.method(), request.uri());
            let at = seen.lock().unwrap().0.len();
            seen.lock().unwrap().0.push((line, None));
            let body = request.into_body().collect().await;
            seen.lock().unwrap().0[at].1 = body.ok().map(|body| body.to_bytes().to_vec());
            Ok(Response::new(Full::default()))
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    // Timers are set, but no time passes.
    let _within = runtime.enter();
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut connection = Box::pin(connection);
    let mut cx = Context::from_waker(Waker::noop());
    let mut polls = 0..POLLS;
    while polls.next().is_some() && connection.as_mut().poll(&mut cx).is_pending() {}
    drop(connection);
    seen.into_inner().unwrap()
}

/// Some good requests, blurred in some places.
fn blurred(random: &mut Random) -> Vec<u8> {
    let count = 1 + random.below(4);
    let good = (0..count).map(|_| GOOD[random.below(GOOD.len())]);
    let mut bytes = good.collect::<String>().into_bytes();
    for _ in 0..random.below(4) {
        let at = random.below(bytes.len());
        match random.below(4) {
            0 => drop(bytes.remove(at)),
            1 => bytes[at] ^= 1 << random.below(8),
            _ => {
                let blur = BLURS[random.below(BLURS.len())];
                bytes.splice(at..at, blur.bytes());
            }
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

#[test]
fn every_message_that_passes_the_wire_is_the_one_the_protocol_layer_reads() {
    let claim = "every_message_that_passes_the_wire_is_the_one_the_protocol_layer_reads";
    let mut proof = Proof::new("clients", "-p foreshore", claim);
    proof.seeds(1000, |proof, seed| {
        let mut random = Random(seed);
        let bytes = blurred(&mut random);
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let stream = |piece| Pieces {
            bytes: bytes.clone(),
            at: 0,
            piece,
        };
        let (bare, _) = read(stream(usize::MAX), None);
        let mut said = Vec::new();
        for piece in [1, 1 + random.below(40), usize::MAX] {
            let wire = Wire::new(stream(piece), LIMITS, TIMES);
            let pace = wire.pace();
            said.push(read(wire, Some(pace)));
        }
        said.dedup();
        assert_eq!(
            said.len(),
            1,
            "{shown:?}: pieces change what is read: {said:?}"
        );
        let (passed, refused) = said.remove(0);
        proof.count("refused", u64::from(refused));
        proof.count("requests passed", passed.len() as u64);
        assert!(
            passed.len() <= bare.len(),
            "{shown:?}: {passed:?}, bare {bare:?}"
        );
        for (passed, bare) in passed.iter().zip(&bare) {
            assert_eq!(passed.0, bare.0, "{shown:?}");
            // What the wire cuts off within a body has no end; what has one has the same.
            assert!(
                passed.1.is_none() || passed.1 == bare.1,
                "{shown:?}: {passed:?}, bare {bare:?}"
            );
        }
    });
}
