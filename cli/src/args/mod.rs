//! The command line as the person types it.

mod accounts;
mod backups;
mod bulk;
mod causes;
mod computer_move;
mod diagnostics;
mod dlq;
mod files;
mod history;
mod import;
mod media;
mod notices;
mod posts;
mod query;
mod scheduler;
mod series;
mod slots;
mod sync;

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use roost_core::status::Status;

pub(crate) use accounts::{Accounts, AccountsCommand, Login, Pair, Unpair};
pub(crate) use backups::{BackupArgs, RestoreArgs};
pub(crate) use bulk::{FieldsCommand, Many, TimesCommand, WeekendArg};
pub(crate) use causes::{Causes, CausesCommand, OneCause};
pub(crate) use computer_move::{ExportMove, ImportMove, Move, MoveBack};
pub(crate) use diagnostics::{DiagnosticsArgs, Doctor};
pub(crate) use dlq::{DeadLetterQueue, Letters};
pub(crate) use files::{CheckMedia, Count, Export, Schema, TemplateArg};
pub(crate) use history::{HistoryArgs, MoveArgs, TrashArgs, TrashCommand};
pub(crate) use import::{
    DuplicatesArg, Import, ImportFormatArg, PastArg, ProblemsArg, UndoImport, UtcTimesArg,
};
pub(crate) use media::{AddMediaArgs, ListMediaArgs, Media, MediaArgs};
pub(crate) use notices::{Completions, Man, Notices};
pub(crate) use posts::{
    Chosen, Create, DeleteOnX, EditArgs, KeepArg, List, Posts, Resolve, TimeRules, ViewArg,
};
pub(crate) use query::Query;
pub(crate) use scheduler::{Scheduler, SchedulerCommand};
pub(crate) use series::{AddSeries, EditSeriesArgs, Ends, Series};
pub(crate) use slots::{Slots, SlotsCommand};
pub(crate) use sync::{LateArg, PauseArgs, Settings, Sync, WhenDisconnectedArg};

/// Schedules tweets in bulk, and posts each exactly once.
#[derive(Debug, Parser)]
#[command(name = "roost", version = env!("ROOST_VERSION"), about, long_about = LONG_ABOUT, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const LONG_ABOUT: &str = "\
Schedules tweets in bulk, and posts each exactly once.

Posts live in a SQLite file on this computer. `roost sync` hands those of the next windows over to \
your relay and its scheduler, which post them at their times; `roost sync --watch` keeps doing so \
and brings the results back. Without a relay of your own (`roost pair`), relay and scheduler run \
inside `roost sync --watch`, and posts go out while it runs.";

const AFTER_HELP: &str = "\
Exit codes: 0 done, 1 failed, 2 bad usage, 3 done in part.

Environment (secrets are taken from here, never from arguments):
  ROOST_DATA_DIR                    the data folder
  ROOST_RELAY_URL, ROOST_RELAY_KEY  a relay, instead of the paired one
  QSTASH_URL, QSTASH_TOKEN          QStash [default: what `roost pair` keeps]
  X_API_BASE                        X's API, or a sandbox (\"This computer\" only)
  X_CLIENT_ID, X_CLIENT_SECRET      your X app, for `roost login`

A first run, against the X sandbox:
  x-sandbox --port 8790 &
  roost login --sandbox http://127.0.0.1:8790
  roost import posts.json
  roost sync --watch --until-done";

/// Reads a status by the word that tables show, or by its stored name; help and completions list them.
fn status() -> impl TypedValueParser<Value = Status> {
    let words = Status::ALL.map(|status| {
        let label = status.label();
        let word = label.to_lowercase().replace(' ', "-");
        PossibleValue::new(word).help(status.meaning()).aliases([label, status.as_str()])
    });
    PossibleValuesParser::new(words)
        .try_map(|word| Status::from_word(&word).ok_or_else(|| format!("{word} is no status")))
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// Print one JSON document on standard output; messages go to standard error.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The data folder [default: the system's place for Roost's data].
    #[arg(long, global = true, env = "ROOST_DATA_DIR", value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
    /// X's API, or a sandbox that imitates it. "This computer" only.
    #[arg(long, global = true, env = "X_API_BASE", value_name = "URL")]
    pub(crate) x_api_base: Option<String>,
    /// Say more on standard error: what is sent where, and why.
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Import posts from files: JSON, CSV, Excel, plain text and others.
    Import(Import),
    /// Take a whole import back.
    UndoImport(UndoImport),
    /// Write posts as JSON that `import` reads again.
    Export(Export),
    /// Print the JSON schema of import files, a file to fill in, or a prompt for a language model.
    Schema(Schema),
    /// Count a text as X does, and tell what posting it costs.
    Count(Count),
    /// Tell what pictures and videos are, and whether X takes them. Nothing is sent.
    CheckMedia(CheckMedia),
    /// List, keep or let go the pictures and videos of posts.
    #[command(subcommand)]
    Media(Media),
    /// List, show, create, edit, cancel or delete posts.
    #[command(subcommand)]
    Posts(Posts),
    /// Schedule posts that repeat, change or end them.
    #[command(subcommand)]
    Series(Series),
    /// List what you did, step by step.
    History(HistoryArgs),
    /// Undo the last step, or several.
    Undo(MoveArgs),
    /// Redo what was undone last.
    Redo(MoveArgs),
    /// List deleted posts, or take some back; they stay for 30 days.
    Trash(TrashArgs),
    /// Hand posts over to relay and scheduler, and bring results back.
    Sync(Sync),
    /// Tell how things stand: posts, relay, until when it is safe to close the computer.
    Status,
    /// Show what you prefer, or change it.
    Settings(Settings),
    /// Look at everything that could be wrong, and say how to mend it.
    Doctor(Doctor),
    /// Print versions, sizes, states and the log's last lines, for others to read.
    Diagnostics(DiagnosticsArgs),
    /// Back the store up: all posts, and what happened to each. Relay and sign-ins are not in it.
    Backup(BackupArgs),
    /// List the backups.
    Backups,
    /// Put a backup in the place of the store. What was there is kept aside.
    Restore(RestoreArgs),
    /// Move to a new computer: everything in one file that a passphrase seals.
    #[command(subcommand)]
    Move(Move),
    /// Sign in with X, or connect a sandbox account.
    Login(Login),
    /// Show the weekly posting times of an account, or set them.
    Slots(Slots),
    /// List the accounts, or disconnect one.
    Accounts(Accounts),
    /// Show what you were told: failed, missed and doubtful posts, accounts, the relay.
    Notices(Notices),
    /// List what failed, waits or was missed by its reason, and settle all posts of one at once.
    Causes(Causes),
    /// Look into the scheduler's dead-letter queue: messages that it gave up.
    #[command(subcommand)]
    Dlq(DeadLetterQueue),
    /// Hold everything back, or one account, until `resume`.
    Pause(PauseArgs),
    /// Go on after `pause`. What is too late by then goes by the late policy.
    Resume(PauseArgs),
    /// Use a relay on your own server.
    Pair(Pair),
    /// Show which scheduler calls the relay, or choose another one.
    Scheduler(Scheduler),
    /// Leave the relay on your own server: posts go out from this computer again.
    Unpair(Unpair),
    /// Let posts go out from here: from this computer, or from this copy of a data folder.
    TakeOver,
    /// Print completions for a shell.
    Completions(Completions),
    /// Print the manual page, or write a page for every command.
    Man(Man),
}
