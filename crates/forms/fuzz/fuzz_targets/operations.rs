//! Any operations on a definition out of a fixed set.
#![no_main]

use ledsaga_forms_fuzz::History;

libfuzzer_sys::fuzz_target!(|history: History| ledsaga_forms_fuzz::operations(history));
