//! Ours: `roost`, as it is shipped, over a store that is there already.
#![expect(
    clippy::disallowed_methods,
    reason = "it looks at files from outside, or measures bare SQLite"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::Result;
use rusqlite::Connection;

use crate::command;

/// A store, and the file that is imported into it.
pub(super) struct Ours<'p> {
    roost: &'p Path,
    data: PathBuf,
    file: &'p Path,
}

impl<'p> Ours<'p> {
    /// Makes an empty store below `folder`.
    pub(super) fn new(roost: &'p Path, folder: &Path, file: &'p Path) -> Result<Self> {
        let ours = Self { roost, data: folder.join("ours"), file };
        ours.time(&["status"])?;
        Ok(ours)
    }

    /// Where its posts are.
    pub(super) fn database(&self) -> PathBuf {
        self.data.join("roost.db")
    }

    /// Judges the file and writes nothing; milliseconds from start to end of the program.
    pub(super) fn rehearse(&self) -> Result<f64> {
        self.time(&["import", &self.file.to_string_lossy(), "--dry-run"])
    }

    /// Imports the file.
    pub(super) fn import(&self) -> Result<f64> {
        self.time(&["import", &self.file.to_string_lossy()])
    }

    /// Takes the first import back.
    pub(super) fn undo(&self) -> Result<f64> {
        let sql = "SELECT id FROM import_batch ORDER BY seq LIMIT 1";
        let id: String = Connection::open(self.database())?.query_row(sql, [], |row| row.get(0))?;
        self.time(&["undo-import", &id])
    }

    fn time(&self, arguments: &[&str]) -> Result<f64> {
        let mut asked = Command::new(self.roost);
        asked.args(arguments).arg("--data").arg(&self.data).env_remove("ROOST_RELAY_URL");
        let began = Instant::now();
        command::output(&mut asked)?;
        Ok(began.elapsed().as_secs_f64() * 1e3)
    }
}
