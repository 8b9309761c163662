//! Any bytes as an e-service or a question that Open ePlatform exported.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| ledsaga_forms_fuzz::oeflow(file));
