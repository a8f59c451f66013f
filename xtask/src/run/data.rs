//! The run's data folder, and what it remembers of the run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::calendar::Calendar;

/// A run's data folder: the store, relay and scheduler, the sandbox, the logs. One run at a time.
#[derive(Debug)]
pub(crate) struct DataFolder {
    root: PathBuf,
    /// Held for as long as the run lasts; the system lets go of it when the run is killed.
    _lock: fs::File,
}

/// The file that says that a folder is a run's, and that a run locks.
const MARK: &str = "run.lock";

/// What the folder remembers, in `run.json`. It is written before the first import, so that a run
/// that was killed at any moment finds the same times again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RunState {
    /// SHA-256 of the file that was asked for.
    pub(crate) file: String,
    /// Whether every post was decided.
    pub(crate) finished: bool,
    /// What was planned, with the times that were really imported.
    pub(crate) calendar: Calendar,
}

impl DataFolder {
    /// The folder `root`, made if it is not there.
    ///
    /// # Errors
    /// When it holds files that no run made, or when another run works in it.
    pub(crate) fn open(root: PathBuf) -> Result<Self> {
        fs::create_dir_all(&root)
            .with_context(|| format!("cannot make the folder {}", root.display()))?;
        let mark = root.join(MARK);
        if !mark.exists() && fs::read_dir(&root)?.next().is_some() {
            bail!(
                "{} holds files that no run made. Choose an empty folder, or a new one.",
                root.display()
            );
        }
        let lock =
            fs::File::create(&mark).with_context(|| format!("cannot write {}", mark.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => bail!(
                "Another run works in {}. Wait for its end, or choose another folder with --data.",
                root.display()
            ),
            Err(fs::TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", mark.display()));
            }
        }
        let folder = Self { root, _lock: lock };
        for path in [folder.sandbox(), folder.roost(), folder.logs()] {
            fs::create_dir_all(&path)
                .with_context(|| format!("cannot make the folder {}", path.display()))?;
        }
        Ok(folder)
    }

    /// The sandbox's database.
    pub(crate) fn sandbox(&self) -> PathBuf {
        self.root.join("sandbox")
    }

    /// Roost's data folder.
    pub(crate) fn roost(&self) -> PathBuf {
        self.root.join("roost")
    }

    /// What the programs said.
    pub(crate) fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// The import file with the run's own times.
    pub(crate) fn import_file(&self) -> PathBuf {
        self.root.join("import.json")
    }

    /// Where the window finds its sample, under the name of the file it was made from.
    pub(crate) fn sample(&self, made_from: &Path) -> Result<PathBuf> {
        let folder = self.root.join("sample");
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        Ok(folder.join(made_from.file_name().unwrap_or_default()))
    }

    /// An empty folder for a moment.
    pub(crate) fn scratch(&self) -> Result<PathBuf> {
        let path = self.root.join("scratch");
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        fs::create_dir_all(&path)
            .with_context(|| format!("cannot make the folder {}", path.display()))?;
        Ok(path)
    }

    /// The unfinished run, if there is one.
    pub(crate) fn unfinished(&self) -> Option<RunState> {
        let text = fs::read(self.state_file()).ok()?;
        let state: RunState = serde_json::from_slice(&text).ok()?;
        (!state.finished).then_some(state)
    }

    /// Forgets the last run: removes what runs made here, and nothing else.
    pub(crate) fn clear(&self) -> Result<()> {
        for path in [self.sandbox(), self.roost(), self.logs()] {
            if path.exists() {
                fs::remove_dir_all(&path)
                    .with_context(|| format!("cannot remove {}", path.display()))?;
            }
            fs::create_dir_all(&path)?;
        }
        for path in [self.state_file(), self.import_file()] {
            if path.exists() {
                fs::remove_file(&path)
                    .with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
        Ok(())
    }

    /// Remembers `state`, whole or not at all.
    pub(crate) fn remember(&self, state: &RunState) -> Result<()> {
        write_whole(&self.state_file(), &serde_json::to_vec_pretty(state)?)
    }

    fn state_file(&self) -> PathBuf {
        self.root.join("run.json")
    }
}

/// The name of a file's content.
pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes beside the file first, so that a kill leaves the old or the new one.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = path.with_extension("new");
    let write = || {
        fs::write(&beside, bytes)?;
        fs::File::open(&beside)?.sync_all()?;
        fs::rename(&beside, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_files_of_others_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let diary = folder.path().join("diary.txt");
        fs::write(&diary, "precious").expect("written");
        assert!(DataFolder::open(folder.path().to_owned()).is_err());
        assert_eq!(fs::read_to_string(&diary).expect("still there"), "precious");
    }

    #[test]
    fn one_run_at_a_time_works_in_a_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = DataFolder::open(folder.path().to_owned()).expect("an empty folder");
        assert!(DataFolder::open(folder.path().to_owned()).is_err());
        drop(first);
        assert!(DataFolder::open(folder.path().to_owned()).is_ok(), "its own folder again");
    }
}
