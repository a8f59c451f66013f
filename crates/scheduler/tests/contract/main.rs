//! The official SDKs as real clients and receivers of the real program. `contract/setup.sh`
//! installs them; without them these tests say that they skip, and fail when
//! `ROOST_REQUIRE_TOOLS=1` asks for them.

mod program;
mod receivers;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use program::{Program, contract, is_there, node, python};

/// Runs an SDK's program against two servers: one without limits, one with those of a plan.
fn run(tool: &str, script: &str) {
    let (program, free) = (Program::start(&[]), Program::start(&["--plan", "free"]));
    let run = Command::new(tool)
        .arg(contract().join(script))
        .current_dir(contract())
        .envs(program.variables.iter().cloned())
        .env("QSTASH_FREE_URL", free.url())
        .output()
        .unwrap();
    let (said, wrong) =
        (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{said}\n{wrong}");
    println!("{}", said.lines().last().unwrap_or_default());
}

#[test]
fn the_official_javascript_sdk_is_satisfied() {
    if let Some(node) = node() {
        run(node, "contract.mjs");
    }
}

#[test]
fn the_official_python_sdk_is_satisfied() {
    if let Some(python) = python() {
        run(&python, "contract.py");
    }
}

#[test]
fn the_hono_example_runs_unchanged() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/hono");
    if !is_there("node", &example.join("node_modules/@upstash/qstash")) {
        return;
    }
    let shown = std::fs::read_to_string(example.join("app.mjs")).unwrap();
    assert!(include_str!("../../README.md").contains(&shown), "the README shows what is run");
    let program = Program::start(&[]);
    let port = program.url().rsplit_once(':').unwrap().1;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut app = Command::new("node")
        .arg("app.mjs")
        .current_dir(&example)
        .env("QSTASH_DEV", "true")
        .env("QSTASH_DEV_PORT", port)
        .env("PORT", free.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(app.stdout.take().unwrap()).lines().map(Result::unwrap);
    let told = lines.find(|line| line.starts_with("delivered and verified"));
    app.kill().ok();
    app.wait().ok();
    assert_eq!(told.as_deref(), Some("delivered and verified: \"hello\""));
}
