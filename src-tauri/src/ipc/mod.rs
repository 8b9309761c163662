//! The border to the UI: commands, events and errors, all from the one list in `list.in`.

mod commands;
mod error;
pub mod view;

#[cfg(test)]
mod bindings;

macro_rules! commands {
    ($($name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)*) => {
        /// Answers the UI's commands.
        pub fn handler() -> impl Fn(tauri::ipc::Invoke) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$(commands::$name),*]
        }
    };
}
include!("list.in");
