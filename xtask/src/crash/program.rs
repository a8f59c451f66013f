//! A program that is started again whenever it ends.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// A program that ends by itself this often was not killed: something is wrong with it.
const ENDS_MAX: u32 = 40;
/// Before it is started again after it ended by itself.
const PAUSE: Duration = Duration::from_millis(150);

type Make = Box<dyn Fn() -> Command + Send>;

/// One of the programs of a run.
pub(crate) struct Program {
    name: &'static str,
    make: Make,
    log: PathBuf,
    child: Option<Child>,
    wanted: bool,
    ends: u32,
    not_before: Instant,
}

impl Program {
    pub(crate) fn new(name: &'static str, log: PathBuf, make: Make) -> Self {
        Self { name, make, log, child: None, wanted: false, ends: 0, not_before: Instant::now() }
    }

    pub(crate) fn start(&mut self) -> Result<()> {
        self.wanted = true;
        self.tend()
    }

    /// Starts it again if it ended although it is wanted.
    pub(crate) fn tend(&mut self) -> Result<()> {
        if let Some(child) = &mut self.child
            && let Some(status) = child.try_wait()?
        {
            self.child = None;
            if self.wanted && !died(status) {
                self.ends += 1;
                self.not_before = Instant::now() + PAUSE;
                if self.ends > ENDS_MAX {
                    bail!("{} does not stay up ({status}); see {}", self.name, self.log.display());
                }
            }
        }
        if self.wanted && self.child.is_none() && Instant::now() >= self.not_before {
            self.child = Some(self.spawn()?);
        }
        Ok(())
    }

    fn spawn(&self) -> Result<Child> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        (self.make)()
            .stdin(Stdio::piped())
            // The scheduler tells its token there, for shells; what is logged is what matters.
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} could not be started", self.name))
    }

    /// Ends it without warning; it is started again when it is tended.
    pub(crate) fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Ends it, and leaves it so.
    pub(crate) fn stop(&mut self) -> Result<()> {
        self.wanted = false;
        self.kill()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _gone = self.stop();
    }
}

/// Whether a process was ended from outside, or by itself at a point.
#[cfg(unix)]
pub(crate) fn died(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal().is_some()
}

#[cfg(not(unix))]
pub(crate) fn died(status: ExitStatus) -> bool {
    !status.success()
}
