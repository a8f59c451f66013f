//! Laws of the program `qstash-local`.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use roost_scheduler::DEV_TOKEN;
use tempfile::tempdir;

use crate::support::Destination;

/// The real program, as a process of its own.
pub(crate) struct Program {
    child: Child,
    /// What it printed to be exported.
    pub(crate) url: String,
    pub(crate) token: String,
}

impl Program {
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::start_with(folder, arguments, &[])
    }

    /// As [`Program::start`], with more in its environment.
    pub(crate) fn start_with(
        folder: &Path,
        arguments: &[&str],
        environment: &[(&str, &Path)],
    ) -> Self {
        Self::spawn(Self::command(folder, arguments).envs(environment.iter().copied()))
    }

    pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qstash-local"));
        command.args(["--port", "0", "--database"]).arg(folder.join("program.db")).args(arguments);
        command.env_remove("QSTASH_TOKEN");
        command
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut values = lines.filter_map(|line| {
            let (_, value) = line.strip_prefix("export ")?.split_once('=')?;
            Some(value.trim_matches('"').to_owned())
        });
        let mut value = || values.next().expect("the program tells what to export");
        Self { url: value(), token: value(), child }
    }
}

#[cfg(unix)]
impl Program {
    /// SIGTERM, as a service's keeper sends it.
    pub(crate) fn terminate(&mut self) -> std::process::ExitStatus {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    /// SIGKILL: nothing is flushed, nobody is told.
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().unwrap();
    }
}

#[tokio::test]
async fn a_token_that_was_made_is_kept() {
    let folder = tempdir().unwrap();
    let first = Program::start(folder.path(), &[]).token.clone();
    assert_eq!(Program::start(folder.path(), &[]).token, first);
    assert_ne!(first, DEV_TOKEN);
    let other = tempdir().unwrap();
    assert_ne!(Program::start(other.path(), &[]).token, first);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let kept = std::fs::metadata(folder.path().join("program.db.token")).unwrap();
        assert_eq!(kept.permissions().mode() & 0o077, 0, "only its owner may read the token");
    }
}

#[tokio::test]
async fn web_pages_are_served_for_development_only() {
    rustls::crypto::ring::default_provider().install_default().ok();
    for (arguments, status) in [(&["--dev"][..], 200), (&[], 403)] {
        let folder = tempdir().unwrap();
        let program = Program::start(folder.path(), arguments);
        let request = reqwest::Client::new()
            .get(format!("{}/v2/keys", program.url))
            .bearer_auth(&program.token)
            .header("Origin", "https://console.upstash.com");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status);
        let allowed = response.headers().get("access-control-allow-origin");
        assert_eq!(allowed.is_some(), status == 200);
    }
}

#[tokio::test]
async fn each_test_user_has_data_and_keys_of_its_own() {
    const SECOND: &str = "eyJVc2VySUQiOiJ0ZXN0VXNlcjEiLCJQYXNzd29yZCI6InRlc3RQYXNzd29yZCJ9";
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path(), &["--dev"]);
    let http = reqwest::Client::new();
    let publish = format!("{}/v2/publish/http://localhost:1/x", program.url);
    let request = http.post(publish).header("Upstash-Delay", "1h").bearer_auth(SECOND);
    let published: serde_json::Value =
        serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
    let id = published["messageId"].as_str().unwrap();
    for (token, status) in [(SECOND, 200), (DEV_TOKEN, 404), ("nobody", 401)] {
        let message = format!("{}/v2/messages/{id}", program.url);
        let answer = http.get(message).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), status);
    }
    let keys = http.get(format!("{}/v2/keys", program.url)).bearer_auth(SECOND);
    let keys = keys.send().await.unwrap().text().await.unwrap();
    assert!(keys.contains("sig_7GVPjvuwsfqF65iC8fSrs1dfYruM"), "{keys}");
}

#[test]
fn a_token_that_everybody_knows_is_answered_on_loopback_only() {
    let folder = tempdir().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_qstash-local"))
        .args(["--dev", "--bind", "0.0.0.0", "--port", "0", "--database"])
        .arg(folder.path().join("x.db"))
        .output()
        .unwrap();
    assert!(!run.status.success());
    assert!(String::from_utf8_lossy(&run.stderr).contains("loopback only"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_that_can_not_write_its_log_goes_on_and_delivers() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    let full = || Stdio::from(std::fs::File::options().write(true).open("/dev/full").unwrap());
    let kinds: &[&dyn Fn() -> Stdio] =
        if cfg!(target_os = "linux") { &[&full, &closed] } else { &[&closed] };
    for log in kinds {
        let (folder, receiver) = (tempdir().unwrap(), Destination::ok().await);
        let mut command = Program::command(folder.path(), &["--dev"]);
        let mut program = Program::spawn(command.env("RUST_LOG", "trace").stderr(log()));
        let publish = format!("{}/v2/publish/{}", program.url, receiver.url);
        let request = reqwest::Client::new().post(publish).bearer_auth(&program.token);
        assert_eq!(request.send().await.unwrap().status(), 200);
        receiver.until(1).await;
        assert!(program.child.try_wait().unwrap().is_none(), "it ended because of its log");
    }
}

#[tokio::test]
async fn without_development_a_destination_on_this_machine_is_called_when_it_is_named_and_no_other()
{
    rustls::crypto::ring::default_provider().install_default().ok();
    let (named, other) = (Destination::ok().await, Destination::ok().await);
    let folder = tempdir().unwrap();
    let base = url::Url::parse(&named.url).unwrap().join("/api/").unwrap();
    let program = Program::start(folder.path(), &["--only", base.as_str()]);
    assert_ne!(program.token, DEV_TOKEN, "the keys are nobody else's");
    let publish = async |destination: &str| {
        let url = format!("{}/v2/publish/{destination}", program.url);
        let request = reqwest::Client::new().post(url).bearer_auth(&program.token);
        request.send().await.unwrap().status().as_u16()
    };
    let inside = base.join("due").unwrap();
    assert_eq!(publish(inside.as_str()).await, 200);
    named.until(1).await;
    let above = format!("{base}../else");
    for refused in [other.url.as_str(), "https://example.com/", above.as_str()] {
        assert_eq!(publish(refused).await, 400, "{refused}");
    }
    assert!(other.seen().is_empty());
}

#[cfg(unix)]
#[test]
fn what_the_program_writes_is_its_owner_s_alone_and_an_open_file_is_mended() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().unwrap();
    let open = || {
        let files = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap);
        files.filter(|it| it.metadata().unwrap().permissions().mode() & 0o077 != 0).count()
    };
    drop(Program::start(folder.path(), &[]));
    assert_eq!(open(), 0);
    let database = folder.path().join("program.db");
    std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o644)).unwrap();
    drop(Program::start(folder.path(), &[]));
    assert_eq!(open(), 0);
}
