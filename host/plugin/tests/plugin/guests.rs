//! Guests for the sandbox's tests: takes core WebAssembly text for a plugin's functions, gives a component
//! of the contract in `wit/`, or of a twisted one. Must not know what is tested.

#![allow(
    dead_code,
    reason = "each test binary and the bench use some of the guests"
)]

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The contract's four files as one.
pub fn contract() -> String {
    let files = [
        include_str!("../../../../wit/types.wit"),
        include_str!("../../../../wit/features.wit"),
        include_str!("../../../../wit/model.wit"),
        include_str!("../../../../wit/worlds.wit"),
    ];
    let package = "package foreshore:plugin@0.1.0;";
    let bodies: String = files.map(|file| file.replace(package, "")).concat();
    format!("{package}\n{bodies}")
}

/// A component of a world of some WIT text around a core module's text.
pub fn component(wit: &str, world: &str, module: &str) -> Vec<u8> {
    encoded(wit, world, module, StringEncoding::UTF8)
}

/// The same with another encoding of strings.
pub fn encoded(wit: &str, world: &str, module: &str, encoding: StringEncoding) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_source("contract.wit", wit).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    let mut module = wat::parse_str(module).unwrap();
    embed_component_metadata(&mut module, &resolve, world, encoding).unwrap();
    let mut encoder = ComponentEncoder::default();
    encoder.module(&module).unwrap().encode().unwrap()
}

/// A feature plugin of the contract with this `fold`.
pub fn features(fold: &str) -> Vec<u8> {
    features_of(&feature_module(fold))
}

/// A feature plugin of the contract around a core module's text.
pub fn features_of(module: &str) -> Vec<u8> {
    component(&contract(), "feature-plugin", module)
}

/// A model plugin of the contract with this `score`.
pub fn model(score: &str) -> Vec<u8> {
    models_of(&model_module(score))
}

/// A model plugin of the contract around a core module's text.
pub fn models_of(module: &str) -> Vec<u8> {
    component(&contract(), "model-plugin", module)
}

/// What every guest has: a memory, an allocation that starts anew after each call, and `$answer`, which
/// returns two lists.
const FRAME: &str = r#"
  (memory (export "memory") 4)
  (global $free (mut i32) (i32.const 65536))
  (func $cabi_realloc (export "cabi_realloc")
    (param i32 i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and
      (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (block $fits
      (br_if $fits (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
      (br_if $fits (i32.ge_s (memory.grow (i32.add (i32.const 1)
        (i32.div_u (local.get $size) (i32.const 65536)))) (i32.const 0)))
      (unreachable))
    (local.get $at))
  (func $answer (param $a i32) (param $an i32) (param $b i32) (param $bn i32) (result i32)
    (i32.store (i32.const 512) (local.get $a))
    (i32.store (i32.const 516) (local.get $an))
    (i32.store (i32.const 520) (local.get $b))
    (i32.store (i32.const 524) (local.get $bn))
    (i32.const 512))
"#;

/// The text of a feature plugin's core module with this `fold`.
pub fn feature_module(fold: &str) -> String {
    let (data, at) = description();
    format!(
        r#"(module {FRAME}
  (func (export "foreshore:plugin/features@0.1.0#describe") (result i32) (i32.const {at}))
  (func $fold (export "foreshore:plugin/features@0.1.0#fold")
    (param $state i32) (param $state_bytes i32) (param $rows i32) (param $rows_bytes i32)
    (result i32)
    {fold})
  (func (export "cabi_post_foreshore:plugin/features@0.1.0#fold") (param i32)
    (global.set $free (i32.const 65536)))
  {data})"#
    )
}

/// The text of a model plugin's core module with this `score`.
pub fn model_module(score: &str) -> String {
    let mut data = Data::default();
    let inputs = ["counter.count", "event.amount"].map(|name| data.text(name));
    let inputs = data.list(&inputs.map(|(at, length)| vec![at, length]));
    let reasons = ["spending"].map(|name| data.text(name));
    let reasons = data.list(&reasons.map(|(at, length)| vec![at, length]));
    let at = data.words(&[inputs.0, inputs.1, reasons.0, reasons.1]);
    let data = data.segment();
    format!(
        r#"(module {FRAME}
  (func (export "foreshore:plugin/model@0.1.0#describe") (result i32) (i32.const {at}))
  (func $score (export "foreshore:plugin/model@0.1.0#score")
    (param $inputs i32) (param $count i32) (result i32)
    {score})
  (func (export "cabi_post_foreshore:plugin/model@0.1.0#score") (param i32)
    (global.set $free (i32.const 65536)))
  {data})"#
    )
}

/// Key `card`, type `paid`, fields `amount` (EUR) and `card`, features `count` and `spent`.
fn description() -> (String, u32) {
    let mut data = Data::default();
    let (key, amount, euro) = (data.text("card"), data.text("amount"), data.text("EUR"));
    let paid = data.text("paid");
    let events = data.list(&[vec![paid.0, paid.1]]);
    let fields = data.list(&[
        vec![amount.0, amount.1, 0, 1, euro.0, euro.1],
        vec![key.0, key.1, 3, 0, 0, 0],
    ]);
    let (count, spent) = (data.text("count"), data.text("spent"));
    let (help, help_bytes) = data.text("of the card so far");
    let features = data.list(&[
        vec![count.0, count.1, help, help_bytes, 0, 0, 0],
        vec![spent.0, spent.1, help, help_bytes, 1, euro.0, euro.1],
    ]);
    let at = data.words(&[
        key.0, key.1, events.0, events.1, fields.0, fields.1, features.0, features.1, 7, 0, 0, 0,
        0, 0,
    ]);
    (data.segment(), at)
}

/// Where a guest's constant data starts.
const DATA: u32 = 1024;

/// Constant data of a guest, laid out as the canonical ABI wants it.
#[derive(Default)]
struct Data(Vec<u8>);

impl Data {
    fn text(&mut self, text: &str) -> (u32, u32) {
        let at = DATA + self.0.len() as u32;
        self.0.extend_from_slice(text.as_bytes());
        (at, text.len() as u32)
    }

    fn words(&mut self, words: &[u32]) -> u32 {
        self.0.resize(self.0.len().next_multiple_of(8), 0);
        let at = DATA + self.0.len() as u32;
        for word in words {
            self.0.extend_from_slice(&word.to_le_bytes());
        }
        at
    }

    fn list(&mut self, items: &[Vec<u32>]) -> (u32, u32) {
        (self.words(&items.concat()), items.len() as u32)
    }

    fn segment(&self) -> String {
        let hex: String = self.0.iter().map(|byte| format!("\\{byte:02x}")).collect();
        format!(r#"(data (i32.const {DATA}) "{hex}")"#)
    }
}

/// Counts and sums: the state is both numbers, 16 bytes. `each` is done for every applied row, with the
/// count so far in `$count`.
pub fn counter(each: &str) -> String {
    format!(
        r#"(local $count f64) (local $spent f64) (local $row i32) (local $left i32) (local $flags i32)
    (local $out i32) (local $emitted i32) (local $states i32) (local $kept i32)
    (if (i32.eq (local.get $state_bytes) (i32.const 16)) (then
      (local.set $count (f64.load (local.get $state)))
      (local.set $spent (f64.load offset=8 (local.get $state)))))
    (local.set $left (i32.load (local.get $rows)))
    (local.set $out (call $cabi_realloc (i32.const 0) (i32.const 0) (i32.const 8)
      (i32.mul (local.get $left) (i32.const 16))))
    (local.set $states (call $cabi_realloc (i32.const 0) (i32.const 0) (i32.const 8)
      (i32.mul (local.get $left) (i32.const 20))))
    (local.set $row (i32.add (local.get $rows) (i32.const 8)))
    (loop $next
      (local.set $flags (i32.load8_u offset=10 (local.get $row)))
      (if (i32.and (local.get $flags) (i32.const 1)) (then
        (local.set $count (f64.add (local.get $count) (f64.const 1)))
        (local.set $spent (f64.add (local.get $spent) (f64.load offset=16 (local.get $row))))
        {each}))
      (if (i32.and (local.get $flags) (i32.const 2)) (then
        (f64.store (i32.add (local.get $out) (i32.shl (local.get $emitted) (i32.const 3)))
          (local.get $count))
        (f64.store offset=8 (i32.add (local.get $out) (i32.shl (local.get $emitted) (i32.const 3)))
          (local.get $spent))
        (local.set $emitted (i32.add (local.get $emitted) (i32.const 2)))))
      (if (i32.and (local.get $flags) (i32.const 4)) (then
        (i32.store (i32.add (local.get $states) (local.get $kept)) (i32.const 16))
        (f64.store offset=4 (i32.add (local.get $states) (local.get $kept)) (local.get $count))
        (f64.store offset=12 (i32.add (local.get $states) (local.get $kept)) (local.get $spent))
        (local.set $kept (i32.add (local.get $kept) (i32.const 20)))))
      (local.set $row (i32.add (local.get $row) (i32.load offset=4 (local.get $rows))))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (local.get $left)))
    (call $answer (local.get $out) (local.get $emitted) (local.get $states) (local.get $kept))"#
    )
}
