//! The run's programs. Each stops when the run ends, however it ends: its stdin is a pipe from
//! here, and it leaves when that pipe closes.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// A program that runs beside the run.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    child: Child,
}

impl Process {
    /// Starts `command`; its messages go to the file `log`.
    pub(crate) fn start(name: &str, command: &mut Command, log: &Path) -> Result<Self> {
        let log_file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("cannot write {}", log.display()))?;
        let child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log_file)
            .spawn()
            .with_context(|| format!("{name} could not be started"))?;
        Ok(Self { name: name.to_owned(), child })
    }

    /// The first line on stdout, within `limit`; the rest of stdout is read and let go.
    pub(crate) fn first_line(&mut self, limit: Duration) -> Result<String> {
        let Some(stdout) = self.child.stdout.take() else {
            bail!("{} was already read from", self.name);
        };
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || send_first_line(stdout, &sender));
        match receiver.recv_timeout(limit) {
            Ok(line) if !line.is_empty() => Ok(line),
            _ => bail!("{} did not say that it is ready", self.name),
        }
    }

    /// Lets go of stdout, so that the program never blocks on it.
    pub(crate) fn discard_output(&mut self) {
        if let Some(mut stdout) = self.child.stdout.take() {
            std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        }
    }

    /// How the program ended, if it has.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().with_context(|| format!("{} cannot be watched", self.name))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Closing its stdin asks it to leave; one that does not is ended.
        drop(self.child.stdin.take());
        for _ in 0..50 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        if self.child.kill().is_ok() {
            let _ended = self.child.wait();
        }
    }
}

/// Sends the first line and drains the rest.
fn send_first_line(stdout: ChildStdout, sender: &mpsc::Sender<String>) {
    let mut reader = BufReader::new(stdout);
    let mut line = String::new();
    let read = reader.by_ref().take(64 * 1024).read_line(&mut line);
    let _receiver_gone = sender.send(if read.is_ok() { line } else { String::new() });
    let _end = std::io::copy(&mut reader, &mut std::io::sink());
}
