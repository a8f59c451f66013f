//! `roost posts …`: commands that change many posts at once.

use clap::{Args, Subcommand, ValueEnum};
use roost_core::id::PostId;

use super::query::Query;

/// Which posts, and how far the person agreed.
#[derive(Debug, Args)]
pub(crate) struct Many {
    /// The posts' ids; without them, say which: `--status`, `--account`, `--search`, `--tag`, `--import`,
    /// `--from`, `--until`.
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<PostId>,
    #[command(flatten)]
    pub(crate) query: Query,
    /// Show each post before and after, and change nothing.
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    /// Do it. Without this you are asked on a terminal.
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Leave out what can't be changed. Without this nothing is changed where one post can't be.
    #[arg(long)]
    pub(crate) skip_refused: bool,
}

/// New times for many posts.
#[derive(Debug, Subcommand)]
pub(crate) enum TimesCommand {
    /// Move posts by the same distance: days keep the time of day, hours and minutes pass as they are.
    Shift {
        #[command(flatten)]
        many: Many,
        /// How far: "1d", "-2h30m", "1w"; weeks, days, hours, minutes.
        #[arg(long, value_name = "SPAN", allow_hyphen_values = true)]
        by: String,
        /// Schedule failed, missed and cancelled posts again with it.
        #[arg(long)]
        restore: bool,
    },
    /// Move posts to a time, a time of day, a day or a zone.
    #[command(group(clap::ArgGroup::new("goal").required(true).multiple(false)))]
    Move {
        #[command(flatten)]
        many: Many,
        /// The earliest to this wall time, and the others as far from it as they were.
        #[arg(long, value_name = "TIME", group = "goal")]
        to: Option<String>,
        /// All to this time of day, on their days: "09:00".
        #[arg(long, value_name = "TIME", group = "goal")]
        time: Option<String>,
        /// All to this day, at their times of day: "2027-03-01".
        #[arg(long, value_name = "DAY", group = "goal")]
        day: Option<String>,
        /// All to the same time of day in this zone.
        #[arg(long, value_name = "ZONE", group = "goal")]
        zone: Option<String>,
        /// With `--zone`: keep the moment, and let the time of day follow.
        #[arg(long, requires = "zone")]
        keep_instant: bool,
        /// Schedule failed, missed and cancelled posts again with it.
        #[arg(long)]
        restore: bool,
    },
    /// Spread posts evenly over days and hours, in the order they have.
    Spread {
        #[command(flatten)]
        many: Many,
        /// The first day: "2027-03-01".
        #[arg(long, value_name = "DAY")]
        first_day: String,
        /// How many days are used.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3_660))]
        days: u32,
        /// Which days of the week are used: "Mon-Fri", "Tue,Thu" [default: all].
        #[arg(long, value_name = "DAYS")]
        weekdays: Option<String>,
        /// Between which hours of a day.
        #[arg(long, value_name = "FROM-TO", default_value = "09:00-17:00")]
        hours: String,
        /// By how much a post may be off its even place: "10m".
        #[arg(long, value_name = "SPAN", default_value = "0m")]
        jitter: String,
        /// The same number gives the same times.
        #[arg(long, value_name = "N", default_value_t = 0)]
        seed: u32,
        /// The zone whose days and hours count [default: that of the settings].
        #[arg(long, value_name = "ZONE")]
        zone: Option<String>,
        /// Schedule failed, missed and cancelled posts again with it.
        #[arg(long)]
        restore: bool,
    },
    /// Give posts the next free weekly posting times of their accounts.
    Slots {
        #[command(flatten)]
        many: Many,
        /// Schedule failed, missed and cancelled posts again with it.
        #[arg(long)]
        restore: bool,
    },
    /// Exchange the times of two posts.
    Swap(Many),
    /// Give posts the times they have in the order of the ids: the first gets the earliest.
    Arrange(Many),
    /// Give posts the times they have the other way round.
    Reverse(Many),
    /// Give posts the times they have in an order by chance.
    Shuffle {
        #[command(flatten)]
        many: Many,
        /// The same number gives the same order [default: another each time].
        #[arg(long, value_name = "N")]
        seed: Option<u32>,
    },
    /// Shorten long pauses: later posts come forward.
    Compress {
        #[command(flatten)]
        many: Many,
        /// The longest pause that stays: "2h", "1d".
        #[arg(long, value_name = "SPAN")]
        gap: String,
    },
    /// Push posts back from a time on, so that there is room for one more.
    Push {
        #[command(flatten)]
        many: Many,
        /// The wall time of the one that needs room.
        #[arg(long, value_name = "TIME")]
        at: String,
        /// The least distance: "30m".
        #[arg(long, value_name = "SPAN", default_value = "30m")]
        gap: String,
    },
    /// Put one post at a time among others, and push those back from there on.
    Insert {
        #[command(flatten)]
        many: Many,
        /// The post that is put there.
        #[arg(long, value_name = "ID")]
        post: PostId,
        /// Its wall time.
        #[arg(long, value_name = "TIME")]
        at: String,
        /// The least distance: "30m".
        #[arg(long, value_name = "SPAN", default_value = "30m")]
        gap: String,
    },
    /// Move posts of Saturday and Sunday to a working day.
    Weekend {
        #[command(flatten)]
        many: Many,
        /// Where to.
        #[arg(long, value_enum, default_value = "monday")]
        to: WeekendArg,
    },
}

/// Where posts of the weekend go.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum WeekendArg {
    /// To the Friday before.
    Friday,
    /// To the Monday after.
    Monday,
    /// Saturday to Friday, Sunday to Monday.
    Nearest,
}

/// Other words, account, tags or state for many posts.
#[derive(Debug, Subcommand)]
pub(crate) enum FieldsCommand {
    /// Find words in posts and put others in their place.
    ReplaceText {
        #[command(flatten)]
        many: Many,
        /// What is looked for.
        #[arg(long, value_name = "WORDS", allow_hyphen_values = true)]
        find: String,
        /// What stands there then; of a regular expression, `$1` is its first group.
        #[arg(long, value_name = "WORDS", allow_hyphen_values = true)]
        with: String,
        /// `--find` is a regular expression.
        #[arg(long)]
        regex: bool,
        /// Capital and small letters differ.
        #[arg(long)]
        match_case: bool,
        /// Only whole words.
        #[arg(long)]
        whole_word: bool,
        /// Leave this match as it is, by the name that `--dry-run` shows; may be given several times.
        #[arg(long, value_name = "ID:PART:MATCH")]
        skip: Vec<String>,
    },
    /// Put words behind those of posts; in a thread, behind the last part's.
    Append(AddWords),
    /// Put words before those of posts; in a thread, before the first part's.
    Prepend(AddWords),
    /// Split texts that are too long for their accounts into threads, at the ends of sentences.
    Split {
        #[command(flatten)]
        many: Many,
        /// End each part of such a thread with its number and how many there are: "2/5".
        #[arg(long)]
        numbered: bool,
    },
    /// Give posts to another account.
    Account {
        #[command(flatten)]
        many: Many,
        /// The account: its handle.
        #[arg(long, value_name = "HANDLE")]
        to: String,
    },
    /// Put tags on posts, or take them off.
    #[command(group(clap::ArgGroup::new("change").required(true).multiple(true)))]
    Tag {
        #[command(flatten)]
        many: Many,
        /// A tag to put on; may be given several times.
        #[arg(long, value_name = "WORD", group = "change")]
        add: Vec<String>,
        /// A tag to take off; may be given several times.
        #[arg(long, value_name = "WORD", group = "change")]
        remove: Vec<String>,
    },
    /// Give posts a note to yourself, in place of the one they have.
    Note {
        #[command(flatten)]
        many: Many,
        /// The note; an empty one takes it away.
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
        set: String,
    },
    /// Make posts drafts, which keep their times and do not go out.
    Draft(Many),
    /// Schedule drafts that have a time.
    Schedule {
        #[command(flatten)]
        many: Many,
        /// Schedule failed, missed and cancelled posts again, too.
        #[arg(long)]
        restore: bool,
    },
}

/// Words that are added.
#[derive(Debug, Args)]
pub(crate) struct AddWords {
    #[command(flatten)]
    pub(crate) many: Many,
    /// The words.
    #[arg(long, value_name = "WORDS", allow_hyphen_values = true)]
    pub(crate) add: String,
    /// On a line of their own.
    #[arg(long)]
    pub(crate) new_line: bool,
}
