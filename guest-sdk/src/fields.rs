//! What an author reads of an event: a struct of named fields. Takes one row's cells in the described
//! order, gives the struct. Must not know what becomes of it.

use crate::rows::Cells;

/// What a field of an event holds, as the pipeline declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any finite number.
    Number,
    /// A whole number of magnitude at most 2^53.
    Integer,
    /// True or false.
    Boolean,
    /// UTF-8 text.
    Text,
}

/// A field that the plugin asks the pipeline for, by name, kind and unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldNeed {
    /// The pipeline's name of the field.
    pub name: &'static str,
    /// What it must hold.
    pub kind: Kind,
    /// The unit the plugin's arithmetic assumes; none if it has none.
    pub unit: Option<&'static str>,
}

impl FieldNeed {
    /// A field named by its Rust identifier.
    pub const fn new(
        identifier: &'static str,
        kind: Kind,
        unit: Option<&'static str>,
    ) -> FieldNeed {
        FieldNeed {
            name: unescaped(identifier),
            kind,
            unit,
        }
    }
}

/// The name an identifier stands for: `r#type` is how Rust writes `type`.
pub(crate) const fn unescaped(identifier: &'static str) -> &'static str {
    match identifier.as_bytes() {
        [b'r', b'#', ..] => identifier.split_at(2).1,
        _ => identifier,
    }
}

/// A struct of event fields; written by [`fields!`](crate::fields!). `()` reads none.
pub trait Fields<'a>: Sized {
    /// What is asked for, in the order in which rows carry it.
    const FIELDS: &'static [FieldNeed];

    /// Reads the fields of one row.
    fn read(cells: &mut Cells<'a>) -> Self;
}

impl<'a> Fields<'a> for () {
    const FIELDS: &'static [FieldNeed] = &[];

    fn read(_cells: &mut Cells<'a>) -> Self {}
}

/// A Rust type that a field can have.
///
/// | type | kind in the pipeline | when missing |
/// | --- | --- | --- |
/// | `f64` | number | NaN |
/// | `i64` | integer | 0 |
/// | `bool` | boolean | false |
/// | `&'a str` | text | `""` |
/// | `Option` of these | the same | `None` |
pub trait Field<'a>: Sized {
    /// The kind the pipeline must declare.
    const KIND: Kind;

    /// Reads the next cell.
    fn read(cells: &mut Cells<'a>) -> Self;
}

impl<'a> Field<'a> for f64 {
    const KIND: Kind = Kind::Number;

    fn read(cells: &mut Cells<'a>) -> Self {
        cells.number()
    }
}

impl<'a> Field<'a> for Option<f64> {
    const KIND: Kind = Kind::Number;

    fn read(cells: &mut Cells<'a>) -> Self {
        Some(cells.number()).filter(|number| !number.is_nan())
    }
}

impl<'a> Field<'a> for Option<i64> {
    const KIND: Kind = Kind::Integer;

    fn read(cells: &mut Cells<'a>) -> Self {
        let number = <Option<f64> as Field>::read(cells);
        number.map(|number| number as i64)
    }
}

impl<'a> Field<'a> for Option<bool> {
    const KIND: Kind = Kind::Boolean;

    fn read(cells: &mut Cells<'a>) -> Self {
        let number = <Option<f64> as Field>::read(cells);
        number.map(|number| number != 0.0)
    }
}

impl<'a> Field<'a> for Option<&'a str> {
    const KIND: Kind = Kind::Text;

    fn read(cells: &mut Cells<'a>) -> Self {
        cells.text()
    }
}

/// A plain type reads a missing field as its default; only a number has a value of its own for it.
macro_rules! plain {
    ($($plain:ty),+) => {$(
        impl<'a> Field<'a> for $plain {
            const KIND: Kind = <Option<$plain> as Field>::KIND;

            fn read(cells: &mut Cells<'a>) -> Self {
                <Option<$plain> as Field>::read(cells).unwrap_or_default()
            }
        }
    )+};
}

plain!(i64, bool, &'a str);

/// Names the fields a plugin reads, each with its Rust type (see [`Field`]) and, where it has one, its unit.
///
/// A struct that borrows text has a lifetime; one without text needs none.
///
/// ```
/// foreshore_guest::fields! {
///     pub struct Payment<'a> {
///         amount in "EUR": f64,
///         terminal: &'a str,
///         online: Option<bool>,
///     }
/// }
/// ```
#[macro_export]
macro_rules! fields {
    (@unit) => { ::core::option::Option::None };
    (@unit $unit:literal) => { ::core::option::Option::Some($unit) };
    (@struct $life:lifetime ($($generics:tt)*) $(#[$meta:meta])* $vis:vis $name:ident {
        $($(#[$note:meta])* $field:ident $(in $unit:literal)? : $type:ty),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[allow(missing_docs, reason = "the pipeline says what its fields mean")]
        $vis struct $name $($generics)* {
            $($(#[$note])* $vis $field: $type),+
        }

        impl<$life> $crate::Fields<$life> for $name $($generics)* {
            const FIELDS: &'static [$crate::FieldNeed] = &[$($crate::FieldNeed::new(
                stringify!($field),
                <$type as $crate::Field<$life>>::KIND,
                $crate::fields!(@unit $($unit)?),
            )),+];

            fn read(cells: &mut $crate::rows::Cells<$life>) -> Self {
                $name { $($field: $crate::Field::read(cells)),+ }
            }
        }
    };
    ($(#[$meta:meta])* $vis:vis struct $name:ident <$life:lifetime> { $($fields:tt)+ }) => {
        $crate::fields! { @struct $life (<$life>) $(#[$meta])* $vis $name { $($fields)+ } }
    };
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($fields:tt)+ }) => {
        $crate::fields! { @struct 'row () $(#[$meta])* $vis $name { $($fields)+ } }
    };
}
