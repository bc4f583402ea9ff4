//! Types of the component model as readers of WIT know them: takes a function's type, gives one line in
//! which every named type is spelled out, so that equal lines are equal types. Must not know which
//! functions are wanted.

use std::fmt::{self, Write};

use wasmparser::component_types::{
    ComponentDefinedType, ComponentFuncType, ComponentValType, TupleType,
};
use wasmparser::types::TypesRef;

/// Bytes after which a line is cut off: a type made of types made of types is short in a file, and spelled
/// out larger than any memory. No line of the contract comes near.
const LINE_BYTES_MAX: usize = 4 << 10;

/// A function's type in one line; one that is too long ends in `…`, and equals no other.
pub(crate) fn function(types: TypesRef<'_>, function: &ComponentFuncType) -> String {
    let mut line = Line(String::new());
    if line.function(types, function).is_err() {
        line.0.push('…');
    }
    line.0
}

/// A line being written. Writing fails where it gets too long, so that nothing more is spelled out.
struct Line(String);

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() + text.len() > LINE_BYTES_MAX {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

impl Line {
    fn function(&mut self, types: TypesRef<'_>, function: &ComponentFuncType) -> fmt::Result {
        if function.async_ {
            self.write_str("async ")?;
        }
        self.write_str("func(")?;
        self.list(&function.params, |line, (name, ty)| {
            write!(line, "{name}: ")?;
            line.value(types, ty)
        })?;
        self.write_char(')')?;
        if let Some(result) = &function.result {
            self.write_str(" -> ")?;
            self.value(types, result)?;
        }
        Ok(())
    }

    fn value(&mut self, types: TypesRef<'_>, ty: &ComponentValType) -> fmt::Result {
        match ty {
            ComponentValType::Primitive(primitive) => write!(self, "{primitive}"),
            ComponentValType::Type(id) => self.defined(types, &types[*id]),
        }
    }

    /// A value or nothing, which is `_`.
    fn maybe(&mut self, types: TypesRef<'_>, ty: Option<&ComponentValType>) -> fmt::Result {
        match ty {
            Some(ty) => self.value(types, ty),
            None => self.write_char('_'),
        }
    }

    fn defined(&mut self, types: TypesRef<'_>, ty: &ComponentDefinedType) -> fmt::Result {
        use ComponentDefinedType as Type;
        match ty {
            Type::Primitive(primitive) => write!(self, "{primitive}"),
            Type::Record(record) => self.within("record { ", " }", |line| {
                line.list(&record.fields, |line, (name, ty)| {
                    write!(line, "{name}: ")?;
                    line.value(types, ty)
                })
            }),
            Type::Variant(variant) => self.within("variant { ", " }", |line| {
                line.list(&variant.cases, |line, (name, case)| {
                    write!(line, "{name}")?;
                    let Some(ty) = &case.ty else { return Ok(()) };
                    line.within("(", ")", |line| line.value(types, ty))
                })
            }),
            Type::List { element, .. } => {
                self.within("list<", ">", |line| line.value(types, element))
            }
            Type::FixedLengthList {
                element, length, ..
            } => self.within("list<", ">", |line| {
                line.value(types, element)?;
                write!(line, ", {length}")
            }),
            Type::Map { key, value, .. } => self.within("map<", ">", |line| {
                line.list([key, value], |line, ty| line.value(types, ty))
            }),
            Type::Tuple(TupleType { types: items, .. }) => self.within("tuple<", ">", |line| {
                line.list(items, |line, ty| line.value(types, ty))
            }),
            Type::Flags(names) => self.within("flags { ", " }", |line| {
                line.list(names, |line, name| write!(line, "{name}"))
            }),
            Type::Enum(names) => self.within("enum { ", " }", |line| {
                line.list(names, |line, name| write!(line, "{name}"))
            }),
            Type::Option { ty, .. } => self.within("option<", ">", |line| line.value(types, ty)),
            Type::Result { ok, err, .. } => self.within("result<", ">", |line| {
                line.list([ok, err], |line, ty| line.maybe(types, ty.as_ref()))
            }),
            Type::Own(_) => self.write_str("own<resource>"),
            Type::Borrow(_) => self.write_str("borrow<resource>"),
            Type::Future { ty, .. } => {
                self.within("future<", ">", |line| line.maybe(types, ty.as_ref()))
            }
            Type::Stream { ty, .. } => {
                self.within("stream<", ">", |line| line.maybe(types, ty.as_ref()))
            }
        }
    }

    fn within(
        &mut self,
        before: &str,
        after: &str,
        inner: impl FnOnce(&mut Line) -> fmt::Result,
    ) -> fmt::Result {
        self.write_str(before)?;
        inner(self)?;
        self.write_str(after)
    }

    fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        each: impl Fn(&mut Line, T) -> fmt::Result,
    ) -> fmt::Result {
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.write_str(", ")?;
            }
            each(self, item)?;
        }
        Ok(())
    }
}
