//! libFuzzer's way into `tests/fuzz/src/lowering.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| foreshore_fuzz::lowering::run(bytes));
