//! How much of the database is in use.

use super::Store;

/// Connections to the database.
pub struct PoolState {
    pub open: u32,
    pub idle: u32,
    pub limit: u32,
}

impl Store {
    pub fn pool_state(&self) -> PoolState {
        PoolState {
            open: self.pool.size(),
            idle: u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX),
            limit: self.pool.options().get_max_connections(),
        }
    }
}
