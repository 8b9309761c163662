//! The call that the tests and the demonstration play: someone asks for help with the thresholds at home.
//!
//! All data are invented; the identity number is one of Skatteverket's test numbers.

use anyhow::{Context, Result};

use crate::window::{AppWindow, ENTER};

pub const SERVICE: &str = "bostadsanpassningsbidrag";
pub const IDENTITY_NUMBER: &str = "198501012382";
pub const NAME: &str = "Tindra Kanariedotter";
pub const PHONE: &str = "070-174 06 05";
pub const ADDRESS: &str = "Kanariegränden 17";
pub const NOTE: &str = "Kanarieanteckning Zq7: trösklarna är för höga för rullatorn";
pub const NEED: &str = "Kanariebehov Zq8: går med rullator och snubblar på trösklarna";

/// Everything typed that must never be readable in a file.
pub const CANARIES: [&str; 6] =
    [IDENTITY_NUMBER, NAME, "070-174 06 05", ADDRESS, "Kanarieanteckning Zq7", "Kanariebehov Zq8"];

/// From the sign-in screen to the open workspace.
///
/// # Errors
/// The workspace does not open.
pub async fn sign_in(window: &AppWindow) -> Result<()> {
    window.find("[data-session='signed_out'], [data-session='locked']").await?;
    window.click("[data-testid='sign-in']").await?;
    window.find("[data-session='open']").await?;
    window.says("Kontakt med kommunen").await
}

/// One key, and the note field has the focus.
///
/// # Errors
/// The call does not start.
pub async fn start(window: &AppWindow) -> Result<()> {
    window.keys("c", 'n').await?;
    window.find("[name='call.note']:focus").await?;
    window.type_into("call.note", NOTE).await?;
    window.type_into("call.asked_for", "Bidrag för att ta bort trösklar").await?;
    window.type_into("call.name", NAME).await?;
    window.type_into("call.phone", PHONE).await?;
    window.saved().await
}

/// Finds the e-service by what the caller says.
///
/// # Errors
/// It is not found.
pub async fn choose_service(window: &AppWindow) -> Result<()> {
    window.type_into("catalogue.search", "trösk").await?;
    window.says("1 e-tjänst").await?;
    window.press("Bostadsanpassningsbidrag").await?;
    window.press("Börja fylla i").await?;
    window.find("[name='personnummer']").await.map(drop)
}

/// The first step, with a wrong number that is said and mended.
///
/// # Errors
/// The form does not answer as it should.
pub async fn fill_applicant(window: &AppWindow) -> Result<()> {
    window.pick("vem", "sjalv").await?;
    window.type_into("personnummer", "19850101-2383").await?;
    window.type_into("namn", NAME).await?;
    window.says("kontrollsiffran stämmer inte").await?;
    window.find("[name='personnummer']").await?.click().await?;
    window.keys("c", 'a').await?;
    window.type_into("personnummer", IDENTITY_NUMBER).await?;
    window.type_into("adress", ADDRESS).await?;
    window.type_into("postnummer", "123 45").await?;
    window.type_into("postort", "Exempelby").await?;
    window.saved().await
}

/// The second step: a later question appears by an earlier answer.
///
/// # Errors
/// The form does not answer as it should.
pub async fn fill_home(window: &AppWindow) -> Result<()> {
    window.keys("c", ENTER).await?;
    window.pick("boendeform", "hyresratt").await?;
    window.pick("medgivande", "ja").await?;
    window.pick("permanent", "ja").await?;
    window.type_into("fastighetsagare", "Exempelhem AB").await?;
    window.saved().await
}

/// The third step.
///
/// # Errors
/// The form does not answer as it should.
pub async fn fill_need(window: &AppWindow) -> Result<()> {
    window.keys("c", ENTER).await?;
    window.type_into("funktionsnedsattning", NEED).await?;
    window.pick("varaktighet", "bestaende").await?;
    window.pick("atgarder", "trosklar").await?;
    window.pick("hjalpmedel", "nej").await?;
    window.saved().await
}

/// The last step, with a file where there is one.
///
/// # Errors
/// The form does not answer as it should.
pub async fn fill_evidence(window: &AppWindow, file: Option<&std::path::Path>) -> Result<()> {
    window.keys("c", ENTER).await?;
    match file {
        Some(file) => {
            window.pick("intyg", "ja").await?;
            window.click("[name='intyg_fil']").await?;
            window.choose_file(file).await?;
            window.says(".pdf är bifogad").await?;
        }
        None => window.pick("intyg", "nej").await?,
    }
    window.type_into("kostnad", "12 500").await?;
    window.pick("bekraftelse", "confirmed").await?;
    window.saved().await
}

/// Reads every section back and takes the caller's confirmation.
///
/// # Errors
/// The summary cannot be confirmed.
pub async fn read_back(window: &AppWindow) -> Result<()> {
    window.press("Läs upp och skicka").await?;
    // The sections come together, after everything typed has been saved.
    window.find("[name='read_back.section']").await?;
    let sections = window
        .script(
            "return [...document.querySelectorAll(\"[name='read_back.section']\")].map(input => input.value)",
        )
        .await?;
    for section in sections.as_array().context("sections")? {
        window.pick("read_back.section", section.as_str().context("a section's name")?).await?;
    }
    window.press("Den som ringer bekräftar").await?;
    window.says("Bekräftat").await
}

/// The case number on screen.
///
/// # Errors
/// The case is not received.
pub async fn case_number(window: &AppWindow) -> Result<String> {
    window.text_when("[data-testid='case-number']", |text| !text.is_empty()).await
}
