//! Every target, by name: what `fuzz/fuzz_targets` and the folders of kept inputs are called.

use crate::{component, configuration, decode, lowering, record, segment, validate};

/// A function that takes any bytes, and panics when a promise breaks.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// The function.
    pub run: fn(&[u8]),
}

/// Every target.
pub const TARGETS: [Target; 7] = [
    target("decode", decode::run),
    target("validate", validate::run),
    target("configuration", configuration::run),
    target("record", record::run),
    target("segment", segment::run),
    target("component", component::run),
    target("lowering", lowering::run),
];

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}
