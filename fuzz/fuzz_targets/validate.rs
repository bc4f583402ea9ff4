//! libFuzzer's way into `tests/fuzz/src/validate.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| foreshore_fuzz::validate::run(bytes));
