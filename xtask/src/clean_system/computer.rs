//! A person's computer: a session with a keyring, a browser, and Roost from its package.

use anyhow::Result;

use super::system::System;
use super::terminal::{Answer, talk};
use super::world::{COMPUTER, World, install};
use super::{Ground, VERSIONS};

/// The person; the sandbox has an account of the same handle.
pub(super) const PERSON: &str = "you";
/// What every terminal of the person's session has.
const SESSION: &str = "export DBUS_SESSION_BUS_ADDRESS=unix:path=/run/you-bus/bus XDG_RUNTIME_DIR=/run/you-bus \
                       BROWSER=/usr/local/bin/a-browser X_CLIENT_ID=sandbox-public\n";
/// What a browser does when the person says yes on X's page: it follows it to where it leads.
const BROWSER: &str = "#!/bin/sh\nexec curl -fsSL --max-time 20 \"$1\"\n";

pub(super) struct Computer(System);

impl Computer {
    /// Boots it, with Roost's package at hand.
    pub(super) fn boot(ground: &Ground, world: &World) -> Result<Self> {
        let system = System::boot(
            (&ground.desktop, ground),
            "computer",
            &format!("{COMPUTER}/24"),
            &World::hosts(),
        )?;
        world.is_trusted_by(&system)?;
        system.root(
            "useradd --create-home --shell /bin/bash you
             echo 'you ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/you
             install -d -m 700 -o you /run/you-bus",
        )?;
        system.script("/usr/local/bin/a-browser", BROWSER)?;
        let bus = "systemd-run --quiet --unit=bus --uid=you dbus-daemon --session --nofork \
                   --address=unix:path=/run/you-bus/bus";
        let keyring = format!(
            "systemd-run --quiet --unit=keyring --uid=you bash -c '{}echo secret | \
             gnome-keyring-daemon --foreground --unlock --components=secrets --control-directory=/run/you-bus'",
            SESSION.replace('\n', "; ")
        );
        system.root(bus)?;
        system.until("root", "test -S /run/you-bus/bus")?;
        system.root(&keyring)?;
        let package = ground.package("roost", VERSIONS[1])?;
        let name = package.file_name().unwrap_or_default().to_string_lossy().into_owned();
        system.bring(&package, &format!("/home/you/{name}"))?;
        Ok(Self(system))
    }

    /// Installs the package, for what does not follow the guide.
    pub(super) fn install(&self, ground: &Ground) -> Result<()> {
        install(&self.0, &ground.package("roost", VERSIONS[1])?)
    }

    pub(super) const fn system(&self) -> &System {
        &self.0
    }

    /// Runs what the person types.
    pub(super) fn run(&self, lines: &str) -> Result<String> {
        self.0.run(PERSON, &format!("{SESSION}{lines}"))
    }

    /// Pastes a link, and says yes to what is shown.
    pub(super) fn pairs(&self, link: &str) -> Result<()> {
        let answers = [Answer { when: "link", typed: link }, Answer { when: "[y/N]", typed: "y" }];
        talk(&self.0, PERSON, &format!("{SESSION}roost pair"), &answers).map(drop)
    }
}
