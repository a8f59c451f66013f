//! What one run stands on: sandbox, relay, scheduler and engine as real processes, with
//! real files, in a scratch folder. Whoever dies in it is started again.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use super::crash_plan::{CrashPlan, TargetProcess};
use super::network::Ways;
use super::program::Program;
use super::programs::Programs;
use super::settings;
use crate::run::process::Process;
use crate::services::signing_keys;
use crate::{command, http};

/// What a program may need to be ready, on a machine with much else to do.
pub(crate) const READY_LIMIT: Duration = Duration::from_secs(60);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(25);
/// How many times as long as a look took nobody looks again: what is tried gets the processor, not who watches.
const PAUSE_PER_LOOK: u32 = 8;
/// A command may die at each of its points once.
pub(crate) const COMMAND_TRIES: u32 = 60;
/// Ports below those that the system gives to clients: one that is free for a moment, because its
/// program was killed, stays free. Each run of this program has a stretch of its own.
const PORTS: u32 = 20_000;
const STRETCH: u32 = 600;
static NEXT_PORT: AtomicU32 = AtomicU32::new(0);

/// Set when the person interrupts: every wait ends.
pub(crate) static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Where a scheduler delivers that is asked for its keys only.
const NOWHERE: &str = "http://127.0.0.1:1";
/// The secret of the sandbox's app; the relay alone keeps it, sealed.
const CLIENT_SECRET: &str = "sandbox-secret";

pub(crate) struct Harness {
    pub(crate) folder: PathBuf,
    pub(crate) programs: Programs,
    pub(crate) plan: CrashPlan,
    pub(crate) relay: Program,
    pub(crate) scheduler: Program,
    pub(crate) engine: Program,
    pub(crate) x: String,
    pub(crate) relay_url: String,
    pub(crate) scheduler_url: String,
    /// How the programs reach each other; the run itself asks each directly.
    pub(crate) ways: Ways,
    pub(crate) device_key: String,
    /// How often the person had to sign in again.
    pub(crate) sign_ins: u32,
    /// What must never be found in a log or a database.
    pub(crate) secrets: Vec<String>,
    // Dropped last: the others speak to it.
    _sandbox: Process,
}

fn free_port() -> Result<u16> {
    let begin = PORTS + std::process::id() % 20 * STRETCH;
    for _ in 0..STRETCH {
        let port = begin + NEXT_PORT.fetch_add(1, Ordering::Relaxed) % STRETCH;
        let port = u16::try_from(port)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port is free")
}

impl Harness {
    /// Makes the folder and everything that stands in it before the scenario begins.
    pub(crate) fn make(programs: &Programs, folder: PathBuf, plan: CrashPlan) -> Result<Self> {
        Self::make_with(programs, folder, plan, |relay, scheduler, x| {
            Ok(Ways::direct(relay, scheduler, x))
        })
    }

    /// The same, with a network between the programs that can be cut.
    pub(crate) fn make_with_network(
        programs: &Programs,
        folder: PathBuf,
        plan: CrashPlan,
    ) -> Result<Self> {
        Self::make_with(programs, folder, plan, Ways::through_proxies)
    }

    fn make_with(
        programs: &Programs,
        folder: PathBuf,
        plan: CrashPlan,
        ways: impl FnOnce(u16, u16, &str) -> Result<Ways>,
    ) -> Result<Self> {
        let _old = std::fs::remove_dir_all(&folder);
        for part in ["x", "relay", "scheduler", "roost", "logs"] {
            std::fs::create_dir_all(folder.join(part))?;
        }
        let logs = folder.join("logs");
        let mut sandbox = settings::sandbox(programs, &folder);
        let mut sandbox = Process::start("x-sandbox", &mut sandbox, &logs.join("x.log"))?;
        let ready: serde_json::Value = serde_json::from_str(&sandbox.first_line(READY_LIMIT)?)?;
        let x = ready["base_url"].as_str().context("the sandbox's address")?;
        let x = x.trim_end_matches('/').to_owned();
        let (relay_port, scheduler_port) = (free_port()?, free_port()?);
        let mut scheduler = settings::scheduler(programs, &folder, scheduler_port, NOWHERE);
        let keys = signing_keys(&mut scheduler)?;
        let ways = ways(relay_port, scheduler_port, &x)?;
        settings::write_relay(&folder, relay_port, &ways.x, &keys)?;
        let program = |who: TargetProcess, make: Box<dyn Fn() -> Command + Send>| {
            let trace = folder.join("trace");
            let log = logs.join(format!("{}.log", who.as_str()));
            let plan = plan.clone();
            let armed = move || {
                let mut command = make();
                plan.arm(who, &trace, &mut command);
                command
            };
            Program::new(who.as_str(), log, Box::new(armed))
        };
        let (of, at) = (programs.clone(), folder.clone());
        let serve = move || {
            let mut relay = settings::relay(&of, &at);
            relay.arg("serve");
            relay
        };
        let (of, at) = (programs.clone(), folder.clone());
        let relay = ways.relay.clone();
        let schedule = move || settings::scheduler(&of, &at, scheduler_port, &relay);
        let (of, at) = (programs.clone(), folder.clone());
        let watch = move || {
            let mut roost = settings::roost(&of, &at);
            roost.args(["sync", "--watch", "--exit-with-stdin", "--late", "post"]);
            roost
        };
        let mut harness = Self {
            relay: program(TargetProcess::Relay, Box::new(serve)),
            scheduler: program(TargetProcess::Scheduler, Box::new(schedule)),
            engine: program(TargetProcess::Engine, Box::new(watch)),
            secrets: [settings::QSTASH_TOKEN, CLIENT_SECRET].map(str::to_owned).to_vec(),
            programs: programs.clone(),
            plan,
            x,
            relay_url: format!("http://127.0.0.1:{relay_port}"),
            scheduler_url: format!("http://127.0.0.1:{scheduler_port}"),
            device_key: String::new(),
            sign_ins: 0,
            ways,
            _sandbox: sandbox,
            folder,
        };
        harness.add_device()?;
        Ok(harness)
    }

    /// Starts the services, pairs the desktop with them, and signs in.
    pub(crate) fn begin(&mut self) -> Result<()> {
        self.scheduler.start()?;
        self.relay.start()?;
        self.pair()?;
        self.wait_for_relay()?;
        let x = self.x.clone();
        for _ in 0..COMMAND_TRIES {
            let login = self.roost(&["login", "--sandbox", &x], |_| Ok(false))?;
            if login.is_some_and(|login| login.status.success()) {
                return self.sign_in();
            }
        }
        bail!("the account can't be connected; see {}", self.folder.display())
    }

    pub(crate) fn wait_for_relay(&mut self) -> Result<()> {
        let (url, key) = (format!("{}/v1/status", self.relay_url), self.device_key.clone());
        let up = self.until(READY_LIMIT, |_| {
            Ok(http::get(&url, &key).is_some_and(|(status, _)| status == 200))
        })?;
        ensure!(up, "the relay does not come up; see {}", self.folder.display());
        Ok(())
    }

    /// Runs to the end; the other programs go on meanwhile.
    pub(crate) fn run(&mut self, command: &mut Command) -> Result<Output> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| command::shown(command))?;
        while child.try_wait()?.is_none() {
            self.tend()?;
            std::thread::sleep(LOOK);
        }
        Ok(child.wait_with_output()?)
    }

    /// Starts whoever died.
    pub(crate) fn tend(&mut self) -> Result<()> {
        ensure!(!INTERRUPTED.load(Ordering::Relaxed), "interrupted");
        self.relay.tend()?;
        self.scheduler.tend()?;
        self.engine.tend()
    }

    /// Waits, tending, until `there`; false when the limit passed before.
    pub(crate) fn until(
        &mut self,
        limit: Duration,
        mut there: impl FnMut(&Self) -> Result<bool>,
    ) -> Result<bool> {
        let deadline = Instant::now() + limit;
        loop {
            self.tend()?;
            let asked = Instant::now();
            if there(self)? {
                return Ok(true);
            }
            let now = Instant::now();
            if now >= deadline {
                return Ok(false);
            }
            std::thread::sleep(LOOK.max((now - asked) * PAUSE_PER_LOOK));
        }
    }

    /// Ends all but the sandbox.
    pub(crate) fn end(&mut self) -> Result<()> {
        self.engine.stop()?;
        self.scheduler.stop()?;
        self.relay.stop()
    }
}
