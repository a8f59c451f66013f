//! Both packages on a Debian that knows nothing of Roost: installed, used, upgraded while a post waits, and
//! removed. What they left is there.

use anyhow::{Result, ensure};

use super::system::System;
use super::world::{World, install};
use super::{Ground, VERSIONS};

/// A person of that system.
const PERSON: &str = "ada";
/// Files that a desktop, a shell and `man` look for.
const FILES: &[&str] = &[
    "/usr/share/applications/app.roost.desktop.desktop",
    "/usr/share/metainfo/app.roost.desktop.metainfo.xml",
    "/usr/share/icons/hicolor/128x128/apps/app.roost.desktop.png",
    "/usr/share/man/man1/roost.1.gz",
    "/usr/share/man/man1/roost-relay.1.gz",
    "/usr/share/bash-completion/completions/roost",
    "/usr/share/doc/roost/copyright",
    "/usr/lib/systemd/system/roost-relay.service",
];

/// Proves it, and returns what was proven.
pub(super) fn prove(ground: &Ground) -> Result<String> {
    let world = World::boot(ground, PERSON, "--limits demo")?;
    let system =
        System::boot((&ground.desktop, ground), "debian", "203.0.113.7/24", &World::hosts())?;
    world.is_trusted_by(&system)?;
    system.root(&format!("useradd --create-home {PERSON}"))?;
    for name in ["roost", "roost-relay"] {
        install(&system, &ground.package(name, VERSIONS[0])?)?;
    }
    let version = |program: &str| system.root(&format!("dpkg-query -Wf '${{Version}}' {program}"));
    ensure!(version("roost")? == VERSIONS[0], "another version was installed");
    for file in FILES {
        ensure!(system.path(file).exists(), "{file} was not installed");
    }
    set_up(&system)?;
    post(&system, "before the upgrade", 4)?;
    world.until_posted("before the upgrade")?;

    // Handed over to the relay of the old package, and due when the new one runs.
    post(&system, "handed over before the upgrade", 45)?;
    let before = main_process(&system)?;
    for name in ["roost", "roost-relay"] {
        install(&system, &ground.package(name, VERSIONS[1])?)?;
    }
    ensure!(version("roost-relay")? == VERSIONS[1], "it was not upgraded");
    system.until("root", "systemctl is-active roost-relay")?;
    ensure!(main_process(&system)? != before, "the relay of the old package still runs");
    ensure!(world.posted("handed over before the upgrade")? == 0, "it went out before its time");
    let list = system.run(PERSON, "roost posts list --json")?;
    ensure!(list.contains("before the upgrade"), "the store is not read any more: {list}");
    world.until_posted("handed over before the upgrade")?;
    post(&system, "after the upgrade", 4)?;
    world.until_posted("after the upgrade")?;
    window(&system)?;

    for removal in ["apt-get remove -qq -y", "dpkg --purge"] {
        system.root(&format!("{removal} roost roost-relay"))?;
        ensure!(!system.path("/usr/bin/roost-relay").exists(), "{removal} left the program");
        let gone = system.root("! systemctl is-active --quiet roost-relay");
        ensure!(gone.is_ok(), "the relay runs on after {removal}");
        let store = format!("/home/{PERSON}/.local/share/{}/roost.db", ground.data_folder);
        for file in [store.as_str(), "/var/lib/roost-relay/relay.sqlite"] {
            let file = system.path(file);
            ensure!(file.exists(), "{removal} took {}", file.display());
        }
    }
    ensure!(
        world.creates()?.iter().filter(|it| it.accepted).count() == 3,
        "something went out twice"
    );
    Ok(format!(
        "packages: installed, posted, upgraded from {} to {} while a post waited, the window shown, removed \
         and purged with the data left",
        VERSIONS[0], VERSIONS[1]
    ))
}

/// Makes a relay on this system alone, pairs with it, and signs in.
fn set_up(system: &System) -> Result<()> {
    let relay = "runuser -u roost-relay -- roost-relay --config /var/lib/roost-relay/relay.toml";
    system.root(&format!(
        "{relay} init --public-url http://127.0.0.1:8787 --embedded-scheduler --plan demo
         systemctl enable --quiet --now roost-relay"
    ))?;
    let status = "timeout 2 bash -c '</dev/tcp/127.0.0.1/8787'";
    system.until("root", status)?;
    let link = system.root(&format!("{relay} pair --no-qr"))?;
    system.run(PERSON, &format!("echo '{link}' | roost pair --yes --key-in-file"))?;
    // What a browser does: it follows X's page to where that sends it.
    let browser = "#!/bin/sh\nexec curl -fsSL --max-time 20 \"$1\"\n";
    system.script("/usr/local/bin/a-browser", browser)?;
    let sign_in = "BROWSER=/usr/local/bin/a-browser X_CLIENT_ID=sandbox-public roost login";
    system.run(PERSON, sign_in).map(drop)
}

/// Schedules a post for in so many seconds, and hands it over.
fn post(system: &System, text: &str, seconds: u32) -> Result<()> {
    let at = format!("$(date --utc --date '+{seconds} seconds' '+%F %T')");
    system.run(
        PERSON,
        &format!(
            "roost posts create '{text}' --at \"{at}\" --zone UTC --account {PERSON} && roost sync"
        ),
    )?;
    Ok(())
}

fn main_process(system: &System) -> Result<String> {
    system.root("systemctl show --property MainPID --value roost-relay")
}

/// The window comes up where a screen is, and stays.
fn window(system: &System) -> Result<()> {
    system.root(
        "systemd-run --quiet --unit=screen Xvfb :9
         systemd-run --quiet --unit=window --uid=ada --setenv=DISPLAY=:9 --setenv=HOME=/home/ada \
             dbus-run-session roost-desktop",
    )?;
    system.until("root", "DISPLAY=:9 xdotool search --onlyvisible --name Roost")?;
    system.root("systemctl is-active window && systemctl stop window screen")?;
    Ok(())
}
