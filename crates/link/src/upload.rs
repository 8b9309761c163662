//! Files in chunks, each with its digest, going on where the server stands.

use ledsaga_core::error::LinkError;
use ledsaga_protocol::{UploadBody, UploadStatus, code, digest, header};
use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderName},
};
use uuid::Uuid;

use crate::{
    answer::{Answer, unexpected},
    client::Client,
    encode::to_json,
};

/// Bytes.
const CHUNK: usize = 1024 * 1024;
/// How often the server may send us to another offset before the attempt is given up for this time.
const DETOURS: u32 = 5;

impl Client {
    /// `stored` is told whenever the server has more of it.
    pub(crate) async fn upload(
        &self,
        file: &UploadBody,
        bytes: &[u8],
        stored: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), LinkError> {
        let mut offset = self.begin(file).await?;
        let mut detours = 0;
        loop {
            stored(offset as u64);
            if offset >= bytes.len() {
                break;
            }
            let next = match self.append(file.id, offset, chunk(bytes, offset)?).await {
                // It stands elsewhere, its time was up, or something happened to the chunk on the way.
                Err(LinkError::Refused { code, .. })
                    if matches!(code.as_str(), code::OFFSET | code::NOT_FOUND | code::DIGEST) =>
                {
                    self.stands(file).await?
                }
                appended => appended?,
            };
            if next <= offset {
                detours += 1;
                if detours > DETOURS {
                    return Err(LinkError::Busy { retry_after_ms: None });
                }
            }
            offset = next;
        }
        if offset == bytes.len() { Ok(()) } else { Err(unexpected()) }
    }

    /// Begins, or finds an earlier attempt again.
    async fn begin(&self, file: &UploadBody) -> Result<usize, LinkError> {
        let body = to_json(file);
        let answer =
            self.send(Method::POST, "/v1/uploads", |request| json(request).body(body.clone())).await?;
        let status: UploadStatus = answer.json()?;
        if status.id != file.id {
            return Err(unexpected());
        }
        usize::try_from(status.offset).map_err(|_| unexpected())
    }

    async fn append(&self, id: Uuid, offset: usize, chunk: &[u8]) -> Result<usize, LinkError> {
        let digest = digest::header(chunk);
        let answer = self
            .send(Method::PATCH, &format!("/v1/uploads/{id}"), |request| {
                request
                    .header(CONTENT_TYPE, header::CHUNK_TYPE)
                    .header(header::UPLOAD_OFFSET, offset)
                    .header(header::CONTENT_DIGEST, &digest)
                    .body(chunk.to_vec())
            })
            .await?;
        stored(&answer)
    }

    /// Where it stands; what is not there any more begins anew. (An answer to `HEAD` has no body that could say why not.)
    async fn stands(&self, file: &UploadBody) -> Result<usize, LinkError> {
        match self.offset(file.id).await {
            Err(LinkError::Refused { .. }) => self.begin(file).await,
            offset => offset,
        }
    }

    async fn offset(&self, id: Uuid) -> Result<usize, LinkError> {
        stored(&self.send(Method::HEAD, &format!("/v1/uploads/{id}"), |request| request).await?)
    }
}

fn json(request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    request.header(CONTENT_TYPE, "application/json")
}

fn chunk(bytes: &[u8], offset: usize) -> Result<&[u8], LinkError> {
    bytes.get(offset..bytes.len().min(offset.saturating_add(CHUNK))).ok_or_else(unexpected)
}

fn stored(answer: &Answer) -> Result<usize, LinkError> {
    let name = HeaderName::from_static(header::UPLOAD_OFFSET);
    answer.header(name).and_then(|value| value.trim().parse().ok()).ok_or_else(unexpected)
}
