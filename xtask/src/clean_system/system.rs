//! One system: Debian, booted by its own systemd as a container, on the bridge.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use super::Ground;
use super::debian::{Debian, Root};
use crate::command::{self, command};

/// The longest that anything takes: packages are unpacked on a disk that others use, too.
const PATIENCE: Duration = Duration::from_secs(300);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);
/// What a shell of Debian's has, and nothing of this machine's own.
const ENVIRONMENT: &[&str] = &[
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG=C.UTF-8",
    "TERM=xterm",
    // A person at a terminal is asked by other packages; here everything takes what it would choose.
    "DEBIAN_FRONTEND=noninteractive",
];

/// A booted system; shut down, and its files removed, with the value.
#[derive(Debug)]
pub(super) struct System {
    root: Root,
    container: Child,
    /// Its first process, as this machine counts.
    leader: u32,
    name: &'static str,
}

impl System {
    /// Boots a system made of `debian` under this name and address, which knows `hosts` by name.
    pub(super) fn boot(
        (debian, ground): (&Debian, &Ground),
        name: &'static str,
        address: &str,
        hosts: &str,
    ) -> Result<Self> {
        let root = debian.root(hosts)?;
        fs::write(root.path().join("etc/hostname"), format!("{name}\n"))?;
        // It goes with this process, however that ends.
        let mut boot =
            command("setpriv", &["--pdeathsig", "TERM", "systemd-nspawn"], Path::new("/"));
        boot.args(["--quiet", "--boot", "--register=no", "--keep-unit", "--resolv-conf=off"]);
        boot.arg("--directory").arg(root.path());
        boot.arg(format!("--machine={name}-{}", std::process::id()));
        boot.arg(format!("--network-bridge={}", ground.bridge.name()));
        boot.args(["--console=pipe"]).stdin(Stdio::null());
        let log = fs::File::create(root.beside("log"))?;
        boot.stdout(log.try_clone()?).stderr(log);
        let container = boot.spawn().context("systemd-nspawn could not be started")?;
        let mut system = Self { root, container, leader: 0, name };
        system.until_booted()?;
        for line in [&["addr", "add", address, "dev", "host0"][..], &["link", "set", "host0", "up"]]
        {
            command::output(system.enter(&["--net"]).arg("ip").args(line))?;
        }
        Ok(system)
    }

    fn until_booted(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let parent = self.container.id().to_string();
        loop {
            let children = Command::new("pgrep").args(["-P", &parent]).output()?;
            let first = String::from_utf8_lossy(&children.stdout).trim().parse();
            if let Ok(leader) = first {
                self.leader = leader;
                let asked = self.shell("root", "systemctl is-system-running").output()?;
                if matches!(asked.stdout.trim_ascii(), b"running" | b"degraded") {
                    return Ok(());
                }
            }
            let log = self.root.beside("log");
            let said = || fs::read_to_string(&log).unwrap_or_default();
            if let Some(status) = self.container.try_wait()? {
                bail!("{} did not boot ({status}): {}", self.name, said());
            }
            ensure!(Instant::now() < deadline, "{} does not boot: {}", self.name, said());
            std::thread::sleep(LOOK);
        }
    }

    fn enter(&self, namespaces: &[&str]) -> Command {
        let mut enter = command("nsenter", &["--target", &self.leader.to_string()], Path::new("/"));
        enter.args(namespaces);
        enter
    }

    /// Returns a shell of a user's that runs these lines.
    pub(super) fn shell(&self, user: &str, lines: &str) -> Command {
        let mut shell = self.enter(&["--all"]);
        let home = if user == "root" { "/root".to_owned() } else { format!("/home/{user}") };
        shell.args(["env", "--ignore-environment"]).arg(format!("--chdir={home}"));
        shell.args(ENVIRONMENT).arg(format!("HOME={home}")).arg(format!("USER={user}"));
        shell.args(["timeout", &PATIENCE.as_secs().to_string()]);
        if user != "root" {
            shell.args(["runuser", "-u", user, "--"]);
        }
        shell.args(["bash", "-c", lines]).stdin(Stdio::null());
        shell
    }

    /// Runs lines as a user; an exit code other than 0 is an error with what was said. Returns what was
    /// printed.
    pub(super) fn run(&self, user: &str, lines: &str) -> Result<String> {
        let output = self.shell(user, lines).output()?;
        said(self.name, lines, &output)
    }

    /// Runs lines as root.
    pub(super) fn root(&self, lines: &str) -> Result<String> {
        self.run("root", lines)
    }

    /// Runs lines until they end well.
    pub(super) fn until(&self, user: &str, lines: &str) -> Result<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.run(user, lines) {
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => std::thread::sleep(LOOK),
                done => return done,
            }
        }
    }

    /// Returns where a file of the system is on this machine.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path.trim_start_matches('/'))
    }

    /// Brings a file in.
    pub(super) fn bring(&self, from: &Path, to: &str) -> Result<()> {
        let place = self.path(to);
        if let Some(above) = place.parent() {
            fs::create_dir_all(above)?;
        }
        fs::copy(from, &place).with_context(|| format!("{} is not there", from.display()))?;
        Ok(())
    }

    /// Writes a file that may be run.
    pub(super) fn script(&self, path: &str, text: &str) -> Result<()> {
        let place = self.path(path);
        fs::write(&place, text)?;
        Ok(fs::set_permissions(&place, fs::Permissions::from_mode(0o755))?)
    }

    pub(super) const fn name(&self) -> &'static str {
        self.name
    }
}

/// The last lines: those say what went wrong.
fn end_of(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}

/// Copies a folder from one system to another.
pub(super) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    let mut copy = command("cp", &["--recursive"], Path::new("/"));
    command::output(copy.arg(from).arg(to)).map(drop)
}

/// Returns what was printed; an exit code other than 0 is an error.
pub(super) fn said(name: &str, lines: &str, output: &Output) -> Result<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if !output.status.success() {
        let (out, err) = (end_of(&text(&output.stdout)), end_of(&text(&output.stderr)));
        bail!("on {name} \"{lines}\" failed ({}): {out}\n{err}", output.status);
    }
    Ok(text(&output.stdout))
}

impl Drop for System {
    fn drop(&mut self) {
        // It shuts down as at a power button; what does not is ended.
        let id = self.container.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        let deadline = Instant::now() + Duration::from_secs(30);
        while asked.is_ok() && Instant::now() < deadline {
            if !matches!(self.container.try_wait(), Ok(None)) {
                break;
            }
            std::thread::sleep(LOOK);
        }
        let _ = self.container.kill();
        let _ = self.container.wait();
    }
}
