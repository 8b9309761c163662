//! The application's window through tauri-driver and WebKitWebDriver.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    elements::Element,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use crate::{
    folders::Folders,
    process::{Owned, built, free_port, until},
};

/// How long anything on screen may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

const CONTROL: char = '\u{E009}';
const SHIFT: char = '\u{E008}';
const ALT: char = '\u{E00A}';
pub const ENTER: char = '\u{E007}';
pub const ESCAPE: char = '\u{E00C}';
pub const TAB: char = '\u{E004}';

/// One running application.
pub struct AppWindow {
    client: Client,
    application: PathBuf,
    folder: PathBuf,
    _driver: Owned,
}

impl AppWindow {
    /// Starts the application as built, with these folders and this gateway.
    ///
    /// # Errors
    /// The driver or the window does not come up.
    pub async fn start(folders: &Folders, gateway: &str) -> Result<Self> {
        Self::start_program(&built("ledsaga")?, folders, gateway, &[]).await
    }

    /// Starts another build of it, or with more in its environment.
    ///
    /// # Errors
    /// The driver or the window does not come up.
    pub async fn start_program(
        application: &Path,
        folders: &Folders,
        gateway: &str,
        environment: &[(&str, &str)],
    ) -> Result<Self> {
        let (port, native_port) = (free_port()?, free_port()?);
        let driver =
            std::env::var_os("LEDSAGA_TAURI_DRIVER").map_or_else(|| "tauri-driver".into(), PathBuf::from);
        let mut command = Command::new(driver);
        command
            .args(["--port", &port.to_string(), "--native-port", &native_port.to_string()])
            .envs(folders.environment())
            .env("LEDSAGA_GATEWAY", gateway)
            .env("NO_AT_BRIDGE", "1")
            .envs(environment.iter().copied())
            .stdout(Stdio::null());
        let driver = Owned::start(&mut command)
            .context("tauri-driver does not start; `cargo xtask test` installs it")?;
        // tauri-driver answers before the driver that it starts does.
        for (name, port) in [("tauri-driver", port), ("WebKitWebDriver", native_port)] {
            until(name, PATIENCE, async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok())
                .await?;
        }

        let options = json!({ "tauri:options": { "application": application } });
        let capabilities = options.as_object().cloned().unwrap_or_default();
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = ClientBuilder::new(connector)
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .context("the window does not come up")?;
        Ok(Self {
            client,
            application: application.to_owned(),
            folder: folders.root().to_owned(),
            _driver: driver,
        })
    }

    /// Waits for an element.
    ///
    /// # Errors
    /// It does not appear.
    pub async fn find(&self, css: &str) -> Result<Element> {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => Ok(element),
            Err(error) => bail!("{css} does not appear ({error}); on screen:\n{}", self.text().await),
        }
    }

    /// Everything on screen as text, for messages of failed tests.
    pub async fn text(&self) -> String {
        match self.client.find(Locator::Css("body")).await {
            Ok(body) => shown(&body).await,
            Err(error) => format!("({error})"),
        }
    }

    /// Waits until the element's text satisfies `wanted`, and answers it.
    ///
    /// # Errors
    /// It does not in time.
    pub async fn text_when(&self, css: &str, wanted: impl Fn(&str) -> bool) -> Result<String> {
        let mut last = String::new();
        let outcome = until(css, PATIENCE, async || {
            if let Ok(element) = self.client.find(Locator::Css(css)).await {
                last = shown(&element).await;
                return wanted(&last);
            }
            false
        })
        .await;
        match outcome {
            Ok(()) => Ok(last),
            Err(error) => bail!("{error}: it says {last:?}; on screen:\n{}", self.text().await),
        }
    }

    /// Waits until the whole screen says `words`.
    ///
    /// # Errors
    /// It does not in time.
    pub async fn says(&self, words: &str) -> Result<()> {
        self.text_when("body", |text| text.contains(words)).await.map(drop)
    }

    /// Waits until an element is gone.
    ///
    /// # Errors
    /// It stays.
    pub async fn gone(&self, css: &str) -> Result<()> {
        until(&format!("{css} to go"), PATIENCE, async || {
            self.client.find_all(Locator::Css(css)).await.is_ok_and(|found| found.is_empty())
        })
        .await
    }

    /// Presses the button with these words on it.
    ///
    /// # Errors
    /// There is no such button.
    pub async fn press(&self, words: &str) -> Result<()> {
        let path =
            format!("//button[normalize-space(.)='{words}' or starts-with(normalize-space(.), '{words}')]");
        let button = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&path)).await;
        match button {
            Ok(button) => button.click().await.with_context(|| format!("pressing {words:?}")),
            Err(error) => bail!("no button {words:?} ({error}); on screen:\n{}", self.text().await),
        }
    }

    /// Clicks an element.
    ///
    /// # Errors
    /// It is not there or cannot be clicked.
    pub async fn click(&self, css: &str) -> Result<()> {
        self.find(css).await?.click().await.with_context(|| format!("clicking {css}"))
    }

    /// Types into the field of this name: at its end, or in place of what is marked in it.
    ///
    /// # Errors
    /// There is no such field.
    pub async fn type_into(&self, name: &str, text: &str) -> Result<()> {
        let field = self.find(&format!("[name='{name}']")).await?;
        if !self.has_focus(&field).await? {
            field.click().await.with_context(|| format!("clicking into {name}"))?;
        }
        field.send_keys(text).await.with_context(|| format!("typing into {name}"))
    }

    async fn has_focus(&self, field: &Element) -> Result<bool> {
        let focused = self.client.active_element().await?;
        Ok(focused.element_id() == field.element_id())
    }

    /// Chooses an alternative of a question, or takes a tick off again, with the space bar.
    ///
    /// # Errors
    /// There is no such alternative.
    pub async fn pick(&self, name: &str, value: &str) -> Result<()> {
        let input = self.find(&format!("input[name='{name}'][value='{value}']")).await?;
        input.send_keys(" ").await.with_context(|| format!("picking {name}={value}"))
    }

    /// Chooses from a question's drop-down list.
    ///
    /// # Errors
    /// There is no such question or alternative.
    pub async fn choose(&self, question: &str, label: &str) -> Result<()> {
        self.click(&format!("[data-field='{question}'] .drop-down-button")).await?;
        let option = format!("//*[@role='option'][contains(normalize-space(.), '{label}')]");
        let option = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&option)).await;
        option.with_context(|| format!("{question} has no {label:?}"))?.click().await?;
        self.gone("[role='option']").await
    }

    /// The field's value.
    ///
    /// # Errors
    /// There is no such field.
    pub async fn value(&self, name: &str) -> Result<String> {
        Ok(self.find(&format!("[name='{name}']")).await?.prop("value").await?.unwrap_or_default())
    }

    /// Presses keys together: modifiers by the letters c(ontrol), s(hift), a(lt), then the key.
    ///
    /// # Errors
    /// The driver refuses.
    pub async fn keys(&self, modifiers: &str, key: char) -> Result<()> {
        let held: Vec<char> = modifiers
            .chars()
            .filter_map(|name| match name {
                'c' => Some(CONTROL),
                's' => Some(SHIFT),
                'a' => Some(ALT),
                _ => None,
            })
            .collect();
        let mut actions = KeyActions::new("keyboard".to_owned());
        for held in &held {
            actions = actions.then(KeyAction::Down { value: *held });
        }
        actions = actions.then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key });
        for held in held.iter().rev() {
            actions = actions.then(KeyAction::Up { value: *held });
        }
        Ok(self.client.perform_actions(actions).await?)
    }

    /// Waits until the core has said that everything typed is on disk.
    ///
    /// # Errors
    /// It does not say so.
    pub async fn saved(&self) -> Result<()> {
        self.text_when("[data-testid='save-state']", |text| text.starts_with("Sparad")).await.map(drop)
    }

    /// What a script in the window answers.
    ///
    /// # Errors
    /// The script fails.
    pub async fn script(&self, body: &str) -> Result<serde_json::Value> {
        Ok(self.client.execute(body, Vec::new()).await?)
    }

    /// A picture of the whole screen, as a person sees it.
    ///
    /// # Errors
    /// `import` of ImageMagick is missing or refuses.
    pub fn picture(&self, file: &Path) -> Result<()> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let status = Command::new("import").args(["-window", "root"]).arg(file).status()?;
        ensure!(status.success(), "no picture could be taken");
        Ok(())
    }

    /// Chooses a file in the system's file dialog, with the keyboard.
    ///
    /// # Errors
    /// The dialog does not come up or does not go away.
    pub async fn choose_file(&self, path: &Path) -> Result<()> {
        until("the file dialog", PATIENCE, async || active_window().is_some_and(|name| name != "Ledsaga"))
            .await?;
        let path = path.to_str().context("a path in UTF-8")?;
        // Ctrl+L opens the line for a path; the keys come as fast as a quick typist's, for the dialog drops faster ones.
        for arguments in [
            &["getactivewindow", "windowfocus", "--sync"][..],
            &["key", "--delay", "200", "ctrl+l"],
            &["type", "--delay", "40", path],
            &["key", "--delay", "200", "Return"],
        ] {
            ensure!(Command::new("xdotool").args(arguments).status()?.success(), "xdotool failed");
        }
        let closed = until("the file dialog to close", Duration::from_secs(5), async || {
            active_window().as_deref() == Some("Ledsaga")
        });
        if closed.await.is_err() {
            // The first Enter only took the completion that the dialog offered.
            ensure!(Command::new("xdotool").args(["key", "Return"]).status()?.success(), "xdotool failed");
            until("the file dialog to close", PATIENCE, async || {
                active_window().as_deref() == Some("Ledsaga")
            })
            .await?;
        }
        Ok(())
    }

    /// Ids of the application's processes.
    pub fn pids(&self) -> Vec<u32> {
        processes(&self.application, &self.folder)
    }

    /// Kills the process as the power would: nothing is flushed.
    ///
    /// # Errors
    /// It does not die.
    pub async fn kill(self) -> Result<()> {
        for pid in self.pids() {
            ensure!(
                Command::new("kill").args(["-9", &pid.to_string()]).status()?.success(),
                "no such process"
            );
        }
        let (application, folder) = (self.application.clone(), self.folder.clone());
        drop(self);
        until("the process to end", PATIENCE, async || processes(&application, &folder).is_empty()).await
    }

    /// Closes the window as a person does, with the window manager's Alt+F4.
    ///
    /// # Errors
    /// The process does not end.
    pub async fn close(self) -> Result<()> {
        let status = Command::new("xdotool").args(["key", "alt+F4"]).status()?;
        ensure!(status.success(), "xdotool failed");
        let (application, folder) = (self.application.clone(), self.folder.clone());
        until("the process to end", PATIENCE, async || processes(&application, &folder).is_empty()).await
    }
}

/// The text as laid out. The driver's own idea of text leaves out what could be cut off with an ellipsis.
async fn shown(element: &Element) -> String {
    element.prop("innerText").await.ok().flatten().unwrap_or_default()
}

/// The name of the window that has the keyboard.
pub fn active_window() -> Option<String> {
    let output = Command::new("xdotool")
        .args(["getactivewindow", "getwindowname"])
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Processes that run `application` with their home in `folder`.
fn processes(application: &Path, folder: &Path) -> Vec<u32> {
    let home = format!("HOME={}", folder.join("home").display());
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
            let program = std::fs::read_link(entry.path().join("exe")).ok()?;
            let environment = std::fs::read(entry.path().join("environ")).ok()?;
            let ours = program == application
                && environment.split(|byte| *byte == 0).any(|variable| variable == home.as_bytes());
            ours.then_some(pid)
        })
        .collect()
}
