//! Commands: a few lines each. What they mean is the core's.

use std::{path::PathBuf, sync::Arc};

use ledsaga_core::{
    audit::AuditAction,
    call::CallChange,
    desk::{Applied, Desk, NewFile},
    error::DeskError,
    locking::HandOver,
    view::{
        CallView, CaseAnswer, CaseView, Certificate, DeskView, Difference, Found, LinkView, ReadBack,
        RevealTarget, RevisionView, ServiceSummary, ServiceView, VersionChange,
    },
};
use ledsaga_forms::{ApplyError, Op};
use ledsaga_vault::{Copied, Pin};
use tauri::{State, WebviewWindow};
use tauri_plugin_dialog::DialogExt;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::view::{
    CopyView, FilePreview, HealthView, IpcError, LockReason, Preferences, SessionView, UiLanguage,
};
use crate::{Shell, window};

type Ipc<T> = Result<T, IpcError>;
type Shared<'a> = State<'a, Arc<Shell>>;

/// The largest file that is read at all; the question's own limit is usually smaller.
const LARGEST_FILE: u64 = 50 * 1024 * 1024;

async fn open_desk(shell: &Shell) -> Ipc<Desk> {
    shell.session.desk().await.ok_or_else(closed)
}

/// For what was typed: under a cover too.
async fn desk_to_save_at(shell: &Shell) -> Ipc<Desk> {
    shell.session.desk_to_save_at().await.ok_or_else(closed)
}

fn closed() -> IpcError {
    IpcError::new("locked", "no desk is open")
}

async fn shown(window: &WebviewWindow, shell: &Shell, call: CallView) -> CallView {
    window::protect_content(window, call.protected);
    shell.session.shows(call.protected).await;
    call
}

#[tauri::command]
pub async fn session(shell: Shared<'_>) -> Ipc<SessionView> {
    Ok(shell.session.view().await)
}

#[tauri::command]
pub async fn sign_in(shell: Shared<'_>) -> Ipc<SessionView> {
    shell.session.sign_in().await;
    Ok(shell.session.view().await)
}

#[tauri::command]
pub async fn cancel_sign_in(shell: Shared<'_>) -> Ipc<SessionView> {
    shell.session.cancel_sign_in().await;
    Ok(shell.session.view().await)
}

#[tauri::command]
pub async fn sign_out(shell: Shared<'_>) -> Ipc<SessionView> {
    shell.session.sign_out().await;
    Ok(shell.session.view().await)
}

#[tauri::command]
pub async fn lock(shell: Shared<'_>) -> Ipc<SessionView> {
    shell.session.lock(LockReason::Worker).await;
    Ok(shell.session.view().await)
}

#[tauri::command]
pub async fn unlock(shell: Shared<'_>, pin: Zeroizing<String>) -> Ipc<SessionView> {
    shell.session.unlock(Pin::new(&pin)).await;
    Ok(shell.session.view().await)
}

#[tauri::command]
pub async fn set_pin(shell: Shared<'_>, pin: Option<Zeroizing<String>>) -> Ipc<SessionView> {
    shell.session.set_pin(pin.map(|pin| Pin::new(&pin))).await?;
    Ok(shell.session.view().await)
}

/// The worker did something.
#[tauri::command]
pub async fn active(shell: Shared<'_>) -> Ipc<()> {
    shell.session.active();
    Ok(())
}

#[tauri::command]
pub async fn health(shell: Shared<'_>) -> Ipc<HealthView> {
    shell.session.health().await.ok_or_else(closed)
}

/// Takes a while; work goes on meanwhile.
#[tauri::command]
pub async fn change_keys(shell: Shared<'_>) -> Ipc<HealthView> {
    shell.session.vault().await.ok_or_else(closed)?.change_keys().await?;
    shell.session.record(AuditAction::KeysChanged).await;
    shell.session.health().await.ok_or_else(closed)
}

/// Lets the worker choose where, and writes the log there as a signed file for a reviewer. `false` when nothing was chosen.
#[tauri::command]
pub async fn export_log(window: WebviewWindow, shell: Shared<'_>) -> Ipc<bool> {
    let desk = open_desk(&shell).await?;
    let Some(path) = chosen_place(&window, "ledsaga-logg.jsonl").await else { return Ok(false) };
    let file = desk.export_log().await?;
    tokio::fs::write(&path, file)
        .await
        .map_err(|error| IpcError::new("file_not_written", &error.kind().to_string()))?;
    Ok(true)
}

/// Lets the worker choose where, and writes a copy of everything there that only the municipality's recovery key opens.
/// `None` when nothing was chosen.
#[tauri::command]
pub async fn save_copy(window: WebviewWindow, shell: Shared<'_>) -> Ipc<Option<CopyView>> {
    open_desk(&shell).await?;
    let recipient = shell.session.recovery_recipient().await?;
    // Not whose it is: the name may be seen where the file goes.
    let name = jiff::Zoned::now().strftime("ledsaga-kopia-%Y-%m-%d-%H%M.age").to_string();
    let Some(path) = chosen_place(&window, &name).await else { return Ok(None) };
    let Copied { calls, drafts } = shell.session.seal_copy(&recipient, &path).await?;
    Ok(Some(CopyView { calls, drafts }))
}

/// Where the worker wants a file; `None` when nowhere.
async fn chosen_place(window: &WebviewWindow, name: &str) -> Option<PathBuf> {
    let (chosen, choice) = tokio::sync::oneshot::channel();
    window.dialog().file().set_parent(window).set_file_name(name).save_file(move |path| {
        let _ = chosen.send(path);
    });
    choice.await.ok().flatten().and_then(|path| path.into_path().ok())
}

#[tauri::command]
pub async fn desk(shell: Shared<'_>) -> Ipc<DeskView> {
    Ok(open_desk(&shell).await?.view().await?)
}

#[tauri::command]
pub async fn find_services(
    shell: Shared<'_>,
    query: String,
    category: Option<String>,
) -> Ipc<Vec<ServiceSummary>> {
    Ok(open_desk(&shell).await?.find_services(&query, category.as_deref()).await)
}

#[tauri::command]
pub async fn service(shell: Shared<'_>, id: String) -> Ipc<ServiceView> {
    Ok(open_desk(&shell).await?.service(&id).await?)
}

#[tauri::command]
pub async fn start_call(window: WebviewWindow, shell: Shared<'_>) -> Ipc<CallView> {
    Ok(shown(&window, &shell, open_desk(&shell).await?.start_call().await?).await)
}

#[tauri::command]
pub async fn open_call(window: WebviewWindow, shell: Shared<'_>, call: Uuid) -> Ipc<CallView> {
    Ok(shown(&window, &shell, open_desk(&shell).await?.open_call(call).await?).await)
}

#[tauri::command]
pub async fn change_call(shell: Shared<'_>, call: Uuid, changes: Vec<CallChange>) -> Ipc<CallView> {
    Ok(desk_to_save_at(&shell).await?.change_call(call, changes).await?)
}

#[tauri::command]
pub async fn end_call(shell: Shared<'_>, call: Uuid) -> Ipc<CallView> {
    Ok(open_desk(&shell).await?.end_call(call).await?)
}

#[tauri::command]
pub async fn choose_service(shell: Shared<'_>, call: Uuid, service: String) -> Ipc<CallView> {
    Ok(open_desk(&shell).await?.choose_service(call, &service).await?)
}

#[tauri::command]
pub async fn apply(shell: Shared<'_>, draft: Uuid, ops: Vec<Op>) -> Ipc<Applied> {
    Ok(desk_to_save_at(&shell).await?.apply(draft, ops).await?)
}

/// Lets the worker choose a file in the system's dialog, and seals it into the store. `None` when nothing was chosen.
#[tauri::command]
pub async fn attach(
    window: WebviewWindow,
    shell: Shared<'_>,
    draft: Uuid,
    question: String,
) -> Ipc<Option<Applied>> {
    let desk = open_desk(&shell).await?;
    let (chosen, choice) = tokio::sync::oneshot::channel();
    window.dialog().file().set_parent(&window).pick_file(move |path| {
        let _ = chosen.send(path);
    });
    let Some(path) = choice.await.ok().flatten().and_then(|path| path.into_path().ok()) else {
        return Ok(None);
    };
    let gone = |_| IpcError::from(DeskError::FileGone);
    let size = tokio::fs::metadata(&path).await.map_err(gone)?.len();
    if size > LARGEST_FILE {
        let error = ApplyError::FileTooLarge { path: question, max_size: LARGEST_FILE };
        return Err(DeskError::Form(error).into());
    }
    let bytes = tokio::fs::read(&path).await.map_err(gone)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Some(desk.attach(draft, &question, NewFile { name, bytes }).await?))
}

#[tauri::command]
pub async fn protect(window: WebviewWindow, shell: Shared<'_>, call: Uuid) -> Ipc<CallView> {
    Ok(shown(&window, &shell, open_desk(&shell).await?.protect(call).await?).await)
}

#[tauri::command]
pub async fn lower_protection(
    window: WebviewWindow,
    shell: Shared<'_>,
    call: Uuid,
    reason: String,
) -> Ipc<CallView> {
    Ok(shown(&window, &shell, open_desk(&shell).await?.lower_protection(call, &reason).await?).await)
}

#[tauri::command]
pub async fn reveal(shell: Shared<'_>, call: Uuid, target: RevealTarget) -> Ipc<String> {
    Ok(open_desk(&shell).await?.reveal(call, target).await?)
}

#[tauri::command]
pub async fn read_back(shell: Shared<'_>, draft: Uuid, language: UiLanguage) -> Ipc<ReadBack> {
    Ok(open_desk(&shell).await?.read_back(draft, language.spoken()).await?)
}

#[tauri::command]
pub async fn confirm_read_back(shell: Shared<'_>, draft: Uuid, language: UiLanguage) -> Ipc<ReadBack> {
    Ok(open_desk(&shell).await?.confirm_read_back(draft, language.spoken()).await?)
}

#[tauri::command]
pub async fn submit(shell: Shared<'_>, draft: Uuid) -> Ipc<CaseView> {
    Ok(open_desk(&shell).await?.submit(draft).await?)
}

#[tauri::command]
pub async fn reopen(shell: Shared<'_>, draft: Uuid) -> Ipc<CallView> {
    Ok(open_desk(&shell).await?.reopen(draft).await?)
}

#[tauri::command]
pub async fn withdraw(shell: Shared<'_>, draft: Uuid) -> Ipc<CallView> {
    Ok(open_desk(&shell).await?.withdraw(draft).await?)
}

#[tauri::command]
pub async fn version_change(shell: Shared<'_>, draft: Uuid) -> Ipc<VersionChange> {
    Ok(open_desk(&shell).await?.version_change(draft).await?)
}

#[tauri::command]
pub async fn take_newer_version(shell: Shared<'_>, draft: Uuid) -> Ipc<CallView> {
    Ok(open_desk(&shell).await?.take_newer_version(draft).await?)
}

#[tauri::command]
pub async fn revisions(shell: Shared<'_>, draft: Uuid) -> Ipc<Vec<RevisionView>> {
    Ok(open_desk(&shell).await?.revisions(draft).await?)
}

#[tauri::command]
pub async fn compare_revision(shell: Shared<'_>, draft: Uuid, revision: Uuid) -> Ipc<Vec<Difference>> {
    Ok(open_desk(&shell).await?.compare_revision(draft, revision).await?)
}

#[tauri::command]
pub async fn restore_revision(shell: Shared<'_>, draft: Uuid, revision: Uuid) -> Ipc<CallView> {
    Ok(open_desk(&shell).await?.restore_revision(draft, revision).await?)
}

#[tauri::command]
pub async fn undo(shell: Shared<'_>, draft: Uuid) -> Ipc<CallView> {
    Ok(open_desk(&shell).await?.undo(draft).await?)
}

#[tauri::command]
pub async fn discard(shell: Shared<'_>, draft: Uuid) -> Ipc<CallView> {
    Ok(open_desk(&shell).await?.discard(draft).await?)
}

#[tauri::command]
pub async fn take_back(shell: Shared<'_>, draft: Uuid) -> Ipc<CallView> {
    Ok(open_desk(&shell).await?.take_back(draft).await?)
}

#[tauri::command]
pub async fn erase(shell: Shared<'_>, draft: Uuid) -> Ipc<DeskView> {
    Ok(open_desk(&shell).await?.erase(draft).await?)
}

#[tauri::command]
pub async fn extend(shell: Shared<'_>, draft: Uuid, reason: String) -> Ipc<CallView> {
    Ok(open_desk(&shell).await?.extend(draft, &reason).await?)
}

/// A page of an attached file, as pixels only.
#[tauri::command]
pub async fn preview(shell: Shared<'_>, draft: Uuid, file: String, page: u32) -> Ipc<FilePreview> {
    Ok(open_desk(&shell).await?.preview(draft, &file, page).await?.into())
}

#[tauri::command]
pub async fn certificates(shell: Shared<'_>) -> Ipc<Vec<Certificate>> {
    Ok(open_desk(&shell).await?.certificates().await?)
}

#[tauri::command]
pub async fn search(shell: Shared<'_>, query: String, within: Option<Uuid>) -> Ipc<Found> {
    Ok(open_desk(&shell).await?.search(&query, within).await?)
}

#[tauri::command]
pub async fn ask_case(shell: Shared<'_>, call: Option<Uuid>, number: String) -> Ipc<CaseAnswer> {
    Ok(open_desk(&shell).await?.ask_case(call, &number).await?)
}

#[tauri::command]
pub async fn retry_now(shell: Shared<'_>) -> Ipc<LinkView> {
    Ok(open_desk(&shell).await?.retry_now().await)
}

#[tauri::command]
pub async fn preferences(shell: Shared<'_>) -> Ipc<Preferences> {
    Ok(shell.preferences.load())
}

#[tauri::command]
pub async fn set_preferences(shell: Shared<'_>, preferences: Preferences) -> Ipc<Preferences> {
    shell
        .preferences
        .save(&preferences)
        .map_err(|error| IpcError::new("preferences_not_saved", &error.kind().to_string()))?;
    Ok(preferences)
}

/// The UI has handed over everything that was typed; the window may close or lock.
#[tauri::command]
pub async fn flushed(shell: Shared<'_>) -> Ipc<()> {
    shell.session.hand_overs.answer(HandOver::Saved);
    Ok(())
}

/// Some of what was typed cannot be saved; the UI keeps it and says `flushed` once it is.
#[tauri::command]
pub async fn not_saved(shell: Shared<'_>) -> Ipc<()> {
    shell.session.hand_overs.answer(HandOver::Unsaved);
    Ok(())
}
