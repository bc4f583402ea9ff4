//! Where the messages of a connection begin and end. Takes bytes as they come, gives how many of them may pass:
//! heads as a whole, bodies as they come. Nothing is copied or kept here but the place.

use crate::http::wire::chunks::Chunks;
use crate::http::wire::head::{self, Announced, HeadLimits, Scan};
use crate::http::wire::refusal::Refusal;

/// A connection's messages, and where in them it stands.
#[derive(Debug)]
pub(super) struct Framing {
    limits: HeadLimits,
    place: Place,
    messages: u64,
}

#[derive(Debug)]
enum Place {
    /// Before or within a head.
    Head(Scan),
    /// Within a body of which so many bytes are to come.
    Length(u64),
    /// Within a chunked body.
    Chunks(Chunks),
}

/// What may pass of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Passed {
    /// So many, from the first one on.
    pub(super) bytes: usize,
    /// Why nothing behind them ever will.
    pub(super) refusal: Option<Refusal>,
}

impl Framing {
    /// Before the first message.
    pub(super) fn new(limits: HeadLimits) -> Framing {
        Framing {
            limits,
            place: Place::Head(Scan::default()),
            messages: 0,
        }
    }

    /// Looks at all bytes that have not passed yet; those that do not pass now are to be shown again, with those
    /// that follow them.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Passed {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            match self.step(rest) {
                Ok(0) => break,
                Ok(passed) => at += passed,
                Err(refusal) => {
                    return Passed {
                        bytes: at,
                        refusal: Some(refusal),
                    };
                }
            }
        }
        Passed {
            bytes: at,
            refusal: None,
        }
    }

    /// Heads that have passed.
    pub(super) fn messages(&self) -> u64 {
        self.messages
    }

    /// Whether it stands between two messages.
    pub(super) fn is_between(&self) -> bool {
        matches!(self.place, Place::Head(scan) if scan == Scan::default())
    }

    /// Whether it stands within a body.
    pub(super) fn is_in_body(&self) -> bool {
        !matches!(self.place, Place::Head(_))
    }

    /// Whether it stands within a head.
    pub(super) fn is_in_head(&self) -> bool {
        matches!(self.place, Place::Head(_)) && !self.is_between()
    }

    /// What of these bytes passes in one go: a whole head, or all there is of a body.
    fn step(&mut self, bytes: &[u8]) -> Result<usize, Refusal> {
        match &mut self.place {
            Place::Head(scan) => {
                let Some(end) = scan.end(bytes, &self.limits)? else {
                    return Ok(0);
                };
                let announced = head::read(bytes.get(..end).unwrap_or(bytes), &self.limits)?;
                self.messages += 1;
                self.place = match announced {
                    Announced::Nothing => Place::Head(Scan::default()),
                    Announced::Length(length) => Place::Length(length),
                    Announced::Chunks => Place::Chunks(Chunks::new()),
                };
                Ok(end)
            }
            Place::Length(left) => {
                let here = (*left).min(bytes.len() as u64);
                *left -= here;
                if *left == 0 {
                    self.place = Place::Head(Scan::default());
                }
                Ok(here as usize)
            }
            Place::Chunks(chunks) => {
                let (passed, ends) = chunks.pass(bytes)?;
                if ends {
                    self.place = Place::Head(Scan::default());
                }
                Ok(passed)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: HeadLimits = HeadLimits {
        bytes_max: 200,
        target_bytes_max: 100,
        headers_max: 10,
    };

    const GET: &str = "GET / HTTP/1.1\r\nhost: h\r\n\r\n";
    const POST: &str = "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nGET /";
    const CHUNKED: &str =
        "POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";

    /// All that passes of these bytes, so many at a time, and the refusal behind it.
    fn pass(bytes: &str, step: usize) -> (String, Option<Refusal>, u64) {
        let mut framing = Framing::new(LIMITS);
        let (mut held, mut passed) = (Vec::new(), Vec::new());
        for part in bytes.as_bytes().chunks(step) {
            held.extend_from_slice(part);
            let found = framing.pass(&held);
            passed.extend(held.drain(..found.bytes));
            if found.refusal.is_some() {
                let messages = framing.messages();
                return (String::from_utf8(passed).unwrap(), found.refusal, messages);
            }
        }
        let messages = framing.messages();
        (String::from_utf8(passed).unwrap(), None, messages)
    }

    #[test]
    fn messages_pass_however_they_come() {
        let all = [GET, POST, CHUNKED, GET].concat();
        for step in 1..all.len() {
            assert_eq!(pass(&all, step), (all.clone(), None, 4), "{step} at a time");
        }
    }

    #[test]
    fn a_head_passes_when_all_of_it_is_there() {
        assert_eq!(pass(&GET[..GET.len() - 1], 7), (String::new(), None, 0));
        assert_eq!(pass(&format!("{POST}GET"), 9), (POST.to_owned(), None, 1));
    }

    #[test]
    fn what_came_before_a_refused_message_passes() {
        let bad = "GET / HTTP/1.1\nhost: h\n\n";
        let all = [POST, bad, GET].concat();
        for step in 1..all.len() {
            let (passed, refusal, messages) = pass(&all, step);
            assert_eq!((passed.as_str(), messages), (POST, 1), "{step} at a time");
            assert_eq!(refusal, Some(Refusal::LineEnd));
        }
    }

    #[test]
    fn a_place_between_messages_is_told_from_one_within() {
        let mut framing = Framing::new(LIMITS);
        assert!(framing.is_between() && !framing.is_in_head());
        framing.pass(b"GET");
        assert!(!framing.is_between() && framing.is_in_head());
        framing.pass(&POST.as_bytes()[..POST.len() - 1]);
        assert!(!framing.is_between() && !framing.is_in_head());
    }
}
