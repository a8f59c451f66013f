//! What `serve` and `check` say of a relay that could deliver nothing.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

const PUBLIC: &str = "public_urls = [\"https://relay.example.org\"]\n";
const KEYS: &str =
    "[qstash]\ncurrent_signing_key = \"sig_current\"\nnext_signing_key = \"sig_next\"\n";

/// A relay's folder with these settings.
fn folder(settings: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let port = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = port.local_addr().expect("an address");
    let text = format!("database = \"relay.sqlite\"\nlisten = \"{address}\"\n{settings}");
    std::fs::write(folder.path().join("relay.toml"), text).expect("written");
    let made = run(folder.path(), &["init"]);
    assert!(made.status.success(), "{made:?}");
    folder
}

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

#[test]
fn a_relay_that_could_deliver_nothing_does_not_start_and_says_what_to_set_and_where() {
    for (settings, words) in [
        (KEYS.to_owned(), &["public_urls is empty", "relay.toml"][..]),
        (
            PUBLIC.to_owned(),
            &[
                "no signing keys",
                "relay.toml",
                "QSTASH_CURRENT_SIGNING_KEY",
                "--embedded-scheduler",
            ],
        ),
    ] {
        let folder = folder(&settings);
        let ended = run(folder.path(), &["serve"]);
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        for word in words {
            assert!(said(&ended).contains(word), "{word}: {}", said(&ended));
        }
    }
}

#[test]
fn check_fails_on_whatever_stops_deliveries_and_names_it() {
    let sound = folder(&format!("{PUBLIC}{KEYS}"));
    let ended = run(sound.path(), &["check"]);
    assert!(ended.status.success() && said(&ended).contains("is sound"), "{}", said(&ended));
    let embedded = folder(PUBLIC);
    assert!(run(embedded.path(), &["check", "--embedded-scheduler"]).status.success());

    let unreached = folder(KEYS);
    for (folder, word) in [(&embedded, "no signing keys"), (&unreached, "public_urls is empty")] {
        let ended = run(folder.path(), &["check"]);
        assert_eq!(ended.status.code(), Some(1), "{}", said(&ended));
        assert!(said(&ended).contains(word), "{}", said(&ended));
        assert!(said(&ended).contains("is sound"), "the rest is told as well: {}", said(&ended));
    }
    std::fs::remove_file(sound.path().join("relay.key")).expect("lost");
    let ended = run(sound.path(), &["check"]);
    assert_eq!(ended.status.code(), Some(1), "{}", said(&ended));
    let made = run(sound.path(), &["new-key"]);
    assert!(made.status.success() && said(&made).contains("keep a copy"), "{}", said(&made));
    assert_eq!(run(sound.path(), &["new-key"]).status.code(), Some(1), "there is one");
    assert!(run(sound.path(), &["check"]).status.success());
}

#[test]
fn check_fails_for_an_account_whose_posts_do_not_go_out() {
    let folder = folder(&format!("{PUBLIC}{KEYS}"));
    let ledger = rusqlite::Connection::open(folder.path().join("relay.sqlite")).expect("a ledger");
    ledger
        .execute_batch(
            "INSERT INTO account (x_user_id, username, name, client_id, health, grant_sealed,
                expires_at, updated_at)
             VALUES ('1', 'ada', 'Ada', 'c', 'connected', x'00', 0, 0)",
        )
        .expect("an account");
    let ended = run(folder.path(), &["check"]);
    assert_eq!(ended.status.code(), Some(1), "{}", said(&ended));
    assert!(said(&ended).contains("No post of @ada goes out"), "{}", said(&ended));
}

#[cfg(unix)]
#[test]
fn what_a_relay_writes_is_its_owner_s_alone_and_an_open_file_is_mended_and_said_once() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(&format!("{PUBLIC}{KEYS}"));
    let files = || {
        let files = std::fs::read_dir(folder.path()).expect("a folder").map(|file| {
            let file = file.expect("a file");
            (file.file_name().into_string().expect("a name"), file.metadata().expect("known"))
        });
        files.map(|(name, file)| (name, file.permissions().mode() & 0o777)).collect::<Vec<_>>()
    };
    // The configuration is the test's own.
    let open = |(name, mode): &(String, u32)| name != "relay.toml" && *mode & 0o077 != 0;
    assert!(files().iter().any(|(name, _)| name == "relay.sqlite.lock"), "{:?}", files());
    assert!(!files().iter().any(open), "{:?}", files());
    for name in ["relay.sqlite", "relay.sqlite.lock"] {
        let readable = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(folder.path().join(name), readable).expect("set");
    }
    // A start that ends at once: another address can't be listened on.
    let _taken = {
        let text = std::fs::read_to_string(folder.path().join("relay.toml")).expect("text");
        let address = text.split("listen = \"").nth(1).and_then(|rest| rest.split('"').next());
        TcpListener::bind(address.expect("an address")).expect("taken")
    };
    let first = run(folder.path(), &["serve"]);
    assert_eq!(first.status.code(), Some(1), "{first:?}");
    assert_eq!(said(&first).matches("other users could read").count(), 2, "{}", said(&first));
    assert!(!files().iter().any(open), "{:?}", files());
    let second = run(folder.path(), &["serve"]);
    assert!(!said(&second).contains("other users could read"), "{}", said(&second));
}

#[test]
fn a_device_has_a_name_and_a_missing_link_has_a_reason() {
    let folder = folder(KEYS);
    for name in ["", "  ", "a\nb"] {
        let ended = run(folder.path(), &["device", "add", name]);
        assert_eq!(ended.status.code(), Some(1), "{name:?}");
        assert!(said(&ended).contains("name has 1 to 100 characters"), "{}", said(&ended));
    }
    let ended = run(folder.path(), &["device", "add", "laptop"]);
    assert!(ended.status.success() && said(&ended).contains("rk_"), "{}", said(&ended));
    assert!(said(&ended).contains("public_urls is empty in"), "{}", said(&ended));
}
