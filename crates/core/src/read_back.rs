//! The read-back script: what the worker says so that the caller can confirm it.
