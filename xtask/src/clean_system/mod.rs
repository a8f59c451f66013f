//! What an operator does, done on clean Debian systems that systemd boots: packages installed and upgraded,
//! the guide to a server followed command by command, the checks for a person with real accounts.

mod bridge;
mod checks;
mod computer;
mod debian;
mod deploy;
mod guide;
mod packages;
mod system;
mod terminal;
mod world;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::command::{self, command};
use crate::project;
use crate::setup;
use bridge::Bridge;
use debian::Debian;

/// The version of the packages that stand for the release before, and of the one to upgrade to.
const VERSIONS: [&str; 2] = ["0.0.9", env!("CARGO_PKG_VERSION")];
/// The version that the guide upgrades to.
const NEXT_VERSION: &str = "0.1.1";

/// What to do.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// One proof alone.
    #[arg(value_enum)]
    part: Option<Part>,
    /// The profile whose programs are packed; they are built before.
    #[arg(long, default_value = "dev", value_name = "PROFILE")]
    profile: String,
    /// Pack the programs that are there already.
    #[arg(long)]
    no_build: bool,
    /// Take the packages that an earlier run made.
    #[arg(long, requires = "no_build")]
    no_pack: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Packages are installed, post, are upgraded with their data, and leave it when they are removed.
    Packages,
    /// Every command of docs/deploy.md, in its order.
    Deploy,
    /// The four checks of docs/manual-test.md.
    ManualTest,
}

/// What every proof stands on.
struct Ground {
    /// A server with nothing but Debian.
    debian: Debian,
    /// A person's computer.
    desktop: Debian,
    bridge: Bridge,
    /// The folder of the packages.
    packages: PathBuf,
    /// The name of the desktop's data folder: programs built for development have one of their own.
    data_folder: &'static str,
}

impl Ground {
    /// Returns a package's file.
    fn package(&self, name: &str, version: &str) -> Result<PathBuf> {
        let architecture =
            command::output(&mut command("dpkg", &["--print-architecture"], project::root()))?;
        let architecture = String::from_utf8_lossy(&architecture.stdout).trim().to_owned();
        Ok(self.packages.join(format!("{name}_{version}_{architecture}.deb")))
    }

    /// Returns the relay's tarball.
    fn tarball(&self) -> PathBuf {
        let version = VERSIONS[1];
        self.packages.join(format!("roost-relay-{version}-{}.tar.xz", std::env::consts::ARCH))
    }
}

/// Whether this user may make systems and networks.
pub(crate) fn may() -> bool {
    let id = command::output(&mut command("id", &["-u"], project::root()));
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

/// Does what was asked for, or all of it.
pub(crate) fn main(arguments: &Arguments) -> Result<()> {
    anyhow::ensure!(may(), "Systems are made, booted and connected by root: run this with sudo.");
    setup::clean_systems()?;
    let packages = project::target().join("clean-system/packages");
    if !arguments.no_pack {
        pack(arguments, &packages)?;
    }
    let debian = Debian::server()?;
    let bridge = Bridge::new()?;
    let data_folder = if arguments.profile == "dev" { "roost-dev" } else { "roost" };
    let mut ground = Ground { desktop: debian.clone(), debian, bridge, packages, data_folder };
    let debs = [ground.package("roost", VERSIONS[1])?, ground.package("roost-relay", VERSIONS[1])?];
    ground.desktop = ground.debian.desktop(&debs)?;
    for part in [Part::Packages, Part::Deploy, Part::ManualTest] {
        if arguments.part.is_some_and(|asked| asked != part) {
            continue;
        }
        let begun = Instant::now();
        let what = match part {
            Part::Packages => packages::prove(&ground).context("the packages")?,
            Part::Deploy => deploy::prove(&ground).context("docs/deploy.md")?,
            Part::ManualTest => checks::prove(&ground).context("docs/manual-test.md")?,
        };
        println!("{what} ({} s)", begun.elapsed().as_secs());
    }
    Ok(())
}

/// Builds the programs once, and packs them under three versions.
fn pack(arguments: &Arguments, out: &Path) -> Result<()> {
    if !arguments.no_build {
        let sandbox = ["build", "--locked", "--package", "roost-x-sandbox", "--bins"];
        command::run(&mut command("cargo", &sandbox, project::root()))?;
    }
    let mut is_built = arguments.no_build;
    for version in VERSIONS.into_iter().chain([NEXT_VERSION]) {
        let packing =
            crate::package::Arguments::of_version(&arguments.profile, version, out, is_built);
        crate::package::main(&packing)?;
        is_built = true;
    }
    Ok(())
}
