//! Faults on purpose: crashes, bad networks, full disks and keychains that fail.

pub mod proxy;
