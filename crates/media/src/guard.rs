//! The border to other people's decoders.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a decoder; `None` when it panicked. A bug in it on a hostile file must cost the file, not the application with
/// every unsaved word in it. Nothing of the decoder's state outlives the call, so none can be seen broken.
pub(crate) fn guarded<T>(decode: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(decode)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_at_the_border() {
        let empty: &[u8] = &[];
        assert_eq!(guarded(|| 7), Some(7));
        assert_eq!(guarded(|| empty[empty.len()]), None);
    }
}
