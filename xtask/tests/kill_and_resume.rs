//! A run whose programs are killed at any moment goes on where it was: nothing lost, nothing
//! doubled.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Enough posts, over enough seconds, that a kill always finds some sent, some in flight and some
/// still to come.
const POSTS: usize = 40;
const SECONDS: u32 = 14;
/// No run may take longer, however often it was killed.
const LIMIT: Duration = Duration::from_secs(180);

/// The folder of the programs under test; they are built by whoever sets this.
fn binaries() -> Option<PathBuf> {
    let folder = std::env::var_os("ROOST_BIN_DIR").map(PathBuf::from);
    let required = std::env::var_os("ROOST_REQUIRE_TOOLS").is_some();
    assert!(folder.is_some() || !required, "ROOST_BIN_DIR names the built programs");
    if folder.is_none() {
        println!("skipped: ROOST_BIN_DIR names no folder of built programs");
    }
    folder
}

/// A calendar of plain posts, one after another.
fn write_calendar(path: &Path) {
    let posts: Vec<serde_json::Value> = (0..POSTS)
        .map(|number| {
            let (hour, minute) = (number / 60, number % 60);
            serde_json::json!({
                "content": format!("Post number {number} of the calendar"),
                "scheduledAt": format!("2027-03-01 {:02}:{minute:02}", 9 + hour),
            })
        })
        .collect();
    let calendar = serde_json::json!({ "timezone": "Asia/Kolkata", "posts": posts });
    std::fs::write(path, calendar.to_string()).expect("the calendar is written");
}

struct Run {
    folder: tempfile::TempDir,
    binaries: PathBuf,
}

impl Run {
    fn new(binaries: PathBuf) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        write_calendar(&folder.path().join("calendar.json"));
        Self { folder, binaries }
    }

    fn start(&self) -> Child {
        let seconds = SECONDS.to_string();
        Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["run", "--headless", "--json", "--compress", &seconds])
            .arg("--file")
            .arg(self.folder.path().join("calendar.json"))
            .arg("--data")
            .arg(self.data())
            .env("ROOST_BIN_DIR", &self.binaries)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("xtask starts")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Runs to the end and returns the closing document.
    fn finish(&self) -> serde_json::Value {
        let output = self.start().wait_with_output().expect("xtask ends");
        let text = String::from_utf8_lossy(&output.stdout);
        let last = text.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: \"{text}\""))
    }
}

/// The processes that work on this run's data folder and are named `program`.
fn processes(data: &Path, program: &str) -> Vec<u32> {
    let data = data.to_string_lossy().into_owned();
    let entries = std::fs::read_dir("/proc").expect("Linux");
    let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers
        .filter(|number: &u32| {
            let line = std::fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            let name = line.split(' ').next().unwrap_or_default().to_owned();
            name.ends_with(&format!("/{program}")) && line.contains(&data)
        })
        .collect()
}

/// Reads the run's table until a third of the posts is sent; the rest of it is let go.
fn wait_until_in_the_middle(run: &mut Child) {
    let mut table = BufReader::new(run.stderr.take().expect("the table")).lines();
    let sent = table.by_ref().map_while(Result::ok).filter(|line| line.starts_with('✓'));
    assert_eq!(sent.take(POSTS / 3).count(), POSTS / 3, "the run ended before it was killed");
    std::thread::spawn(move || table.count());
}

fn kill_in_the_middle_and_finish(program: &str) {
    let Some(binaries) = binaries() else { return };
    let begun = Instant::now();
    let run = Run::new(binaries);
    let mut first = run.start();
    wait_until_in_the_middle(&mut first);
    let victims = processes(&run.data(), program);
    assert!(!victims.is_empty(), "{program} runs in the middle of a run");
    for victim in victims {
        let killed = Command::new("kill").args(["-9", &victim.to_string()]).status();
        assert!(killed.expect("kill runs").success());
    }
    let _ended = first.wait().expect("the run ends when one of its programs is gone");
    let summary = run.finish();
    assert_eq!(summary["posts"], POSTS, "{summary}");
    assert_eq!(summary["posted"], POSTS, "nothing is lost: {summary}");
    assert_eq!(summary["duplicates"], 0, "nothing is doubled: {summary}");
    assert!(begun.elapsed() < LIMIT, "a killed run comes to its end");
}

#[test]
fn killing_roost_in_the_middle_loses_nothing_and_doubles_nothing() {
    kill_in_the_middle_and_finish("roost");
}

#[test]
fn killing_the_sandbox_in_the_middle_loses_nothing_and_doubles_nothing() {
    kill_in_the_middle_and_finish("x-sandbox");
}

#[test]
fn killing_the_run_itself_in_the_middle_loses_nothing_and_doubles_nothing() {
    kill_in_the_middle_and_finish("xtask");
}
