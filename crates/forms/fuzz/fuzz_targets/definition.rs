//! Any bytes as a definition; what loads is then filled in.
#![no_main]

libfuzzer_sys::fuzz_target!(|json: &[u8]| ledsaga_forms_fuzz::definition(json));
