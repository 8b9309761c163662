//! The desktop shell: wiring, commands, window. The only place that knows Tauri.

mod configuration;
mod hand_over;
mod idle;
mod ipc;
mod preferences;
mod session;
mod system_lock;
mod terminal;
mod window;

use std::{process::ExitCode, sync::Arc};

use ledsaga_vault::Keychain;
use tauri::{Manager, RunEvent};
use tracing_subscriber::EnvFilter;

use crate::{
    configuration::{Configuration, IDENTIFIER},
    ipc::view::LockReason,
    preferences::PreferenceFile,
    session::Session,
};

/// Everything the commands work on.
pub(crate) struct Shell {
    pub session: Session,
    pub preferences: PreferenceFile,
    /// When the window was last asked to close.
    pub close_asked: tokio::sync::Mutex<Option<std::time::Instant>>,
}

/// Does what the words after the program's name ask for: a command in the terminal, or else the application until its
/// window is closed.
pub fn run() -> ExitCode {
    if let Some(code) = terminal::run(std::env::args_os().skip(1)) {
        return code;
    }
    window::prepare_webview();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_env("LEDSAGA_LOG").unwrap_or_else(|_| EnvFilter::new("warn")))
        .with_writer(std::io::stderr)
        .init();

    let built = tauri::Builder::default()
        // First, so that a second start only brings the first window to the front.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| window::bring_to_front(app)))
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .invoke_handler(ipc::handler())
        .setup(|app| {
            let configuration = Configuration::load()?;
            let shell = Arc::new(Shell {
                preferences: PreferenceFile::new(configuration.config_dir.join("preferences.json")),
                session: Session::new(
                    configuration,
                    Arc::new(Keychain::new(IDENTIFIER)),
                    app.handle().clone(),
                ),
                close_asked: tokio::sync::Mutex::new(None),
            });
            app.manage(shell.clone());
            window::create(app.handle())?;
            tauri::async_runtime::spawn(idle::watch(app.handle().clone(), shell.clone()));
            let locked = shell.clone();
            tauri::async_runtime::spawn(async move {
                system_lock::watch(|| locked.session.lock(LockReason::System)).await;
            });
            tauri::async_runtime::spawn(async move { shell.session.restore().await });
            Ok(())
        })
        .on_window_event(window::on_event)
        .build(tauri::generate_context!());

    match built {
        Ok(app) => {
            app.run(|app, event| {
                if let RunEvent::Exit = event {
                    let shell = app.state::<Arc<Shell>>();
                    tauri::async_runtime::block_on(shell.session.close());
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!("the application could not start: {error}");
            ExitCode::FAILURE
        }
    }
}
