//! How fast the forms engine is, beside others in the same run. Run by `cargo xtask bench`.

pub mod answers;
pub mod express;
pub mod flow;
pub mod form;
