//! A timeline's state as bytes and back. Writing is compact and deterministic: the same state is always the
//! same bytes. Reading trusts nothing: bytes that no encoding gives end the call.

/// The bytes being written.
pub mod writer;

/// The bytes being read.
pub mod reader;

/// How plain Rust values are laid down.
mod values;

pub use reader::Reader;
pub use writer::Writer;

/// What can live in a timeline's state. Written by [`state!`](crate::state!) for an author's structs.
///
/// Decoding happens in place, onto the initial value: what never changes (a window's spans and bounds) is
/// not stored. Changing it, or the order of fields, therefore needs another `STATE_VERSION`.
pub trait State {
    /// Writes the value. Equal values must write equal bytes.
    fn encode(&self, writer: &mut Writer);

    /// Reads what [`State::encode`] wrote.
    ///
    /// # Panics
    /// When the bytes are no encoding of such a value.
    fn decode(&mut self, reader: &mut Reader<'_>);
}

/// A struct that is a timeline's state: fields, each with the value it starts with.
///
/// A field without a value starts with its type's default. `Default` and [`State`] come with it.
///
/// ```
/// use foreshore_guest::prelude::*;
///
/// state! {
///     pub struct Card {
///         spent: Window = Window::of(DAY, 64),
///         blocked: bool,
///     }
/// }
/// assert!(!Card::default().blocked);
/// ```
#[macro_export]
macro_rules! state {
    (@initial) => { ::core::default::Default::default() };
    (@initial $initial:expr) => { $initial };
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$note:meta])* $field_vis:vis $field:ident : $type:ty $(= $initial:expr)?),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $vis struct $name {
            $($(#[$note])* $field_vis $field: $type),+
        }

        impl ::core::default::Default for $name {
            fn default() -> Self {
                $name { $($field: $crate::state!(@initial $($initial)?)),+ }
            }
        }

        impl $crate::State for $name {
            fn encode(&self, writer: &mut $crate::Writer) {
                $($crate::State::encode(&self.$field, writer);)+
            }

            fn decode(&mut self, reader: &mut $crate::Reader<'_>) {
                $($crate::State::decode(&mut self.$field, reader);)+
            }
        }
    };
}
