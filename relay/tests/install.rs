//! How a relay comes to a server: the configuration that `init` writes, the unit for systemd, the
//! manual.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Exposure by `systemd-analyze security`, in tenths of its figure: beyond it the unit lost a wall.
/// docs/relay.md names the figure.
const EXPOSURE_MAX_TENTHS: u32 = 14;

fn run(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost-relay"));
    command.current_dir(folder).arg("--config").arg(folder.join("relay.toml")).args(arguments);
    for name in ["QSTASH_CURRENT_SIGNING_KEY", "QSTASH_NEXT_SIGNING_KEY", "QSTASH_TOKEN"] {
        command.env_remove(name);
    }
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("piped");
    // It may end without reading.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("ran")
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

const SETTINGS: &[&str] = &[
    "init",
    "--public-url",
    "https://relay.example.org",
    "--listen",
    "127.0.0.1:9000",
    "--signing-keys-file",
    "-",
    "--plan",
    "legacy_basic",
];

#[test]
fn init_writes_what_it_was_given_and_a_check_finds_nothing_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = run(folder.path(), SETTINGS, "sig_current_of_init\nsig_next_of_init\n");
    assert!(made.status.success(), "{}", said(&made));
    assert!(!said(&made).contains("sig_"), "a secret is said: {}", said(&made));
    let text = std::fs::read_to_string(folder.path().join("relay.toml")).expect("a file");
    for setting in [
        "public_urls = [\"https://relay.example.org\"]",
        "listen = \"127.0.0.1:9000\"",
        "current_signing_key = \"sig_current_of_init\"",
        "next_signing_key = \"sig_next_of_init\"",
        "plan = \"legacy_basic\"",
    ] {
        assert!(text.lines().any(|line| line == setting), "{setting}");
    }
    let checked = run(folder.path(), &["check"], "");
    assert!(checked.status.success(), "{}", said(&checked));
}

#[cfg(unix)]
#[test]
fn all_that_init_writes_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let made = run(folder.path(), SETTINGS, "sig_1\nsig_2\n");
    assert!(made.status.success(), "{}", said(&made));
    for name in ["relay.toml", "relay.sqlite", "relay.key"] {
        let file = std::fs::metadata(folder.path().join(name)).expect(name);
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn init_overwrites_nothing_and_writes_nothing_when_a_setting_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let one_key = run(folder.path(), SETTINGS, "sig_only_one\n");
    assert_eq!(one_key.status.code(), Some(1), "{}", said(&one_key));
    assert!(said(&one_key).contains("two signing keys"), "{}", said(&one_key));
    assert!(!said(&one_key).contains("sig_only_one"), "{}", said(&one_key));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);

    assert!(run(folder.path(), &["init"], "").status.success());
    let before = std::fs::read(folder.path().join("relay.toml")).expect("a file");
    let again = run(folder.path(), SETTINGS, "sig_1\nsig_2\n");
    assert_eq!(again.status.code(), Some(1), "{}", said(&again));
    assert!(said(&again).contains("nothing is overwritten"), "{}", said(&again));
    assert_eq!(std::fs::read(folder.path().join("relay.toml")).expect("a file"), before);
    assert!(run(folder.path(), &["init"], "").status.success(), "what is there is taken");
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_init_asks_and_asks_again_after_an_answer_that_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("relay.toml");
    let program = env!("CARGO_BIN_EXE_roost-relay");
    let asked = format!("{program} --config {} init", config.display());
    // `script` (util-linux) gives the program a terminal.
    let started = Command::new("script")
        .args(["-qec", &asked, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = started else {
        println!("skipped: there is no program `script` that gives a terminal");
        return;
    };
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(b"ftp://no\nrelay.example.org\nacme\nneither\nembedded\n").expect("typed");
    let ended = child.wait_with_output().expect("ran");
    drop(stdin);
    assert!(ended.status.success(), "{}", said(&ended));
    let text = std::fs::read_to_string(&config).expect("a file");
    for setting in ["public_urls = [\"https://relay.example.org\"]", "embedded_scheduler = true"] {
        assert!(text.lines().any(|line| line == setting), "{setting}: {}", said(&ended));
    }
}

#[test]
fn a_machine_without_a_name_gets_a_certificate_that_vouches_for_itself_and_its_pin() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [
        "init",
        "--public-url",
        "https://203.0.113.7",
        "--tls",
        "self-signed",
        "--embedded-scheduler",
    ];
    let made = run(folder.path(), &settings, "");
    assert!(made.status.success(), "{}", said(&made));
    let pin = roost_listener::pin_of(&folder.path().join("tls/certificate.pem")).expect("a pin");
    assert!(said(&made).contains(&format!("sha256={pin}")), "{}", said(&made));
    assert!(run(folder.path(), &["check"], "").status.success());

    let nameless = tempfile::tempdir().expect("a folder");
    let acme = ["init", "--public-url", "https://203.0.113.7", "--tls", "acme"];
    let refused = run(nameless.path(), &acme, "");
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(said(&refused).contains("is for a name"), "{}", said(&refused));
    assert_eq!(std::fs::read_dir(nameless.path()).expect("a folder").count(), 0);
}

#[test]
fn secrets_are_no_arguments_of_init() {
    let folder = tempfile::tempdir().expect("a folder");
    let help = said(&run(folder.path(), &["init", "--help"], ""));
    for word in ["signing-key ", "token", "password"] {
        assert!(!help.contains(&format!("--{word}")), "{help}");
    }
}

#[test]
fn the_unit_is_accepted_by_systemd_and_as_closed_as_the_docs_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = env!("CARGO_BIN_EXE_roost-relay");
    let printed = run(folder.path(), &["systemd", "--user", "daemon", "--program", program], "");
    assert!(printed.status.success(), "{}", said(&printed));
    let unit = folder.path().join("roost-relay.service");
    std::fs::write(&unit, &printed.stdout).expect("written");
    let analyze = |arguments: &[&str]| Command::new("systemd-analyze").args(arguments).output();
    let Ok(verified) = analyze(&["verify", "--man=no", unit.to_str().expect("text")]) else {
        println!("skipped: systemd-analyze is not installed, so the unit was not looked at");
        return;
    };
    assert!(
        verified.status.success() && !said(&verified).contains("roost-relay.service:"),
        "{}",
        said(&verified)
    );
    let threshold = format!("--threshold={EXPOSURE_MAX_TENTHS}");
    let judged = analyze(&[
        "security",
        "--offline=yes",
        &threshold,
        "--no-pager",
        unit.to_str().expect("text"),
    ]);
    let judged = judged.expect("ran");
    assert!(judged.status.success(), "{}", said(&judged));
}

#[test]
fn a_unit_names_only_paths_that_systemd_reads_as_they_are_meant() {
    let folder = tempfile::tempdir().expect("a folder");
    let printed = run(folder.path(), &["systemd"], "");
    let config = folder.path().join("relay.toml");
    let line = format!("ExecStart=/usr/local/bin/roost-relay --config {} serve", config.display());
    assert!(said(&printed).lines().any(|found| found == line), "{}", said(&printed));
    for wrong in [&["systemd", "--program", "roost-relay"][..], &["systemd", "--user", "a\nb"]] {
        assert_eq!(run(folder.path(), wrong, "").status.code(), Some(1), "{wrong:?}");
    }
}

#[test]
fn completions_manual_and_version_are_there() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish"] {
        let script = run(folder.path(), &["completions", shell], "");
        assert!(said(&script).contains("new-key"), "{shell}");
    }
    assert!(said(&run(folder.path(), &["man"], "")).contains(".TH roost-relay"));
    let pages = folder.path().join("man");
    let written = run(folder.path(), &["man", "--out", pages.to_str().expect("text")], "");
    assert!(written.status.success(), "{}", said(&written));
    assert!(pages.join("roost-relay-device-add.1").exists());
    let version = said(&run(folder.path(), &["--version"], ""));
    let start = concat!("roost-relay ", env!("CARGO_PKG_VERSION"), " (");
    assert!(version.starts_with(start), "{version}");
}
