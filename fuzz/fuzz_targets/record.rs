//! libFuzzer's way into `tests/fuzz/src/record.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| foreshore_fuzz::record::run(bytes));
