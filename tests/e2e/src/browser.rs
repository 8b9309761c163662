//! What a worker does in the system's browser at the demo issuer, over real HTTP.

use anyhow::{Context, Result, ensure};
use reqwest::{Client, Url, redirect::Policy};

/// Which of the demo workers, or what else to do on the sign-in page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The worker with this place on the page, from 0.
    Worker(usize),
    Cancel,
    /// Close the tab without a word.
    Nothing,
}

/// Opens the page, presses a button and follows the way back to the application.
///
/// # Errors
/// The page is not what the demo issuer shows.
pub async fn visit(url: &str, choice: &Choice) -> Result<()> {
    let client = Client::builder().redirect(Policy::none()).no_proxy().build()?;
    let page_url = Url::parse(url)?;
    let page = client.get(page_url.clone()).send().await?.error_for_status()?.text().await?;
    let buttons: Vec<(String, String)> = attributes_of(&page, "button")
        .filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())))
        .collect();
    let wanted = match choice {
        Choice::Nothing => return Ok(()),
        Choice::Worker(place) => buttons.iter().filter(|(name, _)| name == "worker").nth(*place),
        Choice::Cancel => buttons.iter().find(|(name, value)| name != "worker" || value == "cancel"),
    }
    .context("the page lacks the button")?;

    let form = attributes_of(&page, "form").next().context("the page lacks a form")?;
    let action = page_url.join(&unescape(&attribute(form, "action").unwrap_or_default()))?;
    let mut fields: Vec<(String, String)> = attributes_of(&page, "input")
        .filter_map(|tag| {
            Some((attribute(tag, "name")?, unescape(&attribute(tag, "value").unwrap_or_default())))
        })
        .collect();
    fields.push((wanted.0.clone(), unescape(&wanted.1)));
    let body = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect::<Vec<_>>()
        .join("&");
    let answer = client
        .post(action)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await?;
    ensure!(answer.status().is_redirection(), "the issuer answered {}", answer.status());
    let back = answer.headers().get("location").context("no way back")?.to_str()?.to_owned();
    client.get(back).send().await?;
    Ok(())
}

/// The text of each tag of one name, between `<name` and `>`.
fn attributes_of<'a>(page: &'a str, tag: &str) -> impl Iterator<Item = &'a str> {
    let start = format!("<{tag}");
    let starts: Vec<usize> = page.match_indices(&start).map(|(place, _)| place + start.len()).collect();
    starts.into_iter().filter_map(|place| Some(&page[place..place + page[place..].find('>')?]))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    Some(tag[start..start + tag[start..].find('"')?].to_owned())
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
