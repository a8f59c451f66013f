//! The command line as the person types it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use roost_core::id::{ImportId, PostId};
use roost_core::status::Status;

/// Schedules tweets in bulk, and posts each exactly once.
#[derive(Debug, Parser)]
#[command(name = "roost", version, about, long_about = LONG_ABOUT, after_help = AFTER_HELP)]
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
  QSTASH_URL, QSTASH_TOKEN          QStash [default: the relay's own scheduler]
  X_API_BASE                        X's API, or a sandbox («This computer» only)
  X_CLIENT_ID, X_CLIENT_SECRET      your X app, for `roost login`

A first run, against the X sandbox:
  x-sandbox --port 8790 &
  roost login --sandbox http://127.0.0.1:8790
  roost import posts.json
  roost sync --watch --until-done";

/// A status by its name; a wrong one is answered with those there are.
fn status(word: &str) -> Result<Status, String> {
    word.parse().map_err(|_| {
        let words: Vec<&str> = Status::ALL.into_iter().map(Status::as_str).collect();
        format!("that is no status; say one of {}", words.join(", "))
    })
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
    /// X's API, or a sandbox that imitates it. «This computer» only.
    #[arg(long, global = true, env = "X_API_BASE", value_name = "URL")]
    pub(crate) x_api_base: Option<String>,
    /// Say more on standard error: what is sent where, and why.
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Import posts from a JSON file.
    Import(Import),
    /// Take a whole import back.
    UndoImport(UndoImport),
    /// Write posts as JSON that `import` reads again.
    Export(Export),
    /// Print the JSON schema of import files.
    Schema,
    /// Count a text as X does, and tell what posting it costs.
    Count(Count),
    /// List, show, create, edit, cancel or delete posts.
    #[command(subcommand)]
    Posts(Posts),
    /// Hand posts over to relay and scheduler, and bring results back.
    Sync(Sync),
    /// Tell how things stand: posts, relay, until when it is safe to close the computer.
    Status,
    /// Show what you prefer, or change it.
    Settings(Settings),
    /// Look at everything that could be wrong, and say how to mend it.
    Doctor,
    /// Sign in with X, or connect a sandbox account.
    Login(Login),
    /// Use a relay on your own server.
    Pair(Pair),
    /// Let posts go out from here: from this computer, or from this copy of a data folder.
    TakeOver,
}

/// `roost import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The file, or `-` for standard input.
    pub(crate) file: String,
    /// The account for posts that name none: its handle.
    #[arg(long, value_name = "HANDLE")]
    pub(crate) account: Option<String>,
    /// The zone for times that name none, like Asia/Kolkata; the file's own `timezone` wins.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// What to do with times in the past.
    #[arg(long, value_enum, default_value = "error", value_name = "POLICY")]
    pub(crate) past: PastArg,
    /// What to do with texts that are there already.
    #[arg(long, value_enum, default_value = "skip", value_name = "POLICY")]
    pub(crate) duplicates: DuplicatesArg,
    /// Tell what would happen, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// What to do with times in the past.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum PastArg {
    /// Refuse the file.
    Error,
    /// Leave those posts out.
    Skip,
    /// Keep them as drafts.
    Draft,
    /// Move them to the next free time.
    NextSlot,
}

/// What to do with texts that are there already.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DuplicatesArg {
    /// Leave them out.
    Skip,
    /// Import them too.
    Keep,
}

/// `roost settings`: without an option it only shows them.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    /// The zone in which you think, like Asia/Kolkata.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// How many windows of six hours are handed over, counting the current one.
    #[arg(long, value_name = "WINDOWS", value_parser = clap::value_parser!(u32).range(1..=28))]
    pub(crate) horizon: Option<u32>,
    /// Posts that were not handed over in time still go out when they are at most so many minutes
    /// late.
    #[arg(long, value_name = "MINUTES")]
    pub(crate) late_minutes: Option<u32>,
    /// What becomes of an account's pending posts when X no longer accepts its sign-in.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) when_disconnected: Option<WhenDisconnectedArg>,
}

/// What becomes of the posts of a disconnected account.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum WhenDisconnectedArg {
    /// They wait, and go on after the next sign-in.
    Hold,
    /// They are cancelled; each can be scheduled again.
    Cancel,
}

/// `roost undo-import`
#[derive(Debug, Args)]
pub(crate) struct UndoImport {
    /// The import's id, as `import` printed it.
    pub(crate) id: ImportId,
}

/// `roost export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Posts with this status; may be given several times [default: drafts and what is still to go
    /// out]. Times that have passed are read again with `import --past`.
    #[arg(long, value_name = "STATUS", value_parser = status)]
    pub(crate) status: Vec<Status>,
    /// Only this import.
    #[arg(long, value_name = "ID")]
    pub(crate) import: Option<ImportId>,
    /// Where to write [default: standard output].
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `roost count`
#[derive(Debug, Args)]
pub(crate) struct Count {
    /// The text, or `-` for standard input.
    #[arg(allow_hyphen_values = true)]
    pub(crate) text: String,
}

/// `roost posts …`
#[derive(Debug, Subcommand)]
pub(crate) enum Posts {
    /// List posts, soonest first.
    List(List),
    /// Show one post with its delivery receipt.
    Show(PostArg),
    /// Schedule a post, or keep a draft.
    Create(Create),
    /// Change a post's text, time or account.
    Edit(EditArgs),
    /// Withdraw posts. They stay in the list as cancelled.
    Cancel(Cancel),
    /// Remove posts from the list; what was handed over is withdrawn first.
    Delete(PostArgs),
    /// Send a failed, missed, held or cancelled post after all; a past time means now.
    Retry(PostArg),
    /// Tell what you found out about a post that needs a check.
    Resolve(Resolve),
}

/// `roost posts list`
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only posts with this status; may be given several times.
    #[arg(long, value_name = "STATUS", value_parser = status)]
    pub(crate) status: Vec<Status>,
    /// A place of the list.
    #[arg(long, value_enum, default_value = "all")]
    pub(crate) view: ViewArg,
    /// Only posts with these words.
    #[arg(long, value_name = "WORDS")]
    pub(crate) search: Option<String>,
    /// Only this account: its handle.
    #[arg(long, value_name = "HANDLE")]
    pub(crate) account: Option<String>,
    /// Only this import.
    #[arg(long, value_name = "ID")]
    pub(crate) import: Option<ImportId>,
    /// Rows at most.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) limit: u32,
    /// The rows after this place, as the page before named it.
    #[arg(long, value_name = "PLACE")]
    pub(crate) after: Option<String>,
}

/// A place of the list.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ViewArg {
    /// Everything.
    All,
    /// Due today.
    Today,
    /// Due and not decided.
    Upcoming,
    /// Drafts.
    Drafts,
    /// What needs you.
    NeedsYou,
    /// On X, newest first.
    Posted,
}

/// One post.
#[derive(Debug, Args)]
pub(crate) struct PostArg {
    /// The post's id.
    pub(crate) id: PostId,
}

/// Several posts.
#[derive(Debug, Args)]
pub(crate) struct PostArgs {
    /// The posts' ids.
    #[arg(required = true)]
    pub(crate) ids: Vec<PostId>,
}

/// `roost posts cancel`
#[derive(Debug, Args)]
pub(crate) struct Cancel {
    /// The posts' ids.
    #[arg(required_unless_present = "account", conflicts_with = "account")]
    pub(crate) ids: Vec<PostId>,
    /// Every post of this account that is still to go out: its handle.
    #[arg(long, value_name = "HANDLE")]
    pub(crate) account: Option<String>,
}

/// `roost posts create`
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The text, or `-` for standard input; one that is a flag by itself goes behind `--`.
    #[arg(allow_hyphen_values = true)]
    pub(crate) text: String,
    /// A further part of a thread; may be given several times.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) thread: Vec<String>,
    /// A word to find it by; may be given several times.
    #[arg(long, value_name = "WORD")]
    pub(crate) tag: Vec<String>,
    /// When, as wall time: "2027-03-01 09:00". Without it the post is a draft.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// The zone of that time, like Asia/Kolkata.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// The account: its handle.
    #[arg(long, value_name = "HANDLE")]
    pub(crate) account: Option<String>,
    /// Keep it as a draft even with a time.
    #[arg(long)]
    pub(crate) draft: bool,
}

/// `roost posts edit`
#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    /// The post's id.
    pub(crate) id: PostId,
    /// The new text; of a thread, its first part.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) text: Option<String>,
    /// The new further parts of a thread, in place of all there are; may be given several times.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) thread: Vec<String>,
    /// The new wall time; an empty one makes it a draft.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// The new zone.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// The new account: its handle.
    #[arg(long, value_name = "HANDLE")]
    pub(crate) account: Option<String>,
}

/// `roost posts resolve`
#[derive(Debug, Args)]
pub(crate) struct Resolve {
    /// The post's id.
    pub(crate) id: PostId,
    /// Read the account's timeline once more.
    #[arg(long, group = "finding")]
    pub(crate) verify: bool,
    /// It is on X: its address or id.
    #[arg(long, group = "finding", value_name = "URL")]
    pub(crate) went_out: Option<String>,
    /// It is not on X: send it again.
    #[arg(long, group = "finding")]
    pub(crate) send_again: bool,
}

/// `roost sync`
#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// Stay and keep handing over and bringing results back, until Ctrl-C.
    #[arg(long)]
    pub(crate) watch: bool,
    /// With --watch: end when no post is open any more.
    #[arg(long, requires = "watch")]
    pub(crate) until_done: bool,
    /// With --watch: end when standard input closes, so that a parent's end ends it too.
    #[arg(long, requires = "watch")]
    pub(crate) exit_with_stdin: bool,
    /// What to do with posts whose time passed before they were handed over.
    #[arg(long, value_enum, value_name = "POLICY")]
    pub(crate) late: Option<LateArg>,
    /// Seconds between overdue posts of one account. «This computer» only.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) overdue_spacing: Option<u64>,
    /// A relay that was used before, and still holds posts, will never run again: they are handed to
    /// the one in use.
    #[arg(long)]
    pub(crate) old_relay_is_gone: bool,
}

/// What to do with late posts.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LateArg {
    /// Post them, however late.
    Post,
    /// Post when at most 30 minutes late, else ask.
    Ask,
    /// Post when at most 30 minutes late, else they are missed.
    Miss,
}

/// `roost login`
#[derive(Debug, Args)]
pub(crate) struct Login {
    /// Connect an account of the X sandbox at this address, made by it for you.
    #[arg(long, value_name = "URL", conflicts_with_all = ["client_id", "paste"])]
    pub(crate) sandbox: Option<String>,
    /// The handle of the sandbox account.
    #[arg(long, value_name = "HANDLE", requires = "sandbox")]
    pub(crate) handle: Option<String>,
    /// Your X app's OAuth 2.0 client id.
    #[arg(long, env = "X_CLIENT_ID", value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// Don't listen for the browser: paste the address it ends on.
    #[arg(long)]
    pub(crate) paste: bool,
}

/// `roost pair`
#[derive(Debug, Args)]
pub(crate) struct Pair {
    /// The link that the relay printed: roost://pair?relay=…&key=…
    pub(crate) link: String,
    /// Keep the key in a file that only you can read, instead of the system's keyring.
    #[arg(long)]
    pub(crate) key_in_file: bool,
    /// The relay that was used so far will never run again: what it held is handed to the new one.
    /// Without this, it is asked to let go of its posts first.
    #[arg(long)]
    pub(crate) old_relay_is_gone: bool,
}
