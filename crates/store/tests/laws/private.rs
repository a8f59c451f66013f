//! Who can read what the store keeps: the person alone.

use std::cell::RefCell;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::common::*;
use roost_store::{Opening, Options, Store, backups, restore_backup};

thread_local! {
    /// What openings of this test told.
    static TOLD: RefCell<Vec<Opening>> = const { RefCell::new(Vec::new()) };
}

fn hear(opening: &Opening) {
    TOLD.with_borrow_mut(|told| told.push(opening.clone()));
}

fn open(path: &Path, home: &Home) -> Store {
    let options = Options { tell: Some(hear), ..Options::default() };
    Store::open_with(path, home.clock.clone(), options).expect("a store")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("there").permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("set");
}

/// All files and folders below a folder, without it.
fn all_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(all_below(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

fn assert_private(folder: &Path) {
    for path in all_below(folder) {
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
    }
}

#[test]
fn everything_that_the_store_makes_is_its_owner_s_alone() {
    let home = Home::new();
    let folder = home.folder.path().join("data");
    let path = folder.join("roost.db");
    let store = open(&path, &home);
    create(&store, &draft("a secret plan"));
    let backup = store.backup().expect("a backup").path;
    read(&store, |read| read.status_counts(None));
    // Log and index are there, the locks, the mark, a backup.
    assert!(all_below(&folder).len() >= 7, "{:?}", all_below(&folder));
    assert_private(home.folder.path());
    drop(store);
    restore_backup(&path, &backup, home.clock.as_ref()).expect("restored");
    drop(open(&path, &home));
    assert_private(home.folder.path());
}

#[test]
fn what_others_could_read_is_closed_at_the_next_start_and_said_once() {
    let home = Home::new();
    let store = open(&home.path(), &home);
    create(&store, &draft("a secret plan"));
    store.backup().expect("a backup");
    // As a kill leaves it: log and index are there.
    let copy = Home::new();
    for path in all_below(home.folder.path()) {
        let to = copy.folder.path().join(path.strip_prefix(home.folder.path()).expect("below"));
        if path.is_dir() {
            fs::create_dir_all(&to).expect("a folder");
        } else {
            fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
            fs::copy(&path, &to).expect("copied");
        }
    }
    let opened: Vec<PathBuf> = all_below(copy.folder.path());
    for path in &opened {
        set_mode(path, if path.is_dir() { 0o755 } else { 0o644 });
    }
    // The folder that the person named is the person's to open and close.
    set_mode(copy.folder.path(), 0o755);
    TOLD.take();
    drop(open(&copy.path(), &copy));
    assert_private(copy.folder.path());
    assert_eq!(mode(copy.folder.path()), 0o755);
    let told: Vec<PathBuf> = TOLD
        .take()
        .into_iter()
        .filter_map(|told| match told {
            Opening::ClosedToOthers { paths } => Some(paths),
            Opening::ReadsTheWholeFile { .. } => None,
        })
        .flatten()
        .collect();
    assert_eq!(told.len(), opened.len(), "{told:?} of {opened:?}");
    drop(open(&copy.path(), &copy));
    assert_eq!(TOLD.take(), [], "once");
    assert_eq!(backups(copy.path()).expect("a list").len(), 1);
}

#[test]
fn a_folder_that_is_there_keeps_its_rights_and_one_that_roost_makes_is_its_owner_s_alone() {
    let home = Home::new();
    let named = home.folder.path().join("named");
    fs::create_dir(&named).expect("a folder");
    set_mode(&named, 0o750);
    drop(open(&named.join("made").join("roost.db"), &home));
    assert_eq!(mode(&named), 0o750);
    assert_eq!(mode(&named.join("made")), 0o700);
}
