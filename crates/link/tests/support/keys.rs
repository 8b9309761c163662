use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, JwkSet},
};
use p256::pkcs8::{EncodePrivateKey, LineEnding};
use serde::Serialize;

/// A P-256 key made of one repeated byte.
pub struct Key {
    private: EncodingKey,
    kid: String,
}

impl Key {
    pub fn of(byte: u8) -> Self {
        let pem = p256::SecretKey::from_slice(&[byte; 32]).unwrap().to_pkcs8_pem(LineEnding::LF).unwrap();
        Self { private: EncodingKey::from_ec_pem(pem.as_bytes()).unwrap(), kid: format!("key-{byte}") }
    }

    pub fn sign(&self, claims: &impl Serialize) -> String {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, claims, &self.private).unwrap()
    }

    pub fn public(&self) -> JwkSet {
        let mut key = Jwk::from_encoding_key(&self.private, Algorithm::ES256).unwrap();
        key.common.key_id = Some(self.kid.clone());
        JwkSet { keys: vec![key] }
    }
}
