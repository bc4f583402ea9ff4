//! How plain Rust values are laid down in a state: whole numbers in as few bytes as they need, floating
//! ones in eight, collections after their count.

use std::collections::BTreeMap;

use super::{Reader, State, Writer};
use crate::fault::malformed;
use crate::time::{Span, Time};

/// Whole numbers: one writer, one reader, a check of the range.
macro_rules! whole {
    ($write:ident: $($type:ty),+) => {$(
        impl State for $type {
            fn encode(&self, writer: &mut Writer) {
                writer.$write((*self).into());
            }

            fn decode(&mut self, reader: &mut Reader<'_>) {
                *self = match Self::try_from(reader.$write()) {
                    Ok(number) => number,
                    Err(_) => malformed("state", "a number beyond its type"),
                };
            }
        }
    )+};
}

whole!(unsigned: u8, u16, u32, u64);
whole!(signed: i8, i16, i32, i64);

/// Newtypes over one value are laid down as that value.
macro_rules! newtype {
    ($($type:ty),+) => {$(
        impl State for $type {
            fn encode(&self, writer: &mut Writer) {
                self.0.encode(writer);
            }

            fn decode(&mut self, reader: &mut Reader<'_>) {
                self.0.decode(reader);
            }
        }
    )+};
}

newtype!(Time, Span);

impl State for f64 {
    fn encode(&self, writer: &mut Writer) {
        writer.number(*self);
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        *self = reader.number();
    }
}

impl State for bool {
    fn encode(&self, writer: &mut Writer) {
        writer.byte(u8::from(*self));
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        *self = match reader.byte() {
            0 => false,
            1 => true,
            _ => malformed("state", "a boolean that is neither 0 nor 1"),
        };
    }
}

impl State for String {
    fn encode(&self, writer: &mut Writer) {
        writer.unsigned(self.len() as u64);
        writer.bytes(self.as_bytes());
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        let length = reader.count();
        *self = match str::from_utf8(reader.bytes(length)) {
            Ok(text) => text.to_owned(),
            Err(_) => malformed("state", "a text that is not UTF-8"),
        };
    }
}

impl<T: State + Default> State for Option<T> {
    fn encode(&self, writer: &mut Writer) {
        self.is_some().encode(writer);
        if let Some(value) = self {
            value.encode(writer);
        }
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        let mut present = false;
        present.decode(reader);
        *self = present.then(|| decoded(reader));
    }
}

impl<T: State + Default> State for Vec<T> {
    fn encode(&self, writer: &mut Writer) {
        writer.unsigned(self.len() as u64);
        for value in self {
            value.encode(writer);
        }
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        *self = (0..reader.count()).map(|_| decoded(reader)).collect();
    }
}

impl<T: State, const N: usize> State for [T; N] {
    fn encode(&self, writer: &mut Writer) {
        for value in self {
            value.encode(writer);
        }
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        for value in self {
            value.decode(reader);
        }
    }
}

impl<A: State, B: State> State for (A, B) {
    fn encode(&self, writer: &mut Writer) {
        self.0.encode(writer);
        self.1.encode(writer);
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        self.0.decode(reader);
        self.1.decode(reader);
    }
}

impl<K: State + Default + Ord, V: State + Default> State for BTreeMap<K, V> {
    fn encode(&self, writer: &mut Writer) {
        writer.unsigned(self.len() as u64);
        for (key, value) in self {
            key.encode(writer);
            value.encode(writer);
        }
    }

    fn decode(&mut self, reader: &mut Reader<'_>) {
        *self = (0..reader.count()).map(|_| decoded(reader)).collect();
    }
}

/// A value read onto its type's default.
fn decoded<T: State + Default>(reader: &mut Reader<'_>) -> T {
    let mut value = T::default();
    value.decode(reader);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(value: &impl State) -> Vec<u8> {
        let mut writer = Writer::default();
        value.encode(&mut writer);
        writer.into_bytes()
    }

    #[track_caller]
    fn round_trips<T: State + Default>(value: T, expected: &[u8]) {
        assert_eq!(bytes(&value), expected);
        let mut reader = Reader::of(expected);
        let read: T = decoded(&mut reader);
        reader.finish();
        assert_eq!(bytes(&read), expected);
    }

    #[test]
    fn values_have_one_documented_encoding() {
        round_trips(300_u64, &[0xAC, 0x02]);
        round_trips(u64::MAX, &[255, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
        round_trips(-1_i64, &[1]);
        round_trips(i64::MIN, &[255, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
        round_trips(Time(64), &[0x80, 0x01]);
        round_trips(1.0, &[0, 0, 0, 0, 0, 0, 0xF0, 0x3F]);
        round_trips(-f64::NAN, &[0, 0, 0, 0, 0, 0, 0xF8, 0x7F]);
        round_trips(Some("é".to_owned()), &[1, 2, 0xC3, 0xA9]);
        round_trips(vec![true, false], &[2, 1, 0]);
        round_trips([7_u8, 8], &[7, 8]);
        round_trips(BTreeMap::from([(2_u32, -1_i32), (1, 0)]), &[2, 1, 0, 2, 1]);
    }

    #[test]
    fn bytes_that_no_state_has_end_the_call() {
        let refused = |read: fn(&mut Reader<'_>), bytes: &'static [u8]| {
            let panic = std::panic::catch_unwind(|| {
                let mut reader = Reader::of(bytes);
                read(&mut reader);
                reader.finish();
            });
            *panic.unwrap_err().downcast::<String>().unwrap()
        };
        for (read, bytes, message) in [
            (
                (|reader| decoded::<f64>(reader).encode(&mut Writer::default()))
                    as fn(&mut Reader<'_>),
                &[0_u8; 7] as &[u8],
                "shorter",
            ),
            (
                |reader| decoded::<bool>(reader).encode(&mut Writer::default()),
                &[2],
                "boolean",
            ),
            (
                |reader| decoded::<u8>(reader).encode(&mut Writer::default()),
                &[0x80, 0x02],
                "beyond",
            ),
            (
                |reader| decoded::<u8>(reader).encode(&mut Writer::default()),
                &[1, 1],
                "longer",
            ),
            (
                |reader| decoded::<Vec<u8>>(reader).encode(&mut Writer::default()),
                &[200, 1, 0],
                "shorter",
            ),
            (
                |reader| decoded::<String>(reader).encode(&mut Writer::default()),
                &[1, 0xFF],
                "UTF-8",
            ),
            (
                |reader| decoded::<u64>(reader).encode(&mut Writer::default()),
                &[0xFF; 11],
                "64 bits",
            ),
        ] {
            let found = refused(read, bytes);
            assert!(
                found.starts_with("malformed state") && found.contains(message),
                "{found}"
            );
        }
    }
}
