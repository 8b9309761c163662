//! A D-Bus session with an unlocked keyring of its own, in folders of its own: nothing of the user's is read or written.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::scratch::Scratch;

/// `printf` and not `echo`: a newline would become part of the keyring's password. The daemon returns when it is ready.
/// Only the program itself gets the standard output; what the session's services print is an error message.
const SESSION: &str = r#"exec 3>&1 1>&2
exec dbus-run-session -- sh -c '
    printf %s ci-only | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$@" 1>&3 3>&-
' sh "$@""#;

/// The temporary folders; removed when dropped.
pub struct PrivateSession {
    root: Scratch,
}

impl PrivateSession {
    pub fn new() -> Result<Self> {
        let root = Scratch::new("session")?;
        for (_, folder) in FOLDERS {
            let folder = root.path().join(folder);
            std::fs::create_dir(&folder)?;
            only_for_owner(&folder)?;
        }
        Ok(Self { root })
    }

    /// A command that runs `program` inside the session.
    pub fn command(&self, program: &Command) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-c", SESSION, "sh"])
            .arg(program.get_program())
            .args(program.get_args())
            .envs(rust_homes())
            .envs(FOLDERS.map(|(name, folder)| (name, self.root.path().join(folder))))
            // The DMA-BUF renderer has nothing to draw on without a graphics card.
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(folder) = program.get_current_dir() {
            command.current_dir(folder);
        }
        for name in ["WAYLAND_DISPLAY", "GNOME_KEYRING_CONTROL", "SSH_AUTH_SOCK", "XDG_SESSION_ID"] {
            command.env_remove(name);
        }
        command
    }
}

const FOLDERS: [(&str, &str); 7] = [
    ("HOME", "home"),
    ("XDG_RUNTIME_DIR", "runtime"),
    ("XDG_DATA_HOME", "data"),
    ("XDG_CONFIG_HOME", "config"),
    ("XDG_CACHE_HOME", "cache"),
    ("XDG_STATE_HOME", "state"),
    ("TMPDIR", "tmp"),
];

/// Cargo and rustup look below the home folder unless they are told.
fn rust_homes() -> Vec<(&'static str, PathBuf)> {
    let home = std::env::home_dir();
    [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")]
        .into_iter()
        .filter_map(|(name, folder)| {
            let set = std::env::var_os(name).map(PathBuf::from);
            Some((name, set.or_else(|| Some(home.as_ref()?.join(folder)))?))
        })
        .collect()
}

/// D-Bus refuses a runtime folder that others may enter.
fn only_for_owner(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    let _ = folder;
    Ok(())
}
