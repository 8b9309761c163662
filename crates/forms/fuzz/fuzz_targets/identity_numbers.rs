//! Any text as an identity number, with any clock.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| ledsaga_forms_fuzz::identity_numbers(text));
