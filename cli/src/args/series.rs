//! `roost series …`

use clap::{Args, Subcommand};
use roost_core::id::{PostId, SeriesId};

/// `roost series …`
#[derive(Debug, Subcommand)]
pub(crate) enum Series {
    /// Schedule a post that repeats; each of its times is a post of its own.
    Add(AddSeries),
    /// List the posts that repeat.
    List {
        /// Those too that make no more posts.
        #[arg(long)]
        all: bool,
    },
    /// Show one with its posts.
    Show {
        /// The series' id.
        id: SeriesId,
    },
    /// Change all that waits of one, or a post of it and those that follow. A post that you changed by
    /// itself (`roost posts edit`) stays as it is.
    Edit(EditSeriesArgs),
    /// Leave one time out; a post that it has is cancelled.
    Skip {
        /// The series' id.
        id: SeriesId,
        /// The time, or its day alone: "2027-03-08".
        #[arg(value_name = "TIME")]
        occurrence: String,
    },
    /// End one: it makes no more posts, and those that wait are cancelled.
    End {
        /// The series' id.
        id: SeriesId,
        /// Let the posts that wait go out.
        #[arg(long)]
        keep_posts: bool,
    },
}

/// `roost series add`
#[derive(Debug, Args)]
pub(crate) struct AddSeries {
    /// The text, or `-` for standard input; one that is a flag by itself goes behind `--`.
    #[arg(allow_hyphen_values = true)]
    pub(crate) text: String,
    /// Another text that takes turns with the first, since X refuses what an account said a short while
    /// ago; may be given several times.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) variant: Vec<String>,
    /// How it repeats: "every day", "every weekday", "every 2 weeks on mon, fri", "every month on the last
    /// day", or a rule of RFC 5545: "FREQ=MONTHLY;BYDAY=2TU".
    #[arg(long, value_name = "RULE")]
    pub(crate) repeat: String,
    /// From when on, as wall time: "2027-03-01 09:00". Its time of day is that of all.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: String,
    /// The zone of its times, like Asia/Kolkata.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    #[command(flatten)]
    pub(crate) ends: Ends,
    /// The account: its handle.
    #[arg(long, value_name = "HANDLE")]
    pub(crate) account: Option<String>,
    /// A word to find its posts by; may be given several times.
    #[arg(long, value_name = "WORD")]
    pub(crate) tag: Vec<String>,
    /// Take words that repeat within 48 hours, which X refuses as a rule.
    #[arg(long)]
    pub(crate) allow_repeats: bool,
    /// Tell its next times and what it costs, and make nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// When a series ends.
#[derive(Debug, Clone, Args)]
pub(crate) struct Ends {
    /// The last day on which it repeats: "2027-06-30".
    #[arg(long, value_name = "DAY", conflicts_with = "times")]
    pub(crate) until: Option<String>,
    /// After so many posts.
    #[arg(long, value_name = "COUNT")]
    pub(crate) times: Option<u32>,
}

/// `roost series edit`
#[derive(Debug, Args)]
pub(crate) struct EditSeriesArgs {
    /// The series' id.
    pub(crate) id: SeriesId,
    /// This post and those that follow [default: all that wait].
    #[arg(long, value_name = "POST")]
    pub(crate) from: Option<PostId>,
    /// The texts that take turns, in place of all there are; may be given several times.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) text: Vec<String>,
    /// How it repeats from then on.
    #[arg(long, value_name = "RULE")]
    pub(crate) repeat: Option<String>,
    /// The wall time of the first that changes; its time of day is that of all.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// The zone of its times.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    #[command(flatten)]
    pub(crate) ends: Ends,
    /// The account: its handle.
    #[arg(long, value_name = "HANDLE")]
    pub(crate) account: Option<String>,
    /// Words to find its posts by, in place of all there are; may be given several times.
    #[arg(long, value_name = "WORD")]
    pub(crate) tag: Vec<String>,
    /// Take words that repeat within 48 hours.
    #[arg(long)]
    pub(crate) allow_repeats: bool,
    /// Change it only if it still has this version, as `roost series show --json` told it.
    #[arg(long, value_name = "VERSION")]
    pub(crate) if_version: Option<i64>,
}
