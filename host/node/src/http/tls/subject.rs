//! The common name in a certificate's subject, which rustls's verifier has no need of and so does not read. Takes
//! the subject's bytes, a sequence of sets of an attribute and a value in DER; passes over what it does not know.

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT: u8 = 0x06;

/// Kinds of text that are UTF-8 as they stand: UTF8String and PrintableString.
const TEXTS: [u8; 2] = [0x0c, 0x13];

/// The object 2.5.4.3, a common name.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];

/// The common name of a subject; none where there is none, or where there are several.
pub(super) fn common_name_of(subject: &[u8]) -> Option<&str> {
    let mut found = None;
    let sets = Values(subject).filter(|(tag, _)| *tag == SET);
    for (tag, attribute) in sets.flat_map(|(_, set)| Values(set)) {
        let Some(name) = common_name(tag, attribute) else {
            continue;
        };
        if found.replace(name).is_some() {
            return None;
        }
    }
    found
}

fn common_name(tag: u8, attribute: &[u8]) -> Option<&str> {
    let mut parts = Values(attribute);
    let (kind, object) = parts.next()?;
    let (text, value) = parts.next()?;
    let is_it = tag == SEQUENCE && kind == OBJECT && object == COMMON_NAME && TEXTS.contains(&text);
    let name = is_it.then(|| str::from_utf8(value).ok()).flatten()?;
    Some(name).filter(|name| !name.is_empty())
}

/// Values in DER, one after the other; ends where the bytes make no more.
struct Values<'a>(&'a [u8]);

impl<'a> Iterator for Values<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81 => rest
                .split_first()
                .map(|(length, rest)| (usize::from(*length), rest))?,
            0x82 => {
                let (length, rest) = rest.split_first_chunk::<2>()?;
                (usize::from(u16::from_be_bytes(*length)), rest)
            }
            // No name is that long.
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(tag: u8, bytes: &[u8]) -> Vec<u8> {
        let length = u8::try_from(bytes.len()).unwrap();
        let head: &[u8] = if length < 0x80 {
            &[tag, length]
        } else {
            &[tag, 0x81, length]
        };
        [head, bytes].concat()
    }

    fn attribute(object: &[u8], kind: u8, text: &[u8]) -> Vec<u8> {
        let pair = [value(OBJECT, object), value(kind, text)].concat();
        value(SET, &value(SEQUENCE, &pair))
    }

    #[test]
    fn a_common_name_is_found_among_other_attributes() {
        let long = [b'x'; 200];
        for (kind, text) in [(0x0c, &b"till"[..]), (0x13, b"till 7"), (0x0c, &long)] {
            let other = attribute(&[0x55, 0x04, 0x0a], 0x0c, b"Shops");
            let subject = [other.clone(), attribute(&COMMON_NAME, kind, text), other].concat();
            assert_eq!(common_name_of(&subject).map(str::as_bytes), Some(text));
        }
    }

    #[test]
    fn several_common_names_and_odd_ones_are_none() {
        let till = attribute(&COMMON_NAME, 0x0c, b"till");
        assert_eq!(common_name_of(&[till.clone(), till.clone()].concat()), None);
        for odd in [
            attribute(&COMMON_NAME, 0x1e, b"\0t"),
            attribute(&COMMON_NAME, 0x0c, b"\xff"),
            attribute(&COMMON_NAME, 0x0c, b""),
            value(SEQUENCE, b""),
            vec![],
        ] {
            assert_eq!(common_name_of(&odd), None, "{odd:?}");
        }
    }

    #[test]
    fn a_subject_cut_short_anywhere_gives_nothing() {
        let till = attribute(&COMMON_NAME, 0x0c, b"till");
        for end in 0..till.len() {
            assert_eq!(common_name_of(&till[..end]), None, "{end}");
        }
        assert_eq!(
            common_name_of(&[SET, 0x84, 0xff, 0xff, 0xff, 0xff, 1]),
            None
        );
    }
}
