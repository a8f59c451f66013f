//! Alarms by mail, through a real mail server: `aiosmtpd` (PyPI, or Debian's python3-aiosmtpd). Without it
//! the tests say so and end.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

struct MailServer {
    process: Child,
    port: u16,
    mails: PathBuf,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl MailServer {
    /// Starts one that speaks TLS from the first byte, or after STARTTLS. None where there is no aiosmtpd.
    fn start(folder: &Path, tls: &str) -> Option<Self> {
        let mut known = Command::new("python3");
        known.args(["-c", "import aiosmtpd"]).stderr(Stdio::null());
        if !known.status().is_ok_and(|status| status.success()) {
            println!(
                "skipped: there is no aiosmtpd (python3-aiosmtpd of Debian), so no mail is taken"
            );
            return None;
        }
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a port");
        let port = port.port();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
        let (certificate, key) = (folder.join("mail.pem"), folder.join("mail.key"));
        std::fs::write(&certificate, made.cert.pem()).expect("written");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
        let mails = folder.join("mails");
        let (cert_flag, key_flag) = match tls {
            "implicit" => ("--smtpscert", "--smtpskey"),
            _ => ("--tlscert", "--tlskey"),
        };
        let mut command = Command::new("python3");
        command.args(["-m", "aiosmtpd", "-n", "-l", &format!("localhost:{port}")]);
        command.arg(cert_flag).arg(&certificate).arg(key_flag).arg(&key);
        command.args(["-c", "aiosmtpd.handlers.Mailbox"]).arg(&mails);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("started");
        let server = Self { process, port, mails };
        let deadline = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(("localhost", port)).is_err() {
            assert!(Instant::now() < deadline, "the mail server does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(server)
    }

    /// The mails that arrived.
    fn mails(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.mails.join("new")).into_iter().flatten();
        files
            .map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("a mail"))
            .collect()
    }
}

/// A relay's folder whose alarms go to the server.
fn relay(server: &MailServer, tls: &str, more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!(
        "database = \"relay.sqlite\"\nlisten = \"127.0.0.1:0\"\n\
         public_urls = [\"https://relay.example.org\"]\n\
         [[alarms.mail]]\nhost = \"localhost\"\nport = {}\ntls = \"{tls}\"\n\
         from = \"Roost <roost@example.org>\"\nto = [\"me@example.org\", \"you@example.org\"]\n{more}",
        server.port
    );
    std::fs::write(folder.path().join("relay.toml"), text).expect("written");
    folder
}

fn test_alarms(folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost-relay"));
    command.arg("--config").arg(folder.join("relay.toml")).arg("test-alarms");
    command.output().expect("ran")
}

#[test]
fn a_mail_server_takes_an_alarm_over_tls_and_only_with_a_certificate_that_is_known() {
    for tls in ["starttls", "implicit"] {
        let folder = tempfile::tempdir().expect("a folder");
        let Some(server) = MailServer::start(folder.path(), tls) else { return };
        let stranger = relay(&server, tls, "");
        let refused = test_alarms(stranger.path());
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        assert!(String::from_utf8_lossy(&refused.stdout).contains("BAD   mail"), "{refused:?}");
        assert!(server.mails().is_empty(), "nothing went to a server that nobody vouches for");

        let roots = folder.path().join("mail.pem");
        let known = relay(&server, tls, &format!("roots = \"{}\"\n", roots.display()));
        let sent = test_alarms(known.path());
        assert_eq!(sent.status.code(), Some(0), "{sent:?}");
        let mails = server.mails();
        assert_eq!(mails.len(), 1, "{mails:?}");
        for part in [
            "Subject: Roost: this is a test",
            "From: Roost <roost@example.org>",
            "me@example.org",
            "you@example.org",
            "https://relay.example.org",
            "Message-ID: <msg_",
        ] {
            assert!(mails[0].contains(part), "{part}: {}", mails[0]);
        }
    }
}

#[test]
fn a_mail_server_that_is_not_there_is_named_and_an_open_one_elsewhere_is_not_spoken_to() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let write = |host: &str, tls: &str| {
        let text = format!(
            "database = \"relay.sqlite\"\nlisten = \"127.0.0.1:0\"\n[[alarms.mail]]\n\
             host = \"{host}\"\nport = {}\ntls = \"{tls}\"\nfrom = \"a@example.org\"\n\
             to = [\"b@example.org\"]\n",
            port.port()
        );
        std::fs::write(folder.path().join("relay.toml"), text).expect("written");
        test_alarms(folder.path())
    };
    let away = write("localhost", "starttls");
    let said = String::from_utf8_lossy(&away.stdout).into_owned();
    assert!(said.contains("BAD   mail: The mail server localhost:"), "{said}");
    let open = write("mail.example.org", "off");
    let said = String::from_utf8_lossy(&open.stderr).into_owned();
    assert!(said.contains("in the open") && said.contains("line"), "{said}");
}
