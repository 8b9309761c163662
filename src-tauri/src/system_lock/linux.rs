//! Linux: logind on the system bus, the screen savers of the desktops on the session bus.

use futures_util::{StreamExt, stream::select_all};
use zbus::{
    Connection, Proxy, proxy,
    zvariant::{OwnedFd, OwnedObjectPath},
};

#[proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1",
    gen_blocking = false
)]
trait Manager {
    fn inhibit(&self, what: &str, who: &str, why: &str, mode: &str) -> zbus::Result<OwnedFd>;
    fn get_session(&self, id: &str) -> zbus::Result<OwnedObjectPath>;
    #[zbus(signal)]
    fn prepare_for_sleep(&self, start: bool) -> zbus::Result<()>;
}

#[proxy(
    interface = "org.freedesktop.login1.Session",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1/session/auto",
    gen_blocking = false
)]
trait LoginSession {
    #[zbus(property)]
    fn id(&self) -> zbus::Result<String>;
    #[zbus(signal)]
    fn lock(&self) -> zbus::Result<()>;
}

/// Name, path and interface of those that say `ActiveChanged`; which one there is depends on the desktop.
const SCREEN_SAVERS: [[&str; 3]; 3] = [
    ["org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver"],
    ["org.freedesktop.ScreenSaver", "/ScreenSaver", "org.freedesktop.ScreenSaver"],
    ["org.gnome.ScreenSaver", "/org/gnome/ScreenSaver", "org.gnome.ScreenSaver"],
];

/// Locks whenever one of them says so. What this computer does not have is not waited for.
pub async fn watch<F: Future<Output = ()>>(lock: impl Fn() -> F) {
    let system = async {
        match Connection::system().await {
            Ok(bus) => {
                let (sleep, session) = tokio::join!(watch_sleep(&bus, &lock), watch_session(&bus, &lock));
                sleep.and(session)
            }
            Err(error) => Err(error),
        }
    };
    let screen = async { watch_screen(&Connection::session().await?, &lock).await };
    let (system, screen) = tokio::join!(system, screen);
    for (what, ended) in [("logind", system), ("the screen saver", screen)] {
        if let Err(error) = ended {
            tracing::warn!("{what} cannot be listened to: {error}");
        }
    }
}

/// Sleep waits until the lock is done, as long as logind lets it.
async fn watch_sleep<F: Future<Output = ()>>(bus: &Connection, lock: impl Fn() -> F) -> zbus::Result<()> {
    let manager = ManagerProxy::new(bus).await?;
    let mut sleeps = manager.receive_prepare_for_sleep().await?;
    let mut delay = hold_off_sleep(&manager).await;
    while let Some(sleep) = sleeps.next().await {
        if sleep.args()?.start {
            lock().await;
            drop(delay.take());
        } else {
            delay = hold_off_sleep(&manager).await;
        }
    }
    Ok(())
}

async fn hold_off_sleep(manager: &ManagerProxy<'_>) -> Option<OwnedFd> {
    let held = manager.inhibit("sleep", "Ledsaga", "Utkasten låses", "delay").await;
    held.inspect_err(|error| tracing::info!("sleep does not wait for the lock: {error}")).ok()
}

/// Of this login only: others on the computer lock their own.
async fn watch_session<F: Future<Output = ()>>(bus: &Connection, lock: impl Fn() -> F) -> zbus::Result<()> {
    let manager = ManagerProxy::new(bus).await?;
    let id = match std::env::var("XDG_SESSION_ID") {
        Ok(id) => id,
        Err(_) => LoginSessionProxy::new(bus).await?.id().await?,
    };
    let path = manager.get_session(&id).await?;
    let session = LoginSessionProxy::builder(bus).path(path)?.build().await?;
    let mut locks = session.receive_lock().await?;
    while locks.next().await.is_some() {
        lock().await;
    }
    Ok(())
}

async fn watch_screen<F: Future<Output = ()>>(bus: &Connection, lock: impl Fn() -> F) -> zbus::Result<()> {
    let mut changes = Vec::new();
    for [name, path, interface] in SCREEN_SAVERS {
        let saver = Proxy::new(bus, name, path, interface).await?;
        changes.push(saver.receive_signal("ActiveChanged").await?);
    }
    let mut changes = select_all(changes);
    while let Some(change) = changes.next().await {
        if change.body().deserialize().unwrap_or(false) {
            lock().await;
        }
    }
    Ok(())
}
