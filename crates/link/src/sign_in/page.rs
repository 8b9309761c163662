//! The page that the browser shows when it comes back.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::SignInError;

const STYLE: &str = ":root{color-scheme:light dark;font:1.125rem/1.5 system-ui,sans-serif}\
main{max-width:36rem;margin:20vh auto;padding:0 1.5rem}h1{font-size:1.5rem;line-height:1.25}[lang=en]{opacity:.8}";

/// What the browser is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    SignedIn,
    Cancelled,
    WrongIssuer,
    NoRole,
    ClockWrong,
    KeychainLocked,
    Failed,
    /// A redirect that belongs to no sign-in of ours.
    NotOurs,
    NotFound,
}

/// Heading and sentence in Swedish, the same in English.
struct Words {
    heading: &'static str,
    text: &'static str,
    english: &'static str,
}

impl Page {
    pub fn of<T>(outcome: &Result<T, SignInError>) -> Self {
        match outcome {
            Ok(_) => Self::SignedIn,
            Err(SignInError::Cancelled) => Self::Cancelled,
            Err(SignInError::WrongIssuer) => Self::WrongIssuer,
            Err(SignInError::NoRole) => Self::NoRole,
            Err(SignInError::ClockWrong) => Self::ClockWrong,
            Err(SignInError::KeychainLocked) => Self::KeychainLocked,
            Err(_) => Self::Failed,
        }
    }

    fn status(self) -> &'static str {
        match self {
            Self::NotOurs => "400 Bad Request",
            Self::NotFound => "404 Not Found",
            _ => "200 OK",
        }
    }

    fn words(self) -> Words {
        let (heading, text, english) = match self {
            Self::SignedIn => (
                "Du är inloggad.",
                "Du kan stänga fliken och gå tillbaka till Ledsaga.",
                "You are signed in. You can close this tab and go back to Ledsaga.",
            ),
            Self::Cancelled => (
                "Inloggningen avbröts.",
                "Du är inte inloggad. Stäng fliken och logga in igen från Ledsaga när du vill.",
                "Sign-in was cancelled. You are not signed in. Close this tab and sign in again from Ledsaga.",
            ),
            Self::WrongIssuer => (
                "Inloggningen stoppades.",
                "Svaret kom inte från kommunens inloggning. Stäng fliken och kontakta er it-support.",
                "Sign-in was stopped: the answer did not come from the municipality's sign-in service. \
                 Close this tab and contact your IT support.",
            ),
            Self::NoRole => (
                "Du saknar behörighet.",
                "Ditt konto har ingen roll i Ledsaga. Kontakta den som ansvarar för behörigheter hos er.",
                "Your account has no role in Ledsaga. Contact the person in charge of permissions.",
            ),
            Self::ClockWrong => (
                "Datorns klocka går fel.",
                "Du är inte inloggad. Ställ klockan rätt och logga in igen från Ledsaga, eller kontakta er it-support.",
                "The computer's clock is wrong, and you are not signed in. Set the clock and sign in again from \
                 Ledsaga, or contact your IT support.",
            ),
            Self::KeychainLocked => (
                "Datorns nyckelring är låst.",
                "Du är inte inloggad. Lås upp nyckelringen och logga in igen från Ledsaga.",
                "The computer's keychain is locked. Unlock it and sign in again from Ledsaga.",
            ),
            Self::Failed => (
                "Inloggningen misslyckades.",
                "Du är inte inloggad. Stäng fliken, gå tillbaka till Ledsaga och försök igen.",
                "Sign-in failed. You are not signed in. Close this tab, go back to Ledsaga and try again.",
            ),
            Self::NotOurs => (
                "Sidan hör inte till någon pågående inloggning.",
                "Stäng fliken och logga in från Ledsaga.",
                "This page does not belong to a sign-in in progress. Close this tab and sign in from Ledsaga.",
            ),
            Self::NotFound => (
                "Sidan finns inte.",
                "Stäng fliken och gå tillbaka till Ledsaga.",
                "There is no such page. Close this tab and go back to Ledsaga.",
            ),
        };
        Words { heading, text, english }
    }

    /// The whole HTTP response. Nothing of the request is repeated in it.
    pub fn response(self) -> String {
        let Words { heading, text, english } = self.words();
        let body = format!(
            "<!doctype html><html lang=\"sv\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>Ledsaga</title><style>{STYLE}</style></head>\
             <body><main><h1>{heading}</h1><p>{text}</p><p lang=\"en\">{english}</p></main></body></html>"
        );
        let style = STANDARD.encode(Sha256::digest(STYLE));
        format!(
            "HTTP/1.1 {status}\r\n\
             content-type: text/html; charset=utf-8\r\n\
             content-length: {length}\r\n\
             content-security-policy: default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'\r\n\
             x-content-type-options: nosniff\r\n\
             referrer-policy: no-referrer\r\n\
             cache-control: no-store\r\n\
             connection: close\r\n\r\n{body}",
            status = self.status(),
            length = body.len(),
        )
    }
}
