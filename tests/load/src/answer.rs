//! An answer, from the bytes of a connection: status, body, and the one header that overload is about. Takes
//! what has come so far; must not wait for more.

use std::io;

/// What a server said.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// For how many seconds the client should stay away, if the server says so.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: String,
    /// Whether the server keeps the connection.
    pub(crate) keeps: bool,
}

impl Answer {
    /// The answer at the beginning of these bytes and how long it is; none while it is not whole. Its length must
    /// be given, as it is by our server.
    pub(crate) fn read(bytes: &[u8]) -> io::Result<Option<(Answer, usize)>> {
        let Some(head_bytes) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = str::from_utf8(&bytes[..head_bytes]).map_err(io::Error::other)?;
        let wrong = |line: &str| io::Error::new(io::ErrorKind::InvalidData, line.to_owned());
        let mut lines = head.split("\r\n");
        let line = lines.next().unwrap_or_default();
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let mut answer = Answer {
            status: status.ok_or_else(|| wrong(line))?,
            retry_after: None,
            body: String::new(),
            keeps: true,
        };
        let mut length = 0;
        for line in lines {
            let (name, value) = line.split_once(':').ok_or_else(|| wrong(line))?;
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse().map_err(|_| wrong(line))?;
            } else if name.eq_ignore_ascii_case("retry-after") {
                answer.retry_after = value.parse().ok();
            } else if name.eq_ignore_ascii_case("connection") {
                answer.keeps = !value.eq_ignore_ascii_case("close");
            }
        }
        let start = head_bytes + 4;
        let Some(body) = bytes.get(start..start + length) else {
            return Ok(None);
        };
        answer.body = str::from_utf8(body).map_err(io::Error::other)?.to_owned();
        Ok(Some((answer, start + length)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &[u8] =
        b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 3\r\n\r\nabc";

    #[test]
    fn an_answer_is_read_to_its_end_and_no_further() {
        let second = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        let bytes = [FIRST, second].concat();
        let (first, end) = Answer::read(&bytes).unwrap().unwrap();
        assert_eq!(
            (first.status, first.retry_after, first.body.as_str()),
            (503, Some(2), "abc")
        );
        assert!(first.keeps);
        assert_eq!(end, FIRST.len());
        let (second, _) = Answer::read(&bytes[end..]).unwrap().unwrap();
        assert_eq!(
            (second.status, second.retry_after, second.keeps),
            (200, None, false)
        );
    }

    #[test]
    fn an_answer_is_none_before_its_last_byte() {
        for end in 0..FIRST.len() {
            assert_eq!(Answer::read(&FIRST[..end]).unwrap(), None);
        }
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        assert!(Answer::read(b"SSH-2.0\r\n\r\n").is_err());
        assert!(Answer::read(b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n").is_err());
    }
}
