//! Which timeline, and how that stands in the tree: a tag, then what orders the records of that tag. Takes
//! names, gives bytes, and back; must not know values.

use std::fmt;

use foreshore_timeline::Lsn;

/// Tags: the first byte of every key in the tree. None is ever given another meaning.
const META: u8 = 0;
const TIMELINE: u8 = 1;
const TRAIL: u8 = 2;

/// All timelines of one feature plugin instance as deployed: another component, another family. Who deploys
/// hands out the numbers and never gives one twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Family(pub u32);

/// A timeline's name. Ordered as it stands in the tree: by family, then by the key's bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Its family.
    pub family: Family,
    /// The value of the field its plugin is keyed by.
    pub key: Box<str>,
}

/// What a record is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The format of the whole.
    Format,
    /// The log it is the state of.
    Log,
    /// How far it is complete.
    Through,
    /// A timeline.
    Timeline(Key),
    /// The trail of the decision about the event logged there.
    Trail(Lsn),
    /// Nothing known: the key itself is damaged.
    Unknown(Vec<u8>),
}

impl Key {
    /// The name of the timeline of `key` in `family`.
    pub fn new(family: Family, key: &str) -> Key {
        let key = key.into();
        Key { family, key }
    }
}

impl Place {
    pub(crate) fn of(bytes: &[u8]) -> Place {
        let parsed = match bytes.split_first() {
            Some((&META, b"format")) => Some(Place::Format),
            Some((&META, b"log")) => Some(Place::Log),
            Some((&META, b"through")) => Some(Place::Through),
            Some((&TIMELINE, rest)) => timeline_of(rest).map(Place::Timeline),
            Some((&TRAIL, rest)) => {
                let lsn = rest.try_into().map(u64::from_be_bytes);
                lsn.ok().map(|lsn| Place::Trail(Lsn(lsn)))
            }
            _ => None,
        };
        parsed.unwrap_or_else(|| Place::Unknown(bytes.to_vec()))
    }

    /// How it stands in the tree.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Place::Format => [&[META], b"format".as_slice()].concat(),
            Place::Log => [&[META], b"log".as_slice()].concat(),
            Place::Through => [&[META], b"through".as_slice()].concat(),
            Place::Timeline(Key { family, key }) => timeline(*family, key),
            Place::Trail(lsn) => trail(*lsn),
            Place::Unknown(bytes) => bytes.clone(),
        }
    }
}

/// A timeline's place in the tree.
pub(crate) fn timeline(family: Family, key: &str) -> Vec<u8> {
    [
        &[TIMELINE],
        family.0.to_be_bytes().as_slice(),
        key.as_bytes(),
    ]
    .concat()
}

/// A trail's place in the tree.
pub(crate) fn trail(decision: Lsn) -> Vec<u8> {
    [&[TRAIL], decision.0.to_be_bytes().as_slice()].concat()
}

/// Where the timelines of a family begin and end; of all families without one.
pub(crate) fn timelines(family: Option<Family>) -> (Vec<u8>, Vec<u8>) {
    let next = |Family(number)| number.checked_add(1).map(Family);
    match family {
        None => (vec![TIMELINE], vec![TIMELINE + 1]),
        Some(family) => (
            timeline(family, ""),
            next(family).map_or_else(|| vec![TIMELINE + 1], |next| timeline(next, "")),
        ),
    }
}

fn timeline_of(bytes: &[u8]) -> Option<Key> {
    let (family, key) = bytes.split_first_chunk()?;
    let family = Family(u32::from_be_bytes(*family));
    Some(Key::new(family, std::str::from_utf8(key).ok()?))
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?} of family {}", self.key, self.family.0)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Format => out.write_str("the format"),
            Place::Log => out.write_str("the log's identity"),
            Place::Through => out.write_str("how far it is complete"),
            Place::Timeline(key) => write!(out, "timeline {key}"),
            Place::Trail(lsn) => write!(out, "the trail of decision {}", lsn.0),
            Place::Unknown(bytes) => write!(out, "a record under no known key ({bytes:02x?})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_again_from_its_bytes() {
        let places = [
            Place::Format,
            Place::Log,
            Place::Through,
            Place::Timeline(Key::new(Family(7), "")),
            Place::Timeline(Key::new(Family(u32::MAX), "zoë")),
            Place::Trail(Lsn(300)),
            Place::Unknown(vec![9, 1]),
        ];
        for place in places {
            assert_eq!(Place::of(&place.bytes()), place);
        }
    }

    #[test]
    fn a_key_that_is_no_text_is_unknown() {
        assert!(matches!(
            Place::of(&[1, 0, 0, 0, 1, 0xff]),
            Place::Unknown(_)
        ));
        assert!(matches!(Place::of(&[1, 0]), Place::Unknown(_)));
        assert!(matches!(Place::of(&[2, 0]), Place::Unknown(_)));
        assert!(matches!(Place::of(&[]), Place::Unknown(_)));
    }

    #[test]
    fn the_tree_orders_timelines_as_their_keys_are_ordered() {
        let mut keys = [(2, "a"), (1, "b"), (300, ""), (1, "a\0"), (1, "a")]
            .map(|(family, key)| Key::new(Family(family), key));
        keys.sort();
        let places = keys.map(|key| timeline(key.family, &key.key));
        assert!(places.is_sorted());
    }

    #[test]
    fn a_family_ends_where_the_next_begins() {
        for family in [0, 1, 255, 256, u32::MAX] {
            let (first, end) = timelines(Some(Family(family)));
            assert!(first <= timeline(Family(family), ""));
            assert!(timeline(Family(family), "\u{10ffff}") < end);
            assert!(end <= timelines(None).1);
        }
    }
}
