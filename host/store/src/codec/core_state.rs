//! What the core keeps beside timelines and decisions, to bytes and back.
//!
//! | type | what |
//! | --- | --- |
//! | byte | format, 1 |
//! | varint | position everything up to which is stored |
//! | i64 | every watermark is at least here as of that position, microseconds since 1970-01-01T00:00:00Z |
//! | varint | position of the last deploy |
//! | 4 varints | events so far: admitted, late, future, conflict |

use foreshore_core::{Counts, Disposition, RestingCore};
use foreshore_event::Time;
use foreshore_timeline::Lsn;

use super::error::DecodeError;
use super::reader::Reader;
use super::writer::Writer;

const WHAT: &str = "state of the pipeline";
const FORMAT: u8 = 1;

/// Dispositions that come from the log, in the order in which they are written.
const LOGGED: [Disposition; 4] = [
    Disposition::Admitted,
    Disposition::Late,
    Disposition::Future,
    Disposition::Conflict,
];

/// The bytes of what the core keeps.
pub fn encode_core(core: &RestingCore, out: &mut Vec<u8>) {
    let mut out = Writer(out);
    out.byte(FORMAT);
    out.varint(core.through.0);
    out.i64(core.closed.0);
    out.varint(core.deployed.0);
    for disposition in LOGGED {
        out.varint(core.counts.of(disposition));
    }
}

/// What the core kept.
///
/// # Errors
/// When the bytes are of a newer format, or not what was written.
pub fn decode_core(bytes: &[u8]) -> Result<RestingCore, DecodeError> {
    let mut from = Reader::versioned(WHAT, FORMAT, bytes)?;
    let through = Lsn(from.varint()?);
    let closed = Time(from.i64()?);
    let deployed = Lsn(from.varint()?);
    let mut counts = Counts::default();
    for disposition in LOGGED {
        counts.set(disposition, from.varint()?);
    }
    from.end()?;
    Ok(RestingCore {
        through,
        closed,
        counts,
        deployed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_back() {
        let mut counts = Counts::default();
        counts.set(Disposition::Admitted, 1 << 40);
        counts.set(Disposition::Conflict, 3);
        let core = RestingCore {
            through: Lsn(299),
            closed: Time(-5),
            counts,
            deployed: Lsn(300),
        };
        let mut bytes = Vec::new();
        encode_core(&core, &mut bytes);
        assert_eq!(decode_core(&bytes), Ok(core));
        assert!(decode_core(&bytes[..bytes.len() - 1]).is_err());
    }
}
