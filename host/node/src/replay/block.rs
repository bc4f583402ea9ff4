//! An archive cut into blocks that can be decoded apart: whole lines of NDJSON, whole records of CSV. Takes a
//! file; must not know what an event is.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};

use csv::{ByteRecord, StringRecord};

use crate::replay::format::Format;

/// Bytes of a block of lines, up to the end of its last line: some sixteen thousand events.
const BLOCK_BYTES: u64 = 4 << 20;

/// Records of a block of CSV.
const BLOCK_RECORDS: usize = 16_384;

/// A part of an archive.
pub enum Block {
    /// Whole lines, and the number of the first, from 1.
    Lines {
        /// That number.
        first: u64,
        /// The lines.
        bytes: Vec<u8>,
    },
    /// Records of CSV; each knows its line.
    Records(Vec<ByteRecord>),
}

/// Reads an archive block by block.
pub enum Blocks {
    /// Lines of NDJSON, and the number of the next.
    Lines(BufReader<File>, u64),
    /// Records of CSV behind the header.
    Records(csv::Reader<File>),
}

impl Blocks {
    /// Starts reading; a CSV's header is read at once and given beside.
    ///
    /// # Errors
    /// When the header cannot be read or is not text.
    pub fn open(file: File, format: Format) -> csv::Result<(Blocks, Option<StringRecord>)> {
        if format == Format::Ndjson {
            return Ok((Blocks::Lines(BufReader::new(file), 1), None));
        }
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
        let header = reader.headers()?.clone();
        Ok((Blocks::Records(reader), Some(header)))
    }

    fn next_block(&mut self) -> io::Result<Option<Block>> {
        match self {
            Blocks::Lines(reader, next) => {
                let mut bytes = Vec::new();
                reader.by_ref().take(BLOCK_BYTES).read_to_end(&mut bytes)?;
                reader.read_until(b'\n', &mut bytes)?;
                let first = *next;
                *next += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
                Ok((!bytes.is_empty()).then_some(Block::Lines { first, bytes }))
            }
            Blocks::Records(reader) => {
                let records = reader.byte_records().take(BLOCK_RECORDS);
                let records: Vec<ByteRecord> = records.collect::<Result<_, _>>()?;
                Ok((!records.is_empty()).then_some(Block::Records(records)))
            }
        }
    }
}

impl Iterator for Blocks {
    type Item = io::Result<Block>;

    fn next(&mut self) -> Option<io::Result<Block>> {
        self.next_block().transpose()
    }
}
