//! Space on the disk that holds the store.

use std::path::Path;

use roost_core::failure::Code;

use crate::Result;
use crate::diagnosis::check::check;
use crate::open_import::refused;
use crate::state::EngineState;
use crate::view::{Check, CheckHealth};

/// Below this nothing can be relied on: the next write may fail.
const TOO_LITTLE: u64 = 50 * 1024 * 1024;
/// Below this it should be looked at.
const LITTLE: u64 = 500 * 1024 * 1024;

/// Looks at the space that is left beside the store. A backup needs room for the whole file.
pub(crate) async fn check_space(engine: &EngineState) -> Result<Check> {
    let database = engine.config.database.clone();
    let (free, size) = engine
        .blocking(move || {
            let size = std::fs::metadata(&database).map_or(0, |file| file.len());
            Ok((database.parent().and_then(free), size))
        })
        .await?;
    let Some(free) = free else {
        return Ok(check("disk", CheckHealth::Good, "space was not looked at".to_owned(), None));
    };
    let finding = format!("{} free beside the store of {}", megabytes(free), megabytes(size));
    let remedy = Some("Free some space: without it nothing can be written down.");
    Ok(match judge(free, size) {
        CheckHealth::Good => check("disk", CheckHealth::Good, finding, None),
        health => check("disk", health, finding, remedy),
    })
}

/// Refuses a backup that would leave too little space for the store itself. Where the space can't be
/// asked for, the copy will say so.
pub(crate) async fn require_room_for_backup(engine: &EngineState) -> Result<()> {
    let database = engine.config.database.clone();
    engine
        .blocking(move || {
            let size = std::fs::metadata(&database).map_or(0, |file| file.len());
            let Some(free) = database.parent().and_then(free) else { return Ok(()) };
            if free.saturating_sub(size) >= TOO_LITTLE {
                return Ok(());
            }
            let message = format!(
                "The disk has {} left, and a backup of the store takes {}: free some space.",
                megabytes(free),
                megabytes(size)
            );
            Err(refused(Code::DiskFull, message))
        })
        .await
}

fn judge(free: u64, size: u64) -> CheckHealth {
    if free < TOO_LITTLE {
        CheckHealth::Bad
    } else if free < LITTLE.max(size.saturating_mul(2)) {
        CheckHealth::Warning
    } else {
        CheckHealth::Good
    }
}

#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free(_folder: &Path) -> Option<u64> {
    None
}

/// Returns a size for people.
pub(crate) fn megabytes(bytes: u64) -> String {
    match bytes / (1024 * 1024) {
        mebibytes @ 0..10_240 => format!("{mebibytes} MiB"),
        mebibytes => format!("{} GiB", mebibytes / 1024),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn little_space_is_a_finding_and_too_little_a_bad_one() {
        assert_eq!(judge(10_000 * MIB, MIB), CheckHealth::Good);
        assert_eq!(judge(400 * MIB, MIB), CheckHealth::Warning);
        assert_eq!(judge(1000 * MIB, 600 * MIB), CheckHealth::Warning, "no room for a backup");
        assert_eq!(judge(49 * MIB, 0), CheckHealth::Bad);
    }

    #[test]
    #[cfg(unix)]
    fn the_space_beside_a_file_is_known() {
        assert!(free(Path::new("/")).is_some_and(|free| free > 0));
        assert!(free(Path::new("")).is_some(), "a store in the folder where one stands");
    }
}
