//! The log: every record of a pipeline in order, in segments of one folder. Takes records as bytes, gives
//! them back byte for byte or names what is damaged. Must not know what the records say.
//!
//! # Format
//!
//! All integers are little-endian, all checksums CRC-32C, all times microseconds since 1970 UTC. A folder has
//!
//! | file | what it is |
//! | --- | --- |
//! | `<first record, 20 digits>.log` | a segment |
//! | `<first record, 20 digits>.index` | where the records of a sealed segment are; made again when lost |
//! | `spare-<n>` | space reserved for a coming segment; its content is never looked at |
//!
//! A **segment** begins with a header, padded with zeros to a multiple of 8 bytes:
//!
//! | byte | size | what |
//! | --- | --- | --- |
//! | 0 | 8 | `forelog\n` |
//! | 8 | 4 | format of the segment: 1 |
//! | 12 | 4 | length of the preamble |
//! | 16 | 8 | id of the segment |
//! | 24 | 8 | first record |
//! | 32 | 4 | checksum of the seal of the segment before; 0 in the first |
//! | 36 | 4 | checksum of all other bytes of the header, padding included |
//! | 40 | | preamble |
//!
//! **Records** follow without gaps, each padded with zeros to a multiple of 8 bytes:
//!
//! | byte | size | what |
//! | --- | --- | --- |
//! | 0 | 4 | length of the payload, up to 64 MiB |
//! | 4 | 1 | kind; 255 is the seal |
//! | 5 | 1 | version of the record: 1 |
//! | 6 | 2 | records before this one that were not durable when it was written; 65535 for unknown |
//! | 8 | 8 | position (LSN) |
//! | 16 | 8 | time |
//! | 24 | 4 | checksum of the record before; of the header's byte 32 for the first |
//! | 28 | 4 | checksum of the segment's id (8 bytes), of bytes 0 to 27, and of the padded payload |
//! | 32 | | payload |
//!
//! The checksum of the record before makes a chain that goes on over segments; as it is written down, one
//! record can be verified alone. What a recycled file held before has another segment's id in its checksums.
//!
//! A segment is full when a batch does not fit with a seal behind it. Then the next segment gets its header
//! and its name, durably, then this one its **seal**: a record without payload, with the next segment's first
//! position and the largest time of its own records. So a sealed segment always has a successor, and the one
//! that is not sealed is the last. A batch is never split: one larger than a segment makes it longer.
//!
//! An **index** has the offset of every 16th record of its segment, in units of 8 bytes:
//!
//! | byte | size | what |
//! | --- | --- | --- |
//! | 0 | 8 | `foreidx\n` |
//! | 8 | 4 | format of the index: 1 |
//! | 12 | 4 | number of offsets |
//! | 16 | 8 | id of the segment |
//! | 24 | 8 | first record |
//! | 32 | 8 | record after the last |
//! | 40 | 8 | largest time |
//! | 48 | 8 | offset of the seal |
//! | 56 | 4 | checksum of the seal |
//! | 60 | 4 | checksum of all other bytes |
//! | 64 | 4 each | offsets |
//!
//! # A torn end
//!
//! Opening reads the last segment to where the chain breaks. Every record says how many before it were not
//! yet durable when it was written. If a later record of this segment shows that the missing one was durable,
//! or if the chain breaks in any other segment, the log is damaged and is not opened. Otherwise what follows
//! was never acknowledged, and is cut off. Records of sealed segments are verified when they are read.

/// What is appended between two commits.
mod batch;

/// All of a log, looked through for damage.
mod check;

/// What the log refuses.
mod error;

/// What a look through a log tells.
mod finding;

/// One record as bytes.
mod frame;

/// How a segment begins.
mod header;

/// Where the records of a segment are.
mod index;

/// A look at a log that somebody else writes.
mod observe;

/// Reading, while it is being written.
mod reader;

/// From a folder to a log.
mod recover;

/// From a full segment to the next.
mod rotate;

/// Records in order.
mod scan;

/// One file of the log.
mod segment;

/// How a log is kept.
mod settings;

/// The space a log takes.
mod space;

/// Space reserved for what comes.
mod spares;

/// Where the last segment really ends.
mod tail;

/// The records of one segment, in order.
mod walk;

/// The part of a segment that is in memory.
mod window;

/// The end that is written to.
mod writer;

pub use check::check;
pub use error::{Flaw, LogError};
pub use finding::{Checked, Finding, Progress};
pub use frame::Frame;
pub use observe::Observed;
pub use reader::LogReader;
pub use recover::{Cut, Recovered};
pub use scan::Scan;
pub use segment::SegmentInfo;
pub use settings::{Durability, LogSettings};
pub use space::{Dropped, Room};
pub use writer::{Counters, Log};
