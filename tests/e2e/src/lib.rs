//! The application in its real window, driven as a worker drives it: keyboard, screen and the system's browser.
//!
//! A display, a window manager and a session bus with an unlocked keyring come from outside: `cargo xtask test` makes
//! them. Everything the application writes goes into one temporary folder of its own.

pub mod call;
pub mod folders;
pub mod gateway;
pub mod keyring;
pub mod play;
pub mod process;
pub mod sweep;
pub mod window;

pub use folders::Folders;
pub use gateway::Gateway;
pub use play::Play;
pub use window::AppWindow;
