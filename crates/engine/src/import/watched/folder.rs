//! The files of the watched folder that may be opened: regular files with the name of a format that is read.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Entries of a folder that are looked at; what is beyond waits until others are taken away.
const ENTRIES_MAX: usize = 10_000;

/// The ends of names of formats that are read. Archives are not among them: few of them hold posts.
const EXTENSIONS: [&str; 15] = [
    "csv", "tsv", "tab", "xlsx", "xlsm", "ods", "json", "jsonc", "json5", "jsonl", "ndjson", "txt",
    "md", "markdown", "js",
];

/// What tells, without reading it, whether a file is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileStat {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl FileStat {
    fn of(metadata: &fs::Metadata) -> Self {
        Self { bytes: metadata.len(), modified: metadata.modified().ok() }
    }
}

/// Returns the files of a folder that may be opened. Links are not followed, folders not entered, and an
/// empty file is one that is about to be written.
///
/// # Errors
/// When the folder is none, or can't be read.
pub(super) fn files(folder: &Path) -> io::Result<BTreeMap<PathBuf, FileStat>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder)?.take(ENTRIES_MAX) {
        let entry = entry?;
        let name = entry.file_name();
        // A name that is no text can't be kept in a journal.
        if !name.to_str().is_some_and(is_offered) {
            continue;
        }
        // Of the entry itself, not of what a link leads to; gone meanwhile is as good as never there.
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_file() && metadata.len() > 0 {
            found.insert(entry.path(), FileStat::of(&metadata));
        }
    }
    Ok(found)
}

/// Returns how a file is now; none when it is no file any more.
pub(super) fn stat(path: &Path) -> Option<FileStat> {
    let metadata = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some(FileStat::of(&metadata))
}

/// Returns whether a file of that name may be opened: it is no hidden file, no lock or copy that an editor
/// keeps beside the real one (`.~lock.plan.csv#`, `~$plan.xlsx`, `plan.csv~`), and no download that is not
/// whole (`plan.csv.part`, `plan.csv.crdownload`).
fn is_offered(name: &str) -> bool {
    let is_beside = name.starts_with(['.', '~']) || name.ends_with('~');
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    !is_beside && extension.is_some_and(|it| EXTENSIONS.contains(&it.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_files_locks_and_halves_of_downloads_are_left_alone() {
        for name in ["plan.csv", "Plan March.XLSX", "posts.json", "a.b.md", "tweets.js"] {
            assert!(is_offered(name), "{name}");
        }
        for name in [
            ".plan.csv",
            ".~lock.plan.csv#",
            ".~lock.plan.ods",
            "~$plan.xlsx",
            "~plan.tmp",
            "plan.csv~",
            "plan.csv.part",
            "plan.csv.crdownload",
            "plan.csv.tmp",
            "plan.zip",
            "plan",
            "csv",
            "",
        ] {
            assert!(!is_offered(name), "{name}");
        }
    }
}
