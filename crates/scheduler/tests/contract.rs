//! The official SDKs as real clients and receivers of the real program. `contract/setup.sh`
//! installs them; without them these tests say that they skip, and fail when
//! `ROOST_REQUIRE_TOOLS=1` asks for them.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The program on a free port, with what it printed to be exported.
struct Program {
    child: Child,
    variables: Vec<(String, String)>,
    _folder: tempfile::TempDir,
}

impl Program {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_qstash-local"))
            .args(["--dev", "--port", "0", "--database"])
            .arg(folder.path().join("contract.db"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let exports = lines.filter_map(|line| {
            let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
            Some((name.to_owned(), value.trim_matches('"').to_owned()))
        });
        let variables: Vec<_> = exports.take(4).collect();
        assert_eq!(variables.len(), 4, "the program tells what to export");
        Self { child, variables, _folder: folder }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn contract() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract")
}

/// True when the tool is there; otherwise says that the test is skipped, or fails.
fn is_there(tool: &str, sdk: &Path) -> bool {
    let runs = Command::new(tool).arg("--version").output().is_ok_and(|run| run.status.success());
    if runs && sdk.exists() {
        return true;
    }
    let missing = format!("{tool} or {} is missing: run contract/setup.sh", sdk.display());
    assert!(std::env::var_os("ROOST_REQUIRE_TOOLS").is_none_or(|value| value != "1"), "{missing}");
    println!("skipped: {missing}");
    false
}

fn run(tool: &str, script: &str) {
    let program = Program::start();
    let run = Command::new(tool)
        .arg(contract().join(script))
        .current_dir(contract())
        .envs(program.variables.iter().cloned())
        .output()
        .unwrap();
    let (said, wrong) =
        (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{said}\n{wrong}");
    println!("{}", said.lines().last().unwrap_or_default());
}

#[test]
fn the_official_javascript_sdk_is_satisfied() {
    if is_there("node", &contract().join("node_modules/@upstash/qstash")) {
        run("node", "contract.mjs");
    }
}

#[test]
fn the_hono_example_runs_unchanged() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/hono");
    if !is_there("node", &example.join("node_modules/@upstash/qstash")) {
        return;
    }
    let program = Program::start();
    let port = program.variables[0].1.rsplit_once(':').unwrap().1;
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

#[test]
fn the_official_python_sdk_is_satisfied() {
    // Target folder of this very test, wherever it was configured to be.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let venv = target.join("contract/venv");
    let python = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    let python = venv.join(python);
    if is_there(&python.to_string_lossy(), &venv) {
        run(&python.to_string_lossy(), "contract.py");
    }
}
