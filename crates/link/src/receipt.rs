//! Receipts are believed only when their signature holds: nothing else may show as received.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use ledsaga_core::{error::LinkError, submission::Receipt};
use ledsaga_protocol::{ReceiptBody, ReceiptClaims};

use crate::answer::refused;

/// Whether a receipt's signature can be judged by these keys, and holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    Holds,
    /// Signed by a key that is not among these; the server may have a new one.
    UnknownKey,
    Broken,
}

/// Judges the JWS over the receipt (ES256, RFC 7515) and that it says what the receipt says.
pub fn judge(receipt: &ReceiptBody, keys: &JwkSet) -> Proof {
    let Ok(header) = jsonwebtoken::decode_header(&receipt.proof) else { return Proof::Broken };
    let key = match (header.kid.as_deref(), keys.keys.as_slice()) {
        (Some(kid), _) => keys.find(kid),
        (None, [only]) => Some(only),
        (None, _) => return Proof::Broken,
    };
    let Some(key) = key else { return Proof::UnknownKey };
    let mut validation = Validation::new(Algorithm::ES256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let claims = DecodingKey::from_jwk(key)
        .and_then(|key| jsonwebtoken::decode::<ReceiptClaims>(&receipt.proof, &key, &validation));
    let said = ReceiptClaims {
        submission: receipt.submission,
        digest: receipt.digest.clone(),
        case_number: receipt.case_number.clone(),
        received_at: receipt.received_at,
    };
    match claims {
        Ok(proved) if proved.claims == said => Proof::Holds,
        _ => Proof::Broken,
    }
}

/// A receipt as the core keeps it.
pub fn proved(body: ReceiptBody) -> Receipt {
    Receipt {
        submission: body.submission,
        digest: body.digest,
        case_number: body.case_number,
        received_at: body.received_at,
        proof: body.proof,
        to_supplement: body.to_supplement,
    }
}

pub fn invalid() -> LinkError {
    refused("receipt_invalid")
}
