//! One suite for each port, run against everything that implements it.

pub mod gateway;
pub mod municipality;
pub mod postgres;
pub mod samples;
pub mod store;
pub mod town;
