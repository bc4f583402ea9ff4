//! libFuzzer's way into `tests/fuzz/src/component.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| foreshore_fuzz::component::run(bytes));
