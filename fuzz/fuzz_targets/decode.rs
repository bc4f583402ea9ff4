//! libFuzzer's way into `tests/fuzz/src/decode.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| foreshore_fuzz::decode::run(bytes));
