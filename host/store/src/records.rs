//! The reading end of a pipeline's log: frames as records, each read under the manifest its segment was
//! written under. Must not know what a record means.

use std::sync::{Arc, Mutex, PoisonError};

use foreshore_core::{Amendment, Disposition, Manifest, Pipeline, Record, RestingDecision, Trail};
use foreshore_event::{Event, Schema};
use foreshore_timeline::Lsn;

use crate::codec::{AMENDMENT, DecodeError, Reading, decode, decode_manifest};
use crate::error::StoreError;
use crate::log::{Frame, LogError, LogReader};

/// A pipeline's log, to be read.
pub struct Records {
    log: LogReader,
    /// Whose slots and instances records are read as; none: each segment's own.
    reader: Option<(Arc<Schema>, Arc<Manifest>)>,
    /// Segments met last, by their first record, and how their records are read.
    readings: Mutex<Vec<(Lsn, Arc<Reading>)>>,
}

/// Segments remembered: a log read from end to end needs one at a time, timelines brought in need the last.
const READINGS_MAX: usize = 64;

impl Records {
    /// A log whose events are read as this pipeline's, whatever they were written as; without one, each as it
    /// was written.
    pub fn new(log: LogReader, pipeline: Option<&Pipeline>) -> Records {
        let reader = pipeline.map(|pipeline| (pipeline.schema.clone(), pipeline.manifest.clone()));
        Records {
            log,
            reader,
            readings: Mutex::default(),
        }
    }

    /// The log itself.
    pub fn log(&self) -> &LogReader {
        &self.log
    }

    /// The record at a position.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn get(&self, lsn: Lsn) -> Result<Record, StoreError> {
        let frame = self.log.read(lsn)?;
        self.decode(&frame)
    }

    /// The records from a position on, in order. An event of a type the schema does not have any more is
    /// passed over.
    pub fn from(&self, lsn: Lsn) -> impl Iterator<Item = Result<Record, StoreError>> {
        let records = self.log.scan(lsn).map(|frame| self.decode(&frame?));
        records.filter(|record| {
            !matches!(
                record,
                Err(StoreError::Decode {
                    error: DecodeError::Gone(_),
                    ..
                })
            )
        })
    }

    /// The amendments from a position on, in order; other records are not even decoded.
    pub fn amendments(&self, lsn: Lsn) -> impl Iterator<Item = Result<Amendment, StoreError>> {
        let frames = self.log.scan(lsn);
        let amendments =
            frames.filter(|frame| !matches!(frame, Ok(frame) if frame.kind != AMENDMENT));
        amendments.filter_map(|frame| {
            match frame
                .map_err(StoreError::from)
                .and_then(|f| self.decode(&f))
            {
                Ok(Record::Amendment(amendment)) => Some(Ok(amendment)),
                Ok(_) => None,
                Err(error) => Some(Err(error)),
            }
        })
    }

    /// The event at a position; none if the schema does not have its type any more, or the log does not reach
    /// back to it.
    ///
    /// # Errors
    /// When there is no event, or it cannot be read.
    pub fn event(&self, lsn: Lsn) -> Result<Option<Arc<Event>>, StoreError> {
        match self.get(lsn) {
            Ok(Record::Event { event, .. }) => Ok(Some(event)),
            Ok(_)
            | Err(StoreError::Decode {
                error: DecodeError::Gone(_),
                ..
            }) => Ok(None),
            Err(StoreError::Log(LogError::Absent { lsn, first, .. })) if lsn < first => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What was decided about the event at a position, revision by revision; none if nothing was, or if the
    /// log does not have the event, not yet or not any more.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub fn decision(
        &self,
        lsn: Lsn,
        trail: Option<Trail>,
    ) -> Result<Option<RestingDecision>, StoreError> {
        let (frame, next) = match self.log.read_two(lsn) {
            Err(LogError::Absent { .. }) => return Ok(None),
            read => read?,
        };
        let record = match self.decode(&frame) {
            // Of a type the pipeline does not have any more.
            Err(StoreError::Decode {
                error: DecodeError::Gone(_),
                ..
            }) => return Ok(None),
            record => record?,
        };
        let Record::Event {
            late,
            event,
            disposition: Disposition::Admitted | Disposition::Late,
            ..
        } = record
        else {
            return Ok(None);
        };
        let mut resting = RestingDecision {
            lsn,
            event,
            late,
            revisions: Vec::new(),
            trail: trail.unwrap_or_default(),
        };
        let mut at = Some(resting.trail.last).filter(|last| *last > lsn);
        if at.is_none() {
            match next.map_or_else(|| self.log.read(lsn.next()), Ok) {
                Err(LogError::Absent { .. }) => {}
                next => self.first_revision(&next?, &mut resting)?,
            }
        }
        while let Some(record) = at {
            at = self.revision(record, &mut resting)?;
        }
        resting.revisions.reverse();
        Ok(Some(resting))
    }

    /// Takes the record right after an event, if it is the first revision of its decision.
    fn first_revision(
        &self,
        frame: &Frame,
        resting: &mut RestingDecision,
    ) -> Result<(), StoreError> {
        if let Record::Revision {
            lsn,
            decision,
            told,
            revision,
            ..
        } = self.decode(frame)?
            && decision.0 == resting.lsn
        {
            resting.trail = Trail {
                last: lsn,
                told: u32::from(told),
            };
            resting.revisions.push(revision);
        }
        Ok(())
    }

    /// Takes a revision; gives where the one before it is.
    fn revision(
        &self,
        record: Lsn,
        resting: &mut RestingDecision,
    ) -> Result<Option<Lsn>, StoreError> {
        match self.get(record)? {
            Record::Revision {
                decision,
                previous,
                revision,
                ..
            } if decision.0 == resting.lsn => {
                resting.revisions.push(revision);
                Ok(previous.filter(|previous| *previous < record))
            }
            _ => Ok(None),
        }
    }

    /// The record of a frame.
    pub(crate) fn decode(&self, frame: &Frame) -> Result<Record, StoreError> {
        let lsn = frame.lsn;
        let reading = self.reading(lsn)?;
        let mut record = decode(frame.kind, lsn, &frame.payload, &reading)
            .map_err(|error| StoreError::Decode { lsn, error })?;
        if let (Record::Event { late, .. }, Some((_, now))) = (&mut record, &self.reader) {
            *late = relabel(*late, reading.written(), now);
        }
        Ok(record)
    }

    fn reading(&self, lsn: Lsn) -> Result<Arc<Reading>, StoreError> {
        let segment = self.log.segment_of(lsn)?;
        // Only ever holds whole readings: a panicking reader leaves nothing half done.
        let mut readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        let known = readings.iter().find(|(known, _)| *known == segment);
        if let Some((_, reading)) = known {
            return Ok(reading.clone());
        }
        let preamble = self.log.preamble_at(lsn)?;
        let broken = |error| StoreError::Decode { lsn, error };
        let manifest = Arc::new(decode_manifest(&preamble).map_err(broken)?);
        let reading = match &self.reader {
            Some((schema, _)) => Reading::new(manifest, schema),
            None => Reading::alone(manifest),
        };
        let reading = Arc::new(reading.map_err(broken)?);
        readings.insert(0, (segment, reading.clone()));
        readings.truncate(READINGS_MAX);
        Ok(reading)
    }
}

/// The bits of instances, counted as they are now instead of as they were.
fn relabel(bits: u64, written: &Manifest, now: &Manifest) -> u64 {
    if bits == 0 || written.revision == now.revision {
        return bits;
    }
    let is_set = |name: &str| {
        let then = written
            .instances
            .iter()
            .position(|instance| instance.name == name);
        then.is_some_and(|then| bits & (1 << then) != 0)
    };
    let instances = now.instances.iter().enumerate();
    let set = instances.filter(|(_, instance)| is_set(&instance.name));
    set.fold(0, |bits, (at, _)| bits | 1 << at)
}
