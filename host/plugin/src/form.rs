//! What a file holds, before anything is made of it: takes bytes, gives the types of a valid component
//! within bounds, or says what the file is instead. Must not know the worlds of the contract.

use wasmparser::types::Types;
use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentInstance, ComponentType, Encoding,
    FuncValidatorAllocations, Instance, Parser, Payload, ValidPayload, Validator, WasmFeatures,
};

use crate::refusal::Mismatch;

/// The WebAssembly a plugin may use: what compilers emit by default, and nothing whose result could differ
/// between machines or that a pure fold has no use for. A positive list: what is not named is refused.
const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::SIMD)
    .union(WasmFeatures::FLOATS)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::COMPONENT_MODEL);

/// Core modules in one component: a plugin has one, a composed one a few.
const MODULES_MAX: usize = 8;

/// Components in one component, itself included: toolchains make one for each interface.
const COMPONENTS_MAX: usize = 16;

/// Places where a component is instantiated. Each may make several of another that does the same: compilers
/// write all of them out, and with so few there are some hundred at the most.
const INSTANCES_MAX: usize = 16;

/// Places where a core module is instantiated.
const CORE_INSTANCES_MAX: usize = 8;

/// Functions in one component: bounds the time to compile it.
const FUNCTIONS_MAX: usize = 20_000;

/// Bytes of one function's body: compilers are slower than linear in it.
const BODY_BYTES_MAX: usize = 256 << 10;

/// A valid component.
pub(crate) struct Form {
    /// Types of all it imports and exports.
    pub(crate) types: Types,
    /// Names of its imports.
    pub(crate) imports: Vec<String>,
    /// Names of its exports.
    pub(crate) exports: Vec<String>,
}

impl Form {
    /// Reads and validates a component.
    ///
    /// # Errors
    /// When the bytes are something else, are damaged, use more of WebAssembly than is allowed, or hold more
    /// code than is compiled here.
    pub(crate) fn read(bytes: &[u8], bytes_max: usize) -> Result<Form, Mismatch> {
        is_component(bytes)?;
        if bytes.len() > bytes_max {
            return Err(too_much("the component's bytes", bytes.len(), bytes_max));
        }
        Survey::default().run(bytes)
    }
}

/// Tells a component from what people send instead.
fn is_component(bytes: &[u8]) -> Result<(), Mismatch> {
    let (found, advice) = match bytes {
        [] => ("an empty file", "build it with `foreshore build`"),
        [0, b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => return Ok(()),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => (
            "a core WebAssembly module",
            "make it a component: `foreshore build` does, `cargo build` alone does not",
        ),
        [0, b'a', b's', b'm', ..] => (
            "WebAssembly of another version",
            "rebuild it with this version's `foreshore build`",
        ),
        [0x7f, b'E', b'L', b'F', ..] => (
            "native code",
            "deploy the component, not what was compiled from it",
        ),
        _ if std::str::from_utf8(bytes).is_ok() => (
            "a text file",
            "give the built `.wasm` file, not its source or text format",
        ),
        _ => ("unknown bytes", "build it with `foreshore build`"),
    };
    Err(Mismatch {
        item: "the file".to_owned(),
        found: found.to_owned(),
        expected: "a WebAssembly component".to_owned(),
        advice,
    })
}

/// What has been seen of a component so far.
#[derive(Default)]
struct Survey {
    /// How deep the parser is in nested modules and components.
    depth: usize,
    modules: usize,
    components: usize,
    instances: usize,
    core_instances: usize,
    functions: usize,
    imports: Vec<String>,
    exports: Vec<String>,
}

impl Survey {
    fn run(mut self, bytes: &[u8]) -> Result<Form, Mismatch> {
        let mut parser = Parser::new(0);
        parser.set_features(FEATURES);
        let mut validator = Validator::new_with_features(FEATURES);
        let mut allocations = FuncValidatorAllocations::default();
        let mut types = None;
        for payload in parser.parse_all(bytes) {
            let payload = payload.map_err(invalid)?;
            self.note(&payload)?;
            match validator.payload(&payload).map_err(invalid)? {
                ValidPayload::Func(function, body) => {
                    let mut function = function.into_validator(allocations);
                    function.validate(&body).map_err(invalid)?;
                    allocations = function.into_allocations();
                }
                ValidPayload::End(all) => types = Some(all),
                ValidPayload::Ok | ValidPayload::Parser(_) => {}
            }
        }
        let types = types.ok_or_else(|| invalid("the file ends within the component"))?;
        Ok(Form {
            types,
            imports: self.imports,
            exports: self.exports,
        })
    }

    fn note(&mut self, payload: &Payload<'_>) -> Result<(), Mismatch> {
        match payload {
            Payload::Version { encoding, .. } => {
                self.depth += 1;
                if *encoding == Encoding::Module {
                    self.modules += 1;
                    within("core modules", self.modules, MODULES_MAX)?;
                } else {
                    self.components += 1;
                    within("components in one", self.components, COMPONENTS_MAX)?;
                }
            }
            Payload::End(_) => self.depth = self.depth.saturating_sub(1),
            Payload::CodeSectionEntry(body) => {
                self.functions += 1;
                within("functions", self.functions, FUNCTIONS_MAX)?;
                let body = body.range().len();
                within("bytes of one function's body", body, BODY_BYTES_MAX)?;
            }
            Payload::ComponentImportSection(section) if self.depth == 1 => {
                for import in section.clone() {
                    let import = import.map_err(invalid)?;
                    self.imports.push(import.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if self.depth == 1 => {
                for export in section.clone() {
                    let export = export.map_err(invalid)?;
                    self.exports.push(export.name.name.to_owned());
                }
            }
            _ => self.note_contents(payload)?,
        }
        Ok(())
    }

    /// What stands in components of any depth.
    fn note_contents(&mut self, payload: &Payload<'_>) -> Result<(), Mismatch> {
        match payload {
            Payload::InstanceSection(section) => {
                for instance in section.clone() {
                    if let Instance::Instantiate { .. } = instance.map_err(invalid)? {
                        self.core_instances += 1;
                        within("core instances", self.core_instances, CORE_INSTANCES_MAX)?;
                    }
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section.clone() {
                    if let ComponentInstance::Instantiate { .. } = instance.map_err(invalid)? {
                        self.instances += 1;
                        within("instances of components", self.instances, INSTANCES_MAX)?;
                    }
                }
            }
            Payload::ComponentTypeSection(section) => {
                for ty in section.clone() {
                    if let ComponentType::Resource { .. } = ty.map_err(invalid)? {
                        return Err(power("a type of resources".to_owned()));
                    }
                }
            }
            Payload::ComponentCanonicalSection(section) => {
                for function in section.clone() {
                    is_plain(&function.map_err(invalid)?)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Functions are lifted and lowered, with texts in UTF-8, and nothing else: what else there is has the host
/// keep something for the guest (handles, tasks, streams), and other encodings are a source of faults.
fn is_plain(function: &CanonicalFunction) -> Result<(), Mismatch> {
    let (CanonicalFunction::Lift { options, .. } | CanonicalFunction::Lower { options, .. }) =
        function
    else {
        let name = format!("{function:?}");
        let name = name.split([' ', '{', '(']).next().unwrap_or_default();
        return Err(power(format!("the canonical function {name}")));
    };
    let other = options.iter().find_map(|option| match option {
        CanonicalOption::UTF16 => Some("UTF-16"),
        CanonicalOption::CompactUTF16 => Some("Latin-1 or UTF-16"),
        _ => None,
    });
    other.map_or(Ok(()), |encoding| {
        Err(Mismatch {
            item: "the encoding of strings".to_owned(),
            found: encoding.to_owned(),
            expected: "UTF-8".to_owned(),
            advice: "set the toolchain's string encoding to UTF-8",
        })
    })
}

/// Something that the host would have to keep for the guest.
fn power(found: String) -> Mismatch {
    Mismatch {
        item: "what the component makes itself".to_owned(),
        found,
        expected: "functions lifted and lowered, nothing else".to_owned(),
        advice: "plugins compute from their arguments alone; drop what needs it",
    }
}

fn within(what: &str, found: usize, max: usize) -> Result<(), Mismatch> {
    if found <= max {
        return Ok(());
    }
    Err(too_much(what, found, max))
}

fn too_much(item: &str, found: usize, max: usize) -> Mismatch {
    Mismatch {
        item: item.to_owned(),
        found: found.to_string(),
        expected: format!("at most {max}"),
        advice: "optimise for size, drop what is not used, or split the plugin",
    }
}

fn invalid(why: impl ToString) -> Mismatch {
    Mismatch {
        item: "the component".to_owned(),
        found: why.to_string(),
        expected: "valid WebAssembly 2.0 without threads, memory64, GC, exceptions, tail calls and relaxed SIMD"
            .to_owned(),
        advice: "rebuild it with `foreshore build`; if it is not damaged, turn the feature off in its toolchain",
    }
}
