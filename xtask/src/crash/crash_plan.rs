//! Which program is ended, and where.

use std::process::Command;
use std::sync::Arc;

/// The program under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub(crate) enum TargetProcess {
    /// `roost-relay serve`
    Relay,
    /// `roost`: its loop, and every command that a person gives.
    Engine,
    /// `qstash-local`
    Scheduler,
}

impl TargetProcess {
    pub(crate) const ALL: [Self; 3] = [Self::Relay, Self::Engine, Self::Scheduler];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Engine => "engine",
            Self::Scheduler => "scheduler",
        }
    }
}

/// Where the program under test ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CrashAt {
    /// Nowhere; its crossings are only counted.
    Never,
    /// At the crossing of this number, from 1.
    At(u64),
    /// At the first crossing of every name.
    EachName,
    /// At the crossing of this name that has this number, from 1.
    OfName(Arc<str>, usize),
}

/// A guard that can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Guard {
    /// The check in the step to `sending`.
    Fence,
    /// The intent, on disk before the call.
    Intent,
    /// The acknowledged withdrawal, on disk.
    Withdraw,
    /// A restored ledger waits for the desktops' manifests.
    Epoch,
    /// A delivery of a post that is in hand or decided does nothing.
    Dedup,
    /// After a lost ledger one empty look at the timeline proves nothing.
    Doubt,
}

impl Guard {
    pub(crate) const ALL: [Self; 6] =
        [Self::Fence, Self::Intent, Self::Withdraw, Self::Epoch, Self::Dedup, Self::Doubt];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Fence => "fence",
            Self::Intent => "intent",
            Self::Withdraw => "withdraw",
            Self::Epoch => "epoch",
            Self::Dedup => "dedup",
            Self::Doubt => "doubt",
        }
    }
}

/// Ten minutes, where half an hour is the ten seconds of the last look (`settings::LOOKS`).
pub(crate) const TIMELINE_LAG_MAX_MS: u64 = 3_333;

/// What is done to the programs of one run.
#[derive(Debug, Clone)]
pub(crate) struct CrashPlan {
    pub(crate) process: Option<TargetProcess>,
    pub(crate) crash_at: CrashAt,
    pub(crate) broken: Option<Guard>,
    /// Plays the story of one thread of so many parts, in place of the story of everything.
    pub(crate) parts: Option<usize>,
}

impl CrashPlan {
    pub(crate) const NOTHING: Self =
        Self { process: None, crash_at: CrashAt::Never, broken: None, parts: None };

    /// Returns the plan by which a program dies somewhere in the story of everything.
    pub(crate) fn dying(process: TargetProcess, crash_at: CrashAt) -> Self {
        Self { process: Some(process), crash_at, ..Self::NOTHING }
    }

    /// Returns whether what must not happen is given longer to happen. Without doubt it happens
    /// before the timeline shows what went out, or not at all.
    pub(crate) const fn is_given_time(&self) -> bool {
        !matches!(self.broken, None | Some(Guard::Doubt))
    }

    /// Returns by how many milliseconds X's timeline lags in this run: not at all, a little, or as
    /// much as [`TIMELINE_LAG_MAX_MS`]; in turn, so that a loop over all crossings is not three times as long.
    pub(crate) fn timeline_lag_ms(&self) -> u64 {
        match (self.broken, &self.crash_at) {
            (Some(Guard::Doubt), _) | (None, CrashAt::EachName) => TIMELINE_LAG_MAX_MS,
            (Some(_), _) | (None, CrashAt::Never) => 0,
            (None, CrashAt::At(number)) => TIMELINE_LAG_MAX_MS * (number % 3) / 2,
            (None, CrashAt::OfName(_, number)) => TIMELINE_LAG_MAX_MS * (*number as u64 % 3) / 2,
        }
    }

    /// Arms a program of the run: it gets its crash point and the guard that is broken.
    pub(crate) fn arm(&self, who: TargetProcess, trace: &std::path::Path, command: &mut Command) {
        if let Some(guard) = self.broken {
            command.env("CRASH_POINTS_SABOTAGE", guard.as_str());
        }
        if self.process != Some(who) {
            return;
        }
        command.env("CRASH_POINTS_TRACE", trace);
        match &self.crash_at {
            CrashAt::Never => {}
            CrashAt::At(number) => drop(command.env("CRASH_POINTS_AT", number.to_string())),
            CrashAt::EachName => drop(command.env("CRASH_POINTS_AT", "each")),
            CrashAt::OfName(name, number) => {
                command.env("CRASH_POINTS_AT", format!("{name}#{number}"));
            }
        }
    }
}
