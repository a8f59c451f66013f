//! The file on disk: what stands beside it, how it is checked, opened, migrated and backed up.
//!
//! Before a file is trusted it climbs a ladder ([`check`]): is it there, is it empty though a
//! mark outside says otherwise, does its header name SQLite and Roost, is its history one that
//! this Roost knows. After anything but a clean end ([`clean`]) it climbs on: do SQLite's quick
//! check and the foreign keys hold. Until the last rung the file is only read. All of it, and the
//! migration, happens behind a lock on a file beside it.

mod backup;
mod check;
mod clean;
mod connection;
pub(crate) mod home;
mod migrate;
mod private;
mod side;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use roost_core::clock::{Clock, UnixMillis};
use roost_core::id::StoreId;
use rusqlite::Connection;

pub use backup::{Backup, backups, restore_backup, start_anew};
pub(crate) use connection::{bound_log, reader, write_log_back};
pub use private::{make_private_folder, open_private};

use crate::error::Error;
use crate::post::restored;
use check::{Depth, Found};

/// How long a program that ends waits for one that begins.
const PATIENCE_AT_THE_END: Duration = Duration::from_secs(1);

/// What a person may want to know of an opening, told while it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// The store did not come to a clean end, or something changed it since: its whole file is read
    /// now, which takes about a second for each 200 MB.
    ReadsTheWholeFile {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// Other users of this computer could read these files; from now on they can not.
    ClosedToOthers {
        /// The files.
        paths: Vec<PathBuf>,
    },
}

/// Limits of an open store.
#[derive(Debug, Clone)]
pub struct Options {
    /// Hears what a person may want to know of the opening.
    pub tell: Option<fn(&Opening)>,
    /// How long to wait for another program that holds the file.
    pub busy_timeout: Duration,
    /// How many backups stay.
    pub backups: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { tell: None, busy_timeout: Duration::from_secs(5), backups: 7 }
    }
}

/// A file that passed, open for writing.
pub(crate) struct Opened {
    pub(crate) writer: Connection,
    pub(crate) store_id: StoreId,
    pub(crate) hold: Hold,
}

/// The file, held open by this process. Letting go notes a clean end, unless others hold it too: the
/// connections are to be closed before.
#[derive(Debug)]
pub(crate) struct Hold {
    path: PathBuf,
    /// Held, shared, as long as the store is open: restoring a backup wants it alone.
    open: File,
    /// When the whole file was last found sound, in Unix milliseconds; 0 when nobody knows.
    checked_at: AtomicI64,
    damaged: AtomicBool,
}

/// Checks, backs up, migrates and opens the file at `path`.
pub(crate) fn open(path: &Path, clock: &dyn Clock, options: &Options) -> Result<Opened, Error> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_private_folder(folder).map_err(|source| Error::io(folder, source))?;
    }
    let _alone = side::lock_for_opening(path, options.busy_timeout)?;
    let (open, is_first) = side::lock_shared(path, options.busy_timeout)?;
    close_to_others(path, options);
    let depth = depth(path, is_first, options);
    let found = check::inspect(path, options, depth)?;
    if depth == Depth::Whole {
        clean::mark_sound(path);
    }
    if found == (Found::Store { pending: true }) {
        backup::rotate(path, clock, options)?;
    }
    let mut writer = connection::writer(path, options, found == Found::Nothing)
        .map_err(|error| error.at(path))?;
    if found != (Found::Store { pending: false }) {
        migrate::run(&mut writer, path)?;
    }
    restored::prepare(&mut writer, clock.now())?;
    let store_id = store_id(&writer, clock)?;
    home::settle(&writer, path, clock.now())?;
    side::leave_mark(path, store_id)?;
    let checked_at = match depth {
        Depth::Whole => Some(clock.now()),
        Depth::Header => clean::checked_at(path),
    };
    let hold = Hold {
        path: path.to_owned(),
        open,
        checked_at: AtomicI64::new(checked_at.map_or(0, |at| at.0)),
        damaged: AtomicBool::new(false),
    };
    Ok(Opened { writer, store_id, hold })
}

/// How much of the file has to be read. Whoever opens it beside others relies on the first of them.
fn depth(path: &Path, is_first: bool, options: &Options) -> Depth {
    if !is_first || clean::is_untouched(path) {
        return Depth::Header;
    }
    let bytes = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    tracing::info!(bytes, "no clean end was noted, or something happened since: all is checked");
    if let Some(tell) = options.tell.filter(|_| bytes > 0) {
        tell(&Opening::ReadsTheWholeFile { path: path.to_owned(), bytes });
    }
    Depth::Whole
}

/// Closes what an earlier version left open to other users of this computer.
fn close_to_others(path: &Path, options: &Options) {
    let mut files: Vec<PathBuf> =
        side::OURS.iter().map(|suffix| side::beside(path, suffix)).collect();
    files.extend(backup::kept(path));
    files.retain(|file| private::close_to_others(file));
    if let Some(tell) = options.tell.filter(|_| !files.is_empty()) {
        tell(&Opening::ClosedToOthers { paths: files });
    }
}

impl Hold {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the whole file, beside whoever uses it.
    ///
    /// # Errors
    /// When it is damaged, or can't be read. After damage no clean end is noted.
    pub(crate) fn check(&self, options: &Options, clock: &dyn Clock) -> Result<(), Error> {
        let found = connection::reader(&self.path, options)
            .and_then(|reader| check::contents(&reader, &self.path))
            .map_err(|error| error.at(&self.path));
        match &found {
            Ok(()) => {
                let now = clock.now();
                self.checked_at.store(now.0, Ordering::SeqCst);
                self.damaged.store(false, Ordering::SeqCst);
                clean::mark_sound(&self.path);
                clean::note_check(&self.path, now);
            }
            Err(Error::Damaged { .. }) => {
                self.damaged.store(true, Ordering::SeqCst);
                clean::mark_damaged(&self.path);
            }
            Err(_) => {}
        }
        found
    }

    /// When the whole file was last found sound, by this process or another.
    pub(crate) fn checked_at(&self) -> UnixMillis {
        let noted = clean::checked_at(&self.path).unwrap_or(UnixMillis(0));
        noted.max(UnixMillis(self.checked_at.load(Ordering::SeqCst)))
    }

    /// Notes a clean end, unless another process has the file open: then that one will.
    pub(crate) fn note_end(&self) {
        let Ok(_alone) = side::lock_for_opening(&self.path, PATIENCE_AT_THE_END) else { return };
        if self.open.unlock().is_err() || self.open.try_lock().is_err() {
            // Others have it open.
            let _ = self.open.lock_shared();
            return;
        }
        if self.damaged.load(Ordering::SeqCst) {
            clean::forget(&self.path);
        } else {
            clean::note_end(&self.path, UnixMillis(self.checked_at.load(Ordering::SeqCst)));
        }
        let _ = side::share(&self.open);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.note_end();
    }
}

/// A fresh database in memory, migrated.
pub(crate) fn open_in_memory(
    clock: &dyn Clock,
    options: &Options,
) -> Result<(Connection, StoreId), Error> {
    let mut writer = connection::in_memory(options)?;
    migrate::run(&mut writer, Path::new(":memory:"))?;
    let store_id = store_id(&writer, clock)?;
    Ok((writer, store_id))
}

/// The store's mark: read, or made when the store is new.
fn store_id(writer: &Connection, clock: &dyn Clock) -> Result<StoreId, Error> {
    let now = clock.now();
    let read = || {
        writer.query_row("SELECT value ->> '$' FROM setting WHERE key = 'store_id'", [], |row| {
            row.get::<_, String>(0)
        })
    };
    let text = match read() {
        Err(rusqlite::Error::QueryReturnedNoRows) => {
            writer.execute(
                "INSERT INTO setting (key, value, updated_at)
                 VALUES ('store_id', json_quote(?1), ?2)",
                (StoreId::new(now).to_string(), now.0),
            )?;
            read()?
        }
        other => other?,
    };
    text.parse().map_err(|_| Error::Damaged {
        path: std::path::PathBuf::new(),
        detail: "its own id is unreadable".into(),
    })
}
