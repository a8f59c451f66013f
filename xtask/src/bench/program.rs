//! A program under measurement: started as it is shipped, ended with the measurement.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::command::shown;
use crate::project;
use crate::run::process::Process;

/// The longest a program may take to answer, or to end.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at a program that starts or ends: far below what is measured.
const LOOK: Duration = Duration::from_micros(250);

/// A running program; killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    line: String,
    log: PathBuf,
    started: Instant,
}

impl Program {
    /// Starts `command`; what it says goes to the file `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let line = shown(command);
        let said = File::options()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("{} can't be written", log.display()))?;
        command.stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said);
        let started = Instant::now();
        let child = command.spawn().with_context(|| format!("\"{line}\" could not be started"))?;
        Ok(Self { child, line, log: log.to_owned(), started })
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until `GET path` is answered with 200; gives the time since the start.
    pub(crate) fn ready(&mut self, address: SocketAddr, path: &str) -> Result<Duration> {
        loop {
            if is_well(address, path) {
                return Ok(self.started.elapsed());
            }
            self.check(PATIENCE)?;
            std::thread::sleep(LOOK);
        }
    }

    /// An error when the program has ended, or started longer than `limit` ago.
    fn check(&mut self, limit: Duration) -> Result<()> {
        let said = || std::fs::read_to_string(&self.log).unwrap_or_default();
        if let Some(status) = self.child.try_wait()? {
            bail!("\"{}\" ended ({status}): {}", self.line, said());
        }
        if self.started.elapsed() > limit {
            bail!("\"{}\" does not answer: {}", self.line, said());
        }
        Ok(())
    }

    /// Asks it to end, as a service manager does, and waits until it did.
    pub(crate) fn stop(mut self) -> Result<()> {
        let id = self.child.id().to_string();
        crate::command::output(Command::new("kill").args(["-TERM", &id]))?;
        let asked = Instant::now();
        while self.child.try_wait()?.is_none() {
            if asked.elapsed() > PATIENCE {
                bail!("\"{}\" does not end", self.line);
            }
            std::thread::sleep(LOOK);
        }
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether `GET path` is answered with 200.
fn is_well(address: SocketAddr, path: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(&head == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}

/// An address of this computer that nobody listens on.
pub(crate) fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no free port on this computer")?;
    Ok(listener.local_addr()?)
}

/// Returns the file of a program: as it is shipped, or as it was built for development.
pub(crate) fn file_of(is_shipped: bool, name: &str) -> PathBuf {
    if is_shipped { project::release(name) } else { project::binary(name) }
}

/// Starts the sandbox that stands in for X, with limits that bind no account. Returns it with its address.
///
/// # Errors
/// When it does not start, or does not say where it is.
pub(crate) fn sandbox(is_shipped: bool, folder: &Path) -> Result<(Process, String)> {
    let mut command = Command::new(file_of(is_shipped, "x-sandbox"));
    command.args(["--port", "0", "--print-ready", "--exit-with-stdin", "--limits", "demo"]);
    command.args(["--duplicates", "off", "--database"]).arg(folder.join("x.db"));
    let mut sandbox = Process::start("x-sandbox", &mut command, &folder.join("x.log"))?;
    let ready: serde_json::Value = serde_json::from_str(&sandbox.first_line(PATIENCE)?)?;
    sandbox.discard_output();
    let address = ready["base_url"].as_str().context("the sandbox's address")?;
    let address = address.trim_end_matches('/').to_owned();
    Ok((sandbox, address))
}
