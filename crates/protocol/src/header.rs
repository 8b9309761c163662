//! Header names of our own and the standard ones that the wire relies on.

/// `ledsaga-gateway/0.1.0` on every reply.
pub const PRODUCT: &str = "ledsaga-product";
/// The wire's version on every reply and every request.
pub const SCHEMA: &str = "ledsaga-schema";
/// A UUID of the client's making, different for every request and said again in the reply: an answer to another request,
/// kept or doubled by something in between, is never taken for the answer to this one.
pub const REQUEST: &str = "ledsaga-request";
/// A quoted UUID, the same as in the path (draft-ietf-httpapi-idempotency-key-header).
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// `sha-256=:BASE64:` (RFC 9530), on submissions and upload chunks.
pub const CONTENT_DIGEST: &str = "content-digest";
/// Bytes stored so far (shape of draft-ietf-httpbis-resumable-upload).
pub const UPLOAD_OFFSET: &str = "upload-offset";
/// The number of the last event of a log that is stored; the next run begins after it.
pub const AUDIT_SEQ: &str = "ledsaga-audit-seq";
/// Media type of an upload chunk.
pub const CHUNK_TYPE: &str = "application/partial-upload";
