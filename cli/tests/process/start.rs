//! What a start trusts, and who can read what Roost keeps.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::roost::{Roost, text};

/// What the log says when the whole file is read.
const ALL_IS_CHECKED: &str = "all is checked";

fn reads_the_whole_file(roost: &Roost) -> bool {
    let ended = roost.run(&["status", "--verbose"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.stderr.contains(ALL_IS_CHECKED)
}

fn filled() -> Roost {
    let roost = Roost::new();
    roost.json(&["posts", "create", "the first words"]);
    roost
}

#[test]
fn every_command_leaves_a_clean_end_behind() {
    let roost = filled();
    assert!(!reads_the_whole_file(&roost), "after a post was made");
    let file = roost.data().parent().unwrap().join("out.json");
    let import = roost.file("in.json", r#"{"posts":[{"content":"one"},{"content":"two"}]}"#);
    for arguments in [
        vec!["posts", "list"],
        vec!["doctor"],
        vec!["import", text(&import)],
        vec!["export", "-o", text(&file)],
        vec!["settings", "--zone", "Europe/Berlin"],
        vec!["posts", "show", "01890000-0000-7000-8000-000000000000"],
    ] {
        roost.run(&arguments);
        assert!(!reads_the_whole_file(&roost), "after {arguments:?}");
    }
}

#[test]
fn the_start_after_a_kill_reads_the_whole_file_and_the_one_after_it_does_not() {
    let roost = filled();
    let mut watching = roost
        .command(&["sync", "--watch", "--exit-with-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Something is written while it runs, so that a log stands beside the store.
    let log = roost.data().join("roost.db-wal");
    let end = Instant::now() + Duration::from_secs(30);
    while !log.metadata().is_ok_and(|log| log.len() > 0) {
        assert!(Instant::now() < end, "nothing was written in time");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!reads_the_whole_file(&roost), "beside a running one");
    watching.kill().unwrap();
    watching.wait().unwrap();
    assert!(reads_the_whole_file(&roost), "after the kill");
    assert!(!reads_the_whole_file(&roost), "once");
}

#[cfg(unix)]
mod rights {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::{Path, PathBuf};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn all_below(folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(all_below(&path));
            }
            found.push(path);
        }
        found
    }

    #[test]
    fn what_a_run_leaves_in_the_data_folder_is_its_owner_s_alone() {
        let roost = filled();
        // Relay and scheduler start in here, and the loop's own mark is made.
        let mut watching = roost
            .command(&["sync", "--watch", "--exit-with-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(30);
        let mark = roost.data().join("roost.running");
        while !mark.exists() {
            assert!(Instant::now() < end, "the loop did not begin in time");
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(watching.stdin.take());
        watching.wait().unwrap();
        assert_eq!(mode(&roost.data()), 0o700, "made by Roost");
        // Nobody else gets into the services' own folder.
        let services = roost.data().join("local");
        assert_eq!(mode(&services), 0o700);
        for path in all_below(&roost.data()) {
            if path.starts_with(&services) {
                continue;
            }
            let expected = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode(&path), expected, "{}", path.display());
        }
    }

    #[test]
    fn what_others_could_read_is_closed_and_said_once() {
        let roost = filled();
        fs::set_permissions(roost.data(), Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(roost.data().join("roost.db"), Permissions::from_mode(0o644)).unwrap();
        let ended = roost.run(&["status"]);
        assert!(ended.stderr.contains("Other users of this computer"), "{ended:?}");
        assert_eq!(mode(&roost.data().join("roost.db")), 0o600);
        assert_eq!(mode(&roost.data()), 0o755, "the person named it");
        assert_eq!(roost.run(&["status"]).stderr, "");
    }

    #[test]
    fn the_folder_that_nobody_named_is_closed_too() {
        let roost = Roost::new();
        let home = roost.data();
        let own = home.join(roost_local::DATA_FOLDER);
        fs::create_dir_all(&own).unwrap();
        fs::set_permissions(&own, Permissions::from_mode(0o755)).unwrap();
        let run = || {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_roost"));
            command.arg("status").env_remove("ROOST_DATA_DIR").env("XDG_DATA_HOME", &home);
            String::from_utf8(command.output().unwrap().stderr).unwrap()
        };
        let said = run();
        if cfg!(target_os = "linux") {
            assert!(said.contains("Other users of this computer"), "{said}");
            assert_eq!(mode(&own), 0o700);
            assert!(!run().contains("Other users"), "once");
        }
    }
}
