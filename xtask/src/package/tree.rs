//! The files of a package, in a folder that looks like the root of the system it is installed on.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::command::{self, command};

/// The folder; it is gone with the value.
pub(crate) struct Tree(tempfile::TempDir);

impl Tree {
    pub(crate) fn new() -> Result<Self> {
        let folder = tempfile::tempdir().context("a folder for the package can't be made")?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        Ok(Self(folder))
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    /// Returns where a file of the package is; the folder above it is made.
    pub(crate) fn place(&self, path: &str) -> Result<PathBuf> {
        let place = self.root().join(path.trim_start_matches('/'));
        if let Some(above) = place.parent() {
            fs::create_dir_all(above)?;
        }
        Ok(place)
    }

    /// Writes a file that everybody may read.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> Result<()> {
        self.put(path, content, 0o644)
    }

    /// Writes a file that may be run.
    pub(crate) fn write_script(&self, path: &str, content: impl AsRef<[u8]>) -> Result<()> {
        self.put(path, content, 0o755)
    }

    /// Copies a program, without what only a debugger reads.
    pub(crate) fn program(&self, path: &str, from: &Path) -> Result<()> {
        let place = self.place(path)?;
        fs::copy(from, &place).with_context(|| {
            format!("{} can't be copied: build it first, or leave --no-build away", from.display())
        })?;
        fs::set_permissions(&place, fs::Permissions::from_mode(0o755))?;
        command::output(command("strip", &["--strip-all"], self.root()).arg(&place)).map(drop)
    }

    /// Copies a file that everybody may read.
    pub(crate) fn copy(&self, path: &str, from: &Path) -> Result<()> {
        let content =
            fs::read(from).with_context(|| format!("{} can't be read", from.display()))?;
        self.write(path, content)
    }

    fn put(&self, path: &str, content: impl AsRef<[u8]>, mode: u32) -> Result<()> {
        let place = self.place(path)?;
        fs::write(&place, content)?;
        Ok(fs::set_permissions(&place, fs::Permissions::from_mode(mode))?)
    }
}
