//! How far an import is, on a terminal; and Ctrl-C, which gives it up.

use std::io::IsTerminal as _;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use roost_engine::{ImportProgress, ImportStep};
use tokio::task::JoinHandle;

/// What is done sooner is not worth a word.
const QUIET: Duration = Duration::from_millis(500);
/// How often the bar is drawn.
const DRAWN_EVERY: Duration = Duration::from_millis(100);

/// An import that is watched until it ends.
pub(super) struct Watched {
    shared: Arc<Shared>,
    interrupt: JoinHandle<()>,
    bar: Option<JoinHandle<()>>,
}

/// Where the import is.
#[derive(Default)]
struct Shared {
    given_up: AtomicBool,
    /// One of the steps below.
    step: AtomicU64,
    done: AtomicU64,
    all: AtomicU64,
}

const READING: u64 = 1;
const JUDGING: u64 = 2;
const WRITING: u64 = 3;

impl Watched {
    /// Watches from now on.
    pub(super) fn begin() -> Self {
        let shared = Arc::new(Shared::default());
        let interrupted = shared.clone();
        let interrupt = tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                interrupted.given_up.store(true, Ordering::SeqCst);
            }
        });
        let bar = std::io::stderr().is_terminal().then(|| tokio::spawn(draw(shared.clone())));
        Self { shared, interrupt, bar }
    }

    /// Returns what is to be told how far the import is.
    pub(super) fn listener(&self) -> ImportProgress {
        let shared = self.shared.clone();
        Arc::new(move |step| shared.at(step))
    }

    /// Watches no longer.
    pub(super) fn end(self) {
        self.shared.step.store(0, Ordering::SeqCst);
        self.interrupt.abort();
        if let Some(bar) = self.bar {
            bar.abort();
            // The line of the bar, where there is one, makes way for what is said.
            drop(console_line_cleared());
        }
    }
}

impl Shared {
    fn at(&self, step: ImportStep) -> ControlFlow<()> {
        let (step, done, all) = match step {
            ImportStep::Reading { bytes } => (READING, bytes, bytes),
            ImportStep::Judging { rows, of } => (JUDGING, rows.into(), of.into()),
            ImportStep::Writing { posts, of } => (WRITING, posts.into(), of.into()),
        };
        self.done.store(done, Ordering::Relaxed);
        self.all.store(all, Ordering::Relaxed);
        self.step.store(step, Ordering::Relaxed);
        if self.given_up.load(Ordering::SeqCst) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

async fn draw(shared: Arc<Shared>) {
    tokio::time::sleep(QUIET).await;
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{spinner} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    loop {
        let (done, all) = (shared.done.load(Ordering::Relaxed), shared.all.load(Ordering::Relaxed));
        match shared.step.load(Ordering::Relaxed) {
            READING => bar.set_message(format!("Reading {}", crate::format::size(all))),
            JUDGING => bar.set_message(format!("Checking row {done} of {all}")),
            WRITING => bar.set_message(format!("Writing post {done} of {all}")),
            _ => {}
        }
        bar.tick();
        tokio::time::sleep(DRAWN_EVERY).await;
    }
}

fn console_line_cleared() -> std::io::Result<()> {
    use std::io::Write as _;
    let mut err = std::io::stderr().lock();
    err.write_all(b"\r\x1b[2K")?;
    err.flush()
}
