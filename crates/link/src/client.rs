//! The municipal API for the signed-in worker.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use ledsaga_core::{
    audit::AuditBatch,
    call::Call,
    error::LinkError,
    ports::{CaseNumberFault, CatalogueAnswer, Municipality, SubmissionContent, Withdrawal},
    standing::{CaseStanding, ChangeBatch},
    submission::{Receipt, Submission},
};
use ledsaga_protocol::{ReceiptBody, UploadBody, case_number, code, digest, header};
use reqwest::{
    Method, RequestBuilder, StatusCode,
    header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH},
};
use tokio::sync::RwLock;
use uuid::Uuid;

use crate::{
    about,
    account::Account,
    address,
    answer::{self, Answer},
    encode, network,
    receipt::{self, Proof},
    services,
};

/// Bytes of an answer; the catalogue is the largest.
const LIMIT: usize = 16 * 1024 * 1024;

/// Speaks to one gateway for one worker.
pub struct Client {
    base_url: String,
    account: Arc<Account>,
    /// The keys that receipts are signed with, once fetched.
    receipt_keys: RwLock<Option<Arc<JwkSet>>>,
}

impl Client {
    /// `base_url` is the gateway's, HTTPS unless it is on this computer; any other is never spoken to and answers
    /// [`LinkError::WrongAddress`].
    pub fn new(base_url: &str, account: Arc<Account>) -> Self {
        Self { base_url: base_url.to_owned(), account, receipt_keys: RwLock::new(None) }
    }

    /// One request with the worker's token, repeated once with a new token when the server refuses the first.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        complete: impl Fn(RequestBuilder) -> RequestBuilder + Send + Sync,
    ) -> Result<Answer, LinkError> {
        let token = self.account.access_token(None).await?;
        match self.send_with(&method, path, token.reveal(), &complete).await {
            Err(LinkError::SignInNeeded) => {
                let token = self.account.access_token(Some(&token)).await?;
                self.send_with(&method, path, token.reveal(), &complete).await
            }
            answer => answer,
        }
    }

    async fn send_with(
        &self,
        method: &Method,
        path: &str,
        token: &str,
        complete: &(impl Fn(RequestBuilder) -> RequestBuilder + Send + Sync),
    ) -> Result<Answer, LinkError> {
        let url = address::endpoint(&self.base_url, path)?;
        let request = self.account.http().client(&url)?.request(method.clone(), url);
        answer::ask(complete(request.bearer_auth(token)), LIMIT).await
    }

    async fn receipt_keys(&self, fresh: bool) -> Result<Arc<JwkSet>, LinkError> {
        let mut cached = self.receipt_keys.write().await;
        if let (false, Some(keys)) = (fresh, cached.as_ref()) {
            return Ok(keys.clone());
        }
        let keys: JwkSet = self.send(Method::GET, "/v1/receipt-keys", |request| request).await?.json()?;
        let keys = Arc::new(keys);
        *cached = Some(keys.clone());
        Ok(keys)
    }

    /// Believes a receipt, or says why not. An unknown key is looked for once more: the server may have a new one.
    async fn believe(&self, body: ReceiptBody, keys: &JwkSet) -> Result<Receipt, LinkError> {
        let mut proof = receipt::judge(&body, keys);
        if proof == Proof::UnknownKey {
            let fresh = self.receipt_keys(true).await.map_err(after_answer)?;
            proof = receipt::judge(&body, &fresh);
        }
        match proof {
            Proof::Holds => Ok(receipt::proved(body)),
            Proof::UnknownKey | Proof::Broken => {
                tracing::error!("a receipt could not be proved");
                Err(receipt::invalid())
            }
        }
    }
}

#[async_trait]
impl Municipality for Client {
    fn encode(&self, content: SubmissionContent<'_>) -> Vec<u8> {
        encode::submission(content)
    }

    async fn probe(&self) -> Result<Option<Timestamp>, LinkError> {
        about::time(self.account.http(), &self.base_url).await
    }

    async fn catalogue(&self, etag: Option<&str>) -> Result<CatalogueAnswer, LinkError> {
        let answer = self
            .send(Method::GET, "/v1/services", |request| match etag {
                Some(etag) => request.header(IF_NONE_MATCH, etag),
                None => request,
            })
            .await?;
        if answer.status == StatusCode::NOT_MODIFIED {
            return Ok(CatalogueAnswer::Unchanged);
        }
        let etag = answer.header(ETAG).unwrap_or_default().to_owned();
        Ok(CatalogueAnswer::New(services::catalogue(answer.json()?, etag, Timestamp::now())))
    }

    async fn put_contact(&self, call: &Call) -> Result<(), LinkError> {
        let body = encode::contact(call);
        self.send(Method::PUT, &format!("/v1/contacts/{}", call.id), |request| {
            request.header(CONTENT_TYPE, "application/json").body(body.clone())
        })
        .await
        .map(|_| ())
    }

    async fn put_file(
        &self,
        id: Uuid,
        name: &str,
        media_type: &str,
        bytes: &[u8],
        stored: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), LinkError> {
        let file = UploadBody {
            id,
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            size: bytes.len() as u64,
            sha256: digest::hex(bytes),
        };
        self.upload(&file, bytes, stored).await
    }

    /// The keys come first: nothing is sent whose receipt could not be proved.
    async fn put_submission(&self, submission: &Submission) -> Result<Receipt, LinkError> {
        let keys = self.receipt_keys(false).await?;
        let content_digest = digest::header(&submission.payload);
        let answer = self
            .send(Method::PUT, &format!("/v1/submissions/{}", submission.id), |request| {
                request
                    .header(CONTENT_TYPE, "application/json")
                    .header(header::IDEMPOTENCY_KEY, format!("\"{}\"", submission.id))
                    .header(header::CONTENT_DIGEST, &content_digest)
                    .body(submission.payload.clone())
            })
            .await
            .map_err(not_about_this)?;
        let body = receipt_for(submission.id, &answer)?;
        if body.digest != submission.digest {
            return Err(receipt::invalid());
        }
        self.believe(body, &keys).await
    }

    async fn get_submission(&self, id: Uuid) -> Result<Option<Receipt>, LinkError> {
        let keys = self.receipt_keys(false).await?;
        let answer = match self.send(Method::GET, &format!("/v1/submissions/{id}"), |request| request).await {
            Err(LinkError::Refused { code, .. }) if code == code::NOT_FOUND => return Ok(None),
            answer => answer?,
        };
        let body = receipt_for(id, &answer)?;
        self.believe(body, &keys).await.map(Some)
    }

    async fn withdraw(&self, submission: Uuid) -> Result<Withdrawal, LinkError> {
        let path = format!("/v1/submissions/{submission}");
        match self.send(Method::DELETE, &path, |request| request).await {
            // Its receipt is the proof; while it cannot be had, the answer is still out.
            Err(LinkError::Refused { code, .. }) if code == code::ACCEPTED => {
                let receipt = self.get_submission(submission).await?;
                receipt.map(|receipt| Withdrawal::Accepted(Box::new(receipt))).ok_or(LinkError::NoAnswer)
            }
            // Only a plain yes to this very question is a promise.
            Ok(answer) if answer.status == StatusCode::NO_CONTENT => Ok(Withdrawal::Withdrawn),
            Ok(_) => Err(answer::unexpected()),
            Err(error) => Err(error),
        }
    }

    async fn put_audit(&self, batch: &AuditBatch) -> Result<u64, LinkError> {
        self.hand_over(batch).await
    }

    async fn changes(&self, cursor: Option<&str>) -> Result<ChangeBatch, LinkError> {
        self.wait_for_changes(cursor).await
    }

    async fn case_standing(&self, case_number: &str) -> Result<Option<CaseStanding>, LinkError> {
        self.standing_of(case_number).await
    }

    fn case_number(&self, typed: &str) -> Result<String, CaseNumberFault> {
        case_number::parse(typed).map_err(|fault| match fault {
            case_number::CaseNumberFault::Form => CaseNumberFault::Form,
            case_number::CaseNumberFault::LookAlike => CaseNumberFault::LookAlike,
            case_number::CaseNumberFault::Check => CaseNumberFault::Check,
        })
    }

    async fn network_changed(&self) {
        network::changed().await;
    }
}

/// "Not found" is no answer to handing something in, so it must not look like the municipality's no.
fn not_about_this(error: LinkError) -> LinkError {
    match error {
        LinkError::Refused { code, .. } if code == code::NOT_FOUND => answer::unexpected(),
        error => error,
    }
}

/// A success that is no receipt, or the receipt of something else, answers another question: this one's answer is lost,
/// and asking again settles it.
fn receipt_for(submission: Uuid, answer: &Answer) -> Result<ReceiptBody, LinkError> {
    let receipt: ReceiptBody = answer.json().map_err(|_| LinkError::NoAnswer)?;
    if receipt.submission == submission { Ok(receipt) } else { Err(LinkError::NoAnswer) }
}

/// A failure after the server has answered: the submission has arrived, so nothing may say that it surely has not.
fn after_answer(error: LinkError) -> LinkError {
    match error {
        LinkError::Refused { .. } => receipt::invalid(),
        _ => LinkError::NoAnswer,
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client(..)")
    }
}
