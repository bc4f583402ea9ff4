//! The stream the protocol layer reads and writes: only what is framed strictly passes, only in its time. Instead
//! of a message that is refused, the protocol layer is shown one of our own, whose answer is the refusal.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::http::wire::framing::Framing;
use crate::http::wire::head::HeadLimits;
use crate::http::wire::pace::Pace;
use crate::http::wire::refusal::Refusal;

/// What the protocol layer is shown in place of a message that is refused.
const SUBSTITUTE: &[u8] = b"GET / HTTP/1.1\r\nhost: refused\r\nconnection: close\r\n\r\n";

/// How long a client that was cut off is heard out, so that it gets to read why: closing on unread bytes would
/// take back what was answered.
const LINGER: Duration = Duration::from_secs(1);

/// How much of it is heard.
const LINGER_BYTES: usize = 1 << 20;

/// An answer is taken when so much of it is: a client that is slower than this in every `answer_time` is cut off.
const TAKEN_BYTES: usize = 16 << 10;

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Times {
    /// For a head that has begun, and for the first one to begin.
    pub(in crate::http) header: Duration,
    /// Between an answer and the next head.
    pub(in crate::http) idle: Duration,
    /// For an answer, or 16 KiB of it.
    pub(in crate::http) answer: Duration,
}

/// A connection's stream.
pub(in crate::http) struct Wire<S> {
    stream: S,
    framing: Framing,
    times: Times,
    pace: Arc<Pace>,
    /// Bytes of a head that is not whole, or bytes that may pass and have not been asked for.
    held: Vec<u8>,
    /// So many of those held may pass.
    cleared: usize,
    /// When the head in which we stand began.
    head_began: Option<Instant>,
    /// Set once something was refused: nothing more is read.
    refused: bool,
    /// What is refused within a body: the protocol layer learns of it as an error, once.
    broken: Option<Refusal>,
    reading: Timer,
    writing: Timer,
    /// Bytes taken since the client was last waited for.
    taken: usize,
    ending: Ending,
}

/// How far the end of a connection has come.
enum Ending {
    /// It has not.
    Open,
    /// Nothing more is written; so many bytes were heard since.
    Lingering(usize),
}

impl<S> Wire<S> {
    /// A connection that begins.
    pub(in crate::http) fn new(stream: S, limits: HeadLimits, times: Times) -> Wire<S> {
        Wire {
            stream,
            framing: Framing::new(limits),
            times,
            pace: Arc::new(Pace::new()),
            held: Vec::new(),
            cleared: 0,
            head_began: None,
            refused: false,
            broken: None,
            reading: Timer::default(),
            writing: Timer::default(),
            taken: 0,
            ending: Ending::Open,
        }
    }

    /// The same, refused before anything is read.
    pub(in crate::http) fn turned_away(mut self, refusal: Refusal) -> Wire<S> {
        self.refuse(refusal);
        self
    }

    /// What its requests' answers tell of themselves.
    pub(in crate::http) fn pace(&self) -> Arc<Pace> {
        self.pace.clone()
    }

    /// Lets nothing pass any more but what may already, and the refusal.
    fn refuse(&mut self, refusal: Refusal) {
        self.refused = true;
        self.held.truncate(self.cleared);
        if self.framing.is_in_body() {
            self.broken = Some(refusal);
            return;
        }
        self.pace.refuse(self.framing.messages() + 1, refusal);
        self.held.extend_from_slice(SUBSTITUTE);
        self.cleared = self.held.len();
    }

    /// Gives the reader what may pass of what is held.
    fn give(&mut self, reader: &mut ReadBuf<'_>) {
        let bytes = self.cleared.min(reader.remaining());
        let given = self.held.drain(..bytes);
        reader.put_slice(given.as_slice());
        drop(given);
        self.cleared -= bytes;
        if self.held.is_empty() {
            // Most connections rest most of the time.
            self.held = Vec::new();
        }
    }

    /// Looks at what has arrived in the reader's buffer behind its first `before` bytes, and leaves there only
    /// what may pass.
    fn judge(&mut self, reader: &mut ReadBuf<'_>, before: usize) {
        let arrived = reader.filled().get(before..).unwrap_or_default();
        let passed = if self.held.is_empty() {
            let passed = self.framing.pass(arrived);
            let rest = arrived.get(passed.bytes..).unwrap_or_default();
            self.held.extend_from_slice(rest);
            reader.set_filled(before + passed.bytes);
            passed.refusal
        } else {
            self.held.extend_from_slice(arrived);
            reader.set_filled(before);
            let passed = self.framing.pass(&self.held);
            self.cleared = passed.bytes;
            passed.refusal
        };
        self.head_began = match self.framing.is_in_head() {
            true => self.head_began.or_else(|| Some(Instant::now())),
            false => None,
        };
        if let Some(refusal) = passed {
            self.refuse(refusal);
        }
    }

    /// When the client has waited too long with its next bytes; none while it is our turn.
    fn deadline(&self) -> Option<Instant> {
        let rested = self.pace.rests_since()?;
        Some(match self.head_began {
            Some(began) => began + self.times.header,
            None if self.framing.messages() == 0 => rested + self.times.header,
            None => rested + self.times.idle,
        })
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        reader: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        loop {
            if wire.cleared > 0 {
                wire.give(reader);
                return Poll::Ready(Ok(()));
            }
            if let Some(refusal) = wire.broken.take() {
                return Poll::Ready(Err(refusal.into()));
            }
            if wire.refused {
                // The answer ends the connection; to end it here would take the answer back.
                return Poll::Pending;
            }
            let before = reader.filled().len();
            match Pin::new(&mut wire.stream).poll_read(cx, reader) {
                Poll::Ready(Ok(())) if reader.filled().len() == before => {
                    return Poll::Ready(Ok(()));
                }
                Poll::Ready(Ok(())) => wire.judge(reader, before),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    let Some(deadline) = wire.deadline() else {
                        // The protocol layer need not read again when the answer is on its way: that it is will be
                        // seen when a rest, or a head, would have lasted too long that begins now.
                        let time = match wire.head_began {
                            Some(_) => wire.times.header,
                            None => wire.times.idle,
                        };
                        wire.reading.look_after(cx, time);
                        return Poll::Pending;
                    };
                    ready!(wire.reading.poll(cx, deadline));
                    if wire.head_began.is_none() {
                        // Nothing was asked: to the protocol layer this is a client that leaves.
                        return Poll::Ready(Ok(()));
                    }
                    wire.refuse(Refusal::HeadTime(wire.times.header));
                }
            }
            if reader.filled().len() > before {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncWrite + AsyncRead + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        let written = Pin::new(&mut wire.stream).poll_write(cx, bytes);
        wire.wrote(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        let written = Pin::new(&mut wire.stream).poll_write_vectored(cx, slices);
        wire.wrote(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Asked for when all that was to be written is: the client has kept up.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        wire.writing.stop();
        Pin::new(&mut wire.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        if matches!(wire.ending, Ending::Open) {
            ready!(Pin::new(&mut wire.stream).poll_shutdown(cx))?;
            wire.ending = Ending::Lingering(0);
            wire.reading.stop();
        }
        let is_amid = wire.refused || !wire.framing.is_between();
        match is_amid {
            true => wire.linger(cx).map(Ok),
            false => Poll::Ready(Ok(())),
        }
    }
}

impl<S: AsyncRead + Unpin> Wire<S> {
    /// Notes how much was written; fails when the client takes too little for too long.
    fn wrote(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(bytes)) if self.writing.is_running() => {
                self.taken += bytes;
                if self.taken >= TAKEN_BYTES {
                    self.writing.stop();
                }
            }
            Poll::Ready(_) => {}
            Poll::Pending => {
                if !self.writing.is_running() {
                    self.taken = 0;
                }
                let deadline = self.writing.deadline;
                let deadline = deadline.unwrap_or_else(|| Instant::now() + self.times.answer);
                ready!(self.writing.poll(cx, deadline));
                let reason = "the client does not take its answer";
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, reason)));
            }
        }
        written
    }

    /// Hears what a client that was cut off still sends, within bounds.
    fn linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.reading.deadline;
        let deadline = deadline.unwrap_or_else(|| Instant::now() + LINGER);
        let mut bytes = [0; 4096];
        while let Ending::Lingering(heard) = &mut self.ending
            && *heard < LINGER_BYTES
        {
            let mut buffer = ReadBuf::new(&mut bytes);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    *heard += buffer.filled().len()
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return self.reading.poll(cx, deadline),
            }
        }
        Poll::Ready(())
    }
}

/// A wait whose end is put off with every request. Its clock is set anew only for an end that comes sooner, or once it
/// has rung too early: that costs less.
#[derive(Default)]
struct Timer {
    /// What is waited for; none while nothing is.
    deadline: Option<Instant>,
    /// Rings at that deadline or before.
    clock: Option<Pin<Box<Sleep>>>,
}

impl Timer {
    /// Waits for a deadline.
    fn poll(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        self.deadline = Some(deadline);
        let clock = self
            .clock
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if clock.deadline() > deadline {
            clock.as_mut().reset(deadline);
        }
        while clock.as_mut().poll(cx).is_ready() {
            if clock.deadline() == deadline {
                return Poll::Ready(());
            }
            clock.as_mut().reset(deadline);
        }
        Poll::Pending
    }

    /// Waits for nothing, but has whoever asks woken within this time.
    fn look_after(&mut self, cx: &mut Context<'_>, time: Duration) {
        if self.poll(cx, Instant::now() + time).is_ready() {
            cx.waker().wake_by_ref();
        }
        self.stop();
    }

    fn stop(&mut self) {
        self.deadline = None;
    }

    fn is_running(&self) -> bool {
        self.deadline.is_some()
    }
}
