//! What this machine has, and how to get what it lacks.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::command;

/// What a task may need from the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// A C compiler, for SQLite and the cryptography.
    Compile,
    /// The web view that the window is made of.
    Window,
    /// A display, a session bus, a keyring and a driver, to test the window without a person.
    WindowTest,
    /// The servers that ours are measured beside, and what their modules in C++ are compiled with.
    Bench,
    /// Python, for the independent clients of the contract tests.
    Python,
    /// Programs that know nothing of Roost and read and write its files of posts.
    Spreadsheets,
    /// What makes packages and judges what is in them.
    Package,
    /// What makes, boots and connects systems to try packages on.
    CleanSystem,
    /// Servers that know nothing of Roost, for certificates, mail and proxies, and a clock that is wrong.
    Witness,
}

impl Need {
    /// Debian's packages for it.
    const fn debian(self) -> &'static [&'static str] {
        match self {
            Self::Compile => &["gcc", "libc6-dev"],
            Self::Window => &[
                "libwebkit2gtk-4.1-dev",
                "libayatana-appindicator3-dev",
                "librsvg2-dev",
                "fonts-inter",
                "fonts-lohit-deva",
                "fonts-noto-color-emoji",
            ],
            Self::WindowTest => &[
                "webkit2gtk-driver",
                "xvfb",
                "openbox",
                "dbus-x11",
                "gnome-keyring",
                "dunst",
                "imagemagick",
                "xdotool",
            ],
            Self::Bench => &["redis-server", "g++", "make", "python3"],
            Self::Python => &["python3", "python3-venv"],
            Self::Spreadsheets => &["python3-openpyxl", "libreoffice-calc-nogui"],
            Self::Package => {
                &["dpkg-dev", "desktop-file-utils", "appstream", "binutils", "gzip", "xz-utils"]
            }
            Self::CleanSystem => {
                &["debootstrap", "systemd-container", "iproute2", "openssl", "procps", "util-linux"]
            }
            Self::Witness => &["pebble", "python3-aiosmtpd", "faketime", "nginx-light", "caddy"],
        }
    }
}

/// Installs what is missing on Debian and its kin; elsewhere says what to install, and stops.
pub(crate) fn provide(needs: &[Need]) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return other_system(needs);
    }
    if !command::exists("dpkg-query") {
        bail!("{}", linux_advice(needs));
    }
    let wanted = needs.iter().flat_map(|need| need.debian()).copied();
    let is_there = |package: &str| installed(package) || is_there_otherwise(package);
    let missing: Vec<&str> = wanted.filter(|package| !is_there(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("Installing {} …", missing.join(", "));
    let line = format!("apt-get install -y --no-install-recommends {}", missing.join(" "));
    let prefix = match privilege() {
        Some(prefix) => prefix,
        None => bail!("These packages are missing. Run this, then start again:\n  sudo {line}"),
    };
    let shell = |line: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{prefix} {line}")]).env("DEBIAN_FRONTEND", "noninteractive");
        shell
    };
    // A list that is out of date still serves most packages, so its failure is not the end.
    if let Err(error) = command::run(&mut shell("apt-get update -qq")) {
        eprintln!("{error:#}; going on with the package list as it is");
    }
    command::run(&mut shell(&line))
}

/// Whether Debian's package is there.
fn installed(package: &str) -> bool {
    let query = Command::new("dpkg-query").args(["-W", "-f=${Status}", package]).output();
    query.is_ok_and(|answer| answer.stdout == b"install ok installed")
}

/// Whether another package brought the program. The LibreOffice without windows would drive out the one
/// that a person works with.
fn is_there_otherwise(package: &str) -> bool {
    package == "libreoffice-calc-nogui" && command::exists("soffice")
}

/// How commands become the administrator's here: not at all, through sudo, or not possible.
fn privilege() -> Option<&'static str> {
    let id = command::output(Command::new("id").arg("-u")).ok()?;
    if id.stdout.trim_ascii() == b"0" {
        return Some("");
    }
    let sudo = Command::new("sudo").args(["-n", "true"]).output();
    sudo.is_ok_and(|answer| answer.status.success()).then_some("sudo -E")
}

/// What to type on Linux systems without Debian's packages.
fn linux_advice(needs: &[Need]) -> String {
    if !needs.contains(&Need::Window) {
        return "A C compiler is needed. Install gcc or clang, then start again.".to_owned();
    }
    let line = if command::exists("dnf") {
        "sudo dnf install webkit2gtk4.1-devel libappindicator-gtk3-devel librsvg2-devel gcc"
    } else if command::exists("pacman") {
        "sudo pacman -S --needed webkit2gtk-4.1 libappindicator-gtk3 librsvg base-devel"
    } else if command::exists("zypper") {
        "sudo zypper install webkit2gtk3-devel libappindicator3-1 librsvg-devel gcc"
    } else {
        return "Roost's window needs WebKitGTK 4.1, libappindicator and librsvg with their \
                development files. Install them, then start again."
            .to_owned();
    };
    format!("Run this, then start again:\n  {line}")
}

/// macOS and Windows bring the web view along; the compiler has to be there.
fn other_system(needs: &[Need]) -> Result<()> {
    if needs.contains(&Need::WindowTest) {
        bail!("The window's tests run on Linux only; run them there or in a container.");
    }
    if cfg!(target_os = "macos") && !command::exists("cc") {
        bail!("Run this, then start again:\n  xcode-select --install");
    }
    Ok(())
}

/// Whether a window can be shown here.
pub(crate) fn has_display() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Checks that Node is there and new enough for the UI's build.
pub(crate) fn require_node() -> Result<()> {
    const ADVICE: &str = "Roost's window is built with Node 20.19 or newer. Install it (for \
                          example Debian's package nodejs, or nodejs.org), then start again.";
    let Ok(answer) = command::output(Command::new("node").arg("--version")) else {
        bail!("Node is missing. {ADVICE}");
    };
    let version = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    let numbers: Vec<u32> =
        version.trim_start_matches('v').split('.').filter_map(|part| part.parse().ok()).collect();
    let enough = match numbers.as_slice() {
        [20, minor, ..] => *minor >= 19,
        [major, ..] => *major > 20,
        [] => false,
    };
    if !enough {
        bail!("Node {version} is too old. {ADVICE}");
    }
    Ok(())
}

/// Where Node's own headers are, to compile modules against: the folder that holds
/// `include/node`.
pub(crate) fn node_headers() -> Result<PathBuf> {
    require_node()?;
    let mut ask = Command::new("node");
    let prefix = command::output(ask.args(["-p", "path.dirname(path.dirname(process.execPath))"]))?;
    let prefix = PathBuf::from(String::from_utf8_lossy(&prefix.stdout).trim());
    if !prefix.join("include/node/node.h").exists() {
        bail!(
            "Node's headers are missing ({}). The peers of the benches hold a module in C++ that \
             is compiled here. Debian has the headers in libnode-dev, other packages of Node and \
             nodejs.org's own bring them along; install them, then start again.",
            prefix.join("include/node").display()
        );
    }
    Ok(prefix)
}
