//! The programs with their crash points. They are built beside the plain ones and leave them as
//! they were: nothing else may ever start a program that can be told to die.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::command::{self, command};
use crate::project;

/// The programs of a run, and the features that arm them.
const NAMES: [&str; 4] = ["roost", "roost-relay", "qstash-local", "x-sandbox"];
const FEATURES: &str =
    "roost-cli/crash-points,roost-relay/crash-points,roost-scheduler/crash-points";

/// The folder of the armed programs.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Builds them into the shared target folder and copies them out of it.
    pub(crate) fn build() -> Result<Self> {
        let folder = project::target().join("crash");
        fs::create_dir_all(&folder)?;
        let plain: Vec<(PathBuf, PathBuf)> = NAMES
            .iter()
            .map(|name| (project::binary(name), folder.join(format!("{name}.plain"))))
            .collect();
        for (built, kept) in &plain {
            set_aside(built, kept)?;
        }
        let built = build_into(&folder);
        for (built, kept) in plain.iter().filter(|(_, kept)| kept.exists()) {
            fs::rename(kept, built)?;
        }
        built?;
        Ok(Self { folder })
    }

    /// The programs that an earlier build left.
    pub(crate) fn built_before() -> Result<Self> {
        let folder = project::target().join("crash");
        let missing = NAMES.iter().find(|name| !folder.join(file_name(name)).exists());
        match missing {
            Some(name) => anyhow::bail!("{name} was not built with crash points yet"),
            None => Ok(Self { folder }),
        }
    }

    /// One program.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(file_name(name))
    }

    /// Where the runs are made.
    pub(crate) fn runs(&self) -> PathBuf {
        self.folder.join("runs")
    }
}

/// The whole workspace chooses the features of what others wrote, so that it is built once for
/// this and for the tests.
fn build_into(folder: &Path) -> Result<()> {
    let mut arguments = vec!["build", "--locked", "--workspace", "--features", FEATURES];
    arguments.extend(NAMES.iter().flat_map(|name| ["--bin", name]));
    command::run(&mut command("cargo", &arguments, project::root()))?;
    NAMES.iter().try_for_each(|name| copy(&project::binary(name), &folder.join(file_name(name))))
}

fn file_name(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

/// A second name for the file; the build replaces the first one and leaves this.
fn set_aside(built: &Path, kept: &Path) -> Result<()> {
    let _absent = fs::remove_file(kept);
    if built.exists() {
        fs::hard_link(built, kept).with_context(|| format!("cannot keep {}", built.display()))?;
    }
    Ok(())
}

/// Beside first: a program that runs from the old file goes on.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let beside = to.with_extension("new");
    fs::copy(from, &beside).with_context(|| format!("cannot copy {}", from.display()))?;
    fs::rename(&beside, to).with_context(|| format!("cannot write {}", to.display()))
}
