//! Makes a component of a core module, in process. Takes the module's bytes, in which the bindings have left
//! the type of their world, gives the component's; must not know which world it is.

use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

use crate::error::Error;

/// Makes a validated component of a module.
pub(crate) fn component_of(module: &[u8]) -> Result<Vec<u8>, Error> {
    let outline = Outline::of(module).map_err(|error| Error::Component(error.to_string()))?;
    // Before the encoder, whose complaint would be about an interface that cannot be resolved.
    if !outline.imports.is_empty() {
        return Err(Error::Imports {
            imports: outline.imports,
        });
    }
    if !outline.has_world {
        return Err(Error::NoWorld);
    }
    let mut encoder = ComponentEncoder::default();
    let encoded = encoder
        .validate(true)
        .module(module)
        .and_then(|encoder| encoder.encode());
    encoded.map_err(|error| Error::Component(format!("{error:#}")))
}

/// What must be known of a module beforehand.
#[derive(Default)]
struct Outline {
    imports: Vec<String>,
    has_world: bool,
}

impl Outline {
    fn of(module: &[u8]) -> Result<Self, wasmparser::BinaryReaderError> {
        let mut outline = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        outline
                            .imports
                            .push(format!("{}::{}", import.module, import.name));
                    }
                }
                Payload::CustomSection(section) => {
                    outline.has_world |= section.name().starts_with("component-type")
                }
                _ => {}
            }
        }
        Ok(outline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with the given sections, each an id and its content.
    fn module(sections: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        for (id, content) in sections {
            bytes.push(*id);
            bytes.push(u8::try_from(content.len()).unwrap());
            bytes.extend_from_slice(content);
        }
        bytes
    }

    #[test]
    fn an_import_is_refused_by_its_name() {
        let one_type = b"\x01\x60\0\0";
        let one_import = b"\x01\x03env\x03now\x00\x00";
        let error = component_of(&module(&[(1, one_type), (2, one_import)])).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("imports env::now, but a plugin has no imports"),
            "{error}"
        );
    }

    #[test]
    fn a_module_without_a_world_is_refused() {
        assert!(matches!(component_of(&module(&[])), Err(Error::NoWorld)));
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(matches!(
            component_of(b"#!/bin/sh"),
            Err(Error::Component(_))
        ));
    }
}
