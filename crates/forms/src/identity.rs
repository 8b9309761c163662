//! Identity numbers: personnummer, samordningsnummer, organisationsnummer, and the numbers of other domains.
//!
//! A correct number proves nothing about who calls: it is only well formed. Sources: Skatteverket on personnummer and
//! samordningsnummer (SKV 704, SKV 707), Bolagsverket on organisationsnummer.

mod digits;
mod organisation;
mod other;
mod personal;

pub use organisation::{OrganisationGroup, OrganisationNumber, OrganisationNumberError};
pub use other::{OtherId, OtherSeries};
pub use personal::{PersonalNumber, PersonalNumberError, PersonalNumberKind};

pub(crate) use digits::{is_dash, is_space};
