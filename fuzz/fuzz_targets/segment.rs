//! libFuzzer's way into `tests/fuzz/src/segment.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| foreshore_fuzz::segment::run(bytes));
