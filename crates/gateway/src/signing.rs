//! P-256 keys that sign receipts and, in the demo, tokens.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash},
};
use p256::{
    elliptic_curve::sec1::ToSec1Point,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding},
};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use serde::Serialize;
use zeroize::Zeroizing;

/// Signs with ring: `jsonwebtoken` reads the key anew for each signature, and that takes longer than signing.
pub struct SigningKey {
    private: Box<EcdsaKeyPair>,
    random: SystemRandom,
    public: Jwk,
    kid: String,
}

/// Why a key cannot be used. Holds nothing of the key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the key file cannot be read or written: {0}")]
    File(#[from] io::Error),
    #[error("the key file is not a P-256 key in PKCS#8 PEM")]
    NotAKey,
    #[error("there is no randomness to make a key of")]
    NoRandomness,
    #[error("signing failed")]
    Signing,
    #[error("there is no key in the folder; make one with `ledsaga-gateway receipt-key new`")]
    None,
}

impl SigningKey {
    /// Reads a key that must be there.
    ///
    /// # Errors
    /// The file is missing, cannot be read or is not a P-256 key.
    pub fn open(path: &Path) -> Result<Self, KeyError> {
        Self::from_pem(&Zeroizing::new(fs::read(path)?))
    }

    /// Reads the key, or makes one that only this user can read.
    ///
    /// # Errors
    /// As [`SigningKey::open`], and when the file cannot be written.
    pub fn open_or_create(path: &Path) -> Result<Self, KeyError> {
        match Self::open(path) {
            Err(KeyError::File(error)) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        write_private(path, generate()?.as_bytes())?;
        Self::open(path)
    }

    fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let key = EncodingKey::from_ec_pem(pem).map_err(|_| KeyError::NotAKey)?;
        let mut public = Jwk::from_encoding_key(&key, Algorithm::ES256).map_err(|_| KeyError::NotAKey)?;
        let kid = public.thumbprint(ThumbprintHash::SHA256).map_err(|_| KeyError::NotAKey)?;
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        // The public half need not be in the file.
        let secret = p256::SecretKey::from_pkcs8_der(key.as_bytes()).map_err(|_| KeyError::NotAKey)?;
        let random = SystemRandom::new();
        let private = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            Zeroizing::new(secret.to_bytes()).as_slice(),
            secret.public_key().to_sec1_point(false).as_bytes(),
            &random,
        )
        .map_err(|_| KeyError::NotAKey)?;
        Ok(Self { private: Box::new(private), random, public, kid })
    }

    /// Compact JWS over the claims, ES256, with the key's id in its header.
    ///
    /// # Errors
    /// [`KeyError::Signing`].
    pub fn sign(&self, kind: &str, claims: &impl Serialize) -> Result<String, KeyError> {
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(kind.to_owned());
        header.kid = Some(self.kid.clone());
        let mut token = part(&header)?;
        token.push('.');
        token.push_str(&part(claims)?);
        let signature = self.private.sign(&self.random, token.as_bytes()).map_err(|_| KeyError::Signing)?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// The public half, for whoever verifies.
    pub fn public(&self) -> JwkSet {
        JwkSet { keys: vec![self.public.clone()] }
    }

    pub fn jwk(&self) -> &Jwk {
        &self.public
    }
}

fn part(json: &impl Serialize) -> Result<String, KeyError> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(json).map_err(|_| KeyError::Signing)?))
}

/// Writes a file that only this user can read, whole or not at all.
///
/// # Errors
/// It cannot be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    Ok(())
}

fn generate() -> Result<Zeroizing<String>, KeyError> {
    loop {
        let mut scalar = Zeroizing::new([0; 32]);
        getrandom::fill(scalar.as_mut()).map_err(|_| KeyError::NoRandomness)?;
        // One in 2^32 draws is not a scalar of the curve.
        if let Ok(key) = p256::SecretKey::from_slice(scalar.as_ref()) {
            return key.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyError::NotAKey);
        }
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation};
    use serde_json::{Value, json};

    use super::*;

    fn verify(token: &str, keys: &JwkSet) -> Result<Value, jsonwebtoken::errors::Error> {
        let kid = jsonwebtoken::decode_header(token)?.kid.unwrap();
        let key = DecodingKey::from_jwk(keys.find(&kid).unwrap())?;
        let mut validation = Validation::new(Algorithm::ES256);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        Ok(jsonwebtoken::decode::<Value>(token, &key, &validation)?.claims)
    }

    #[test]
    fn a_key_outlives_the_process_and_its_signature_can_be_checked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let token = SigningKey::open_or_create(&path).unwrap().sign("JWT", &json!({"a": 1})).unwrap();
        let again = SigningKey::open_or_create(&path).unwrap();
        assert_eq!(verify(&token, &again.public()).unwrap(), json!({"a": 1}));
    }

    #[test]
    fn a_changed_payload_or_signature_is_found_out() {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::open_or_create(&folder.path().join("key.pem")).unwrap();
        let token = key.sign("JWT", &json!({"a": 1})).unwrap();
        let other = key.sign("JWT", &json!({"a": 2})).unwrap();
        let (head, signature) = token.rsplit_once('.').unwrap();
        let (other_head, _) = other.rsplit_once('.').unwrap();
        assert!(verify(&format!("{other_head}.{signature}"), &key.public()).is_err());
        assert!(
            verify(&format!("{head}.{}", signature.chars().rev().collect::<String>()), &key.public())
                .is_err()
        );
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        SigningKey::open_or_create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        fs::write(&path, "not a key").unwrap();
        assert!(matches!(SigningKey::open_or_create(&path), Err(KeyError::NotAKey)));
        assert_eq!(fs::read_to_string(&path).unwrap(), "not a key");
    }

    #[test]
    fn a_key_that_must_be_there_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        assert!(SigningKey::open(&path).is_err());
        assert!(!path.exists());
    }
}
