//! The municipality's own certificate authority, beside those of the system.

use std::{fs, io, path::Path, sync::Arc};

use reqwest::Certificate;
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// A file of roots is a few certificates; this is many times that.
const LARGEST: u64 = 1024 * 1024;

/// Roots that are trusted beside those of the system; none by default. Cheap to clone.
#[derive(Clone, Default)]
pub struct Roots {
    certificates: Arc<Vec<Certificate>>,
}

/// Why a file of roots is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RootsError {
    #[error("the file is missing")]
    Missing,
    #[error("the file cannot be read")]
    Unreadable,
    #[error("the file holds no certificate in PEM form")]
    NoCertificate,
    /// One that no certificate can be checked against.
    #[error("the file holds a certificate that is damaged")]
    Damaged,
}

impl RootsError {
    /// Stable; the UI's message catalogue has a sentence for each.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "ca_missing",
            Self::Unreadable => "ca_unreadable",
            Self::NoCertificate => "ca_empty",
            Self::Damaged => "ca_damaged",
        }
    }
}

impl Roots {
    /// Reads every certificate of a PEM file (RFC 7468).
    ///
    /// # Errors
    /// See [`RootsError`]; a file of which a part is damaged counts for nothing.
    pub fn read(path: &Path) -> Result<Self, RootsError> {
        let size = fs::metadata(path).map_err(unread)?.len();
        if size > LARGEST {
            return Err(RootsError::NoCertificate);
        }
        Self::parse(&fs::read(path).map_err(unread)?)
    }

    /// Takes every certificate of a PEM text.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(pem: &[u8]) -> Result<Self, RootsError> {
        let mut certificates = Vec::new();
        let mut store = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| RootsError::Damaged)?;
            certificates.push(Certificate::from_der(&certificate).map_err(|_| RootsError::Damaged)?);
            // The connection would refuse it later, without saying why.
            store.add(certificate).map_err(|_| RootsError::Damaged)?;
        }
        if certificates.is_empty() {
            return Err(RootsError::NoCertificate);
        }
        Ok(Self { certificates: Arc::new(certificates) })
    }

    pub(crate) fn certificates(&self) -> impl Iterator<Item = Certificate> {
        self.certificates.iter().cloned()
    }
}

fn unread(error: io::Error) -> RootsError {
    if error.kind() == io::ErrorKind::NotFound { RootsError::Missing } else { RootsError::Unreadable }
}

impl std::fmt::Debug for Roots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Roots({})", self.certificates.len())
    }
}
