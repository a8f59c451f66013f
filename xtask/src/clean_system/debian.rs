//! Debian 12 as `debootstrap` makes it, and the same with what a desktop has. What comes from Debian is fetched
//! here, once; the systems that are made of them have no way to the world.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::command::{self, command};
use crate::project;

const SUITE: &str = "bookworm";
/// What a rented server has beside what Debian calls required.
const INCLUDED: &str = "systemd,systemd-sysv,dbus,iproute2";
/// What the guide installs on a server, and what stands in for the world.
const FETCHED: &[&str] = &[
    "ca-certificates",
    "caddy",
    "certbot",
    "curl",
    "nginx",
    "nginx-light",
    "pebble",
    "ufw",
    "xz-utils",
];
/// What a person's desktop has, and what shows a window where no screen is.
const DESKTOP: &[&str] = &[
    "ca-certificates",
    "curl",
    "gnome-keyring",
    "sudo",
    "xdg-utils",
    "xdotool",
    "xvfb",
    "dbus-daemon",
];
/// A system lasts minutes, so that no file has to survive a power cut.
const NO_SYNC: (&str, &str) = ("etc/dpkg/dpkg.cfg.d/no-sync", "force-unsafe-io\n");

/// A system that others are made of.
#[derive(Debug, Clone)]
pub(super) struct Debian {
    folder: PathBuf,
}

/// The root of a system that is made of another: what it writes is its own, and gone with the value.
#[derive(Debug)]
pub(super) struct Root {
    folder: TempDir,
}

impl Debian {
    /// Returns a server with nothing but Debian; it is made where it is missing.
    pub(super) fn server() -> Result<Self> {
        let folder = project::target().join("clean-system/debian");
        let (note, fetched) = ("root/fetched", FETCHED.join(" "));
        // One that an earlier list of packages made lacks some of them.
        if folder.exists() && fs::read_to_string(folder.join(note)).ok() != Some(fetched.clone()) {
            fs::remove_dir_all(&folder)?;
        }
        Self::once(folder, |unfinished| {
            let include = format!("--include={INCLUDED}");
            let mut make =
                command("debootstrap", &["--variant=minbase", &include, SUITE], unfinished);
            command::run(make.arg(unfinished).stdout(Stdio::null()))?;
            fs::write(unfinished.join(NO_SYNC.0), NO_SYNC.1)?;
            apt(unfinished, &["update", "-qq"])?;
            let fetch = ["install", "-qq", "-y", "--download-only"];
            apt(unfinished, &[&fetch[..], FETCHED].concat())?;
            Ok(fs::write(unfinished.join(note), fetched)?)
        })
    }

    /// Returns the same with what a desktop has, all that these packages depend on among it.
    pub(super) fn desktop(&self, packages: &[PathBuf]) -> Result<Self> {
        let mut depends = String::new();
        for package in packages {
            let mut ask = command("dpkg-deb", &["--field"], Path::new("/"));
            let answer = command::output(ask.arg(package).arg("Depends"))?;
            depends.push_str(String::from_utf8_lossy(&answer.stdout).trim());
            depends.push_str(", ");
        }
        let depends = depends.trim_end_matches(", ");
        let folder = self.folder.with_file_name("debian-desktop");
        let note = folder.join("root/depends");
        if fs::read_to_string(&note).is_ok_and(|known| known != depends) {
            fs::remove_dir_all(&folder)?;
        }
        Self::once(folder, |unfinished| {
            let mut copy = command("cp", &["--archive", "--reflink=auto"], Path::new("/"));
            command::output(copy.arg(self.folder.join(".")).arg(unfinished))?;
            let quiet = ["-qq", "-y", "--no-install-recommends"];
            apt(unfinished, &[&["satisfy"], &quiet[..], &[depends]].concat())?;
            apt(unfinished, &[&["install"], &quiet[..], DESKTOP].concat())?;
            Ok(fs::write(unfinished.join("root/depends"), depends)?)
        })
    }

    /// Makes a folder with `make`, unless it is there whole.
    fn once(folder: PathBuf, make: impl FnOnce(&Path) -> Result<()>) -> Result<Self> {
        if !folder.exists() {
            let unfinished = folder.with_extension("unfinished");
            if unfinished.exists() {
                fs::remove_dir_all(&unfinished)?;
            }
            fs::create_dir_all(&unfinished)?;
            make(&unfinished)?;
            fs::rename(&unfinished, &folder)?;
        }
        Ok(Self { folder })
    }

    /// Returns a root of its own for a system, with these lines in its `/etc/hosts`.
    pub(super) fn root(&self, hosts: &str) -> Result<Root> {
        let root = Root { folder: tempfile::tempdir_in("/var/tmp")? };
        for name in ["written", "work", "root"] {
            fs::create_dir(root.folder.path().join(name))?;
        }
        let at = |name: &str| root.folder.path().join(name).display().to_string();
        let layers = format!(
            "lowerdir={},upperdir={},workdir={}",
            self.folder.display(),
            at("written"),
            at("work")
        );
        let mut mount =
            command("mount", &["-t", "overlay", "overlay", "-o", &layers], Path::new("/"));
        command::output(mount.arg(at("root"))).context("a layer can't be put over the system")?;
        let lines = format!("127.0.0.1 localhost\n::1 localhost\n{hosts}");
        fs::write(root.path().join("etc/hosts"), lines)?;
        Ok(root)
    }
}

/// Runs `apt-get` on a system that does not run, with this machine's way to Debian.
fn apt(root: &Path, arguments: &[&str]) -> Result<()> {
    let mut apt = command("systemd-nspawn", &["--quiet", "--register=no", "--keep-unit"], root);
    apt.args(["--resolv-conf=copy-host", "--pipe", "--setenv=DEBIAN_FRONTEND=noninteractive"]);
    apt.arg("--directory").arg(root).arg("apt-get").args(arguments);
    command::run(apt.stdin(Stdio::null()).stdout(Stdio::null()))?;
    // What resolved names here resolves none where there is no way to the world.
    let _ = fs::remove_file(root.join("etc/resolv.conf"));
    Ok(())
}

impl Root {
    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    /// Returns a file beside it.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        // What still runs there holds it a moment longer.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}
