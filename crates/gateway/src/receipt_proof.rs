//! Whether a receipt proves what it says, judged without a gateway.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use ledsaga_protocol::{ReceiptBody, ReceiptClaims};
use serde::Deserialize;

/// What the signature vouches for, and the key that it was made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    pub claims: ReceiptClaims,
    pub kid: String,
}

/// Why a receipt proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotProved {
    #[error("this is neither a receipt nor the signature of one")]
    NotAReceipt,
    #[error("the signature is of another kind than ES256")]
    Algorithm,
    #[error("the signature was made with a key that is not among these")]
    UnknownKey,
    #[error("the signature does not hold")]
    Broken,
    /// The signature holds, for something else.
    #[error("the receipt says something else than what was signed")]
    SaysOther,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
}

/// Judges a receipt (JSON, as the gateway answers) or its proof alone (compact JWS) by these keys.
///
/// # Errors
/// [`NotProved`]
pub fn prove(text: &str, keys: &JwkSet) -> Result<Proved, NotProved> {
    let text = text.trim();
    let receipt: Option<ReceiptBody> = if text.starts_with('{') {
        Some(serde_json::from_str(text).map_err(|_| NotProved::NotAReceipt)?)
    } else {
        None
    };
    let proof = receipt.as_ref().map_or(text, |receipt| &receipt.proof);
    let header: Header = proof
        .split_once('.')
        .and_then(|(head, _)| URL_SAFE_NO_PAD.decode(head).ok())
        .and_then(|json| serde_json::from_slice(&json).ok())
        .ok_or(NotProved::NotAReceipt)?;
    if header.alg != "ES256" {
        return Err(NotProved::Algorithm);
    }
    let kid = header.kid.ok_or(NotProved::UnknownKey)?;
    let key = keys.find(&kid).ok_or(NotProved::UnknownKey)?;
    let key = DecodingKey::from_jwk(key).map_err(|_| NotProved::UnknownKey)?;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let claims = jsonwebtoken::decode::<ReceiptClaims>(proof, &key, &validation)
        .map_err(|_| NotProved::Broken)?
        .claims;
    let says_other = receipt.is_some_and(|receipt| {
        receipt.submission != claims.submission
            || receipt.digest != claims.digest
            || receipt.case_number != claims.case_number
            || receipt.received_at != claims.received_at
    });
    if says_other { Err(NotProved::SaysOther) } else { Ok(Proved { claims, kid }) }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::EncodingKey;
    use serde_json::{Value, json};

    use super::*;
    use crate::signing::SigningKey;

    fn claims() -> Value {
        json!({
            "submission": "0198c0de-0000-7000-8000-000000000001", "digest": "ab".repeat(32),
            "case_number": "EXB-2026-0001-K", "received_at": "2026-11-29T10:15:00Z",
        })
    }

    fn key() -> (tempfile::TempDir, SigningKey) {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::open_or_create(&folder.path().join("key.pem")).unwrap();
        (folder, key)
    }

    fn receipt(proof: &str) -> Value {
        let mut receipt = claims();
        receipt["proof"] = json!(proof);
        receipt
    }

    #[test]
    fn a_receipt_and_its_proof_alone_are_proved() {
        let (_folder, key) = key();
        let proof = key.sign("JWT", &claims()).unwrap();
        for text in [receipt(&proof).to_string(), proof.clone(), format!("{proof}\n")] {
            let proved = prove(&text, &key.public()).unwrap();
            assert_eq!(proved.claims.case_number, "EXB-2026-0001-K");
            assert_eq!(Some(proved.kid), key.jwk().common.key_id);
        }
    }

    #[test]
    fn a_receipt_that_says_anything_else_is_not_proved() {
        let (_folder, key) = key();
        let proof = key.sign("JWT", &claims()).unwrap();
        for (field, value) in [
            ("submission", json!("0198c0de-0000-7000-8000-000000000002")),
            ("digest", json!("cd".repeat(32))),
            ("case_number", json!("EXB-2026-0002-K")),
            ("received_at", json!("2026-11-28T10:15:00Z")),
        ] {
            let mut changed = receipt(&proof);
            changed[field] = value;
            assert_eq!(prove(&changed.to_string(), &key.public()), Err(NotProved::SaysOther), "{field}");
        }
    }

    #[test]
    fn changed_claims_an_unknown_key_and_garbage_are_not_proved() {
        let (_folder, key) = key();
        let proof = key.sign("JWT", &claims()).unwrap();
        let parts: Vec<&str> = proof.split('.').collect();
        let mut other = claims();
        other["case_number"] = json!("EXB-2026-0002-K");
        let changed = format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(other.to_string()), parts[2]);
        assert_eq!(prove(&changed, &key.public()), Err(NotProved::Broken));
        assert_eq!(prove(&format!("{}.{}.", parts[0], parts[1]), &key.public()), Err(NotProved::Broken));

        let (_other_folder, another) = self::key();
        assert_eq!(prove(&proof, &another.public()), Err(NotProved::UnknownKey));
        assert_eq!(prove(&proof, &JwkSet { keys: Vec::new() }), Err(NotProved::UnknownKey));
        for garbage in ["", "a.b.c", "{}", "{\"proof\": 1}", "hej"] {
            assert_eq!(prove(garbage, &key.public()), Err(NotProved::NotAReceipt), "{garbage}");
        }
    }

    #[test]
    fn no_signature_and_a_shared_secret_are_not_proved() {
        let (_folder, key) = key();
        let kid = key.jwk().common.key_id.clone();
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        for alg in ["none", "None", "ES384", "RS256"] {
            let unsigned = format!("{}.{}.", part(&json!({"alg": alg, "kid": kid})), part(&claims()));
            assert_eq!(prove(&unsigned, &key.public()), Err(NotProved::Algorithm), "{alg}");
        }
        // The public key as the secret of an HMAC.
        let mut header = jsonwebtoken::Header::new(Algorithm::HS256);
        header.kid = kid.clone();
        let secret = EncodingKey::from_secret(serde_json::to_string(&key.public()).unwrap().as_bytes());
        let shared = jsonwebtoken::encode(&header, &claims(), &secret).unwrap();
        assert_eq!(prove(&shared, &key.public()), Err(NotProved::Algorithm));
        // And with the right word in the header.
        let (_, rest) = shared.split_once('.').unwrap();
        let posing = format!("{}.{rest}", part(&json!({"alg": "ES256", "kid": kid})));
        assert_eq!(prove(&posing, &key.public()), Err(NotProved::Broken));
    }
}
