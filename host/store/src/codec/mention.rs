//! Events that are only mentioned, and why a decision changed: parts of several records. Distances count
//! back from the position of the record they stand in.
//!
//! `mention`:
//!
//! | type | what |
//! | --- | --- |
//! | back | where the event was logged |
//! | i64 | its time, microseconds since 1970-01-01T00:00:00Z |
//! | varint | its type, by index in the manifest; 65535 for one the pipeline no longer has |
//! | text | source |
//! | text | id |
//!
//! `cause`: a byte, 0 for none, 1 for a late event, 2 for a plugin that caught up; after 1 the `mention` of
//! the late event.

use std::sync::Arc;

use foreshore_core::{Cause, Mention};
use foreshore_event::Time;
use foreshore_timeline::Lsn;

use super::error::DecodeError;
use super::reader::Reader;
use super::reading::Reading;
use super::writer::Writer;

const NONE: u8 = 0;
const LATE: u8 = 1;
const CAUGHT_UP: u8 = 2;

impl Writer<'_> {
    /// `mention`.
    pub(super) fn mention(&mut self, mention: &Mention, at: Lsn) {
        self.back(at.0, mention.lsn.0);
        self.i64(mention.time.0);
        self.varint(u64::from(mention.kind.0));
        self.text(&mention.source);
        self.text(&mention.id);
    }

    /// `cause`.
    pub(super) fn cause(&mut self, cause: Option<&Cause>, at: Lsn) {
        match cause {
            None => self.byte(NONE),
            Some(Cause::Late(event)) => {
                self.byte(LATE);
                self.mention(event, at);
            }
            Some(Cause::CaughtUp) => self.byte(CAUGHT_UP),
        }
    }
}

impl Reader<'_> {
    /// `mention`.
    pub(super) fn mention(
        &mut self,
        at: Lsn,
        reading: &Reading,
    ) -> Result<Arc<Mention>, DecodeError> {
        let lsn = Lsn(self.back(at.0)?);
        let time = Time(self.i64()?);
        let written = self.index()?;
        let kind = reading.mentioned_type(written).ok_or_else(|| {
            let types = reading.written.types.len();
            self.damaged(format!(
                "event type {written}, but the manifest has {types}"
            ))
        })?;
        Ok(Arc::new(Mention {
            lsn,
            time,
            kind,
            source: self.text()?.into(),
            id: self.text()?.into(),
        }))
    }

    /// `cause`.
    pub(super) fn cause(
        &mut self,
        at: Lsn,
        reading: &Reading,
    ) -> Result<Option<Cause>, DecodeError> {
        match self.byte()? {
            NONE => Ok(None),
            LATE => Ok(Some(Cause::Late(self.mention(at, reading)?))),
            CAUGHT_UP => Ok(Some(Cause::CaughtUp)),
            code => Err(self.damaged(format!("{code} is the code of no cause"))),
        }
    }
}
