//! Laws of what everybody knows: QStash's public tokens and keys serve development alone.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::path::Path;
use std::process::{Command, Output};

use roost_qstash::Client;
use roost_scheduler::{DEV_KEYS, TEST_USERS};
use tempfile::tempdir;

use crate::program::Program;

/// A start that is to fail.
fn refused(database: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let Output { status, stderr, .. } = Command::new(env!("CARGO_BIN_EXE_qstash-local"))
        .args(["--port", "0", "--database"])
        .arg(database)
        .args(arguments)
        .env_remove("QSTASH_TOKEN")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    assert!(!status.success(), "{arguments:?} {variables:?}");
    String::from_utf8(stderr).unwrap()
}

async fn keys(program: &Program) -> (String, String) {
    rustls::crypto::ring::default_provider().install_default().ok();
    let client = Client::new(program.url.parse().unwrap(), program.token.clone()).unwrap();
    let keys = client.keys().await.unwrap();
    (keys.current, keys.next)
}

fn is_public((current, next): &(String, String)) -> bool {
    let known =
        |key: &String| TEST_USERS.iter().any(|user| [user.keys.0, user.keys.1].contains(&&**key));
    known(current) || known(next)
}

#[tokio::test]
async fn what_was_used_for_development_signs_with_keys_of_its_own_afterwards() {
    let folder = tempdir().unwrap();
    let dev = Program::start(folder.path(), &["--dev"]);
    let (current, next) = keys(&dev).await;
    assert_eq!((current.as_str(), next.as_str()), DEV_KEYS);
    drop(dev);
    let own = keys(&Program::start(folder.path(), &[])).await;
    assert!(!is_public(&own));
    for arguments in [&["--dev"][..], &["--dev", "drain"]] {
        let said = refused(&folder.path().join("program.db"), arguments, &[]);
        assert!(said.contains("choose another --database"), "{said}");
    }
    assert_eq!(keys(&Program::start(folder.path(), &[])).await, own, "no key of its own was lost");
}

#[tokio::test]
async fn public_keys_that_an_older_version_kept_are_replaced() {
    for user in TEST_USERS {
        let folder = tempdir().unwrap();
        drop(Program::start(folder.path(), &["--dev"]));
        let database = rusqlite::Connection::open(folder.path().join("program.db")).unwrap();
        let sql = "INSERT INTO signing_key (one, current, next) VALUES (1, ?1, 'sig_fresh')";
        // As after a rotation: the next key became the current one.
        database.execute(sql, [user.keys.1]).unwrap();
        drop(database);
        let own = keys(&Program::start(folder.path(), &[])).await;
        assert!(!is_public(&own));
        assert_eq!(keys(&Program::start(folder.path(), &[])).await, own);
    }
}

#[test]
fn a_public_token_opens_nothing_but_development() {
    let folder = tempdir().unwrap();
    let database = folder.path().join("x.db");
    for user in TEST_USERS {
        for (arguments, variable) in [
            (vec!["--bind", "0.0.0.0"], Some("QSTASH_TOKEN")),
            (vec![], Some("QSTASH_READ_ONLY_TOKEN")),
            (vec!["--token", user.token], None),
        ] {
            let variables: Vec<_> = variable.map(|name| (name, user.token)).into_iter().collect();
            let said = refused(&database, &arguments, &variables);
            assert!(said.contains("everybody knows"), "{said}");
        }
    }
}
