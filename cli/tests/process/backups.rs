//! `roost backup`, `roost backups`, `roost restore`.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::roost::{Roost, text};

fn contents(roost: &Roost) -> Vec<String> {
    let mut found: Vec<String> =
        roost.posts().iter().map(|post| post["text"].as_str().unwrap().to_owned()).collect();
    found.sort();
    found
}

fn filled() -> Roost {
    let roost = Roost::new();
    roost.json(&["posts", "create", "the first"]);
    roost
}

#[test]
fn a_backup_is_listed_and_put_back_and_what_was_there_is_kept_aside() {
    let roost = filled();
    assert!(roost.run(&["backups"]).stdout.contains("roost backup"), "none yet");
    let made = roost.json(&["backup"]);
    roost.json(&["posts", "create", "the second"]);
    let listed = roost.json(&["backups"])["backups"].clone();
    assert_eq!(listed[0]["path"], made["path"]);
    assert!(listed[0]["bytes"].as_u64().unwrap() > 4096, "{listed}");
    let table = roost.run(&["backups"]).stdout;
    assert!(table.contains("less than a minute") && table.contains("kB"), "{table}");
    let restored = roost.json(&["restore", "latest"]);
    assert_eq!(contents(&roost), ["the first"]);
    let aside = restored["kept_aside"].as_str().unwrap();
    // What was set aside is a backup like any other.
    roost.json(&["restore", aside]);
    assert_eq!(contents(&roost), ["the first", "the second"]);
    let words = roost.run(&["restore", made["path"].as_str().unwrap()]);
    assert!(words.stdout.contains("roost sync"), "{words:?}");
    assert!(roost.run(&["status"]).code == 0);
}

#[test]
fn a_backup_to_a_file_replaces_nothing_unasked() {
    let roost = filled();
    let file = roost.file("mine.db", "not yours");
    let refused = roost.run(&["backup", text(&file)]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert_eq!(std::fs::read(&file).unwrap(), b"not yours");
    roost.json(&["backup", text(&file), "--force"]);
    roost.json(&["posts", "create", "the second"]);
    roost.json(&["restore", text(&file)]);
    assert_eq!(contents(&roost), ["the first"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn backups_stay_within_the_megabytes_that_were_chosen() {
    let roost = filled();
    let bytes = roost.json(&["backup"])["bytes"].as_u64().unwrap();
    let per_megabyte = 1_000_000 / bytes;
    let settings = roost.json(&["settings", "--backup-megabytes", "1"]);
    assert_eq!(settings["backup_bytes_max"], 1_000_000);
    let words = roost.run(&["settings"]).stdout;
    assert!(words.contains("Backups take               1.0 MB at most"), "{words}");
    assert!(per_megabyte >= 1, "a small store has room for one");
    assert_eq!(roost.run(&["settings", "--backup-megabytes", "0"]).code, 2);
    for _ in 0..2 {
        roost.json(&["backup"]);
    }
    let kept = roost.json(&["backups"])["backups"].as_array().unwrap().len() as u64;
    assert_eq!(kept, per_megabyte.min(3));
}

#[test]
fn what_is_no_sound_backup_is_refused_and_the_store_stays() {
    let roost = filled();
    let garbage = roost.file("garbage.db", "this is no database at all, but long enough to be one");
    for backup in [text(&garbage), "there-is-none.db"] {
        let refused = roost.run(&["restore", backup]);
        assert_ne!(refused.code, 0, "{refused:?}");
        assert!(refused.stderr.contains(backup), "{refused:?}");
    }
    assert_eq!(contents(&roost), ["the first"]);
    assert_eq!(roost.run(&["restore"]).code, 2);
}

#[test]
fn a_store_that_another_process_has_open_is_not_replaced() {
    let roost = filled();
    roost.json(&["backup"]);
    let mut watching = roost
        .command(&["sync", "--watch", "--exit-with-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(30);
    while !roost.data().join("roost.running").exists() {
        assert!(Instant::now() < end, "the loop did not begin in time");
        std::thread::sleep(Duration::from_millis(20));
    }
    let refused = roost.run(&["restore", "latest"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("open in another Roost"), "{refused:?}");
    drop(watching.stdin.take());
    watching.wait().unwrap();
    assert_eq!(roost.run(&["restore", "latest"]).code, 0);
}

#[test]
fn a_damaged_store_is_mended_by_the_command_that_its_error_names() {
    let roost = filled();
    roost.json(&["backup"]);
    std::fs::write(roost.data().join("roost.db"), b"").unwrap();
    let refused = roost.run(&["posts", "list"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("roost restore"), "{refused:?}");
    let doctor = roost.run(&["doctor"]);
    assert!(doctor.stdout.contains("roost restore latest"), "{doctor:?}");
    roost.json(&["restore", "latest"]);
    assert_eq!(contents(&roost), ["the first"]);
    std::fs::remove_file(roost.data().join("roost.db")).unwrap();
    assert_eq!(roost.run(&["posts", "list"]).code, 1, "nothing is begun anew unasked");
    roost.json(&["restore", "--new-store"]);
    assert_eq!(contents(&roost), Vec::<String>::new());
}
