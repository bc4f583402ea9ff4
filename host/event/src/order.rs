//! The total order of events: a function of the event alone, never of its arrival. Knows nothing of
//! watermarks or timelines.

use crate::time::Time;

/// Where an event stands among all others: `(time, sequence, source, id)`, compared in that order, an
/// absent sequence first and the texts by their bytes. Two events of one identity are the same event, so
/// no two different events have equal keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OrderKey<'a> {
    /// Event time.
    pub time: Time,
    /// The source's own counter, if it sends one.
    pub sequence: Option<u64>,
    /// Who emitted it.
    pub source: &'a str,
    /// Its id, unique within the source.
    pub id: &'a str,
}

impl OrderKey<'_> {
    /// The smallest key an event of this time could have.
    pub fn first_at(time: Time) -> OrderKey<'static> {
        OrderKey {
            time,
            sequence: None,
            source: "",
            id: "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_compare_by_time_then_sequence_then_source_then_id() {
        let key = |time, sequence, source, id| OrderKey {
            time: Time(time),
            sequence,
            source,
            id,
        };
        let ascending = [
            OrderKey::first_at(Time(1)),
            key(1, None, "a", "9"),
            key(1, None, "b", "1"),
            key(1, Some(0), "a", "1"),
            key(1, Some(2), "a", "1"),
            key(1, Some(10), "a", "1"),
            key(1, Some(10), "a", "2"),
            key(2, None, "a", "1"),
        ];
        assert!(ascending.is_sorted());
        assert!(ascending.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
