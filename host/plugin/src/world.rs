//! A component against the world it must fit: takes bytes, refuses any import, another version, a missing
//! export, another signature, each by name, before anything of the component is compiled or run. Must not
//! know how a component is compiled.

use wasmparser::component_types::{ComponentEntityType, ComponentInstanceTypeId};
use wasmparser::types::TypesRef;

use crate::form::Form;
use crate::refusal::Mismatch;
use crate::signature;

/// Longest signature told in a message, in characters.
const SIGNATURE_CHARS_MAX: usize = 400;

/// The two kinds of plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum World {
    /// `feature-plugin`: yields features.
    Feature,
    /// `model-plugin`: scores.
    Model,
}

/// The interface a world exports, and its functions.
struct Interface {
    name: &'static str,
    functions: [(&'static str, &'static str); 2],
}

const FEATURES: Interface = Interface {
    name: "foreshore:plugin/features@0.1.0",
    functions: [
        (
            "describe",
            "func() -> record { key: string, events: list<string>, \
             fields: list<record { name: string, kind: enum { number, integer, boolean, text }, unit: option<string> }>, \
             features: list<record { name: string, help: string, unit: option<string> }>, \
             state-version: u32, horizon: option<u64> }",
        ),
        (
            "fold",
            "func(state: list<u8>, rows: list<u8>) -> record { features: list<f64>, states: list<u8> }",
        ),
    ],
};

const MODEL: Interface = Interface {
    name: "foreshore:plugin/model@0.1.0",
    functions: [
        (
            "describe",
            "func() -> record { inputs: list<string>, reasons: list<string> }",
        ),
        ("score", "func(inputs: list<f64>) -> list<f64>"),
    ],
};

impl World {
    fn interface(self) -> &'static Interface {
        match self {
            World::Feature => &FEATURES,
            World::Model => &MODEL,
        }
    }
}

/// Which world a component is of, checked against it.
///
/// # Errors
/// When it is not a component, or of neither world, or does not fit it.
pub fn inspect(bytes: &[u8]) -> Result<World, Mismatch> {
    let form = Form::read(bytes, usize::MAX)?;
    let is = |world: World| {
        form.exports
            .iter()
            .any(|name| base(name) == base(world.interface().name))
    };
    let world = match (is(World::Feature), is(World::Model)) {
        (true, false) => World::Feature,
        (false, true) => World::Model,
        (both, _) => {
            let which = if both { "both" } else { "neither" };
            return Err(Mismatch {
                item: "the component's exports".to_owned(),
                found: format!("{which} of `{}` and `{}`", FEATURES.name, MODEL.name),
                expected: "one of them".to_owned(),
                advice: "export one plugin interface per component",
            });
        }
    };
    fits(&form, world)?;
    Ok(world)
}

/// Checks a component against a world.
///
/// # Errors
/// Names the first item that differs.
pub(crate) fn check(bytes: &[u8], bytes_max: usize, world: World) -> Result<(), Mismatch> {
    fits(&Form::read(bytes, bytes_max)?, world)
}

fn fits(form: &Form, world: World) -> Result<(), Mismatch> {
    let types = form.types.as_ref();
    for name in &form.imports {
        imports_nothing(types, name)?;
    }
    let interface = world.interface();
    let exported = match types.component_item_for_export(interface.name) {
        Some(item) => instance(&item.ty),
        None => return Err(missing_interface(form, interface)),
    };
    for (name, expected) in interface.functions {
        let entity = exported.and_then(|id| types[id].exports.get(name));
        let found = match entity.map(|item| &item.ty) {
            Some(ComponentEntityType::Func(id)) => signature::function(types, &types[*id]),
            Some(_) => "something that is not a function".to_owned(),
            None => "nothing of that name".to_owned(),
        };
        if found != expected {
            return Err(Mismatch {
                item: format!("export `{name}` of `{}`", interface.name),
                found: shorten(&found),
                expected: expected.to_owned(),
                advice: "rebuild the plugin against this version's `wit/` folder",
            });
        }
    }
    Ok(())
}

/// No import is let through.
fn imports_nothing(types: TypesRef<'_>, name: &str) -> Result<(), Mismatch> {
    let entity = types.component_item_for_import(name).map(|item| &item.ty);
    let advice = if name.starts_with("foreshore:plugin/") {
        "export `types` beside `features`, as `wit/worlds.wit` says, or rebuild with the SDK of this host's version"
    } else if name.starts_with("wasi:") {
        "build for `wasm32-unknown-unknown`, which has no WASI, and drop what needs clock, files or randomness"
    } else {
        "plugins compute from their arguments alone; drop what needs it"
    };
    Err(Mismatch {
        item: format!("import `{name}`"),
        found: kind(entity).to_owned(),
        expected: "no imports".to_owned(),
        advice,
    })
}

fn instance(entity: &ComponentEntityType) -> Option<ComponentInstanceTypeId> {
    match entity {
        ComponentEntityType::Instance(id) => Some(*id),
        _ => None,
    }
}

fn kind(entity: Option<&ComponentEntityType>) -> &'static str {
    match entity {
        Some(ComponentEntityType::Instance(_)) => "an interface",
        Some(ComponentEntityType::Func(_)) => "a function",
        Some(ComponentEntityType::Module(_)) => "a core module",
        Some(ComponentEntityType::Component(_)) => "a component",
        Some(ComponentEntityType::Type { .. }) => "a type",
        Some(ComponentEntityType::Value(_)) | None => "a value",
    }
}

/// What to say when the interface is not there: most often it is there in another version.
fn missing_interface(form: &Form, interface: &Interface) -> Mismatch {
    let wanted = base(interface.name);
    let near = form.exports.iter().find(|name| base(name) == wanted);
    let (found, advice) = match near {
        Some(other) => (
            format!("`{other}`"),
            "rebuild the plugin with the SDK of this host's version, or run the host it was built for",
        ),
        None if form.exports.is_empty() => (
            "no exports at all".to_owned(),
            "export the plugin: with the Rust SDK, one `foreshore_guest` export macro per crate",
        ),
        None => (
            format!("only `{}`", form.exports.join("`, `")),
            "check that the file is the plugin meant for this place of the pipeline",
        ),
    };
    Mismatch {
        item: "the component's exports".to_owned(),
        found: shorten(&found),
        expected: format!("`{}`", interface.name),
        advice,
    }
}

/// An interface's name without its version.
fn base(name: &str) -> &str {
    name.split_once('@').map_or(name, |(base, _)| base)
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(SIGNATURE_CHARS_MAX) {
        Some((end, _)) => format!("{} …", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
