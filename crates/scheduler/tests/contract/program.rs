//! The program under test, and the tools that run against it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The program on a free port, with what it printed to be exported.
pub(crate) struct Program {
    child: Child,
    pub(crate) variables: Vec<(String, String)>,
    _folder: tempfile::TempDir,
}

impl Program {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_qstash-local"))
            .args(["--dev", "--port", "0", "--database"])
            .arg(folder.path().join("contract.db"))
            .args(arguments)
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

    pub(crate) fn url(&self) -> &str {
        &self.variables[0].1
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Where the SDKs' programs are.
pub(crate) fn contract() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract")
}

/// node, when it and the SDK are there.
pub(crate) fn node() -> Option<&'static str> {
    is_there("node", &contract().join("node_modules/@upstash/qstash")).then_some("node")
}

/// The Python in whose environment the SDK is, when they are there.
pub(crate) fn python() -> Option<String> {
    // Target folder of this very test, wherever it was configured to be.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let environment = target.join("contract/venv");
    let python = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    let python = environment.join(python).to_string_lossy().into_owned();
    is_there(&python, &environment).then_some(python)
}

/// True when the tool is there; otherwise says that the test is skipped, or fails.
pub(crate) fn is_there(tool: &str, sdk: &Path) -> bool {
    let runs = Command::new(tool).arg("--version").output().is_ok_and(|run| run.status.success());
    if runs && sdk.exists() {
        return true;
    }
    let missing = format!("{tool} or {} is missing: run contract/setup.sh", sdk.display());
    assert!(std::env::var_os("ROOST_REQUIRE_TOOLS").is_none_or(|value| value != "1"), "{missing}");
    println!("skipped: {missing}");
    false
}
