//! Sign-in against an OpenID Certified provider on this computer: the provider, a browser, and a municipality whose
//! gateway trusts it. `provider/` holds the provider itself, which needs Node.js; `cargo xtask test --only sign-in`
//! installs and runs it.

pub mod browser;
pub mod keychain;
pub mod provider;
pub mod town;

pub use browser::{Browser, Choice};
pub use keychain::Keychain;
pub use provider::Provider;
pub use town::Town;
