//! The window: one, with a constant title, that never closes on unsaved words.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ledsaga_core::locking::HandOver;
use tauri::{AppHandle, Manager, Runtime, WebviewWindow, WebviewWindowBuilder, Window, WindowEvent};
use tokio::sync::Notify;

use crate::{Shell, ipc::view::ContentProtection};

const MAIN: &str = "main";
/// Closing again within this time means it, whatever is not saved.
const INSISTED: Duration = Duration::from_secs(60);

/// WebKitGTK's DMA-BUF renderer leaves the window blank on some graphics drivers (tauri-apps/tauri 9304). The switch
/// must be in the environment before GTK starts, so the process starts itself once more.
#[cfg(target_os = "linux")]
pub fn prepare_webview() {
    use std::os::unix::process::CommandExt;

    const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    if std::env::var_os(SWITCH).is_none()
        && let Ok(this) = std::env::current_exe()
    {
        let error =
            std::process::Command::new(this).args(std::env::args_os().skip(1)).env(SWITCH, "1").exec();
        tracing::warn!("started without {SWITCH}: {error}");
    }
}

#[cfg(not(target_os = "linux"))]
pub fn prepare_webview() {}

/// # Errors
/// The webview could not be made.
pub fn create(app: &AppHandle) -> tauri::Result<()> {
    let Some(config) = app.config().app.windows.iter().find(|window| window.label == MAIN) else {
        return Err(tauri::Error::WindowNotFound);
    };
    WebviewWindowBuilder::from_config(app, config)?
        .incognito(!is_driven())
        // The window shows the application and nothing else, ever.
        .on_navigation(|url| url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost"))
        .build()?;
    Ok(())
}

/// Under a WebDriver, in debug builds only. wry lets only a webview with a profile be driven, so the tests run with one;
/// it is among what the plaintext sweep searches.
fn is_driven() -> bool {
    cfg!(debug_assertions) && std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some()
}

pub fn bring_to_front<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window(MAIN) {
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}

/// Asks the UI for what was typed in the last moments, closes the store, then lets the window go. What cannot be saved
/// stays on screen with the reason; only closing once more gives it up.
pub fn on_event<R: Runtime>(window: &Window<R>, event: &WindowEvent) {
    if let WindowEvent::CloseRequested { api, .. } = event {
        api.prevent_close();
        let window = window.clone();
        tauri::async_runtime::spawn(async move {
            let shell = window.state::<Arc<Shell>>();
            let before = shell.close_asked.lock().await.replace(Instant::now());
            let insisted = before.is_some_and(|before| before.elapsed() < INSISTED);
            let answer = shell.session.hand_overs.ask(window.app_handle()).await;
            // Whoever is at a covered window may not give up what it holds.
            let insisted = insisted && !shell.session.holds_unsaved().await;
            if answer == Some(HandOver::Saved) || insisted {
                shell.session.close().await;
                let _ = window.destroy();
            }
        });
    }
}

/// What came too late for the last time is not meant for the next.
pub fn forget_late_answer(told: &Notify) {
    let late = told.notified();
    tokio::pin!(late);
    late.as_mut().enable();
}

/// Throws away everything the webview knows.
pub fn blank<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window(MAIN) {
        let _ = window.reload();
    }
}

/// Asks the operating system to keep the window out of screen captures while a protected case is on screen.
///
/// Only Windows does it: macOS 15 ignores it (tauri-apps/tauri 14200) and Linux has no such thing.
pub fn protect_content<R: Runtime>(window: &WebviewWindow<R>, protected: bool) {
    if content_protection() == ContentProtection::On {
        let _ = window.set_content_protected(protected);
    }
}

pub fn content_protection() -> ContentProtection {
    if cfg!(windows) { ContentProtection::On } else { ContentProtection::Unavailable }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_late_answer_is_forgotten_and_the_next_one_is_heard() {
        let told = Notify::new();
        told.notify_one();
        forget_late_answer(&told);
        let heard = told.notified();
        tokio::pin!(heard);
        assert!(!heard.as_mut().enable(), "the late answer still counts");
        told.notify_one();
        heard.await;
    }
}
