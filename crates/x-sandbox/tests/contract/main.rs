//! Others' clients against the sandbox, and the sandbox and our own client against X's own
//! description: the imitation must please those who did not write it.
//!
//! The tools are Python packages (`requirements.txt`) in `target/contract/venv`. Without them the
//! tests say that they skip; with `ROOST_REQUIRE_TOOLS=1` they fail instead.

mod recording;

use std::path::{Path, PathBuf};
use std::process::Command;

use roost_x_sandbox::{Config, Grant, NewAccount, Running, Sandbox};

struct World {
    running: Running,
    ada: Grant,
    folder: tempfile::TempDir,
}

async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::new(folder.path().join("x.db"));
    config.auto_approve = true;
    let running = Sandbox::start(config, 0).await.unwrap();
    let new = NewAccount { subscription_type: Some("None".into()), ..NewAccount::named("ada") };
    let ada = running.sandbox.grant(new, None).await.unwrap();
    World { running, ada, folder }
}

fn skip(why: &str) {
    assert!(
        std::env::var("ROOST_REQUIRE_TOOLS").as_deref() != Ok("1"),
        "{why}, and ROOST_REQUIRE_TOOLS=1"
    );
    println!("skipped: {why}");
}

/// The Python with the packages; none when it was not set up.
fn python() -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?;
    let venv = target.join("contract").join("venv");
    let name = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    let python = venv.join(name);
    let has_packages = Command::new(&python)
        .args(["-c", "import xdk, tweepy, jsonschema"])
        .output()
        .is_ok_and(|output| output.status.success());
    has_packages.then_some(python)
}

/// Runs a script of this folder to its end, off the runtime's threads.
async fn run(script: &'static str, arguments: Vec<String>) -> bool {
    let Some(python) = python() else {
        skip("target/contract/venv lacks the packages of tests/contract/requirements.txt");
        return false;
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract").join(script);
    let output = tokio::task::spawn_blocking(move || {
        Command::new(python).arg(path).args(arguments).env("NO_PROXY", "*").output().unwrap()
    })
    .await
    .unwrap();
    let words = [output.stdout, output.stderr].concat();
    let words = String::from_utf8_lossy(&words);
    assert!(output.status.success(), "{script}:\n{words}");
    println!("{words}");
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_sdk_is_served() {
    let world = world().await;
    let secret = world.ada.client_secret.clone().unwrap();
    let arguments = vec![world.running.base_url(), world.ada.client_id.clone(), secret];
    if run("official_sdk.py", arguments).await {
        let summary = world.running.sandbox.summary().await.unwrap();
        assert_eq!((summary.accepted, summary.refused), (2, 2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_speaks_in_older_names_is_served() {
    let world = world().await;
    let arguments = vec![world.running.base_url(), world.ada.access_token.clone()];
    run("older_names.py", arguments).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_and_answered_is_as_x_describes_it() {
    let openapi = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/x-openapi.json");
    if !openapi.exists() {
        skip("../shared/data/x-openapi.json is not there");
        return;
    }
    let world = world().await;
    let exchanges = recording::record(&world).await;
    let file = world.folder.path().join("exchanges.json");
    std::fs::write(&file, serde_json::to_vec(&exchanges).unwrap()).unwrap();
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    run("schema.py", vec![path(&openapi), path(&file)]).await;
}
