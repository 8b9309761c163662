//! How long the gateway keeps what may go by itself.
//!
//! Cases are not among it: how long a case is kept is decided by the municipality's retention plan
//! (dokumenthanteringsplan, arkivlagen 1990:782, 10 §) in the case system that takes it over.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// What may go by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Files that no case asked for.
    Uploads,
    /// Ids that were withdrawn before they arrived.
    Tombstones,
    /// Expired refresh tokens of the demo issuer.
    RefreshTokens,
    /// Contact records.
    Contacts,
    /// Who asked how a case stands.
    CaseAccess,
    /// The workers' logs.
    Audit,
}

pub const KINDS: [Kind; 6] =
    [Kind::Uploads, Kind::Tombstones, Kind::RefreshTokens, Kind::Contacts, Kind::CaseAccess, Kind::Audit];

/// Days for each kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// After the last sign of life of a file that no case asked for. Longer than any case waits in a working
    /// application; one that comes later sends its files again.
    pub upload_days: u16,
    /// After the withdrawal. A computer that was in a drawer for a year must still find it.
    pub tombstone_days: u16,
    /// After the last revision arrived. Kept when nothing is said: a contact record may be all there is of an oral
    /// application, and the municipality's retention plan decides.
    pub contact_days: Option<u16>,
    /// The same five years as for access logs in health and social care (HSLF-FS 2016:40, chapter 4), which is the
    /// nearest written rule; the municipality's own comes first.
    pub case_access_days: u16,
    /// As for `case_access_days`.
    pub audit_days: u16,
}

/// Why a text is no rule of retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RetentionFault(pub &'static str);

const FIVE_YEARS: u16 = 5 * 365 + 1;
const LEAST_UPLOAD: u16 = 7;
const LEAST_TOMBSTONE: u16 = 90;
const LEAST_CONTACT: u16 = 90;
const LEAST_LOG: u16 = 365;

impl Default for Retention {
    fn default() -> Self {
        Self {
            upload_days: 30,
            tombstone_days: 400,
            contact_days: None,
            case_access_days: FIVE_YEARS,
            audit_days: FIVE_YEARS,
        }
    }
}

impl Retention {
    /// As somebody wrote it down: unknown names, wrong kinds and times that are too short are refused.
    ///
    /// # Errors
    /// What is wrong first.
    pub fn from_json(text: &[u8]) -> Result<Self, RetentionFault> {
        let wrong =
            |_| RetentionFault("it is not a JSON object with whole numbers of days under known names");
        // A list would pass for an object that names nothing.
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(text).map_err(wrong)?;
        let retention: Self = serde_json::from_value(object.into()).map_err(wrong)?;
        let short = |fault| Err(RetentionFault(fault));
        if retention.upload_days < LEAST_UPLOAD {
            return short("upload_days must be 7 or more");
        }
        if retention.tombstone_days < LEAST_TOMBSTONE {
            return short("tombstone_days must be 90 or more");
        }
        if retention.contact_days.is_some_and(|days| days < LEAST_CONTACT) {
            return short("contact_days must be 90 or more");
        }
        if retention.case_access_days < LEAST_LOG || retention.audit_days < LEAST_LOG {
            return short("case_access_days and audit_days must be 365 or more");
        }
        Ok(retention)
    }

    /// Days after which something of this kind goes; `None` when it is kept.
    pub fn days(&self, kind: Kind) -> Option<u16> {
        match kind {
            Kind::Uploads => Some(self.upload_days),
            Kind::Tombstones => Some(self.tombstone_days),
            Kind::RefreshTokens => Some(0),
            Kind::Contacts => self.contact_days,
            Kind::CaseAccess => Some(self.case_access_days),
            Kind::Audit => Some(self.audit_days),
        }
    }

    /// What is older than this goes.
    pub fn limit(&self, kind: Kind, now: Timestamp) -> Option<Timestamp> {
        now.checked_sub(of_days(self.days(kind)?)).ok()
    }

    /// How long an upload is kept without a case.
    pub fn upload_time(&self) -> SignedDuration {
        of_days(self.upload_days)
    }
}

impl Kind {
    /// As in certificates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uploads => "uploads",
            Self::Tombstones => "tombstones",
            Self::RefreshTokens => "refresh_tokens",
            Self::Contacts => "contacts",
            Self::CaseAccess => "case_access",
            Self::Audit => "audit",
        }
    }

    /// The rule in Swedish, as in certificates.
    pub fn rule(self, days: u16) -> String {
        match self {
            Self::Uploads => format!("filer utan ärende, {days} dagar efter senaste del"),
            Self::Tombstones => format!("återtagna id, {days} dagar efter återtagandet"),
            Self::RefreshTokens => "inloggningar i demoläget vars tid är ute".to_owned(),
            Self::Contacts => format!("kontaktposter, {days} dagar efter senaste ändring"),
            Self::CaseAccess => format!("åtkomstlogg, {days} dagar efter händelsen"),
            Self::Audit => format!("granskningslogg, {days} dagar efter mottagandet"),
        }
    }
}

fn of_days(days: u16) -> SignedDuration {
    SignedDuration::from_hours(i64::from(days) * 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_as_built_in() {
        let retention = Retention::from_json(br#"{"contact_days": 730}"#).unwrap();
        assert_eq!(retention, Retention { contact_days: Some(730), ..Retention::default() });
        assert_eq!(Retention::from_json(b"{}").unwrap(), Retention::default());
        assert_eq!(Retention::default().days(Kind::Contacts), None);
    }

    #[test]
    fn too_short_and_unknown_are_refused() {
        for text in [
            r#"{"upload_days": 6}"#,
            r#"{"tombstone_days": 89}"#,
            r#"{"contact_days": 1}"#,
            r#"{"case_access_days": 30}"#,
            r#"{"audit_days": 364}"#,
            r#"{"case_days": 30}"#,
            r#"{"upload_days": "7"}"#,
            r#"{"upload_days": -7}"#,
            "[]",
        ] {
            assert!(Retention::from_json(text.as_bytes()).is_err(), "{text}");
        }
        assert!(
            Retention::from_json(br#"{"upload_days": 7, "tombstone_days": 90, "audit_days": 365}"#).is_ok()
        );
    }
}
