//! What a worker does in the system's browser, over real HTTP: at the demo issuer, and at the certified provider.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use anyhow::{Context, Result, bail, ensure};
use reqwest::{Client, Response, Url, header, redirect::Policy};

/// Redirects and pages in one visit; a loop is longer.
const STEPS: usize = 20;

/// Who signs in, or what else to do on the sign-in page. On a page that asks whether to sign out, every choice but
/// nothing says yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The worker with this place on the page, from 0.
    Worker(usize),
    /// The worker with this name in the form.
    Named(String),
    Cancel,
    /// Close the tab without a word.
    Nothing,
}

enum End {
    Page(String),
    Address(Url),
}

/// Remembers cookies from one visit to the next. It runs no script.
pub struct Browser {
    client: Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    /// # Errors
    /// HTTP cannot be set up.
    pub fn new() -> Result<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().redirect(Policy::none()).no_proxy().build()?;
        Ok(Self { client, cookies: Mutex::default() })
    }

    /// Opens the address, does as `choice` says on each page with a form, and goes where that leads. Answers the last
    /// page.
    ///
    /// # Errors
    /// A page lacks the button, or nobody answers.
    pub async fn visit(&self, url: &str, choice: &Choice) -> Result<String> {
        match self.follow(url, choice, None).await? {
            End::Page(page) => Ok(page),
            End::Address(address) => bail!("the way ended at {}", address.path()),
        }
    }

    /// The same, but goes no further than to an address that begins like this; answers it.
    ///
    /// # Errors
    /// The way does not lead there.
    pub async fn redirect_to(&self, url: &str, choice: &Choice, end: &str) -> Result<Url> {
        match self.follow(url, choice, Some(end)).await? {
            End::Page(page) => bail!("the way ended at a page:\n{page}"),
            End::Address(address) => Ok(address),
        }
    }

    async fn follow(&self, url: &str, choice: &Choice, end: Option<&str>) -> Result<End> {
        let mut at = Url::parse(url)?;
        let mut answer = self.get(&at).await?;
        for _ in 0..STEPS {
            if answer.status().is_redirection() {
                let next = answer.headers().get(header::LOCATION).context("a redirect to nowhere")?;
                at = at.join(next.to_str()?)?;
                if end.is_some_and(|end| at.as_str().starts_with(end)) {
                    return Ok(End::Address(at));
                }
                answer = self.get(&at).await?;
                continue;
            }
            let page = answer.text().await?;
            if tags(&page, "form").next().is_none() || *choice == Choice::Nothing {
                return Ok(End::Page(page));
            }
            let (action, fields) = filled(&page, choice)?;
            at = at.join(&action)?;
            let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            answer = self.send_form(at.as_str(), &fields).await?;
            let status = answer.status();
            ensure!(status.is_success() || status.is_redirection(), "{} answered {status}", at.path());
        }
        bail!("the pages go round in a circle")
    }

    /// What a form sends.
    ///
    /// # Errors
    /// Nobody answers.
    pub async fn send_form(&self, url: &str, fields: &[(&str, &str)]) -> Result<Response> {
        let mut form = Url::parse("http://form/")?;
        form.query_pairs_mut().extend_pairs(fields);
        let request = self
            .client
            .post(url)
            .header(header::COOKIE, self.cookies())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.query().unwrap_or_default().to_owned());
        Ok(self.remember(request.send().await?))
    }

    async fn get(&self, url: &Url) -> Result<Response> {
        let request = self.client.get(url.clone()).header(header::COOKIE, self.cookies());
        Ok(self.remember(request.send().await?))
    }

    fn cookies(&self) -> String {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Every issuer here has a host of its own, and none sets two cookies of one name; an empty one is a forgotten one.
    fn remember(&self, answer: Response) -> Response {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let first = cookie.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
            match first.split_once('=') {
                Some((name, "")) => drop(cookies.remove(name)),
                Some((name, value)) => drop(cookies.insert(name.to_owned(), value.to_owned())),
                None => {}
            }
        }
        drop(cookies);
        answer
    }
}

/// Where the page's form goes, and what goes with it when the button is pressed.
fn filled(page: &str, choice: &Choice) -> Result<(String, Vec<(String, String)>)> {
    let named = |tag: &str| {
        Some((unescape(&attribute(tag, "name")?), unescape(&attribute(tag, "value").unwrap_or_default())))
    };
    let form = tags(page, "form").next().context("the page lacks a form")?;
    let action = unescape(&attribute(form, "action").unwrap_or_default());
    let mut fields: Vec<_> = tags(page, "input").filter_map(named).collect();
    let buttons: Vec<_> = tags(page, "button").filter_map(named).collect();
    let mut workers = buttons.iter().filter(|(name, _)| name == "worker");
    let signing_out = buttons.iter().find(|(name, _)| name == "logout");
    let wanted = signing_out.or_else(|| match choice {
        Choice::Worker(place) => workers.nth(*place),
        Choice::Named(worker) => workers.find(|(_, value)| value == worker),
        Choice::Cancel | Choice::Nothing => buttons.iter().find(|(name, _)| name == "cancel"),
    });
    // One without buttons submits itself.
    if !buttons.is_empty() {
        fields.push(wanted.context("the page lacks the button")?.clone());
    }
    Ok((action, fields))
}

/// The text of each tag of one name, between `<name` and `>`.
fn tags<'a>(page: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let start = format!("<{name}");
    let starts: Vec<usize> = page.match_indices(&start).map(|(place, _)| place + start.len()).collect();
    starts.into_iter().filter_map(|place| page.get(place..)?.split('>').next())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    value.split('"').next().map(str::to_owned)
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
