//! What a test plays with: a demo municipality of its own, and the application's own home.

use anyhow::Result;
use tempfile::TempDir;

use crate::{
    AppWindow, Folders, Gateway,
    process::{built, free_port},
};

pub struct Play {
    pub folders: Folders,
    pub gateway: Gateway,
    _data: TempDir,
}

impl Play {
    /// # Errors
    /// The gateway does not start, or the folders cannot be made.
    pub async fn new() -> Result<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let data = tempfile::tempdir()?;
        let gateway = Gateway::start(free_port()?, data.path(), None).await?;
        Ok(Self { folders: Folders::new()?, gateway, _data: data })
    }

    /// The application in its window, as it starts with what is in its home.
    ///
    /// # Errors
    /// It does not start.
    pub async fn window(&self) -> Result<AppWindow> {
        AppWindow::start(&self.folders, &self.gateway.url()).await
    }

    /// From now on the system's browser does this; see the program `sign-in-browser`.
    ///
    /// # Errors
    /// The desktop's settings cannot be written.
    pub fn browser(&self, what: &str) -> Result<()> {
        self.folders.set_browser(&format!("{} {what} %u", built("sign-in-browser")?.display()))
    }
}
