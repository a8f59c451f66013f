//! The last clean end. Reading a whole file takes a second for each 200 MB, so a start does it only when
//! something may have happened to the file since a process of the product last let go of it.
//!
//! The process that has the database open last notes, in a file beside it, how the file looks then: its
//! size, when it was changed and made, and the change counter of its header. A start that finds the file
//! so, and no log beside it, trusts it. A kill in the middle of a write, a power cut, a copied or
//! restored file and another program's write all leave a file that looks otherwise, and it is read as a
//! whole. What a disk changes by itself leaves no such trace: a check of the whole file finds it, and
//! leaves a mark beside the file. As long as that is there no end is a clean one, whichever process comes
//! to it; only a check that finds the whole file sound takes it away.

use std::fs::{self, FileTimes, Metadata, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use roost_private_files::{self as private_files, beside};
use serde::{Deserialize, Serialize};

/// Where the change counter and its witness stand in the header, four bytes each.
const COUNTERS_AT: [usize; 2] = [24, 92];
/// Added to the time of the last change. Systems stamp files by a clock that stands still for
/// milliseconds; with this, no later write within the same tick leaves the same time.
const MARK_OF_OURS: Duration = Duration::from_nanos(431_700);

/// How a file looks that no process has open.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Looks {
    bytes: u64,
    /// Nanoseconds since 1970, where the system tells.
    changed: Option<u64>,
    made: Option<u64>,
    counters: [u32; 2],
}

/// What stands in the file beside the database.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Noted {
    looks: Looks,
    /// When the whole file was last read and found sound, in Unix milliseconds.
    checked_at: i64,
}

fn place(path: &Path) -> PathBuf {
    beside(path, ".clean")
}

/// Returns whether the file is as it was at the last clean end. To be asked while no process has it open.
pub(crate) fn is_untouched(path: &Path) -> bool {
    has_no_log(path)
        && !is_marked_damaged(path)
        && noted(path).is_some_and(|noted| looks(path).is_some_and(|looks| looks == noted.looks))
}

/// Returns when the whole file was last read and found sound, in Unix milliseconds, as far as that is
/// noted.
pub(crate) fn checked_at(path: &Path) -> Option<i64> {
    noted(path).map(|noted| noted.checked_at)
}

/// Notes a clean end. The caller knows that no other process has the file open. What can't be noted is
/// not: the next start reads the whole file.
pub(crate) fn note_end(path: &Path, checked_at: i64) {
    if is_marked_damaged(path) {
        // Another process may have found it.
        forget(path);
        return;
    }
    let before = noted(path);
    let checked_at = before.as_ref().map_or(checked_at, |it| it.checked_at.max(checked_at));
    if !has_no_log(path) {
        return;
    }
    let Some(mut looks) = looks(path) else { return };
    // A database that was only read keeps its note.
    if before.as_ref().is_none_or(|before| before.looks != looks) {
        looks = mark(path).unwrap_or(looks);
    }
    let now = Noted { looks, checked_at };
    if before.as_ref() != Some(&now) {
        write(path, &now);
    }
}

/// Notes that the whole file was read and found sound, while it stays open.
pub(crate) fn note_check(path: &Path, checked_at: i64) {
    let before = noted(path).unwrap_or_default();
    write(path, &Noted { checked_at, ..before });
}

/// Marks the file as damaged and takes the note away, so that no process notes a clean end.
pub(crate) fn mark_damaged(path: &Path) {
    if let Err(error) = private_files::open(&damage_mark(path)).and_then(|mark| mark.sync_all()) {
        tracing::warn!(path = %path.display(), %error, "found damage could not be noted");
    }
    forget(path);
}

/// Takes the mark of damage away: the whole file was read since and found sound.
pub(crate) fn mark_sound(path: &Path) {
    // What is not there need not be taken away; one that stays costs a check at the next start.
    let _ = fs::remove_file(damage_mark(path));
}

fn is_marked_damaged(path: &Path) -> bool {
    damage_mark(path).exists()
}

fn damage_mark(path: &Path) -> PathBuf {
    beside(path, ".damaged")
}

/// Takes the note away: the next start reads the whole file.
pub(crate) fn forget(path: &Path) {
    // One that is not there is forgotten.
    let _ = fs::remove_file(place(path));
}

fn has_no_log(path: &Path) -> bool {
    let is_empty =
        |suffix| fs::metadata(beside(path, suffix)).map_or(true, |metadata| metadata.len() == 0);
    is_empty("-wal") && is_empty("-journal")
}

fn looks(path: &Path) -> Option<Looks> {
    let mut file = fs::File::open(path).ok()?;
    let metadata = file.metadata().ok()?;
    let mut header = [0; 100];
    file.read_exact(&mut header).ok()?;
    let counters = COUNTERS_AT.map(|at| {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&header[at..at + 4]);
        u32::from_be_bytes(bytes)
    });
    Some(of(&metadata, counters))
}

fn of(metadata: &Metadata, counters: [u32; 2]) -> Looks {
    let nanos = |time: std::io::Result<SystemTime>| {
        u64::try_from(time.ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos()).ok()
    };
    Looks {
        bytes: metadata.len(),
        changed: nanos(metadata.modified()),
        made: nanos(metadata.created()),
        counters,
    }
}

/// Gives the file a time of change that no other write leaves, and tells how it looks then.
fn mark(path: &Path) -> Option<Looks> {
    let file = OpenOptions::new().write(true).open(path).ok()?;
    let changed = file.metadata().ok()?.modified().ok()?.checked_add(MARK_OF_OURS)?;
    file.set_times(FileTimes::new().set_modified(changed)).ok()?;
    drop(file);
    looks(path)
}

fn noted(path: &Path) -> Option<Noted> {
    serde_json::from_slice(&fs::read(place(path)).ok()?).ok()
}

/// Writes beside and renames, so that half a note is never read. A power cut may lose it: then the
/// whole file is read once more.
fn write(path: &Path, noted: &Noted) {
    let place = place(path);
    let fresh = beside(&place, ".part");
    let written = serde_json::to_vec(noted).map_err(std::io::Error::from).and_then(|bytes| {
        let mut file = private_files::open(&fresh)?;
        file.set_len(0)?;
        file.write_all(&bytes)?;
        drop(file);
        fs::rename(&fresh, &place)
    });
    if let Err(error) = written {
        tracing::debug!(path = %place.display(), %error, "a clean end could not be noted");
        let _ = fs::remove_file(&fresh);
        forget(path);
    }
}
