//! Attached files: taken in, cleaned of what they tell in secret, and shown as pictures.

use ledsaga_forms::{ApplyError, FileRef, Op, OpKind, files_in};
use ledsaga_media::{Preview, Stripped};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Applied, Desk, FileTraces, NewFile};
use crate::{audit::AuditAction, error::DeskError, ports::Change};

/// Pixels that a preview is wide at most.
const PREVIEW_WIDTH: u32 = 1_400;

/// A file that has been looked at.
struct Looked {
    name: String,
    bytes: Vec<u8>,
    media_type: &'static str,
    sha256: String,
    traces: Option<FileTraces>,
}

impl Desk {
    /// Takes in a file: its bytes and the answer that names it in one transaction. Its type is told by its content. In a
    /// protected call it is cleaned first of place, author and the like, as far as that can be done.
    ///
    /// # Errors
    /// The file is empty, too large, of another type than its name or the question says, or one too many; the case is on
    /// its way already; or the store refuses.
    pub async fn attach(&self, draft: Uuid, question: &str, file: NewFile) -> Result<Applied, DeskError> {
        if file.bytes.is_empty() {
            return Err(DeskError::FileEmpty);
        }
        let protected = {
            let state = self.shared.hold_draft(draft).await?;
            state.call(state.draft(draft)?.call_id)?.protection.is_on()
        };
        // Large files take a moment; other work goes on meanwhile.
        let looked = tokio::task::spawn_blocking(move || look(file, protected));
        let path = question.to_owned();
        let looked = looked.await.map_err(|_| DeskError::FileGone)?;
        let Looked { name, bytes, media_type, sha256, traces } =
            looked.ok_or(ApplyError::FileType { path: path.clone() })?;
        let id = Uuid::now_v7();
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let file = FileRef { id: id.to_string(), name, size, media_type: media_type.to_owned(), sha256 };
        let attach = Op { id: Uuid::now_v7().to_string(), kind: OpKind::Attach { question: path, file } };
        let state = self.shared.hold_draft(draft).await?;
        let call = state.draft(draft)?.call_id;
        let with_it = vec![
            Change::PutFile { id, draft, bytes },
            self.shared.audit_of(call, id, AuditAction::FileAttached),
        ];
        let (_, applied) = self.change_form(state, draft, &[attach], with_it).await?;
        Ok(Applied { traces, ..applied })
    }

    /// A page of an attached file as a picture; logged before it is answered. Pages count from 0.
    ///
    /// # Errors
    /// The draft has no such file, it cannot be shown, or the store refuses.
    pub async fn preview(&self, draft: Uuid, file: &str, page: u32) -> Result<Preview, DeskError> {
        let state = self.shared.hold_draft(draft).await?;
        let owner = state.draft(draft)?;
        let files = files_in(&owner.form.answers);
        let file = files.into_iter().find(|known| known.id == file).ok_or(DeskError::FileGone)?;
        let media_type = file.media_type.clone();
        let id = Uuid::parse_str(&file.id).map_err(|_| DeskError::FileGone)?;
        let logged = self.shared.audit_of(owner.call_id, id, AuditAction::Previewed);
        drop(self.shared.commit(state, vec![logged]).await?);
        let bytes = self.shared.store.file(id).await?.ok_or(DeskError::FileGone)?;
        let page = usize::try_from(page).unwrap_or(usize::MAX);
        let drawn = tokio::task::spawn_blocking(move || {
            ledsaga_media::preview(&media_type, &bytes, page, PREVIEW_WIDTH)
        });
        Ok(drawn.await.map_err(|_| DeskError::FileGone)??)
    }
}

/// `None` when its content is plainly something else than its name says.
fn look(file: NewFile, clean: bool) -> Option<Looked> {
    let NewFile { name, bytes } = file;
    let media_type = ledsaga_media::kind(&name, &bytes)?;
    let (bytes, traces) = match clean.then(|| ledsaga_media::strip(media_type, &bytes)) {
        None => (bytes, None),
        Some(Ok(Stripped { bytes, removed })) => {
            let removed = removed.into_iter().map(|removed| removed.code().to_owned()).collect();
            (bytes, Some(FileTraces { removed, kept: None }))
        }
        Some(Err(error)) => {
            let kept = Some(error.code().to_owned());
            (bytes, Some(FileTraces { removed: Vec::new(), kept }))
        }
    };
    let sha256 = hex::encode(Sha256::digest(&bytes));
    Some(Looked { name, bytes, media_type, sha256, traces })
}
