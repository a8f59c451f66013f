//! The published document against a relay that runs, asked whatever `schemathesis` (PyPI) makes of it. Without
//! it the test says so and ends.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
/// Requests made up for each operation in each phase.
const EXAMPLES: &str = "4";
const CHECKS: &str = "not_a_server_error,response_schema_conformance,status_code_conformance,\
                      content_type_conformance";

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn relay(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost-relay"));
    command.arg("--config").arg(folder.join("relay.toml"));
    command.env_remove("QSTASH_TOKEN").stdin(Stdio::null()).stderr(Stdio::null());
    command
}

#[test]
fn whatever_is_asked_the_relay_answers_what_its_document_says_and_never_fails() {
    if !Command::new("st").arg("--version").output().is_ok_and(|it| it.status.success()) {
        println!("skipped: there is no schemathesis (`st`, from PyPI)");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let port = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a port");
    let text = format!(
        "database = \"relay.sqlite\"\nlisten = \"{port}\"\npublic_urls = [\"http://{port}\"]\n\
         embedded_scheduler = true\ndry_run = true\n"
    );
    std::fs::write(folder.join("relay.toml"), text).expect("written");
    assert!(relay(folder).arg("init").stdout(Stdio::null()).status().expect("ran").success());
    let added = relay(folder).args(["device", "add", "the test"]).output().expect("ran");
    let key = String::from_utf8(added.stdout).expect("a key").trim().to_owned();
    let _relay =
        Program(relay(folder).arg("serve").stdout(Stdio::null()).spawn().expect("started"));
    let deadline = Instant::now() + PATIENCE;
    while std::net::TcpStream::connect(port).is_err() {
        assert!(Instant::now() < deadline, "the relay does not listen");
        std::thread::sleep(Duration::from_millis(50));
    }
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let asked = Command::new("st")
        .current_dir(folder)
        .arg("run")
        .arg(document)
        .args(["--url", &format!("http://{port}"), "-H", &format!("Authorization: Bearer {key}")])
        .args(["--checks", CHECKS, "--phases", "coverage,fuzzing", "-n", EXAMPLES, "--seed", "1"])
        // A relay that is not ready says so with 503, and one that was just made is not.
        .args(["--exclude-path", "/readyz"])
        // What is asked may take the test's own key away.
        .args(["--exclude-path", "/v1/devices/{name}"])
        .output()
        .expect("ran");
    let said = String::from_utf8_lossy(&asked.stdout);
    assert!(asked.status.success(), "{said}");
}
