//! `roost posts …`

use clap::{Args, Subcommand, ValueEnum};
use roost_core::id::PostId;

use super::bulk::{FieldsCommand, TimesCommand};
use super::media::MediaArgs;
use super::query::Query;

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
    /// Withdraw posts, named by id or by a query. They stay in the list as cancelled.
    #[command(override_usage = "roost posts cancel [OPTIONS] <ID>...\n       roost posts cancel \
                                [OPTIONS] <QUERY> [--dry-run | --yes]")]
    Cancel(Chosen),
    /// Remove posts from the list, named by id or by a query; what was handed over is withdrawn first.
    #[command(override_usage = "roost posts delete [OPTIONS] <ID>...\n       roost posts delete \
                                [OPTIONS] <QUERY> [--dry-run | --yes]")]
    Delete(Chosen),
    /// Send failed, missed or cancelled posts after all, named by id or by a query; a past time means
    /// now.
    #[command(override_usage = "roost posts retry [OPTIONS] <ID>...\n       roost posts retry \
                                [OPTIONS] <QUERY> [--dry-run | --yes]")]
    Retry(Chosen),
    /// Tell what you found out about a post that needs a check.
    Resolve(Resolve),
    /// Post what a change meant that came too late, beside what went out. Takes the post's id or the
    /// draft's.
    PostToo(PostArg),
    /// Delete on X what went out before a change, and post what the change meant. Takes the post's id
    /// or the draft's.
    Replace(PostArg),
    /// Delete on X what a post put there. It costs something, and can't be undone.
    DeleteOnX(DeleteOnX),
    /// Show the posts that changed clock rules of their zones would move, or settle them.
    TimeRules(TimeRules),
    #[command(flatten)]
    Times(TimesCommand),
    #[command(flatten)]
    Fields(FieldsCommand),
}

/// `roost posts delete-on-x`
#[derive(Debug, Args)]
pub(crate) struct DeleteOnX {
    /// The post's id.
    #[arg(value_name = "ID")]
    pub(crate) id: PostId,
    /// Do it at the price that X asks. Without this you are asked on a terminal.
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// `roost posts time-rules`
#[derive(Debug, Args)]
pub(crate) struct TimeRules {
    /// The posts' ids [default: all that would move].
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<PostId>,
    /// What stays of their times. Without it they are shown.
    #[arg(long, value_enum)]
    pub(crate) keep: Option<KeepArg>,
    /// Show what would become of them, and change nothing.
    #[arg(long, requires = "keep")]
    pub(crate) dry_run: bool,
}

/// What stays of a time whose zone has other rules now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeepArg {
    /// The time of day: the instant moves.
    WallTime,
    /// The instant: the time of day moves.
    Instant,
}

/// Posts by id, or by a query that has to be confirmed.
#[derive(Debug, Args)]
pub(crate) struct Chosen {
    /// The posts' ids; without them, say which: `--status`, `--account`, `--search`, `--tag`, `--import`,
    /// `--from`, `--until`.
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<PostId>,
    #[command(flatten)]
    pub(crate) query: Query,
    /// Tell how many posts the query means, and change nothing.
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    /// Do it with every post that the query means. Without this you are asked on a terminal.
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// With one id: do it only if the post still has this version, as `roost posts show --json` told
    /// it.
    #[arg(long, value_name = "VERSION")]
    pub(crate) if_version: Option<i64>,
}

/// `roost posts list`
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) query: Query,
    /// A place of the list.
    #[arg(long, value_enum, default_value = "all")]
    pub(crate) view: ViewArg,
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

/// `roost posts create`
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The text, or `-` for standard input; one that is a flag by itself goes behind `--`. A post with
    /// `--media` needs none.
    #[arg(allow_hyphen_values = true, required_unless_present = "media")]
    pub(crate) text: Option<String>,
    #[command(flatten)]
    pub(crate) media: MediaArgs,
    /// Disclose that the post was made with AI; X shows it.
    #[arg(long)]
    pub(crate) made_with_ai: bool,
    /// Disclose a paid partnership; X shows it.
    #[arg(long)]
    pub(crate) paid_partnership: bool,
    /// The community that the post goes to: the digits at the end of its address on X.
    #[arg(long, value_name = "ID")]
    pub(crate) community: Option<String>,
    /// A further part of a thread; may be given several times.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) thread: Vec<String>,
    /// Split what is too long for the account into the parts of a thread, at the ends of sentences.
    #[arg(long)]
    pub(crate) split: bool,
    /// With `--split`: end each part with its number and how many there are: "2/5".
    #[arg(long, requires = "split")]
    pub(crate) numbered: bool,
    /// A reply of the same account that follows the post once that is on X.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) follow_up: Option<String>,
    /// How many minutes after the post its reply goes out [default: 10].
    #[arg(long, value_name = "MINUTES", requires = "follow_up")]
    pub(crate) follow_up_after: Option<u32>,
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
    #[command(flatten)]
    pub(crate) media: MediaArgs,
    /// Take the pictures and videos of the post, or of a thread's first part, off.
    #[arg(long, conflicts_with = "media")]
    pub(crate) no_media: bool,
    /// Disclose that the post was made with AI, or with `no` no longer.
    #[arg(long, value_name = "YES", value_parser = clap::builder::BoolishValueParser::new())]
    pub(crate) made_with_ai: Option<bool>,
    /// Disclose a paid partnership, or with `no` no longer.
    #[arg(long, value_name = "YES", value_parser = clap::builder::BoolishValueParser::new())]
    pub(crate) paid_partnership: Option<bool>,
    /// The community that the post goes to; an empty one takes it out of its community.
    #[arg(long, value_name = "ID")]
    pub(crate) community: Option<String>,
    /// The new text of the reply that follows the post, or the reply that is to follow it from now on; an
    /// empty one removes it.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) follow_up: Option<String>,
    /// How many minutes after the post its reply goes out.
    #[arg(long, value_name = "MINUTES")]
    pub(crate) follow_up_after: Option<u32>,
    /// The new wall time; an empty one makes it a draft.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// The new zone.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// The new account: its handle.
    #[arg(long, value_name = "HANDLE")]
    pub(crate) account: Option<String>,
    /// Schedule a cancelled, failed or missed post again with the change.
    #[arg(long)]
    pub(crate) restore: bool,
    /// Change it only if it still has this version, as `roost posts show --json` told it.
    #[arg(long, value_name = "VERSION")]
    pub(crate) if_version: Option<i64>,
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
    /// Decide only if the post still has this version, as `roost posts show --json` told it.
    #[arg(long, value_name = "VERSION")]
    pub(crate) if_version: Option<i64>,
}
