//! Two computers with a cable between them: network namespaces of Linux, a pair of virtual Ethernet cards, and rules of
//! the kernel that lose, double and hold back packets. Needs root, `ip` and `nft`; what netem does needs a kernel with it.
#![allow(clippy::unwrap_used, reason = "only tests use it")]

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context as _, Result, ensure};

/// Where the client looks for the gateway, and where the gateway listens: each on its own computer, so that plain HTTP is
/// allowed, with the cable between.
pub const PORT: u16 = 7410;
/// The addresses on the cable.
pub const NETWORK: &str = "10.77.0.0/24";

/// What happens to packets, in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    Fair,
    /// So many of a hundred packets are lost, each way.
    Loss(u8),
    /// Every packet is lost: nobody is told.
    BlackHole,
    /// So many of a hundred come twice.
    Doubles(u8),
    /// A line of so many kilobits a second with a queue: everything comes late.
    Slow(u32),
    /// As `tc netem` does it: so many milliseconds late give or take as many, so that packets overtake each other, with so
    /// many of a hundred lost and doubled.
    Storm {
        late: u32,
        lost: u8,
    },
}

/// Removed with everything in them when dropped.
pub struct Cable {
    name: String,
}

impl Cable {
    /// Why there can be none here; `None` when there can.
    pub fn missing() -> Option<&'static str> {
        let can = |program: &str, arguments: &[&str]| {
            let status =
                Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
            status.is_ok_and(|status| status.success())
        };
        if !can("ip", &["-V"]) || !can("nft", &["--version"]) {
            return Some("needs iproute2 and nftables");
        }
        remove_left_behind();
        match Self::new() {
            Ok(_) => None,
            Err(_) => Some("needs root, to make network namespaces"),
        }
    }

    /// # Errors
    /// The kernel refuses.
    pub fn new() -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        // Names of network cards have at most fifteen letters.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let cable = Self { name: format!("lsg{}-{number}", std::process::id()) };
        let [client, server] = [cable.computer("c"), cable.computer("s")];
        for computer in [&client, &server] {
            ip(&["netns", "add", computer])?;
            ip(&["-n", computer, "link", "set", "lo", "up"])?;
        }
        ip(&[
            "link", "add", "cable", "netns", &client, "type", "veth", "peer", "name", "cable", "netns",
            &server,
        ])?;
        for (computer, address) in [(&client, "10.77.0.1/24"), (&server, "10.77.0.2/24")] {
            ip(&["-n", computer, "addr", "add", address, "dev", "cable"])?;
            // Its packets are single ones, as on a real cable, so that one that is lost is no more than that.
            ip(&["-n", computer, "link", "set", "cable", "mtu", "1500", "gso_max_segs", "1", "up"])?;
            inside(computer, &["sysctl", "-qw", "net.ipv4.conf.all.route_localnet=1"])?;
        }
        let there = format!(
            "table ip reach {{ chain out {{ type nat hook output priority -100; ip daddr 127.0.0.1 tcp dport {PORT} \
             dnat to 10.77.0.2:{PORT}; }}; chain post {{ type nat hook postrouting priority 100; oifname \"cable\" \
             masquerade; }}; }}"
        );
        inside(&client, &["nft", &there])?;
        let back = format!(
            "table ip reach {{ chain pre {{ type nat hook prerouting priority -100; iifname \"cable\" tcp dport {PORT} \
             dnat to 127.0.0.1:{PORT}; }}; }}"
        );
        inside(&server, &["nft", &back])?;
        Ok(cable)
    }

    fn computer(&self, end: &str) -> String {
        format!("{}{end}", self.name)
    }

    /// A command that runs on the client's computer.
    pub fn on_client(&self, program: impl AsRef<Path>) -> Command {
        self.on("c", program.as_ref())
    }

    /// A command that runs on the server's computer.
    pub fn on_server(&self, program: impl AsRef<Path>) -> Command {
        self.on("s", program.as_ref())
    }

    fn on(&self, end: &str, program: &Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.computer(end)]).arg(program);
        command
    }

    /// Pulls the cable or puts it back.
    ///
    /// # Errors
    /// The kernel refuses.
    pub fn plug(&self, plugged: bool) -> Result<()> {
        let state = if plugged { "up" } else { "down" };
        ip(&["-n", &self.computer("s"), "link", "set", "cable", state])
    }

    /// # Errors
    /// The kernel refuses, or has no such thing.
    pub fn set(&self, weather: Weather) -> Result<()> {
        for end in ["c", "s"] {
            let computer = self.computer(end);
            // Whatever there was.
            let _ = inside(&computer, &["nft", "delete", "table", "netdev", "weather"]);
            let _ = inside(&computer, &["tc", "qdisc", "del", "dev", "cable", "root"]);
            let filter = |rule: &str| {
                let table = format!(
                    "table netdev weather {{ chain out {{ type filter hook egress device \"cable\" priority 0; {rule}; }}; }}"
                );
                inside(&computer, &["nft", &table])
            };
            match weather {
                Weather::Fair => {}
                Weather::Loss(percent) => filter(&format!("numgen random mod 100 < {percent} drop"))?,
                Weather::BlackHole => filter("drop")?,
                Weather::Doubles(percent) => {
                    filter(&format!("numgen random mod 100 < {percent} dup to \"cable\""))?;
                }
                Weather::Slow(kilobits) => {
                    let rate = format!("{kilobits}kbit");
                    let line = ["tbf", "rate", &rate, "burst", "3kb", "latency", "2s"];
                    inside(
                        &computer,
                        &[&["tc", "qdisc", "add", "dev", "cable", "root"][..], &line].concat(),
                    )?;
                }
                Weather::Storm { late, lost } => {
                    let (late, lost) = (format!("{late}ms"), format!("{lost}%"));
                    let storm = [
                        "netem",
                        "delay",
                        &late,
                        &late,
                        "loss",
                        &lost,
                        "duplicate",
                        &lost,
                        "reorder",
                        "30%",
                        "50%",
                    ];
                    inside(
                        &computer,
                        &[&["tc", "qdisc", "add", "dev", "cable", "root"][..], &storm].concat(),
                    )?;
                }
            }
        }
        Ok(())
    }

    /// Whether this kernel has netem.
    pub fn has_netem(&self) -> bool {
        let has = self.set(Weather::Storm { late: 1, lost: 1 }).is_ok();
        let _ = self.set(Weather::Fair);
        has
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        // Cards and rules go with them.
        for end in ["c", "s"] {
            let _ = ip(&["netns", "del", &self.computer(end)]);
        }
    }
}

/// Those of test processes that were killed.
fn remove_left_behind() {
    let Ok(list) = Command::new("ip").args(["netns", "list"]).output() else { return };
    for name in String::from_utf8_lossy(&list.stdout).lines().filter_map(|line| line.split(' ').next()) {
        let owner = name.strip_prefix("lsg").and_then(|rest| rest.split('-').next());
        if owner.is_some_and(|pid| pid.parse::<u32>().is_ok() && !Path::new("/proc").join(pid).exists()) {
            let _ = ip(&["netns", "del", name]);
        }
    }
}

fn ip(arguments: &[&str]) -> Result<()> {
    run(Command::new("ip").args(arguments))
}

fn inside(computer: &str, command: &[&str]) -> Result<()> {
    run(Command::new("ip").args(["netns", "exec", computer]).args(command))
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("{command:?} cannot be started"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
