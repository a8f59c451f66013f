//! The whole job without a window: import, hand over, deliver, count.

use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::Arguments;
use super::calendar::{self, Calendar};
use super::data::{self, DataFolder, RunState};
use super::ledger::{self, Create, Ledger, Summary};
use super::process::Process;
use super::progress::Progress;
use crate::command::{self, command};
use crate::{project, setup};

/// How long a program may take to say that it is ready.
const READY_LIMIT: Duration = Duration::from_secs(30);
/// A squeezed run's first post: time to import and to hand over.
const LEAD: Duration = Duration::from_secs(5);
/// The example's last post.
const EXAMPLE_WITHIN: Duration = Duration::from_secs(30);
/// How often, and after which pauses, what a killed run left behind is waited for.
const ORPHAN_TRIES: u32 = 10;
const ORPHAN_PAUSE: Duration = Duration::from_millis(300);
/// How often the ledger is read.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Runs; true when every post was posted once.
pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let start = Instant::now();
    let file = arguments.file();
    let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    build(arguments)?;
    let programs = Programs::new(arguments, &bytes)?;
    let state = programs.prepare(arguments, &bytes)?;
    let (creates, ended) = programs.deliver(&state)?;
    let summary = ledger::summarise(&state.calendar, &creates, start.elapsed().as_millis());
    report(arguments, &summary, &programs)?;
    if ended.success() {
        programs.folder.remember(&RunState { finished: true, ..state })?;
    } else {
        eprintln!("Roost ended before its posts were decided ({ended}). The same command goes on.");
    }
    Ok(summary.is_perfect())
}

/// Builds the two programs of a run without a window.
fn build(arguments: &Arguments) -> Result<()> {
    if arguments.binaries.is_some() {
        return Ok(());
    }
    setup::headless()?;
    let packages = ["build", "--package", "roost-cli", "--package", "roost-x-sandbox"];
    command::run(&mut command("cargo", &packages, project::root()))
}

/// The programs of a run, and where they keep their data.
struct Programs {
    folder: DataFolder,
    roost: PathBuf,
    sandbox: PathBuf,
}

impl Programs {
    fn new(arguments: &Arguments, bytes: &[u8]) -> Result<Self> {
        Ok(Self {
            folder: DataFolder::open(arguments.data(bytes))?,
            roost: arguments.binary("roost"),
            sandbox: arguments.binary("x-sandbox"),
        })
    }

    /// Finds the unfinished run of this file, or begins a new one.
    fn prepare(&self, arguments: &Arguments, bytes: &[u8]) -> Result<RunState> {
        let digest = data::digest(bytes);
        match self.folder.unfinished() {
            Some(state) if state.file == digest => {
                eprintln!("Going on with the unfinished run of this file.");
                return Ok(state);
            }
            Some(_) => bail!(
                "{} holds the unfinished run of another file. Finish that one with its own \
                 command, or choose another folder with --data.",
                arguments.data(bytes).display()
            ),
            None => {}
        }
        // Nothing is forgotten for a file that cannot be run.
        let calendar = self.read_calendar(arguments, bytes)?;
        self.folder.clear()?;
        let state = RunState { file: digest, finished: false, calendar };
        data::write_whole(&self.folder.import_file(), &state.calendar.to_import_file()?)?;
        self.folder.remember(&state)?;
        Ok(state)
    }

    /// Reads the file; where that fails, Roost itself says best what is wrong with it.
    fn read_calendar(&self, arguments: &Arguments, bytes: &[u8]) -> Result<Calendar> {
        calendar::read(bytes, arguments.squeeze(LEAD, EXAMPLE_WITHIN)).or_else(|error| {
            let scratch = self.folder.scratch()?;
            let mut dry_run = Command::new(&self.roost);
            dry_run.args(["import", "--dry-run"]).arg(arguments.file());
            let said = dry_run.arg("--data").arg(&scratch).output();
            std::fs::remove_dir_all(&scratch)?;
            match said {
                Ok(said) if !said.status.success() => {
                    bail!("{}", String::from_utf8_lossy(&said.stderr).trim())
                }
                _ => Err(error),
            }
        })
    }

    /// Starts the sandbox and Roost, and watches until every post is decided.
    fn deliver(&self, state: &RunState) -> Result<(Vec<Create>, ExitStatus)> {
        let (mut sandbox, address) = start_sandbox(&self.sandbox, &self.folder)?;
        self.connect(&address)?;
        self.import_once()?;
        let mut roost = self.start_roost(&address)?;
        roost.discard_output();
        let mut progress = Progress::start(state.calendar.len());
        progress.say("handing over");
        let mut ledger = Ledger::of(address);
        let interrupted = on_interrupt()?;
        loop {
            if interrupted.load(Ordering::Relaxed) {
                progress.finish();
                bail!("Interrupted. The same command goes on with this run.");
            }
            // Whether it ended is asked first: what it did last is then in the ledger.
            let roost_ended = roost.ended()?;
            if let Some(ended) = sandbox.ended()? {
                progress.finish();
                bail!("The X sandbox ended ({ended}). The same command goes on with this run.");
            }
            ledger.refresh()?;
            progress.update(&ledger.creates, |text| state.calendar.due_at(text));
            if let Some(ended) = roost_ended {
                progress.finish();
                return Ok((ledger.creates, ended));
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// A command of Roost's on the run's store.
    fn roost(&self, sandbox: &str, arguments: &[&str]) -> Command {
        let mut roost = Command::new(&self.roost);
        roost.args(arguments).arg("--data").arg(self.folder.roost()).env("X_API_BASE", sandbox);
        roost
    }

    /// Connects a sandbox account; one that is connected stays.
    fn connect(&self, sandbox: &str) -> Result<()> {
        let arguments = ["login", "--sandbox", sandbox, "--json"];
        // A run that was killed leaves programs behind that need a moment to notice it.
        for _ in 0..ORPHAN_TRIES {
            if command::output(&mut self.roost(sandbox, &arguments)).is_ok() {
                return Ok(());
            }
            std::thread::sleep(ORPHAN_PAUSE);
        }
        command::output(&mut self.roost(sandbox, &arguments)).map(drop)
    }

    /// Imports the run's file. An import is one transaction, so a store with posts has it whole.
    fn import_once(&self) -> Result<()> {
        let list = command::output(&mut self.roost("", &["posts", "list", "--json"]))?;
        let list: serde_json::Value = serde_json::from_slice(&list.stdout)?;
        if list["posts"].as_array().is_some_and(|posts| !posts.is_empty()) {
            return Ok(());
        }
        let mut import = self.roost("", &["import", "--duplicates", "keep", "--past", "error"]);
        command::output(import.arg("--json").arg(self.folder.import_file())).map(drop)
    }

    /// Starts the engine with relay and scheduler inside; it ends when no post is open.
    fn start_roost(&self, sandbox: &str) -> Result<Process> {
        let arguments = ["sync", "--watch", "--until-done", "--exit-with-stdin", "--json"];
        let mut command = self.roost(sandbox, &arguments);
        // A run that goes on after a kill posts what is overdue, and does not spread it.
        command.args(["--late", "post", "--overdue-spacing", "0"]);
        Process::start("roost", &mut command, &self.folder.logs().join("roost.log"))
    }
}

/// Starts the sandbox on its durable ledger and returns its address.
pub(super) fn start_sandbox(
    program: &std::path::Path,
    folder: &DataFolder,
) -> Result<(Process, String)> {
    let mut command = Command::new(program);
    command.args(["--port", "0", "--limits", "demo", "--print-ready", "--exit-with-stdin"]);
    command.arg("--database").arg(folder.sandbox().join("sandbox.db"));
    let log = folder.logs().join("sandbox.log");
    let mut process = Process::start("the X sandbox", &mut command, &log)?;
    let ready = process.first_line(READY_LIMIT)?;
    let ready: serde_json::Value = serde_json::from_str(&ready)?;
    let Some(address) = ready["base_url"].as_str() else {
        bail!("the X sandbox did not name its address");
    };
    Ok((process, address.trim_end_matches('/').to_owned()))
}

/// Set once the person interrupts the run. Its programs hear of it as well, and leave.
fn on_interrupt() -> Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .context("interrupts cannot be heard")?;
    Ok(interrupted)
}

/// Prints the result: one document for programs, one sentence for people.
fn report(arguments: &Arguments, summary: &Summary, programs: &Programs) -> Result<()> {
    let Summary { posts, posted, failed, missed, duplicates, lateness_ms, elapsed_ms } = summary;
    eprintln!(
        "{posted} of {posts} posts on X, {failed} failed, {missed} missed, {duplicates} \
         duplicates; late by {} ms at the median, {} ms at the 99th percentile; {} s in all.",
        lateness_ms.p50,
        lateness_ms.p99,
        elapsed_ms / 1000
    );
    if !summary.is_perfect() {
        eprintln!("What the programs said: {}", programs.folder.logs().display());
    }
    if arguments.json {
        println!("{}", serde_json::to_string(summary)?);
    }
    Ok(())
}
