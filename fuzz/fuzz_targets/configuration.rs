//! libFuzzer's way into `tests/fuzz/src/configuration.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| foreshore_fuzz::configuration::run(bytes));
