//! A request's head, read strictly: where it ends, and what body it announces. Stricter than the protocol layer
//! behind it, so that the two never disagree about where a message ends; must not know paths.

use crate::http::wire::refusal::Refusal;

/// How much of a head is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) struct HeadLimits {
    /// Longest head, in bytes.
    pub(in crate::http) bytes_max: usize,
    /// Longest target, in bytes.
    pub(in crate::http) target_bytes_max: usize,
    /// Most headers.
    pub(in crate::http) headers_max: usize,
}

/// The body a head announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Announced {
    /// None.
    Nothing,
    /// So many bytes.
    Length(u64),
    /// Chunks.
    Chunks,
}

/// A head on its way in: how far it has been looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Scan {
    /// Bytes looked at.
    seen: usize,
    /// Where the line begins that is looked at.
    line: usize,
    /// Whether a line that is not empty has ended: the next empty one ends the head.
    begun: bool,
}

impl Scan {
    /// Looks at a head, of which more may have come since the last time; gives its length once all of it is
    /// there.
    pub(super) fn end(
        &mut self,
        bytes: &[u8],
        limits: &HeadLimits,
    ) -> Result<Option<usize>, Refusal> {
        while let Some(byte) = bytes.get(self.seen) {
            let before = self.seen.checked_sub(1).and_then(|at| bytes.get(at));
            let ends = *byte == b'\n';
            if ends != (before == Some(&b'\r')) {
                return Err(Refusal::LineEnd);
            }
            if self.seen == self.line && !self.begun && !is_start(*byte) {
                return Err(Refusal::NotHttp);
            }
            self.seen += 1;
            if ends {
                let is_empty = self.seen - self.line == 2;
                if is_empty && self.begun {
                    return Ok(Some(self.seen)).and_then(|end| self.within(limits).map(|()| end));
                }
                self.begun |= !is_empty;
                self.line = self.seen;
            }
        }
        self.within(limits).map(|()| None)
    }

    /// That what was looked at is within the limits.
    fn within(&self, limits: &HeadLimits) -> Result<(), Refusal> {
        // A first line without end is a target without end: nothing else in it is long.
        if !self.begun && self.seen - self.line > limits.target_bytes_max + LINE_BYTES {
            return Err(Refusal::TargetTooLong(limits.target_bytes_max));
        }
        match self.seen > limits.bytes_max {
            true => Err(Refusal::HeadTooLong(limits.bytes_max)),
            false => Ok(()),
        }
    }
}

/// What a request line has besides its target, and more.
const LINE_BYTES: usize = 64;

/// Whether a head may begin so: with a method, or with empty lines before it.
fn is_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'\r'
}

/// Reads a head that is there as a whole, each line ended by CRLF.
pub(super) fn read(head: &[u8], limits: &HeadLimits) -> Result<Announced, Refusal> {
    let lines = head.split(|byte| *byte == b'\n');
    let mut lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    // Empty lines before a request are passed over, as RFC 9112 asks.
    let first = lines.find(|line| !line.is_empty()).unwrap_or_default();
    let is_1_1 = request_line(first, limits)?;
    let mut found = Found::default();
    for line in lines.take_while(|line| !line.is_empty()) {
        found.note(line)?;
        if found.headers > limits.headers_max {
            return Err(Refusal::TooManyHeaders(limits.headers_max));
        }
    }
    found.announced(is_1_1)
}

/// Checks a request line; gives whether it is of HTTP/1.1.
fn request_line(line: &[u8], limits: &HeadLimits) -> Result<bool, Refusal> {
    let mut parts = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refusal::RequestLine);
    };
    if !is_token(method) || target.is_empty() {
        return Err(Refusal::RequestLine);
    }
    let is_1_1 = match version {
        b"HTTP/1.1" => true,
        b"HTTP/1.0" => false,
        other if other.starts_with(b"HTTP/") => return Err(Refusal::Version),
        _ => return Err(Refusal::RequestLine),
    };
    if target.len() > limits.target_bytes_max {
        return Err(Refusal::TargetTooLong(limits.target_bytes_max));
    }
    let starts = [&b"/"[..], b"http://", b"https://"];
    let is_path = starts.iter().any(|start| target.starts_with(start)) || target == b"*";
    match is_path && target.iter().all(u8::is_ascii_graphic) {
        true => Ok(is_1_1),
        false => Err(Refusal::Target),
    }
}

/// What the headers say of the message's frame.
#[derive(Debug, Default)]
struct Found {
    headers: usize,
    hosts: usize,
    length: Option<u64>,
    is_chunked: bool,
}

impl Found {
    /// Notes a header.
    fn note(&mut self, line: &[u8]) -> Result<(), Refusal> {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            return Err(Refusal::Folded);
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = colon
            .and_then(|at| line.split_at_checked(at))
            .ok_or(Refusal::HeaderLine)?;
        let value = value.strip_prefix(b":").unwrap_or(value);
        let is_text = |byte: &u8| *byte == b'\t' || !byte.is_ascii_control();
        if !is_token(name) || !value.iter().all(is_text) {
            return Err(Refusal::HeaderLine);
        }
        let value = value.trim_ascii();
        self.headers += 1;
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        if is("content-length") {
            let length = number(value).ok_or(Refusal::Length)?;
            return match self.length.replace(length) {
                None => Ok(()),
                Some(_) => Err(Refusal::TwoLengths),
            };
        }
        if is("transfer-encoding") {
            let taken = !self.is_chunked && value.eq_ignore_ascii_case(b"chunked");
            self.is_chunked = true;
            return taken.then_some(()).ok_or(Refusal::Encoding);
        }
        if is("expect") && !value.eq_ignore_ascii_case(b"100-continue") {
            return Err(Refusal::Expectation);
        }
        self.hosts += usize::from(is("host"));
        Ok(())
    }

    /// The body they announce.
    fn announced(&self, is_1_1: bool) -> Result<Announced, Refusal> {
        if self.hosts > 1 || (is_1_1 && self.hosts == 0) {
            return Err(Refusal::Host);
        }
        match (self.length, self.is_chunked) {
            (Some(_), true) => Err(Refusal::LengthAndEncoding),
            (None, true) if !is_1_1 => Err(Refusal::Encoding),
            (None, true) => Ok(Announced::Chunks),
            (None | Some(0), false) => Ok(Announced::Nothing),
            (Some(length), false) => Ok(Announced::Length(length)),
        }
    }
}

/// A number of bytes: digits and nothing else.
fn number(value: &[u8]) -> Option<u64> {
    let is_plain = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    str::from_utf8(value)
        .ok()
        .filter(|_| is_plain)?
        .parse()
        .ok()
}

/// Whether this is a token, as methods and header names are.
fn is_token(text: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !text.is_empty() && text.iter().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: HeadLimits = HeadLimits {
        bytes_max: 200,
        target_bytes_max: 20,
        headers_max: 4,
    };

    fn announced(rest: &str) -> Result<Announced, Refusal> {
        let head = format!("POST /a HTTP/1.1\r\nhost: h\r\n{rest}\r\n");
        let mut scan = Scan::default();
        assert_eq!(scan.end(head.as_bytes(), &LIMITS)?, Some(head.len()));
        read(head.as_bytes(), &LIMITS)
    }

    #[test]
    fn a_head_announces_its_body() {
        for (headers, body) in [
            ("", Announced::Nothing),
            ("content-length: 0\r\n", Announced::Nothing),
            ("Content-Length:  12 \r\n", Announced::Length(12)),
            ("content-length: 012\r\n", Announced::Length(12)),
            ("Transfer-Encoding: CHUNKED\r\n", Announced::Chunks),
            ("expect: 100-Continue\r\nx: \u{fc}\r\n", Announced::Nothing),
        ] {
            assert_eq!(announced(headers), Ok(body), "{headers:?}");
        }
    }

    #[test]
    fn what_frames_a_body_in_doubt_is_refused() {
        for (headers, refusal) in [
            (
                "content-length: 5\r\ncontent-length: 5\r\n",
                Refusal::TwoLengths,
            ),
            ("content-length: 5, 5\r\n", Refusal::Length),
            ("content-length: +5\r\n", Refusal::Length),
            ("content-length: -5\r\n", Refusal::Length),
            ("content-length: 0x5\r\n", Refusal::Length),
            ("content-length:\r\n", Refusal::Length),
            ("content-length: 18446744073709551616\r\n", Refusal::Length),
            (
                "content-length: 5\r\ntransfer-encoding: chunked\r\n",
                Refusal::LengthAndEncoding,
            ),
            (
                "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
                Refusal::LengthAndEncoding,
            ),
            (
                "transfer-encoding: chunked, identity\r\n",
                Refusal::Encoding,
            ),
            ("transfer-encoding: gzip, chunked\r\n", Refusal::Encoding),
            ("transfer-encoding: xchunked\r\n", Refusal::Encoding),
            (
                "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
                Refusal::Encoding,
            ),
            ("content-length : 5\r\n", Refusal::HeaderLine),
            ("x\r\n", Refusal::HeaderLine),
            (": x\r\n", Refusal::HeaderLine),
            ("x: a\u{0}b\r\n", Refusal::HeaderLine),
            ("x: a\r\n b\r\n", Refusal::Folded),
            ("x: a\r\n\tb\r\n", Refusal::Folded),
            ("x: a\nb: c\r\n", Refusal::LineEnd),
            ("x: a\rb: c\r\n", Refusal::LineEnd),
            ("host: g\r\n", Refusal::Host),
            ("expect: tea\r\n", Refusal::Expectation),
            (
                "a: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\n",
                Refusal::TooManyHeaders(4),
            ),
        ] {
            assert_eq!(announced(headers), Err(refusal), "{headers:?}");
        }
    }

    #[test]
    fn a_request_line_is_a_method_a_path_and_a_version() {
        let line = |line: &str| request_line(line.as_bytes(), &LIMITS);
        assert_eq!(line("GET /a?b=c HTTP/1.1"), Ok(true));
        assert_eq!(line("GET http://h/a HTTP/1.0"), Ok(false));
        assert_eq!(line("OPTIONS * HTTP/1.1"), Ok(true));
        for (text, refusal) in [
            ("GET /a", Refusal::RequestLine),
            ("GET  /a HTTP/1.1", Refusal::RequestLine),
            ("GET /a HTTP/1.1 ", Refusal::RequestLine),
            ("G(T /a HTTP/1.1", Refusal::RequestLine),
            ("GET /a http/1.1", Refusal::RequestLine),
            ("PRI * HTTP/2.0", Refusal::Version),
            ("GET /a HTTP/1.10", Refusal::Version),
            ("CONNECT h:443 HTTP/1.1", Refusal::Target),
            ("GET /\u{e9} HTTP/1.1", Refusal::Target),
            ("GET a HTTP/1.1", Refusal::Target),
            (
                "GET /aaaaaaaaaaaaaaaaaaaa HTTP/1.1",
                Refusal::TargetTooLong(20),
            ),
        ] {
            assert_eq!(line(text), Err(refusal), "{text:?}");
        }
    }

    #[test]
    fn the_end_of_a_head_is_found_however_it_comes() {
        let head = b"\r\nGET / HTTP/1.1\r\nhost: h\r\n\r\nGET";
        let end = head.len() - 3;
        for step in 1..=head.len() {
            let mut scan = Scan::default();
            let mut length = 0;
            let found = loop {
                length = (length + step).min(head.len());
                if let Some(end) = scan.end(&head[..length], &LIMITS).unwrap() {
                    break end;
                }
            };
            assert_eq!(found, end, "{step} bytes at a time");
        }
        assert_eq!(read(&head[..end], &LIMITS), Ok(Announced::Nothing));
    }

    #[test]
    fn a_head_without_end_is_refused_where_the_limit_is() {
        let scan = |bytes: &[u8]| Scan::default().end(bytes, &LIMITS);
        let endless = format!("GET /{}", "a".repeat(100));
        assert_eq!(scan(endless.as_bytes()), Err(Refusal::TargetTooLong(20)));
        let many = format!("GET / HTTP/1.1\r\n{}", "a: b\r\n".repeat(40));
        assert_eq!(scan(many.as_bytes()), Err(Refusal::HeadTooLong(200)));
        assert_eq!(scan(&b"\r\n".repeat(101)), Err(Refusal::HeadTooLong(200)));
        assert_eq!(scan(b"\x16\x03\x01"), Err(Refusal::NotHttp));
        assert_eq!(scan(b" GET /"), Err(Refusal::NotHttp));
    }
}
