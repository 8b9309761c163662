//! Locks the desk when the operating system locks its screen or goes to sleep.
//!
//! Linux alone tells so far. Elsewhere the idle lock is the guard, and the operating system's own.

#[cfg(target_os = "linux")]
mod linux;

#[cfg(target_os = "linux")]
pub use linux::watch;

#[cfg(not(target_os = "linux"))]
pub async fn watch<F: Future<Output = ()>>(_: impl Fn() -> F) {}
