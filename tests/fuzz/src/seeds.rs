//! What the fuzzer starts from: real events, configurations, records, stories of logs, plugins. Gives names and
//! bytes; where they are kept is its caller's.

/// One record of each kind.
mod records;

use crate::guests;

/// An input that is known to be of use.
#[derive(Clone, Debug)]
pub struct Seed {
    /// The target it is for.
    pub target: &'static str,
    /// Its name among the target's.
    pub name: String,
    /// The input.
    pub bytes: Vec<u8>,
}

/// All seeds.
pub fn seeds() -> Vec<Seed> {
    let seed = |target: &'static str| {
        move |(name, bytes): (&str, Vec<u8>)| Seed {
            target,
            name: name.to_owned(),
            bytes,
        }
    };
    let mut seeds = Vec::new();
    seeds.extend(
        lines()
            .map(|(name, text)| (name, text.into()))
            .map(seed("decode")),
    );
    seeds.extend(
        files()
            .map(|(name, text)| (name, text.into()))
            .map(seed("configuration")),
    );
    seeds.extend(records::records().into_iter().map(seed("record")));
    seeds.extend(components().map(seed("component")));
    // A story is any bytes: what matters is that some are long.
    for (target, stories) in [("validate", 12), ("segment", 24), ("lowering", 12)] {
        seeds.extend((1..=stories).map(|nth| Seed {
            target,
            name: format!("story-{nth}"),
            bytes: noise(nth, 64 * nth as usize),
        }));
    }
    seeds
}

fn lines() -> [(&'static str, &'static [u8]); 5] {
    [
        ("paid", include_bytes!("seeds/paid.ndjson")),
        ("refused", include_bytes!("seeds/refused.ndjson")),
        (
            "unknown-fields",
            include_bytes!("seeds/unknown-fields.ndjson"),
        ),
        ("odd-values", include_bytes!("seeds/odd-values.ndjson")),
        ("no-events", include_bytes!("seeds/no-events.ndjson")),
    ]
}

fn files() -> [(&'static str, String); 4] {
    let example = include_str!("../../../examples/card-fraud/card-fraud.toml");
    let template = include_str!("../../../host/node/src/commands/templates/features/node.toml");
    // A default that is shown as a comment, written out.
    let written_out = |line: &'static str| {
        let shown = line
            .strip_prefix("# ")
            .filter(|shown| shown.contains(" = "));
        shown.unwrap_or(line)
    };
    let short = |line: &'static str| line.split('#').next().unwrap_or_default().trim_end();
    let full = |text: &'static str| {
        let lines = text.lines().map(written_out).map(short);
        lines
            .filter(|line| !line.is_empty())
            .map(|line| line.to_owned() + "\n")
            .collect()
    };
    let wrong = "[server]\nadmim = \"127.0.0.1:1\"\n[pipelines.p]\nscored = [\"a\", \"a\"]\n";
    [
        ("example", full(example)),
        ("template", full(template)),
        ("template-with-comments", template.to_owned()),
        ("wrong-key", wrong.to_owned()),
    ]
}

/// Plugins small enough to be changed anywhere, and what is none.
fn components() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    let sum = r"
        (f64.store (i32.const 2048) (f64.load (local.get $inputs)))
        (f64.store (i32.const 2056) (f64.load offset=8 (local.get $inputs)))
        (i32.store (i32.const 512) (i32.const 2048))
        (i32.store (i32.const 516) (i32.mul (local.get $count) (i32.const 1)))
        (i32.const 512)";
    let nothing = "(call $answer (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))";
    let module = wat::parse_str("(module (func (export \"a\") (result i32) (i32.const 7)))");
    [
        ("counter", guests::features(&guests::counter(""))),
        ("says-nothing", guests::features(nothing)),
        ("traps", guests::features("unreachable")),
        ("model", guests::model(sum)),
        ("types-of-types", types_of_types()),
        ("core-module", module.unwrap()),
        ("text", b"(component)".to_vec()),
        ("empty", wat::parse_str("(component)").unwrap()),
    ]
    .into_iter()
}

/// A type that is short in the file, and spelled out larger than any memory: each is the one before twice,
/// and the first has a long name.
fn types_of_types() -> Vec<u8> {
    let name = "n".repeat(2_000);
    let double = |nth: usize| format!("(type $t{nth} (tuple $t{0} $t{0}))", nth - 1);
    let doubles: String = (1..=16).map(double).collect();
    let text = format!(
        r#"(component
          (core module $m (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "f") (param i32)))
          (core instance $i (instantiate $m))
          (type $record (record (field "{name}" u8)))
          (export $t0 "r" (type $record)) {doubles}
          (func $f (param "x" $t16) (canon lift (core func $i "f")
            (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
          (instance $e (export "describe" (func $f)) (export "score" (func $f)))
          (export "foreshore:plugin/model@0.1.0" (instance $e)))"#
    );
    wat::parse_str(text).unwrap()
}

/// So many bytes that look like chance, the same at every call.
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed;
    let next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed >> 56) as u8
    };
    std::iter::repeat_with(next).take(bytes).collect()
}
