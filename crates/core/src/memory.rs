//! The store without a disk: the memory-only mode when the computer has no keychain.
