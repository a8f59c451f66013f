//! Builds what is installed: the desktop's `.deb` with the command line inside, the relay's `.deb` with its
//! unit, and the relay's tarball.

mod deb;
mod desktop;
mod documents;
mod relay;
mod tree;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::command::{self, command};
use crate::project;

/// What to build.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The profile that the programs are built with; `dev` only tries the packaging.
    #[arg(long, default_value = "release", value_name = "PROFILE")]
    profile: String,
    /// Where the packages go [default: target/packages].
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Pack the programs that are there already.
    #[arg(long)]
    no_build: bool,
    /// The version that the packages bear, instead of the project's own: to try an upgrade.
    #[arg(long, value_name = "VERSION")]
    package_version: Option<String>,
}

impl Arguments {
    /// Returns what makes packages of this version in the folder `out`.
    pub(crate) fn of_version(profile: &str, version: &str, out: &Path, no_build: bool) -> Self {
        Self {
            profile: profile.to_owned(),
            out: Some(out.to_owned()),
            no_build,
            package_version: Some(version.to_owned()),
        }
    }
}

/// What every package is made of.
pub(crate) struct Build {
    /// The folder of the programs.
    programs: PathBuf,
    /// How hard packages are compressed: a try of the packaging is not to wait for it.
    pub(crate) xz_level: &'static str,
    /// The version.
    pub(crate) version: String,
    /// Debian's word for the processor.
    pub(crate) architecture: String,
    /// The day of the commit, as `2027-03-01`.
    pub(crate) date: String,
    /// Where packages go.
    pub(crate) out: PathBuf,
}

impl Build {
    /// Returns a program of this project.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }
}

/// Builds the packages, and says where they are.
pub(crate) fn main(arguments: &Arguments) -> Result<()> {
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    if arguments.no_build {
        crate::machine::provide(&[crate::machine::Need::Package])?;
    } else {
        crate::setup::packages()?;
        build(&arguments.profile, &commit)?;
    }
    let folder = if arguments.profile == "dev" { "debug" } else { &arguments.profile };
    let out = arguments.out.clone().unwrap_or_else(|| project::target().join("packages"));
    std::fs::create_dir_all(&out).with_context(|| format!("{} can't be made", out.display()))?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let build = Build {
        programs: project::target().join(folder),
        xz_level: if arguments.profile == "release" { "-z9" } else { "-z0" },
        version: arguments.package_version.clone().unwrap_or(version),
        architecture: text(Command::new("dpkg").arg("--print-architecture"))?,
        date: git(&["log", "-1", "--format=%cs"])?,
        out,
    };
    for package in [desktop::package(&build)?, relay::package(&build)?, relay::tarball(&build)?] {
        println!("{}", package.display());
    }
    Ok(())
}

/// Builds the programs; they name the commit.
fn build(profile: &str, commit: &str) -> Result<()> {
    command::run(&mut command("npm", &["run", "build"], &project::root().join("ui")))?;
    let arguments = [
        "build",
        "--locked",
        "--profile",
        profile,
        "--package",
        "roost-desktop",
        "--package",
        "roost-cli",
        "--package",
        "roost-relay",
        "--bins",
    ];
    command::run(command("cargo", &arguments, project::root()).env("ROOST_COMMIT", commit))
}

fn git(arguments: &[&str]) -> Result<String> {
    text(&mut command("git", arguments, project::root()))
}

fn text(command: &mut Command) -> Result<String> {
    Ok(String::from_utf8_lossy(&command::output(command)?.stdout).trim().to_owned())
}

/// Returns a file of the folder `deploy`.
fn deploy(name: &str) -> PathBuf {
    project::root().join("deploy").join(name)
}

/// Returns the text of a file of the project.
fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{} can't be read", path.display()))
}
