//! Linux: logind on the system bus, the screen savers of the desktops on the session bus.

use futures_util::{Stream, StreamExt, stream::select_all};
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
    let mut changes = screen_changes(bus).await?;
    while let Some(locked) = changes.next().await {
        if locked {
            lock().await;
        }
    }
    Ok(())
}

/// Whether the screen locks or unlocks, each time.
async fn screen_changes(bus: &Connection) -> zbus::Result<impl Stream<Item = bool> + Unpin> {
    let mut changes = Vec::new();
    for [name, path, interface] in SCREEN_SAVERS {
        let saver = Proxy::new(bus, name, path, interface).await?;
        changes.push(saver.receive_signal("ActiveChanged").await?);
    }
    Ok(select_all(changes).map(|change| change.body().deserialize().unwrap_or(false)))
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Read},
        os::{fd, unix::net::UnixStream},
        process::{Child, Command, Stdio},
    };

    use tokio::sync::mpsc;
    use zbus::{connection, interface, object_server::SignalEmitter};

    use super::*;

    /// A bus of its own; it ends with the test.
    struct Bus {
        daemon: Child,
        address: String,
    }

    impl Bus {
        fn start() -> Self {
            let mut daemon = Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--print-address"])
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut address = String::new();
            BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
            Self { daemon, address: address.trim().to_owned() }
        }

        async fn connect(&self) -> Connection {
            connection::Builder::address(self.address.as_str()).unwrap().build().await.unwrap()
        }

        async fn serve(&self, name: &'static str) -> Connection {
            let builder = connection::Builder::address(self.address.as_str()).unwrap();
            builder.name(name).unwrap().build().await.unwrap()
        }
    }

    impl Drop for Bus {
        fn drop(&mut self) {
            let _ = self.daemon.kill();
            let _ = self.daemon.wait();
        }
    }

    /// logind as far as it is needed; tells of each delay with the end that hears when it is let go of.
    struct Logind {
        delays: mpsc::UnboundedSender<UnixStream>,
    }

    #[interface(name = "org.freedesktop.login1.Manager")]
    impl Logind {
        fn inhibit(&self, what: &str, _who: &str, _why: &str, mode: &str) -> OwnedFd {
            assert_eq!((what, mode), ("sleep", "delay"));
            let (ours, theirs) = UnixStream::pair().unwrap();
            self.delays.send(ours).unwrap();
            fd::OwnedFd::from(theirs).into()
        }

        #[zbus(signal)]
        async fn prepare_for_sleep(emitter: &SignalEmitter<'_>, start: bool) -> zbus::Result<()>;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn sleep_waits_for_the_lock_and_waking_up_locks_nothing() {
        let bus = Bus::start();
        let (delays, mut delayed) = mpsc::unbounded_channel();
        let logind = bus.serve("org.freedesktop.login1").await;
        let path = "/org/freedesktop/login1";
        logind.object_server().at(path, Logind { delays }).await.unwrap();
        let sleep = async |start| {
            let emitter = SignalEmitter::new(&logind, path).unwrap();
            Logind::prepare_for_sleep(&emitter, start).await.unwrap();
        };
        let (locks, mut locked) = mpsc::unbounded_channel();
        let watched = bus.connect().await;
        let watching = tokio::spawn(async move {
            watch_sleep(&watched, || {
                let (done, locked) = tokio::sync::oneshot::channel::<()>();
                locks.send(done).unwrap();
                async { locked.await.unwrap() }
            })
            .await
        });

        for _ in 0..2 {
            // Asked for after it listens, and again after each sleep.
            let mut delay = delayed.recv().await.unwrap();
            sleep(true).await;
            let lock = locked.recv().await.unwrap();
            delay.set_nonblocking(true).unwrap();
            let held = delay.read(&mut [0]).unwrap_err();
            assert_eq!(held.kind(), std::io::ErrorKind::WouldBlock, "sleep waits while it locks");
            lock.send(()).unwrap();
            delay.set_nonblocking(false).unwrap();
            assert_eq!(delay.read(&mut [0]).unwrap(), 0, "and no longer");
            sleep(false).await;
        }
        assert!(locked.try_recv().is_err(), "one lock for each sleep");
        watching.abort();
    }

    #[tokio::test]
    async fn every_screen_saver_is_heard_when_it_locks_and_unlocks() {
        let bus = Bus::start();
        let watched = bus.connect().await;
        let mut changes = screen_changes(&watched).await.unwrap();
        let freedesktop = bus.serve("org.freedesktop.ScreenSaver").await;
        let gnome = bus.serve("org.gnome.ScreenSaver").await;
        for [name, path, interface] in SCREEN_SAVERS {
            let saver = if name == "org.gnome.ScreenSaver" { &gnome } else { &freedesktop };
            for active in [true, false] {
                saver.emit_signal(None::<()>, path, interface, "ActiveChanged", &active).await.unwrap();
                assert_eq!(changes.next().await, Some(active), "{path}");
            }
        }
    }
}
