//! A relay that moves to another machine, and what is written down of what people do to it.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::path::Path;
use std::process::{Command, Output};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost-relay"));
    command.arg("--config").arg(folder.join("relay.toml")).args(arguments);
    for name in ["QSTASH_CURRENT_SIGNING_KEY", "QSTASH_NEXT_SIGNING_KEY", "QSTASH_TOKEN"] {
        command.env_remove(name);
    }
    command.output().expect("ran")
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

fn relay() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "database = \"relay.sqlite\"\nlisten = \"127.0.0.1:0\"\n\
                public_urls = [\"http://127.0.0.1:1\"]\nembedded_scheduler = true\n";
    std::fs::write(folder.path().join("relay.toml"), text).expect("written");
    let made = run(folder.path(), &["init"]);
    assert!(made.status.success(), "{}", said(&made));
    folder
}

fn epoch(folder: &Path) -> String {
    let database = rusqlite::Connection::open(folder.join("relay.sqlite")).expect("opened");
    database.query_row("SELECT epoch FROM relay", [], |row| row.get(0)).expect("an epoch")
}

#[test]
fn a_relay_that_moved_is_whole_under_a_new_mark_and_the_old_one_never_serves_again() {
    let old = relay();
    let added = run(old.path(), &["device", "add", "laptop"]);
    assert!(added.status.success(), "{}", said(&added));
    let picture = Path::new("relay.media/ab").join("cd".repeat(31));
    std::fs::create_dir_all(old.path().join("relay.media/ab")).expect("a folder");
    std::fs::write(old.path().join(&picture), b"a picture").expect("written");
    let new = old.path().join("moved");
    let moved = run(old.path(), &["move", new.to_str().expect("a path")]);
    assert!(moved.status.success() && said(&moved).contains("is frozen"), "{}", said(&moved));
    assert_ne!(epoch(old.path()), epoch(&new), "desktops notice");
    for file in ["relay.toml", "relay.key", "scheduler.token"] {
        let read = |folder: &Path| std::fs::read(folder.join(file)).expect(file);
        assert_eq!(read(old.path()), read(&new), "{file}");
    }
    assert_eq!(std::fs::read(new.join(&picture)).expect("moved along"), b"a picture");
    let devices = run(&new, &["device", "list"]);
    assert!(said(&devices).contains("laptop"), "{}", said(&devices));

    let refused = run(old.path(), &["serve"]);
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(said(&refused).contains("was moved to"), "{}", said(&refused));
    let again = run(old.path(), &["move", new.to_str().expect("a path")]);
    assert!(said(&again).contains("exists already"), "{}", said(&again));
    let audit = run(old.path(), &["audit"]);
    assert!(said(&audit).contains("moved"), "{}", said(&audit));
}

#[test]
fn what_people_do_is_listed_the_newest_first_and_without_a_secret() {
    let folder = relay();
    let link = said(&run(folder.path(), &["pair", "--no-qr"]));
    let added = said(&run(folder.path(), &["device", "add", "laptop"]));
    assert!(run(folder.path(), &["device", "remove", "laptop"]).status.success());
    let audit = said(&run(folder.path(), &["audit"]));
    let lines: Vec<&str> = audit.lines().collect();
    assert_eq!(lines.len(), 3, "{audit}");
    for (line, words) in lines.iter().zip(["device removed", "device added", "pairing link made"]) {
        assert!(line.contains(words) && line.contains("command line"), "{audit}");
    }
    assert!(link.contains("pc_") && added.contains("rk_"), "{link} {added}");
    assert!(!audit.contains("pc_") && !audit.contains("rk_"), "{audit}");
}
