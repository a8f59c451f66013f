//! A desktop nobody sees: a display, a window manager, a session bus, a notification server.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{Process, until};
use crate::tools;

/// How long a key that closes a window may take to show its effect before it is pressed again.
const KEY_PATIENCE: Duration = Duration::from_secs(10);
/// The title of the keyring's question.
const QUESTION: &str = "Unlock Login Keyring";

/// A desktop of its own, gone with the test.
pub(crate) struct Desk {
    display: String,
    bus: String,
    heard: PathBuf,
    folder: tempfile::TempDir,
    /// In the order in which they end.
    _processes: Vec<Process>,
}

impl Desk {
    /// Starts everything and waits until it can be used.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (screen, number) = Process::start_and_read(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", "1280x860x24", "-nolisten", "tcp"])
                .stderr(Stdio::null()),
        );
        let (bus_process, bus) = Process::start_and_read(
            // Whom it starts may show a window: the keyring's question.
            Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--print-address"])
                .env("DISPLAY", format!(":{number}"))
                .env_remove("WAYLAND_DISPLAY"),
        );
        let mut desk = Self {
            display: format!(":{number}"),
            bus,
            heard: folder.path().join("bus.txt"),
            folder,
            _processes: vec![],
        };
        let listener = desk.listen();
        let manager = Process::start(desk.command("openbox").stderr(Stdio::null()));
        let notifier = Process::start(desk.command("dunst").stderr(Stdio::null()));
        desk._processes = vec![notifier, manager, listener, bus_process, screen];
        until("the notification server has its name", || {
            desk.heard().contains("org.freedesktop.Notifications").then_some(())
        });
        desk
    }

    /// The address of its session bus.
    pub(crate) fn bus(&self) -> &str {
        &self.bus
    }

    /// What a file of the person's configuration says, by its name; none while it is not there.
    pub(crate) fn find_file(&self, name: &str) -> Option<String> {
        let folders = std::fs::read_dir(self.folder.path().join(".config")).ok()?;
        let files = folders.flatten().map(|folder| folder.path().join(name));
        files.into_iter().find_map(|file| std::fs::read_to_string(file).ok())
    }

    /// Whether a program registered a tray icon.
    pub(crate) fn has_tray_icon(&self) -> bool {
        self.heard().contains("member=RegisterStatusNotifierItem")
    }

    /// A keyring on this desktop, opened with its password or locked as before a sign-in.
    pub(crate) fn keyring(&self, password: Option<&str>) -> Process {
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        if password.is_some() {
            command.arg("--unlock");
        }
        let mut keyring = command.spawn().expect("a keyring");
        let mut stdin = keyring.stdin.take().expect("it is piped");
        stdin.write_all(password.unwrap_or_default().as_bytes()).expect("it reads");
        drop(stdin);
        until("the keyring has its name", || {
            let asked = self
                .command("dbus-send")
                .args(["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/"])
                .args(["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"])
                .output();
            asked.is_ok_and(|it| String::from_utf8_lossy(&it.stdout).contains("true")).then_some(())
        });
        Process::from(keyring)
    }

    /// Types the password into the keyring's question, as soon as it is open.
    pub(crate) fn answer(&self, password: &str) {
        self.until_asked();
        self.keys(&["type", "--delay", "40", password]);
        self.keys(&["key", "Return"]);
    }

    /// Sends the keyring's question away.
    pub(crate) fn dismiss(&self) {
        self.until_asked();
        self.keys(&["key", "Escape"]);
    }

    fn until_asked(&self) {
        until("the keyring asks", || self.has_window(QUESTION).then_some(()));
        let raise = ["search", "--onlyvisible", "--name", QUESTION, "windowactivate", "--sync"];
        self.keys(&raise);
    }

    /// Presses keys, whichever window has the focus: "ctrl+shift+alt+t".
    pub(crate) fn press(&self, keys: &str) {
        self.keys(&["key", keys]);
    }

    fn keys(&self, words: &[&str]) {
        let done = self.command("xdotool").args(words).status();
        assert!(done.is_ok_and(|status| status.success()), "{words:?}");
    }

    /// A program on this desktop, with a home of its own.
    pub(crate) fn command(&self, program: &str) -> Command {
        self.command_at(&tools::find(program).expect("looked for before"))
    }

    /// The same by its path.
    pub(crate) fn command_at(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env("DISPLAY", &self.display)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("HOME", self.folder.path())
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "Asia/Kolkata")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("XDG_DATA_HOME")
            .env_remove("XDG_CONFIG_HOME");
        command
    }

    /// Whether a notification with these words was asked for.
    pub(crate) fn was_notified_of(&self, words: &str) -> bool {
        let heard = self.heard();
        heard.split("member=Notify").skip(1).any(|call| call.contains(words))
    }

    /// Asks the window with this title to close until it has `answered`, as a person would: on a
    /// busy machine the window manager now and then misses the key.
    pub(crate) fn close_window(&self, title: &str, answered: impl Fn() -> bool) {
        let mut pressed: Option<Instant> = None;
        until("the window answers to the key that closes it", || {
            if answered() {
                return Some(());
            }
            let is_missed = pressed.is_none_or(|at| at.elapsed() > KEY_PATIENCE);
            if is_missed && self.has_window(title) {
                self.press_close_key(title);
                pressed = Some(Instant::now());
            }
            None
        });
    }

    fn press_close_key(&self, title: &str) {
        let title = format!("^{title}$");
        let raise = ["search", "--onlyvisible", "--name", &title, "windowactivate", "--sync"];
        // A key of its own call goes through the keyboard; after a search it would be sent to the
        // window, and no window manager hears that.
        for words in [&raise[..], &["key", "alt+F4"]] {
            let done = self.command("xdotool").args(words).status();
            assert!(done.is_ok_and(|status| status.success()), "no window {title}");
        }
    }

    /// Whether a window with this title is open.
    pub(crate) fn has_window(&self, title: &str) -> bool {
        let title = format!("^{title}$");
        let search = ["search", "--onlyvisible", "--name", &title];
        let found = self
            .command("xdotool")
            .args(search)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        found.is_ok_and(|status| status.success())
    }

    fn heard(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.heard).unwrap_or_default()).into_owned()
    }

    fn listen(&self) -> Process {
        let file = File::create(&self.heard).expect("a file for what is heard");
        let rules = [
            "interface='org.freedesktop.Notifications',member='Notify'",
            "interface='org.freedesktop.DBus',member='NameOwnerChanged'",
            "interface='org.kde.StatusNotifierWatcher',member='RegisterStatusNotifierItem'",
        ];
        let child =
            self.command("dbus-monitor").args(rules).stdin(Stdio::null()).stdout(file).spawn();
        Process::from(child.expect("dbus-monitor"))
    }
}
