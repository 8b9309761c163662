//! What the machine must have: on Debian and its relatives it is installed, elsewhere it is named.

use std::{path::PathBuf, process::Command};

use anyhow::{Result, bail, ensure};

use crate::process;

/// The oldest Node.js that the UI is built with, as major and minor.
const NODE: (u32, u32) = (20, 19);

/// Ubuntu's `chromium` cannot be installed where there is no snap, but its machines have Google's.
const CHROMIUMS: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// What a piece of work needs of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Compiling the application: compiler, webview, the parts of OpenSSL's build.
    Build,
    /// The user interface: Node.js.
    Node,
    /// Showing the window on a display that is there.
    Window,
    /// A virtual display with a window manager, a driver for the window, a session bus and a keyring.
    Headless,
    /// A Chromium for the UI's tests.
    Browser,
    /// The programs of a PostgreSQL server.
    Database,
    /// Drawing the icons.
    Icons,
}

/// A Debian package, and the programs any of which makes it unnecessary (none: only the package will do).
struct Package {
    name: &'static str,
    programs: &'static [&'static str],
}

const fn package(name: &'static str) -> Package {
    Package { name, programs: &[] }
}

const fn program(name: &'static str, programs: &'static [&'static str]) -> Package {
    Package { name, programs }
}

impl Need {
    fn packages(self) -> &'static [Package] {
        match self {
            Self::Build => {
                const {
                    &[
                        package("build-essential"),
                        program("pkg-config", &["pkg-config", "pkgconf"]),
                        program("perl", &["perl"]),
                        program("git", &["git"]),
                        package("libdbus-1-dev"),
                        package("libssl-dev"),
                        package("libwebkit2gtk-4.1-dev"),
                        package("librsvg2-dev"),
                    ]
                }
            }
            Self::Node => &[],
            Self::Window => const { &[program("xdg-utils", &["xdg-open"])] },
            Self::Headless => {
                const {
                    &[
                        program("xdg-utils", &["xdg-open"]),
                        program("xvfb", &["Xvfb"]),
                        program("openbox", &["openbox"]),
                        program("webkit2gtk-driver", &["WebKitWebDriver"]),
                        program("dbus-x11", &["dbus-run-session"]),
                        program("gnome-keyring", &["gnome-keyring-daemon"]),
                        program("libglib2.0-bin", &["gdbus"]),
                        package("at-spi2-core"),
                        program("xdotool", &["xdotool"]),
                        program("imagemagick", &["import"]),
                        program("x11-utils", &["xprop"]),
                    ]
                }
            }
            Self::Browser => const { &[program("chromium", CHROMIUMS)] },
            // Debian keeps the server's programs off the path, so only the package tells.
            Self::Database => const { &[program("postgresql", &["initdb"])] },
            Self::Icons => const { &[program("librsvg2-bin", &["rsvg-convert"])] },
        }
    }
}

/// The Chromium that is there.
pub fn chromium() -> Option<PathBuf> {
    CHROMIUMS.iter().find_map(|program| process::find(program))
}

/// Sees to it that all needs are met: installs packages on Debian and its relatives, and says what to install elsewhere.
pub fn ensure_all(needs: &[Need]) -> Result<()> {
    if needs.contains(&Need::Node) {
        ensure_node()?;
    }
    if cfg!(windows) {
        return explain_windows(needs);
    }
    if cfg!(target_os = "macos") {
        return explain_macos(needs);
    }
    let missing = missing(needs, &process::on_path, &installed());
    if missing.is_empty() {
        println!("   every system package is there");
        return Ok(());
    }
    let list = missing.join(" ");
    println!("   missing: {list}");
    ensure!(
        process::on_path("apt-get"),
        "this is not Debian or Ubuntu; install what corresponds to these Debian packages and try again: {list}"
    );
    install(&missing)
}

/// The packages that are neither installed nor made unnecessary by a program, each once.
fn missing(
    needs: &[Need],
    on_path: &dyn Fn(&str) -> bool,
    installed: &dyn Fn(&str) -> bool,
) -> Vec<&'static str> {
    let mut missing = Vec::new();
    for package in needs.iter().flat_map(|need| need.packages()) {
        let there = package.programs.iter().any(|program| on_path(program)) || installed(package.name);
        if !there && !missing.contains(&package.name) {
            missing.push(package.name);
        }
    }
    missing
}

/// Asks dpkg whether a package is installed.
fn installed() -> impl Fn(&str) -> bool {
    |name| {
        process::output(Command::new("dpkg-query").args(["-W", "-f=${db:Status-Status}", name]))
            .is_some_and(|status| status == "installed")
    }
}

fn install(packages: &[&str]) -> Result<()> {
    let root = process::output(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    ensure!(
        root || process::on_path("sudo"),
        "neither root nor sudo here; as root, run: apt-get install {}",
        packages.join(" ")
    );
    let apt = |arguments: &[&str]| {
        let mut command = if root { Command::new("env") } else { Command::new("sudo") };
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]).args(arguments);
        println!("   {}", process::line(&command));
        process::run_in_foreground(&mut command)
    };
    apt(&["update"])?;
    apt(&[&["install", "--no-install-recommends"], packages].concat())
}

fn ensure_node() -> Result<()> {
    let Some(version) = process::output(Command::new("node").arg("--version")) else {
        bail!(
            "Node.js is missing: install version {}.{} or newer (https://nodejs.org) and try again",
            NODE.0,
            NODE.1
        );
    };
    let version = version.trim();
    let Some(found) = parse_node(version) else { bail!("Node.js calls its version {version:?}") };
    ensure!(found >= NODE, "Node.js is {version}, and {}.{} or newer is needed", NODE.0, NODE.1);
    ensure!(process::on_path(crate::npm::NPM), "npm is missing: it usually comes with Node.js");
    println!("   Node.js {version}");
    Ok(())
}

/// Major and minor of `v20.19.1`.
fn parse_node(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn explain_windows(needs: &[Need]) -> Result<()> {
    refuse_headless(needs)?;
    if needs.contains(&Need::Build) {
        ensure!(
            process::on_path("perl"),
            "Perl is missing: OpenSSL is built from source with it. Install Strawberry Perl (winget install StrawberryPerl.StrawberryPerl). \
             The Visual Studio C++ build tools and WebView2 are needed too; Windows 11 has WebView2."
        );
    }
    Ok(())
}

fn explain_macos(needs: &[Need]) -> Result<()> {
    refuse_headless(needs)?;
    if needs.contains(&Need::Build) {
        ensure!(
            process::output(Command::new("xcode-select").arg("-p")).is_some(),
            "the command line tools are missing: run `xcode-select --install`"
        );
    }
    Ok(())
}

fn refuse_headless(needs: &[Need]) -> Result<()> {
    ensure!(
        !needs.contains(&Need::Headless),
        "the virtual display, the driver and the keyring are for Linux only"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_missing_when_neither_it_nor_its_program_is_there() {
        let nothing = |_: &str| false;
        let everything = missing(&[Need::Build, Need::Window], &nothing, &nothing);
        assert!(everything.contains(&"libwebkit2gtk-4.1-dev") && everything.contains(&"xdg-utils"));

        let chrome = |program: &str| program == "google-chrome";
        assert!(missing(&[Need::Browser], &chrome, &nothing).is_empty());
        assert_eq!(missing(&[Need::Browser], &nothing, &nothing), ["chromium"]);
        assert!(missing(&[Need::Browser], &nothing, &|name| name == "chromium").is_empty());
    }

    #[test]
    fn a_package_that_two_needs_share_is_named_once() {
        let nothing = |_: &str| false;
        let both = missing(&[Need::Window, Need::Headless], &nothing, &nothing);
        assert_eq!(both.iter().filter(|name| **name == "xdg-utils").count(), 1);
    }

    #[test]
    fn node_versions_are_compared_as_numbers() {
        assert_eq!(parse_node("v20.19.1"), Some((20, 19)));
        assert!(parse_node("v20.9.0") < Some(NODE));
        assert!(parse_node("v100.0.0") > Some(NODE));
        assert_eq!(parse_node("20"), None);
    }
}
