//! One core module with its bulk instructions done in pieces. Takes a valid module; gives one that calls
//! functions of its own in their stead, which stand behind all others, so that every index stays what it was.
//! Must not know what those functions do.

use std::collections::BTreeMap;
use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, CustomSection, FunctionSection, Instruction, Module, NameMap, NameSection,
    TypeSection,
};
use wasmparser::{
    CodeSectionReader, CustomSectionReader, FunctionSectionReader, Operator, Parser, Payload,
    TypeRef, TypeSectionReader,
};

use super::bulk::{Bulk, PARAMETERS};

/// A module so changed; as it was, if nothing in it takes long.
pub(super) fn in_pieces(parser: Parser, module: &[u8]) -> Result<Vec<u8>, Error> {
    let mut changes = Changes::of(parser.clone(), module)?;
    if changes.functions.is_empty() {
        return Ok(module.to_vec());
    }
    let mut changed = Module::new();
    changes.parse_core_module(&mut changed, parser, module)?;
    changed.section(&changes.names());
    Ok(changed.finish())
}

/// What is changed in a module.
#[derive(Default)]
struct Changes {
    /// Its types: the next is that of the new functions.
    types_before: u32,
    /// Its functions, imported ones included: the next is the first of the new ones.
    functions_before: u32,
    /// Bytes of each segment of its data.
    segments: Vec<u32>,
    /// The new functions, by what they do, with their indices.
    functions: BTreeMap<Bulk, u32>,
    /// The constant that was pushed last, if nothing came after.
    constant: Option<i32>,
}

impl Changes {
    /// Looks through a module.
    fn of(parser: Parser, module: &[u8]) -> Result<Changes, Error> {
        let mut changes = Changes::default();
        for payload in parser.clone().parse_all(module) {
            changes.count(payload?)?;
        }
        for payload in parser.parse_all(module) {
            if let Payload::CodeSectionEntry(body) = payload? {
                for operator in body.get_operators_reader()? {
                    let bulk = changes.bulk(&operator?);
                    changes.functions.extend(bulk.map(|bulk| (bulk, 0)));
                }
            }
        }
        let new = changes.functions.values_mut();
        for (function, index) in new.zip(changes.functions_before..) {
            *function = index;
        }
        Ok(changes)
    }

    fn count(&mut self, payload: Payload<'_>) -> Result<(), Error> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    self.types_before += group?.types().len() as u32;
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let is_function = matches!(import?.ty, TypeRef::Func(_));
                    self.functions_before += u32::from(is_function);
                }
            }
            Payload::FunctionSection(section) => self.functions_before += section.count(),
            Payload::DataSection(section) => {
                for segment in section {
                    self.segments.push(segment?.data.len() as u32);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What the next instruction is, if it is a bulk one that takes long.
    fn bulk(&mut self, operator: &Operator<'_>) -> Option<Bulk> {
        let before = match operator {
            Operator::I32Const { value } => self.constant.replace(*value),
            _ => self.constant.take(),
        };
        Bulk::of(operator, before, &self.segments)
    }

    /// The new functions' names. Readers of modules take them with those that are there, if any.
    fn names(&self) -> NameSection {
        let mut functions = NameMap::new();
        for (bulk, index) in &self.functions {
            functions.append(*index, bulk.name());
        }
        let mut names = NameSection::new();
        names.functions(&functions);
        names
    }
}

impl Reencode for Changes {
    type Error = Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: TypeSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function(PARAMETERS, []);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_function_section(self, functions, section)?;
        for _ in &self.functions {
            functions.function(self.types_before);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_code_section(self, code, section)?;
        for bulk in self.functions.keys() {
            code.function(&bulk.function());
        }
        Ok(())
    }

    fn instruction<'a>(&mut self, operator: Operator<'a>) -> Result<Instruction<'a>, Error> {
        let bulk = self.bulk(&operator);
        match bulk.and_then(|bulk| self.functions.get(&bulk)) {
            Some(function) => Ok(Instruction::Call(*function)),
            None => utils::instruction(self, operator),
        }
    }

    /// As it is: nobody checks what such a section says, not even of names.
    fn parse_custom_section(
        &mut self,
        module: &mut Module,
        section: CustomSectionReader<'_>,
    ) -> Result<(), Error> {
        module.section(&CustomSection::from(section));
        Ok(())
    }
}
