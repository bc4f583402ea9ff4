//! What is refused before it runs, and what the refusal says. Takes guests of every wrong kind; must not
//! call any of them.

use foreshore_event::Kind;
use foreshore_plugin::{
    Compiler, Engine, EngineSettings, FeaturePlugin, Limits, LoadError, ModelPlugin,
    SandboxSettings, World, inspect,
};
use wit_component::StringEncoding;

use crate::{engine, guests, patient};

fn load(bytes: &[u8]) -> Result<FeaturePlugin, LoadError> {
    FeaturePlugin::load(&engine(), bytes, &Limits::default())
}

/// The whole message a refused file gets.
fn refusal(bytes: &[u8]) -> String {
    load(bytes).err().expect("a refusal").to_string()
}

fn good() -> Vec<u8> {
    guests::features(&guests::counter(""))
}

/// A component with nothing of the contract in it but this.
fn bare(module: &str) -> Vec<u8> {
    let text = format!("(component (core module (memory 1) {module}))");
    wat::parse_str(text).unwrap()
}

#[test]
fn a_feature_plugin_says_what_it_is() {
    let bytes = good();
    assert_eq!(inspect(&bytes), Ok(World::Feature));
    let plugin = load(&bytes).unwrap();
    let description = plugin.description();
    assert_eq!(description.key, "card");
    assert_eq!(description.events, ["paid"]);
    let [amount, card] = &description.fields[..] else {
        panic!("{description:?}");
    };
    assert_eq!(
        (amount.name.as_str(), amount.kind),
        ("amount", Kind::Number)
    );
    assert_eq!(amount.unit.as_deref(), Some("EUR"));
    assert_eq!((card.name.as_str(), card.kind), ("card", Kind::Text));
    let names: Vec<_> = description.features.iter().map(|f| &f.name).collect();
    assert_eq!(names, ["count", "spent"]);
    assert_eq!((description.state_version, description.horizon), (7, None));
    assert_eq!(plugin.digest().to_string().len(), 64);
}

#[test]
fn a_model_plugin_says_what_it_is() {
    let bytes = guests::model("unreachable");
    assert_eq!(inspect(&bytes), Ok(World::Model));
    let plugin = ModelPlugin::load(&engine(), &bytes, &Limits::default()).unwrap();
    let description = plugin.description();
    assert_eq!(description.inputs, ["counter.count", "event.amount"]);
    assert_eq!(description.reasons, ["spending"]);
}

#[test]
fn files_that_are_no_component_are_refused_as_what_they_are() {
    let module = wat::parse_str("(module)").unwrap();
    let compiled = b"\x7fELF\x02\x01\x01".as_slice();
    let old = b"\0asm\x0c\0\x01\0".as_slice();
    let cases = [
        (b"".as_slice(), "an empty file"),
        (module.as_slice(), "a core WebAssembly module"),
        (b"(component)".as_slice(), "a text file"),
        (compiled, "native code"),
        (old, "WebAssembly of another version"),
        (b"\xff\xfe\0".as_slice(), "unknown bytes"),
    ];
    for (bytes, found) in cases {
        let message = refusal(bytes);
        let start = format!("the file: found {found}, expected a WebAssembly component; ");
        assert!(message.starts_with(&start), "{message}");
    }
}

#[test]
fn a_component_cut_anywhere_is_refused_as_damaged() {
    let bytes = good();
    for end in (8..bytes.len()).step_by(97) {
        let message = refusal(&bytes[..end]);
        assert!(
            message.starts_with("the component"),
            "cut at {end}: {message}"
        );
    }
}

#[test]
fn a_component_with_any_byte_flipped_never_breaks_the_host() {
    let (engine, bytes) = (engine(), good());
    for at in (0..bytes.len()).step_by(13) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x55;
        // Refused or loaded (a name was changed), but always answered.
        let _ = FeaturePlugin::load(&engine, &flipped, &Limits::default());
    }
}

#[test]
fn a_component_larger_than_its_limit_is_refused_with_both_sizes() {
    let bytes = good();
    let limits = Limits {
        component_bytes: 100,
        ..Limits::default()
    };
    let error = FeaturePlugin::load(&engine(), &bytes, &limits).err();
    let message = error.unwrap().to_string();
    let start = format!(
        "the component's bytes: found {}, expected at most 100; ",
        bytes.len()
    );
    assert!(message.starts_with(&start), "{message}");
}

#[test]
fn features_of_webassembly_that_plugins_may_not_use_are_refused_by_name() {
    let cases = [
        ("(memory i64 1)", "memory64 must be enabled"),
        ("(memory 1 1 shared)", "threads must be enabled"),
        (
            "(func (param v128) (result v128) local.get 0 local.get 0 i32x4.relaxed_trunc_f32x4_s drop)",
            "relaxed SIMD support is not enabled",
        ),
        ("(tag)", "exceptions proposal not enabled"),
        ("(type (struct))", "not supported without the gc feature"),
        (
            "(func $f return_call $f)",
            "tail calls support is not enabled",
        ),
    ];
    for (module, reason) in cases {
        let text = format!("(component (core module {module}))");
        let message = refusal(&wat::parse_str(text).unwrap());
        assert!(message.contains(reason), "{module}: {message}");
        assert!(
            message.contains("without threads, memory64, GC"),
            "{message}"
        );
    }
}

#[test]
fn more_code_than_is_compiled_here_is_refused_with_the_counts() {
    let body = "nop ".repeat(300_000);
    let message = refusal(&bare(&format!("(func {body})")));
    assert!(
        message.starts_with("bytes of one function's body: found 30000"),
        "{message}"
    );
    let modules = "(core module)".repeat(9);
    let message = refusal(&wat::parse_str(format!("(component {modules})")).unwrap());
    assert!(
        message.starts_with("core modules: found 9, expected at most 8; "),
        "{message}"
    );
}

#[test]
fn any_import_is_refused_by_name() {
    let cases = [
        (
            r#"(import "wasi:clocks/wall-clock@0.2.0" (instance (export "now" (func (result u64)))))"#,
            "import `wasi:clocks/wall-clock@0.2.0`: found an interface, expected no imports; build for `wasm32-unknown-unknown`",
        ),
        (
            r#"(import "log" (func))"#,
            "import `log`: found a function, expected no imports; plugins compute from their arguments alone",
        ),
        (
            r#"(import "foreshore:plugin/types@0.2.0" (instance))"#,
            "import `foreshore:plugin/types@0.2.0`: found an interface, expected no imports; export `types` beside `features`",
        ),
        (
            r#"(import "foreshore:plugin/types@0.1.0" (instance))"#,
            "import `foreshore:plugin/types@0.1.0`: found an interface, expected no imports; export `types`",
        ),
    ];
    for (import, start) in cases {
        let message = refusal(&wat::parse_str(format!("(component {import})")).unwrap());
        assert!(message.starts_with(start), "{message}");
    }
}

#[test]
fn another_version_is_refused_with_both_versions() {
    let wit = guests::contract().replace("@0.1.0", "@0.2.0");
    let wit = wit.replace(
        "use types.{field, feature};",
        "record field { name: string } record feature { name: string }",
    );
    let module = r#"(module (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "foreshore:plugin/features@0.2.0#describe") (result i32) unreachable)
        (func (export "foreshore:plugin/features@0.2.0#fold") (param i32 i32 i32 i32) (result i32)
            unreachable))"#;
    let bytes = guests::component(&wit, "feature-plugin", module);
    let expected = "the component's exports: found `foreshore:plugin/features@0.2.0`, \
                    expected `foreshore:plugin/features@0.1.0`; \
                    rebuild the plugin with the SDK of this host's version, or run the host it was built for";
    assert_eq!(refusal(&bytes), expected);
}

#[test]
fn a_plugin_of_the_other_world_is_refused_by_what_it_exports() {
    let message = refusal(&guests::model("unreachable"));
    let start = "the component's exports: found only `foreshore:plugin/model@0.1.0`, \
                 expected `foreshore:plugin/features@0.1.0`; ";
    assert!(message.starts_with(start), "{message}");
    let message = refusal(&bare(""));
    assert!(
        message.starts_with("the component's exports: found no exports at all, "),
        "{message}"
    );
    let error = inspect(&bare("")).unwrap_err().to_string();
    assert!(error.contains("found neither of"), "{error}");
}

/// A model plugin of a contract in which one function is another.
fn twisted(from: &str, to: &str, score: &str) -> String {
    let wit = guests::contract().replace(from, to);
    let module = format!(
        r#"(module (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "foreshore:plugin/model@0.1.0#describe") (result i32) unreachable)
        {score})"#
    );
    let bytes = guests::component(&wit, "model-plugin", &module);
    let error = ModelPlugin::load(&engine(), &bytes, &Limits::default()).err();
    error.unwrap().to_string()
}

#[test]
fn a_missing_function_is_refused_by_name() {
    let score = "score: func(inputs: list<f64>) -> list<f64>;";
    let expected = "export `score` of `foreshore:plugin/model@0.1.0`: found nothing of that name, \
                    expected func(inputs: list<f64>) -> list<f64>; \
                    rebuild the plugin against this version's `wit/` folder";
    assert_eq!(twisted(score, "", ""), expected);
}

#[test]
fn another_signature_is_refused_with_both() {
    let message = twisted(
        "score: func(inputs: list<f64>) -> list<f64>;",
        "score: func(inputs: list<f32>) -> result<option<f64>, string>;",
        r#"(func (export "foreshore:plugin/model@0.1.0#score") (param i32 i32) (result i32) unreachable)"#,
    );
    let start = "export `score` of `foreshore:plugin/model@0.1.0`: \
                 found func(inputs: list<f32>) -> result<option<f64>, string>, \
                 expected func(inputs: list<f64>) -> list<f64>; ";
    assert!(message.starts_with(start), "{message}");
}

#[test]
fn strings_in_another_encoding_are_refused() {
    let module = r#"(module (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "foreshore:plugin/model@0.1.0#describe") (result i32) unreachable)
        (func (export "foreshore:plugin/model@0.1.0#score") (param i32 i32) (result i32) unreachable))"#;
    let wit = guests::contract();
    let bytes = guests::encoded(&wit, "model-plugin", module, StringEncoding::UTF16);
    let error = inspect(&bytes).unwrap_err().to_string();
    let expected = "the encoding of strings: found UTF-16, expected UTF-8; \
                    set the toolchain's string encoding to UTF-8";
    assert_eq!(error, expected);
}

#[test]
fn a_description_that_fails_or_never_ends_is_refused_as_such() {
    let module = |describe: &str| {
        format!(
            r#"(module (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func $describe (export "foreshore:plugin/model@0.1.0#describe") (result i32) {describe})
        (func (export "foreshore:plugin/model@0.1.0#score") (param i32 i32) (result i32) unreachable))"#
        )
    };
    let cases = [
        (
            "unreachable",
            "call `describe`: trap: wasm `unreachable` instruction executed in describe; it must return constants, within the plugin's limits",
        ),
        (
            "(loop $l (br $l)) unreachable",
            "call `describe`: timeout: ran over the call's limit of 1s; ",
        ),
        (
            "(drop (memory.grow (i32.const 2000))) unreachable",
            "call `describe`: timeout: asked for 131137536 bytes of memory, more than its limit; ",
        ),
        (
            "i32.const 0",
            "the description is not valid: 0 inputs, expected 1 to 4096",
        ),
    ];
    for (describe, start) in cases {
        let bytes = guests::component(&guests::contract(), "model-plugin", &module(describe));
        let error = ModelPlugin::load(&engine(), &bytes, &Limits::default()).err();
        let message = error.unwrap().to_string();
        assert!(message.starts_with(start), "{message}");
    }
}

#[test]
fn a_declared_memory_that_no_plugin_may_have_is_refused_before_it_is_made() {
    let module = model_with_memory(5_000);
    let error = ModelPlugin::load(&engine(), &module, &Limits::default()).err();
    let message = error.unwrap().to_string();
    assert!(
        message.starts_with("compile the component: ") && message.contains("memory"),
        "{message}"
    );
    let module = model_with_memory(2_000);
    let error = ModelPlugin::load(&engine(), &module, &Limits::default()).err();
    let message = error.unwrap().to_string();
    let start =
        "call `describe`: timeout: asked for 131072000 bytes of memory, more than its limit; ";
    assert!(message.starts_with(start), "{message}");
}

/// A model plugin that wants so many pages of memory before it does anything.
fn model_with_memory(pages: u32) -> Vec<u8> {
    let module = format!(
        r#"(module (memory (export "memory") {pages})
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "foreshore:plugin/model@0.1.0#describe") (result i32) unreachable)
        (func (export "foreshore:plugin/model@0.1.0#score") (param i32 i32) (result i32) unreachable))"#
    );
    guests::component(&guests::contract(), "model-plugin", &module)
}

#[test]
fn a_load_without_a_free_instance_is_not_the_plugins_fault() {
    let engine = Engine::new(EngineSettings {
        cache: None,
        instances: 1,
        compiler: Compiler::Here,
    });
    let engine = engine.unwrap();
    let bytes =
        guests::model("(call $answer (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))");
    let plugin = ModelPlugin::load(&engine, &bytes, &Limits::default()).unwrap();
    let settings = SandboxSettings {
        purity_every: 0,
        ..patient()
    };
    // One more has the slot that one which failed would have, while it is dropped.
    let mut models = [settings.clone(), settings].map(|settings| plugin.sandbox(settings));
    for model in &mut models {
        model.score(&[]).unwrap();
    }
    let error = ModelPlugin::load(&engine, &bytes, &Limits::default()).err();
    let expected = "instantiate the component: every instance slot of the engine is taken; \
                    raise the engine's number of instances";
    assert_eq!(error.unwrap().to_string(), expected);
}
