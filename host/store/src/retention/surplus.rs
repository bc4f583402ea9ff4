//! Which segments of a log can go: those too old, or too many, of those that nothing else needs. Takes what is
//! known of each segment and the time, reads no record.

use foreshore_event::{Span, Time};
use foreshore_timeline::Lsn;

use crate::log::SegmentInfo;

/// How much of a log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Segments older than this go; none: age is no reason.
    pub age: Option<Span>,
    /// The oldest segments beyond this many bytes go; none: size is no reason.
    pub bytes: Option<u64>,
    /// A segment that is younger stays, whatever the size.
    pub at_least: Span,
    /// How far ahead of its arrival an event can be.
    pub ahead: Span,
}

/// Segments that can go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surplus {
    /// The first record that stays.
    pub before: Lsn,
    /// The newest time of a record that goes.
    pub newest: Time,
    /// Above the time of every event that goes: timelines have to be closed up to here.
    pub close: Time,
    /// Bytes that go.
    pub bytes: u64,
}

impl Retention {
    /// The segments, oldest first, that can go at a time. At least one record always stays.
    pub fn surplus(&self, segments: &[SegmentInfo], now: Time) -> Option<Surplus> {
        let last = segments.last()?.last;
        let mut left: u64 = segments.iter().map(|segment| segment.bytes).sum();
        let mut surplus: Option<Surplus> = None;
        for segment in segments {
            let older = |age: Span| segment.newest < now.minus(age);
            let is_too_old = self.age.is_some_and(older);
            let is_too_much = self.bytes.is_some_and(|bytes| left > bytes);
            let wanted = (is_too_old || is_too_much) && older(self.at_least);
            if !wanted || !segment.sealed || segment.last >= last {
                break;
            }
            left -= segment.bytes;
            let before = surplus.map_or((Time::MIN, 0), |so_far| (so_far.newest, so_far.bytes));
            let newest = segment.newest.max(before.0);
            surplus = Some(Surplus {
                before: segment.last.next(),
                newest,
                close: newest.plus(self.ahead).plus(Span(1)),
                bytes: before.1 + segment.bytes,
            });
        }
        surplus
    }

    /// Bytes beyond those wanted that must stay, because they are too young to go.
    pub fn unyielding(&self, segments: &[SegmentInfo], now: Time) -> u64 {
        let goes = self
            .surplus(segments, now)
            .map_or(0, |surplus| surplus.bytes);
        let sealed = segments.iter().filter(|segment| segment.sealed);
        let bytes: u64 = sealed.map(|segment| segment.bytes).sum();
        self.bytes
            .map_or(0, |wanted| (bytes - goes).saturating_sub(wanted))
    }
}

/// The first record whose event is to be known when it is sent again.
pub fn forgettable(segments: &[SegmentInfo], identity_retention: Span, now: Time) -> Lsn {
    let since = now.minus(identity_retention);
    let old = |segment: &&SegmentInfo| segment.sealed && segment.newest < since;
    let forgotten = segments.iter().take_while(old).last();
    forgotten.map_or(Lsn(0), |segment| segment.last.next())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Segments of ten records and 100 bytes, one per ten seconds; the last is not sealed.
    fn segments(count: u64) -> Vec<SegmentInfo> {
        let segment = |at: u64| SegmentInfo {
            file: format!("{at}").into(),
            first: Lsn(at * 10 + 1),
            last: Lsn(at * 10 + 10),
            bytes: 100,
            newest: Time((at as i64 + 1) * 10_000_000),
            sealed: at + 1 < count,
        };
        (0..count).map(segment).collect()
    }

    fn retention(age: Option<i64>, bytes: Option<u64>, at_least: i64) -> Retention {
        Retention {
            age: age.map(|seconds| Span(seconds * 1_000_000)),
            bytes,
            at_least: Span(at_least * 1_000_000),
            ahead: Span(5),
        }
    }

    fn before(retention: Retention, now: i64) -> Option<u64> {
        let surplus = retention.surplus(&segments(5), Time(now * 1_000_000));
        surplus.map(|surplus| surplus.before.0)
    }

    #[test]
    fn what_is_older_than_it_may_be_goes() {
        assert_eq!(before(retention(Some(30), None, 0), 40), None);
        assert_eq!(before(retention(Some(30), None, 0), 41), Some(11));
        assert_eq!(before(retention(Some(30), None, 0), 61), Some(31));
        assert_eq!(before(retention(None, None, 0), 1_000), None);
    }

    #[test]
    fn the_oldest_beyond_the_bytes_go_unless_they_are_too_young() {
        assert_eq!(before(retention(None, Some(500), 0), 50), None);
        assert_eq!(before(retention(None, Some(499), 0), 50), Some(11));
        assert_eq!(before(retention(None, Some(250), 0), 50), Some(31));
        assert_eq!(before(retention(None, Some(250), 35), 50), Some(11));
        let yields = retention(None, Some(150), 35);
        assert_eq!(yields.unyielding(&segments(5), Time(50_000_000)), 150);
        assert_eq!(
            retention(None, Some(500), 35).unyielding(&segments(5), Time(50_000_000)),
            0
        );
    }

    #[test]
    fn a_record_stays_however_old_it_is() {
        assert_eq!(before(retention(Some(0), Some(0), 0), 1_000_000), Some(41));
        let mut sealed = segments(5);
        // The segment begun after the last seal has no record yet.
        sealed[4].last = sealed[4].first.before();
        let all = retention(Some(0), None, 0).surplus(&sealed, Time(i64::MAX));
        assert_eq!(all.map(|surplus| surplus.before), Some(Lsn(31)));
    }

    #[test]
    fn the_close_is_above_every_event_that_goes() {
        let surplus = retention(Some(30), None, 0).surplus(&segments(5), Time(61_000_000));
        let surplus = surplus.unwrap();
        assert_eq!(
            (surplus.newest, surplus.close),
            (Time(30_000_000), Time(30_000_006))
        );
        assert_eq!(surplus.bytes, 300);
    }

    #[test]
    fn identities_are_forgotten_segment_by_segment() {
        let kept = |now: i64| forgettable(&segments(5), Span(20_000_000), Time(now * 1_000_000));
        assert_eq!((kept(30), kept(31), kept(61)), (Lsn(0), Lsn(11), Lsn(41)));
    }
}
