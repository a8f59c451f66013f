//! The programs that a window test needs, and what to do without them.

use std::env;
use std::path::{Path, PathBuf};

const PROGRAMS: [&str; 8] = [
    "Xvfb",
    "openbox",
    "dbus-daemon",
    "dbus-monitor",
    "dunst",
    "gnome-keyring-daemon",
    "xdotool",
    "WebKitWebDriver",
];

/// Whether everything is there. If not: a printed reason to skip, or a failure where
/// `ROOST_REQUIRE_TOOLS` says that nothing may be missing.
pub(crate) fn are_here() -> bool {
    let mut missing: Vec<String> = PROGRAMS
        .iter()
        .filter(|name| find(name).is_none())
        .map(|name| (*name).to_owned())
        .collect();
    let built = [sandbox(), roost()].into_iter().filter(|program| !program.is_file());
    missing.extend(built.map(|program| program.display().to_string()));
    if missing.is_empty() {
        return true;
    }
    let words = format!("not here: {}", missing.join(", "));
    assert!(env::var_os("ROOST_REQUIRE_TOOLS").is_none(), "{words}");
    eprintln!("skipped: {words}");
    false
}

/// Where a program is: on the path, or where cargo installs.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let cargo = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")))
        .map(|home| home.join("bin"));
    env::split_paths(&path).chain(cargo).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The desktop, as cargo built it for this test.
pub(crate) fn desktop() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_roost-desktop"))
}

/// The sandbox, built beside it.
pub(crate) fn sandbox() -> PathBuf {
    beside("x-sandbox")
}

/// The command line, built beside it.
pub(crate) fn roost() -> PathBuf {
    beside("roost")
}

fn beside(name: &str) -> PathBuf {
    match env::var_os("ROOST_BIN_DIR") {
        Some(folder) => Path::new(&folder).join(name),
        None => desktop().with_file_name(name),
    }
}
