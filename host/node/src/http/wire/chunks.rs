//! A chunked body, read strictly: sizes in hexadecimal and nothing beside them, each chunk ended by CRLF, nothing
//! behind the last. Gives how far the body goes; keeps none of it.

use crate::http::wire::refusal::Refusal;

/// Longest size of a chunk, in digits: beyond any body we take, and far from where numbers overflow.
const DIGITS_MAX: u32 = 8;

/// Where in a chunked body a reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunks {
    /// In a size: its digits, and what they come to.
    Size(u32, u64),
    /// Behind the carriage return of a size.
    SizeEnd(u64),
    /// In a chunk of which so many bytes are to come.
    Bytes(u64),
    /// Behind a chunk.
    Behind,
    /// Behind the carriage return after it.
    BehindEnd,
    /// Behind the empty chunk.
    Last,
    /// Behind the carriage return after it.
    LastEnd,
}

impl Chunks {
    /// The start of a chunked body.
    pub(super) fn new() -> Chunks {
        Chunks::Size(0, 0)
    }

    /// Goes through the next bytes; gives how many of them belong to the body, and whether it ends with them.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<(usize, bool), Refusal> {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if let Chunks::Bytes(left) = *self {
                let here = left.min((bytes.len() - at) as u64);
                at += here as usize;
                *self = match left - here {
                    0 => Chunks::Behind,
                    left => Chunks::Bytes(left),
                };
                continue;
            }
            at += 1;
            match self.next(*byte)? {
                Some(next) => *self = next,
                None => return Ok((at, true)),
            }
        }
        Ok((at, false))
    }

    /// Where a byte that is no chunk's leads; none at the end.
    fn next(self, byte: u8) -> Result<Option<Chunks>, Refusal> {
        let next = match (self, byte) {
            (Chunks::Size(1.., size), b'\r') => Chunks::SizeEnd(size),
            (Chunks::Size(digits, size), _) => {
                let digit = char::from(byte).to_digit(16);
                let digit = digit.filter(|_| digits < DIGITS_MAX);
                let digit = digit.ok_or(Refusal::ChunkSize)?;
                Chunks::Size(digits + 1, size * 16 + u64::from(digit))
            }
            (Chunks::SizeEnd(0), b'\n') => Chunks::Last,
            (Chunks::SizeEnd(size), b'\n') => Chunks::Bytes(size),
            (Chunks::SizeEnd(_), _) => return Err(Refusal::ChunkSize),
            (Chunks::Behind, b'\r') => Chunks::BehindEnd,
            (Chunks::BehindEnd, b'\n') => Chunks::new(),
            (Chunks::Last, b'\r') => Chunks::LastEnd,
            (Chunks::LastEnd, b'\n') => return Ok(None),
            (Chunks::Last, _) => return Err(Refusal::Trailers),
            _ => return Err(Refusal::ChunkEnd),
        };
        Ok(Some(next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However the bytes come, the same is said of them.
    fn pass(bytes: &str) -> Result<Option<usize>, Refusal> {
        let bytes = bytes.as_bytes();
        let mut said = Vec::new();
        for step in [1, 2, 3, bytes.len()] {
            let mut chunks = Chunks::new();
            let mut at = 0;
            let mut end = Ok(None);
            while at < bytes.len() {
                let part = &bytes[at..bytes.len().min(at + step)];
                match chunks.pass(part) {
                    Ok((passed, true)) => {
                        end = Ok(Some(at + passed));
                        break;
                    }
                    Ok((passed, false)) => at += passed,
                    Err(refusal) => {
                        end = Err(refusal);
                        break;
                    }
                }
            }
            said.push(end);
        }
        said.dedup();
        assert_eq!(said.len(), 1, "{said:?}");
        said.remove(0)
    }

    #[test]
    fn a_chunked_body_ends_behind_its_empty_chunk() {
        assert_eq!(pass("0\r\n\r\n"), Ok(Some(5)));
        assert_eq!(
            pass("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nGET"),
            Ok(Some(28))
        );
        assert_eq!(pass("3\r\nabc\r\n"), Ok(None));
        assert_eq!(pass("00000003\r\nabc\r\n0\r\n\r\n"), Ok(Some(20)));
    }

    #[test]
    fn what_is_not_exactly_a_chunk_is_refused() {
        for (bytes, refusal) in [
            ("\r\n", Refusal::ChunkSize),
            ("g\r\n", Refusal::ChunkSize),
            ("+3\r\nabc\r\n", Refusal::ChunkSize),
            ("0x3\r\nabc\r\n", Refusal::ChunkSize),
            ("3 \r\nabc\r\n", Refusal::ChunkSize),
            ("3;a=b\r\nabc\r\n", Refusal::ChunkSize),
            ("3;a=\"\r\n\"\r\nabc\r\n", Refusal::ChunkSize),
            ("3\nabc\r\n", Refusal::ChunkSize),
            ("3\rabc\r\n", Refusal::ChunkSize),
            ("000000003\r\nabc\r\n", Refusal::ChunkSize),
            ("10000000000000003\r\nabc\r\n", Refusal::ChunkSize),
            ("3\r\nabcd\r\n", Refusal::ChunkEnd),
            ("3\r\nabc\n0\r\n\r\n", Refusal::ChunkEnd),
            ("3\r\nabc\r0\r\n\r\n", Refusal::ChunkEnd),
            ("0\r\nx: y\r\n\r\n", Refusal::Trailers),
            ("0\r\n\rx", Refusal::ChunkEnd),
        ] {
            assert_eq!(pass(bytes), Err(refusal), "{bytes:?}");
        }
    }
}
