//! Bulk instructions in pieces. Takes a valid component; gives one that computes the same, bit for bit, in
//! which nothing that a guest can do in one instruction takes long: the engine's clock stops a call between
//! two instructions, and would wait for one that fills all of its memory. Must not know how code is made.

/// Which bulk instructions are done in pieces, and the functions that do.
mod bulk;

/// One core module.
mod module;

#[cfg(test)]
mod agreement_tests;

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, ReencodeComponent};
use wasm_encoder::{Component, ComponentSectionId, RawSection};
use wasmparser::{Parser, Payload};

pub(crate) use bulk::is_done_in_pieces;

/// A component with all of its core modules done so, those of the components in it too.
pub(super) fn in_pieces(component: &[u8]) -> Result<Vec<u8>, Error> {
    let mut rewritten = Component::new();
    Modules.parse_component(&mut rewritten, Parser::new(0), component)?;
    Ok(rewritten.finish())
}

/// Changes core modules. All else stays, byte for byte.
struct Modules;

impl Reencode for Modules {
    type Error = Infallible;
}

impl ReencodeComponent for Modules {
    fn parse_component_payload(
        &mut self,
        component: &mut Component,
        payload: Payload<'_>,
        whole: &[u8],
    ) -> Result<(), Error> {
        match payload {
            Payload::ModuleSection {
                parser,
                unchecked_range,
            } => {
                let module = module::in_pieces(parser, &whole[unchecked_range])?;
                component.section(&RawSection {
                    id: ComponentSectionId::CoreModule.into(),
                    data: &module,
                });
            }
            Payload::ComponentSection {
                parser,
                unchecked_range,
            } => {
                let inner = &whole[unchecked_range];
                self.parse_component_subcomponent(component, parser, inner, whole)?;
            }
            other => {
                if let Some((id, range)) = other.as_section() {
                    let data = &whole[range];
                    component.section(&RawSection { id, data });
                }
            }
        }
        Ok(())
    }
}
