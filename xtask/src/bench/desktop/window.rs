//! A window under measurement, with its processes.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::super::process;
use super::display::{Display, family};
use super::driver::Driver;

/// Until a window that was just opened has done all that a start brings with it.
const SETTLED: Duration = Duration::from_secs(5);
/// The longest that a program may take to end, and between two looks at it.
const END_PATIENCE: Duration = Duration::from_secs(20);
const LOOK_AT_END: Duration = Duration::from_millis(20);
/// Between two looks at the memory, and how often it is looked at.
const LOOK: Duration = Duration::from_millis(500);
const LOOKS: u32 = 6;

/// A kind of window.
pub(super) struct Kind {
    /// The program, as Linux calls it.
    program: &'static str,
    /// What is there once the window can be used.
    usable: &'static str,
}

/// Ours: a row of the list is there.
pub(super) const ROOST: Kind = Kind { program: "roost-desktop", usable: "[data-post]" };
/// The empty one.
pub(super) const EMPTY: Kind = Kind { program: "empty-window", usable: "[data-ready]" };

/// What a window's processes take, MB.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    /// The program itself.
    pub(super) program: f64,
    /// The process of its page.
    pub(super) web: f64,
}

impl Memory {
    pub(super) fn both(self) -> f64 {
        self.program + self.web
    }
}

/// An open window.
pub(super) struct Opened {
    pub(super) driver: Driver,
    /// From the start until it can be used, ms.
    pub(super) start_ms: f64,
    program: u32,
    web: u32,
}

impl Opened {
    pub(super) fn start(
        display: &Display,
        program: &Path,
        environment: &[(String, String)],
        kind: &Kind,
    ) -> Result<Self> {
        let driver = Driver::open(display, program, environment)?;
        let usable = driver.wait_for(kind.usable)?;
        let of_name = |wanted: &str| {
            let found = family(driver.id()).into_iter().find(|id| process::name(*id) == wanted);
            found.with_context(|| format!("{wanted} does not run"))
        };
        let (program, web) = (of_name(kind.program)?, of_name("WebKitWebProces")?);
        Ok(Self { start_ms: usable.as_secs_f64() * 1000.0, program, web, driver })
    }

    /// The memory once it stays as it is: the least of some looks.
    pub(super) fn memory(&self) -> Result<Memory> {
        std::thread::sleep(SETTLED);
        let mut least: Option<Memory> = None;
        for _ in 0..LOOKS {
            std::thread::sleep(LOOK);
            let now = Memory {
                program: process::resident(self.program)?,
                web: process::resident(self.web)?,
            };
            if least.is_none_or(|least| now.both() < least.both()) {
                least = Some(now);
            }
        }
        least.context("nothing was looked at")
    }

    /// How often its processes are woken in a second while nothing happens.
    pub(super) fn wake_ups(&self, seconds: u64) -> Result<f64> {
        std::thread::sleep(SETTLED);
        let woken = || anyhow::Ok(process::wake_ups(self.program)? + process::wake_ups(self.web)?);
        let before = woken()?;
        let watched = Duration::from_secs(seconds.max(1));
        std::thread::sleep(watched);
        Ok((woken()? - before) / watched.as_secs_f64())
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        // A window that is closed asks about posts that would not go out, and stays; a program that the
        // system ends does not, and the next start finds nothing to repair.
        let _ = Command::new("kill").args(["-TERM", &self.program.to_string()]).status();
        let asked = Instant::now();
        while process::resident(self.program).is_ok() && asked.elapsed() < END_PATIENCE {
            std::thread::sleep(LOOK_AT_END);
        }
    }
}
