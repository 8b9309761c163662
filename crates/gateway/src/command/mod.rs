//! Administration by command, a module for each matter.

pub mod audit;
pub mod case;
pub mod retention;
