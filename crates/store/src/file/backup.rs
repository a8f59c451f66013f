//! Backups: made whole, checked before they count, and put back without destroying anything.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use roost_core::clock::{Clock, UnixMillis};
use roost_private_files::{self as private_files, beside};
use roost_sqlite::{
    Depth, Found, OpeningLock, copier, copy, inspect, put_in_place, set_aside, sync_folder_of,
};

use super::backup_file::Backup;
use super::{SCHEMA, existence_mark, location, moved_away, retention};
use crate::error::Error;
use crate::options::Options;
use crate::post::restored;
use crate::store::Store;

impl Store {
    /// Writes a complete, checked copy to `target`, replacing what is there. Readers and the
    /// writer go on meanwhile.
    ///
    /// # Errors
    /// When it cannot be written or turns out unsound; `target` is then as it was before.
    pub fn backup_to(&self, target: impl AsRef<Path>) -> Result<Backup, Error> {
        let target = target.as_ref();
        match self.path() {
            Some(path) => copy(&copier(path, &self.options().settings())?, target)?,
            None => copy(&self.writer(), target)?,
        }
        let bytes = fs::metadata(target).map_err(|source| Error::io(target, source))?.len();
        let made_at = self.clock().now();
        Ok(Backup { path: target.to_owned(), made_at, bytes, format_before_update: None })
    }

    /// Makes a backup in the folder `backups` beside the store, and lets those go that newer ones
    /// [supersede](crate::Retention). Returns the new one.
    ///
    /// # Errors
    /// As [`Store::backup_to`]; a store in memory has no place for backups.
    pub fn backup(&self) -> Result<Backup, Error> {
        let path = self.path().ok_or_else(|| Error::not_found("file of", "a store in memory"))?;
        rotate(path, self.clock().as_ref(), self.options(), None)
    }
}

/// Returns the backups of the store at `path`, newest first. The file itself need not be there.
///
/// # Errors
/// When the folder cannot be read.
pub fn backups(path: impl AsRef<Path>) -> Result<Vec<Backup>, Error> {
    let path = path.as_ref();
    let folder = folder_of(path);
    let prefix = format!("{}-", stem(path));
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(Error::io(&folder, source)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|source| Error::io(&folder, source))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(rest) = name.strip_prefix(&prefix).and_then(|name| name.strip_suffix(".db"))
        else {
            continue;
        };
        let metadata = entry.metadata().map_err(|source| Error::io(&entry.path(), source))?;
        let (stamp, format_before_update) = parts_of(rest);
        let made_at = match stamp.parse() {
            Ok(made_at) => made_at,
            Err(_) => written_at(&metadata).map_err(|source| Error::io(&entry.path(), source))?,
        };
        let bytes = metadata.len();
        let backup = Backup { path: entry.path(), made_at, bytes, format_before_update };
        found.push((name, backup));
    }
    // Names of the same second are told apart by their turn.
    found.sort_by(|(one, a), (other, b)| (b.made_at, other).cmp(&(a.made_at, one)));
    Ok(found.into_iter().map(|(_, backup)| backup).collect())
}

fn written_at(metadata: &fs::Metadata) -> std::io::Result<UnixMillis> {
    let since = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
}

/// Puts `backup` in the place of the store at `path`. What is there is moved aside, not deleted;
/// the answer names where to. Returns where the former store was moved, if there was one.
///
/// A mark in the file says that it was put back: until the relay was asked about every post, none is
/// armed.
///
/// # Errors
/// When the backup is unsound or the store is open somewhere; nothing is changed then.
pub fn restore_backup(
    path: impl AsRef<Path>,
    backup: impl AsRef<Path>,
    clock: &dyn Clock,
) -> Result<Option<PathBuf>, Error> {
    put_back(path.as_ref(), backup.as_ref(), clock, false)
}

/// Does the same with a store that was moved here from another computer.
///
/// # Errors
/// As [`restore_backup`].
pub fn put_moved_store(
    path: impl AsRef<Path>,
    moved: impl AsRef<Path>,
    clock: &dyn Clock,
) -> Result<Option<PathBuf>, Error> {
    put_back(path.as_ref(), moved.as_ref(), clock, true)
}

/// Reads a backup as a whole and says whether it is sound, and of a format that this Roost knows.
///
/// # Errors
/// When it is not.
pub fn check_backup(backup: impl AsRef<Path>) -> Result<(), Error> {
    let backup = backup.as_ref();
    let found = inspect(backup, &SCHEMA, &Options::default().settings(), Depth::Whole);
    match existence_mark::compare(backup, found)? {
        Found::Database { .. } => Ok(()),
        _ => Err(Error::Missing { path: backup.to_owned() }),
    }
}

fn put_back(
    path: &Path,
    backup: &Path,
    clock: &dyn Clock,
    is_move: bool,
) -> Result<Option<PathBuf>, Error> {
    let settings = Options::default().settings();
    let _lock = lock_exclusively(path, &Options::default())?;
    moved_away::refuse_at(path, copier(path, &settings))?;
    check_backup(backup)?;
    let fresh = beside(path, ".restoring");
    remove(&fresh)?;
    copy(&copier(backup, &settings)?, &fresh)?;
    let put_back = copier(&fresh, &settings)?;
    location::forget(&put_back)?;
    moved_away::forget(&put_back)?;
    restored::mark(&put_back, clock.now(), is_move)?;
    // Closed, it has no log.
    drop(put_back);
    File::open(&fresh)
        .and_then(|file| file.sync_all())
        .map_err(|source| Error::io(&fresh, source))?;
    let aside = move_aside(path, clock)?;
    put_in_place(&fresh, path)?;
    Ok(aside)
}

/// Makes room for a new, empty store at `path`: what is there is moved aside, and the mark that a
/// store was here is taken away. Returns where the former store was moved, if there was one.
///
/// # Errors
/// When the store is open somewhere, or the file cannot be moved.
pub fn start_anew(path: impl AsRef<Path>, clock: &dyn Clock) -> Result<Option<PathBuf>, Error> {
    let path = path.as_ref();
    let _lock = lock_exclusively(path, &Options::default())?;
    moved_away::refuse_at(path, copier(path, &Options::default().settings()))?;
    let aside = move_aside(path, clock)?;
    remove(&existence_mark::path_of(path))?;
    sync_folder_of(path)?;
    Ok(aside)
}

/// Keeps all other processes off, those that open the store and those that have it open.
fn lock_exclusively(path: &Path, options: &Options) -> Result<(OpeningLock, File), Error> {
    let opening = OpeningLock::take(path, options.busy_timeout)?;
    let lock = opening.exclude_all()?;
    Ok((opening, lock))
}

/// The folder of backups and the files in it, as far as they are there.
pub(super) fn kept(path: &Path) -> Vec<PathBuf> {
    let mut kept = vec![folder_of(path)];
    kept.extend(backups(path).unwrap_or_default().into_iter().map(|backup| backup.path));
    kept
}

/// Makes a dated backup of the file at `path` and removes those that it supersedes. `before_update`
/// is the number of the format that an update is about to change.
pub(super) fn rotate(
    path: &Path,
    clock: &dyn Clock,
    options: &Options,
    before_update: Option<u32>,
) -> Result<Backup, Error> {
    let folder = folder_of(path);
    private_files::make_folder(&folder).map_err(|source| Error::io(&folder, source))?;
    let stamp = stamp(clock.now());
    let format = before_update.map(|format| format!("-v{format}")).unwrap_or_default();
    let name = |turn: u32| match turn {
        0 => folder.join(format!("{}-{stamp}{format}.db", stem(path))),
        _ => folder.join(format!("{}-{stamp}_{turn}{format}.db", stem(path))),
    };
    let target = (0..).map(name).find(|name| !name.exists()).unwrap_or_else(|| name(0));
    let store = copier(path, &options.settings())?;
    copy(&store, &target)?;
    let bytes_max = retention::bytes_max(&store);
    let made = backups(path)?;
    for old in options.retention.superseded(&made, bytes_max) {
        if old.path != target {
            remove(&old.path)?;
        }
    }
    let bytes = fs::metadata(&target).map_err(|source| Error::io(&target, source))?.len();
    Ok(Backup { path: target, made_at: clock.now(), bytes, format_before_update: before_update })
}

/// Moves the database and what SQLite keeps beside it to names that say when. A restore that was cut
/// off may have left the log alone.
fn move_aside(path: &Path, clock: &dyn Clock) -> Result<Option<PathBuf>, Error> {
    let stamp = stamp(clock.now());
    let name = |turn: u32| match turn {
        0 => beside(path, &format!(".aside-{stamp}")),
        _ => beside(path, &format!(".aside-{stamp}_{turn}")),
    };
    let aside = (0..).map(name).find(|name| !name.exists()).unwrap_or_else(|| name(0));
    set_aside(path, &aside)?;
    Ok(aside.exists().then_some(aside))
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io(path, error)),
        _ => Ok(()),
    }
}

fn folder_of(path: &Path) -> PathBuf {
    path.with_file_name("backups")
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Returns the stamp in what a backup's name says beside the store's, and the format before an update:
/// `20270301T002000Z_1-v9` is `20270301T002000Z` and 9.
fn parts_of(name: &str) -> (&str, Option<u32>) {
    let (stamp, format) = match name.rsplit_once("-v") {
        Some((stamp, format)) => (stamp, format.parse().ok()),
        None => (name, None),
    };
    (stamp.split_once('_').map_or(stamp, |(stamp, _)| stamp), format)
}

/// `20270301T002000Z`: a time that every file system takes as a name.
fn stamp(now: UnixMillis) -> String {
    let whole = UnixMillis::from_seconds(now.0.div_euclid(1000));
    whole.to_string().replace(['-', ':'], "")
}
