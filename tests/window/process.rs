//! Programs that end with the test.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// A running program, ended when it is dropped.
pub(crate) struct Process(Child);

impl Process {
    /// Starts it. Its words go to the test's own standard error.
    pub(crate) fn start(command: &mut Command) -> Self {
        let name = format!("{command:?}");
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        Self(child.unwrap_or_else(|error| panic!("{name}: {error}")))
    }

    /// Starts it and waits for the first line it prints; what follows is read and thrown away.
    pub(crate) fn start_and_read(command: &mut Command) -> (Self, String) {
        let name = format!("{command:?}");
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{name}: {error}"));
        let output = child.stdout.take().expect("it is piped");
        let (said, heard) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // Only the first line has a listener.
                let _ = said.send(line);
            }
        });
        let line = heard.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{name} said nothing"));
        (Self(child), line)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Looks until `look` sees something; fails with `what` after a minute.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(BETWEEN_LOOKS);
    }
}

/// Returns the process of a program that has this word in its environment, while it runs.
fn running(program: &Path, word: &str) -> Option<fs::DirEntry> {
    fs::read_dir("/proc").expect("the processes").flatten().find(|process| {
        let is_program = fs::read_link(process.path().join("exe"))
            .is_ok_and(|exe| fs::canonicalize(program).is_ok_and(|program| exe == program));
        let environment = fs::read(process.path().join("environ")).unwrap_or_default();
        is_program && String::from_utf8_lossy(&environment).contains(word)
    })
}

/// Ends a program at once, as a crash does: the one that has this word in its environment.
pub(crate) fn kill(program: &Path, word: &str) {
    let process = running(program, word).expect("the program runs");
    end(&process);
}

/// Ends a program that a closed window may have left running or may still be ending. One that is
/// started meanwhile is taken for a second instance: it shows the old window and leaves, and
/// nothing is there to drive.
pub(crate) fn end_if_running(program: &Path, word: &str) {
    if let Some(process) = running(program, word) {
        end(&process);
    }
}

fn end(process: &fs::DirEntry) {
    // A process that ended by itself meanwhile can't be ended, and is gone as well.
    let _ = Command::new("kill").arg("-9").arg(process.file_name()).status();
    until("it is gone", || (!process.path().join("exe").exists()).then_some(()));
}

impl From<Child> for Process {
    fn from(child: Child) -> Self {
        Self(child)
    }
}
