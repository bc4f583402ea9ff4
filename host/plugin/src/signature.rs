//! Types of the component model as readers of WIT know them: takes a function's type, gives one line in
//! which every named type is spelled out, so that equal lines are equal types. Must not know which
//! functions are wanted.

use std::fmt::Write;

use wasmparser::component_types::{
    ComponentDefinedType, ComponentFuncType, ComponentValType, TupleType,
};
use wasmparser::types::TypesRef;

/// A function's type in one line.
pub(crate) fn function(types: TypesRef<'_>, function: &ComponentFuncType) -> String {
    let mut line = String::new();
    if function.async_ {
        line.push_str("async ");
    }
    line.push_str("func(");
    let params = function.params.iter();
    line.push_str(&list(
        params.map(|(name, ty)| format!("{name}: {}", value(types, ty))),
    ));
    line.push(')');
    if let Some(result) = &function.result {
        line.push_str(" -> ");
        line.push_str(&value(types, result));
    }
    line
}

fn value(types: TypesRef<'_>, ty: &ComponentValType) -> String {
    match ty {
        ComponentValType::Primitive(primitive) => primitive.to_string(),
        ComponentValType::Type(id) => defined(types, &types[*id]),
    }
}

fn defined(types: TypesRef<'_>, ty: &ComponentDefinedType) -> String {
    use ComponentDefinedType as Type;
    let inner = |ty: &ComponentValType| value(types, ty);
    let maybe = |ty: &Option<ComponentValType>| ty.as_ref().map_or("_".to_owned(), inner);
    match ty {
        Type::Primitive(primitive) => primitive.to_string(),
        Type::Record(record) => {
            let fields = record.fields.iter();
            let fields = fields.map(|(name, ty)| format!("{name}: {}", inner(ty)));
            format!("record {{ {} }}", list(fields))
        }
        Type::Variant(variant) => {
            let cases = variant.cases.iter();
            let cases = cases.map(|(name, case)| match &case.ty {
                Some(ty) => format!("{name}({})", inner(ty)),
                None => name.to_string(),
            });
            format!("variant {{ {} }}", list(cases))
        }
        Type::List { element, .. } => format!("list<{}>", inner(element)),
        Type::FixedLengthList {
            element, length, ..
        } => format!("list<{}, {length}>", inner(element)),
        Type::Map { key, value, .. } => format!("map<{}, {}>", inner(key), inner(value)),
        Type::Tuple(TupleType { types, .. }) => format!("tuple<{}>", list(types.iter().map(inner))),
        Type::Flags(names) => format!("flags {{ {} }}", list(names.iter())),
        Type::Enum(names) => format!("enum {{ {} }}", list(names.iter())),
        Type::Option { ty, .. } => format!("option<{}>", inner(ty)),
        Type::Result { ok, err, .. } => format!("result<{}, {}>", maybe(ok), maybe(err)),
        Type::Own(_) => "own<resource>".to_owned(),
        Type::Borrow(_) => "borrow<resource>".to_owned(),
        Type::Future { ty, .. } => format!("future<{}>", maybe(ty)),
        Type::Stream { ty, .. } => format!("stream<{}>", maybe(ty)),
    }
}

fn list(items: impl Iterator<Item = impl std::fmt::Display>) -> String {
    let mut line = String::new();
    for (at, item) in items.enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(line, "{comma}{item}");
    }
    line
}
