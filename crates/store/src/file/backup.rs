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

use super::{Options, SCHEMA, existence_mark, location};
use crate::error::Error;
use crate::post::restored;
use crate::store::Store;

/// A backup on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The file.
    pub path: PathBuf,
    /// When it was made.
    pub made_at: UnixMillis,
    /// Its size.
    pub bytes: u64,
}

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
        Ok(Backup { path: target.to_owned(), made_at: self.clock().now(), bytes })
    }

    /// Makes a backup in the folder `backups` beside the store, and lets the oldest go.
    ///
    /// # Errors
    /// As [`Store::backup_to`]; a store in memory has no place for backups.
    pub fn backup(&self) -> Result<Backup, Error> {
        let path = self.path().ok_or_else(|| Error::not_found("file of", "a store in memory"))?;
        rotate(path, self.clock().as_ref(), self.options())
    }
}

/// The backups of the store at `path`, newest first. The file itself need not be there.
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
        if !name.starts_with(&prefix) || !name.ends_with(".db") {
            continue;
        }
        let metadata = entry.metadata().map_err(|source| Error::io(&entry.path(), source))?;
        let modified = metadata.modified().map_err(|source| Error::io(&entry.path(), source))?;
        let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        let made_at = UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        found.push((name, Backup { path: entry.path(), made_at, bytes: metadata.len() }));
    }
    // Names carry the time of the store's clock, so that they sort by it.
    found.sort_by(|(one, _), (other, _)| other.cmp(one));
    Ok(found.into_iter().map(|(_, backup)| backup).collect())
}

/// Puts `backup` in the place of the store at `path`. What is there is moved aside, not deleted;
/// the answer names where to.
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
    let (path, backup) = (path.as_ref(), backup.as_ref());
    let settings = Options::default().settings();
    let _lock = lock_exclusively(path, &Options::default())?;
    let found = inspect(backup, &SCHEMA, &settings, Depth::Whole);
    if !matches!(existence_mark::compare(backup, found)?, Found::Database { .. }) {
        return Err(Error::Missing { path: backup.to_owned() });
    }
    let fresh = beside(path, ".restoring");
    remove(&fresh)?;
    copy(&copier(backup, &settings)?, &fresh)?;
    let put_back = copier(&fresh, &settings)?;
    location::forget(&put_back)?;
    restored::mark(&put_back, clock.now())?;
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
/// store was here is taken away.
///
/// # Errors
/// When the store is open somewhere, or the file cannot be moved.
pub fn start_anew(path: impl AsRef<Path>, clock: &dyn Clock) -> Result<Option<PathBuf>, Error> {
    let path = path.as_ref();
    let _lock = lock_exclusively(path, &Options::default())?;
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

/// Makes a dated backup of the file at `path` and removes those beyond the limit.
pub(super) fn rotate(path: &Path, clock: &dyn Clock, options: &Options) -> Result<Backup, Error> {
    let folder = folder_of(path);
    private_files::make_folder(&folder).map_err(|source| Error::io(&folder, source))?;
    let stamp = stamp(clock.now());
    let name = |turn: u32| match turn {
        0 => folder.join(format!("{}-{stamp}.db", stem(path))),
        _ => folder.join(format!("{}-{stamp}_{turn}.db", stem(path))),
    };
    let target = (0..).map(name).find(|name| !name.exists()).unwrap_or_else(|| name(0));
    copy(&copier(path, &options.settings())?, &target)?;
    let made = backups(path)?;
    for old in made.iter().skip(options.backups.max(1)).filter(|old| old.path != target) {
        remove(&old.path)?;
    }
    let bytes = fs::metadata(&target).map_err(|source| Error::io(&target, source))?.len();
    Ok(Backup { path: target, made_at: clock.now(), bytes })
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

/// `20270301T002000Z`: a time that every file system takes as a name.
fn stamp(now: UnixMillis) -> String {
    let whole = UnixMillis::from_seconds(now.0.div_euclid(1000));
    whole.to_string().replace(['-', ':'], "")
}
