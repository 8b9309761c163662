//! The same as `operations` on an engine with a bug: the counter-test of the whole arrangement.
#![no_main]

use ledsaga_forms_fuzz::History;

libfuzzer_sys::fuzz_target!(|history: History| ledsaga_forms_fuzz::planted(history));
