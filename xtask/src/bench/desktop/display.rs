//! A display that nobody sees, with a window manager and a session bus.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

use super::super::process;
use crate::project;

/// The display, gone when it is dropped.
pub(super) struct Display {
    number: String,
    bus: String,
    folder: tempfile::TempDir,
    // In the order in which they end.
    _manager: Ended,
    _bus: Ended,
    _screen: Ended,
}

/// A program that is ended when it is dropped.
pub(super) struct Ended(Child);

impl Ended {
    /// Starts a program.
    pub(super) fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.spawn().with_context(|| format!("{name} could not be started"))?;
        Ok(Self(child))
    }

    /// Its process id.
    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Starts a program that says in its first line where it is.
    fn start_and_read(command: &mut Command) -> Result<(Self, String)> {
        let mut started = Self::start(command.stdout(Stdio::piped()).stderr(Stdio::null()))?;
        let output = started.0.stdout.take().context("its output is piped")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        Ok((started, line.trim().to_owned()))
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Display {
    pub(super) fn open() -> Result<Self> {
        std::fs::create_dir_all(project::bench())?;
        let folder = tempfile::Builder::new().prefix("desktop-").tempdir_in(project::bench())?;
        let at = folder.path();
        let mut screen = Command::new("Xvfb");
        screen.args(["-displayfd", "1", "-screen", "0", "1280x860x24", "-nolisten", "tcp"]);
        let (screen, number) = Ended::start_and_read(&mut screen)?;
        let number = format!(":{number}");
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--session", "--nofork", "--print-address"]).env("DISPLAY", &number);
        let (bus_process, bus) = Ended::start_and_read(&mut bus)?;
        let mut manager = Command::new("openbox");
        manager.env("DISPLAY", &number).env("HOME", at).stdout(Stdio::null()).stderr(Stdio::null());
        let manager = Ended::start(&mut manager)?;
        Ok(Self { number, bus, folder, _manager: manager, _bus: bus_process, _screen: screen })
    }

    /// A program on this display, with a home of its own.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env("DISPLAY", &self.number)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("HOME", self.folder.path())
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("XDG_DATA_HOME")
            .env_remove("XDG_CONFIG_HOME")
            .stdin(Stdio::null());
        command
    }

    /// The log of what runs here.
    pub(super) fn log(&self) -> Result<std::fs::File> {
        let path = self.folder.path().join("windows.log");
        let log = std::fs::File::options().create(true).append(true).open(&path);
        log.with_context(|| format!("{} can't be written", path.display()))
    }
}

/// Returns a process and all that it started, by their ids.
pub(super) fn family(id: u32) -> Vec<u32> {
    let mut members = vec![id];
    let mut next = 0;
    while let Some(parent) = members.get(next).copied() {
        members.extend(process::children(parent));
        next += 1;
    }
    members
}
