//! The issuer's pages: plain HTML, no script, readable aloud, light and dark.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::{authorize::Request, workers::WORKERS};

const STYLE: &str = "\
:root{color-scheme:light dark;--text:#1b1f24;--back:#fff;--soft:#f2f4f7;--line:#6b7480;--accent:#1f5f8b}\
@media(prefers-color-scheme:dark){:root{--text:#f0f2f5;--back:#16191d;--soft:#23282e;--line:#8d97a3;--accent:#8cc4ec}}\
body{margin:0;background:var(--back);color:var(--text);font:1.0625rem/1.5 system-ui,sans-serif}\
main{max-width:32rem;margin:0 auto;padding:2rem 1rem}\
h1{font-size:1.5rem;line-height:1.25}\
ul{list-style:none;margin:1.5rem 0;padding:0}\
li{margin:0 0 .75rem}\
button{width:100%;padding:.75rem 1rem;border:1px solid var(--line);border-radius:.5rem;background:var(--soft);\
color:var(--text);font:inherit;text-align:left;cursor:pointer}\
button strong,button span{display:block}\
button:hover{border-color:var(--accent)}\
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}\
.cancel{width:auto;background:transparent}\
";

/// What the pages are written in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Swedish,
    English,
}

impl Language {
    /// Swedish, unless the application asks for English first.
    pub fn of(request: &Request) -> Self {
        let wanted = request.ui_locales.as_deref().unwrap_or_default();
        if wanted.to_ascii_lowercase().starts_with("en") { Self::English } else { Self::Swedish }
    }

    fn pick(self, swedish: &'static str, english: &'static str) -> &'static str {
        match self {
            Self::Swedish => swedish,
            Self::English => english,
        }
    }

    pub fn unknown_client(self) -> &'static str {
        self.pick(
            "Programmet som bad om inloggningen är okänt här. Gå tillbaka till Ledsaga och försök igen.",
            "The program that asked for sign-in is unknown here. Go back to Ledsaga and try again.",
        )
    }

    pub fn unknown_redirect(self) -> &'static str {
        self.pick(
            "Inloggningen kan bara skickas tillbaka till ett program på den här datorn. Gå tillbaka till Ledsaga och \
             försök igen.",
            "Sign-in can only return to a program on this computer. Go back to Ledsaga and try again.",
        )
    }
}

/// The value of the style's hash in a content security policy.
pub fn style_hash() -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(STYLE)))
}

/// Asks who signs in.
pub fn choose(municipality: &str, request: &Request, language: Language) -> String {
    let asked = [
        ("response_type", Some(&request.response_type)),
        ("client_id", Some(&request.client_id)),
        ("redirect_uri", Some(&request.redirect_uri)),
        ("scope", Some(&request.scope)),
        ("state", request.state.as_ref()),
        ("nonce", request.nonce.as_ref()),
        ("code_challenge", Some(&request.code_challenge)),
        ("code_challenge_method", Some(&request.code_challenge_method)),
        ("ui_locales", request.ui_locales.as_ref()),
    ];
    let hidden: String = asked
        .iter()
        .filter_map(|(name, value)| value.map(|value| (name, value)))
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">\n", escape(value)))
        .collect();
    let workers: String = WORKERS
        .iter()
        .map(|worker| {
            format!(
                "<li><button name=\"worker\" value=\"{}\"><strong>{}</strong><span>{}</span></button></li>\n",
                worker.subject,
                worker.name,
                language.pick(worker.title_sv, worker.title_en)
            )
        })
        .collect();
    let title = language.pick("Vem loggar in?", "Who signs in?");
    let note = language.pick(
        "Det här är en demo. Medarbetarna är påhittade och inget lösenord behövs.",
        "This is a demo. The workers are invented and no password is needed.",
    );
    let cancel = language.pick("Avbryt", "Cancel");
    document(
        title,
        language,
        &format!(
            "<p>{}</p>\n<h1 id=\"title\">{title}</h1>\n<p>{note}</p>\n\
             <form method=\"post\" action=\"authorize\" aria-labelledby=\"title\">\n{hidden}<ul>\n{workers}</ul>\n\
             <button class=\"cancel\" name=\"cancel\" value=\"yes\">{cancel}</button>\n</form>",
            escape(municipality)
        ),
    )
}

/// Says why nobody is signed in here.
pub fn refused(reason: &str, language: Language) -> String {
    let title = language.pick("Inloggningen kan inte göras", "Sign-in is not possible");
    document(title, language, &format!("<h1>{title}</h1>\n<p>{reason}</p>"))
}

pub fn signed_out() -> String {
    let title = "Du är utloggad";
    document(title, Language::Swedish, &format!("<h1>{title}</h1>\n<p>Du kan stänga fönstret.</p>"))
}

fn document(title: &str, language: Language, content: &str) -> String {
    let code = language.pick("sv", "en");
    format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} – Ledsaga demo</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n{content}\n</main>\n</body>\n</html>\n"
    )
}

fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
        out
    })
}
