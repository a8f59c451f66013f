//! Posts: the list's lines, the inspector's detail, the question for a list.

use roost_core::clock::UnixMillis;
use roost_core::status::Status;
use roost_core::zone::{Zone, wall_time_of};
use roost_engine::view;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::ipc::Type;
use crate::words;

/// The kind of a receipt's line for a change.
const EDITED: &str = "edited";
/// The kind of the line for the hand-over.
const QUEUED: &str = "queued";

/// One line of a list.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    id: String,
    status: StatusName,
    username: Option<String>,
    text: String,
    parts: u32,
    /// When it is due: Unix milliseconds.
    at: Option<i64>,
    /// The same day and time of day, in the zone that the window shows.
    day: Option<String>,
    time: Option<String>,
    /// The wall time the person meant, in `zone`.
    wall_time: Option<String>,
    zone: String,
    /// Micro-dollars.
    cost: i64,
    has_link: bool,
    waiting_for: Option<WaitingFor>,
    reason: Option<Reason>,
    until: Option<i64>,
    tweet_url: Option<String>,
    posted_at: Option<i64>,
    posted_day: Option<String>,
    posted_time: Option<String>,
    import_id: Option<String>,
    updated_at: i64,
}

/// Where a post stands; the engine's statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename = "Status", rename_all = "snake_case")]
pub(crate) enum StatusName {
    Draft,
    Pending,
    Queued,
    Held,
    Sending,
    Posted,
    Partial,
    Unknown,
    Failed,
    Missed,
    Cancelled,
}

/// An intention that the relay has not acknowledged yet.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WaitingFor {
    /// To cancel.
    Cancel,
    /// To change.
    Edit,
    /// To learn what became of it.
    Result,
}

/// Why a post failed, waits or needs the person.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct Reason {
    code: String,
    /// What happened, in plain words.
    message: String,
    /// What to do about it.
    remedy: String,
    /// What X, the relay or the scheduler said beside.
    said: Option<String>,
}

/// A page of a list.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct Page {
    rows: Vec<Row>,
    total: u64,
    /// Where the next page begins; none at the end.
    next: Option<String>,
}

/// One post with its receipt.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Detail {
    row: Row,
    /// X's weighted length of the text, and how much this account may use.
    weighted: u32,
    limit: u32,
    /// Its time in UTC, in words.
    utc: Option<String>,
    message_id: Option<String>,
    /// The parts of a thread that are on X.
    live: Vec<LivePart>,
    late_edit: Option<LateEdit>,
    receipt: Vec<ReceiptLine>,
    actions: Vec<Action>,
}

/// A part of a thread that is on X.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LivePart {
    /// Its number, from 1.
    part: u32,
    tweet_id: String,
    url: String,
}

/// A change that came too late: the post went out, or is being sent, as it was before.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LateEdit {
    /// The texts that the change meant.
    meant: Vec<String>,
    /// The texts that went out.
    sent: Vec<String>,
    /// The time that the change meant, when it was another.
    moved_to: Option<String>,
    /// The account that the change meant, when it was another.
    account: Option<String>,
    /// The draft that keeps it.
    draft: Option<String>,
    draft_status: Option<StatusName>,
    /// Whether what is on X is being deleted, for the draft to go out in its place.
    replacing: bool,
    /// Micro-dollars.
    post_too_cost: i64,
    /// Micro-dollars.
    replace_cost: i64,
}

/// One moment of a delivery receipt.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct ReceiptLine {
    at: i64,
    /// The time of day in the zone that the window shows, with seconds.
    time: String,
    /// When this computer was told, in the same way; where that was much later.
    told: Option<String>,
    kind: String,
    title: String,
    detail: Option<String>,
}

/// What the person may do with a post now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Edit,
    Cancel,
    Retry,
    PostNow,
    Verify,
    WentOut,
    SendAgain,
    Delete,
    OpenOnX,
    PostToo,
    Replace,
}

/// Which posts to list.
#[derive(Debug, Clone, Deserialize, Type)]
pub(crate) struct Query {
    view: View,
    statuses: Vec<StatusName>,
    search: Option<String>,
    import: Option<String>,
    /// Where the page begins: the `next` of the one before.
    after: Option<String>,
    limit: u32,
}

/// A place of the rail that lists posts.
#[derive(Debug, Clone, Copy, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum View {
    All,
    Today,
    Upcoming,
    Drafts,
    NeedsYou,
    Posted,
}

impl Row {
    /// The line as a window in `zone` shows it.
    pub(crate) fn shown_in(zone: &Zone, row: view::PostRow) -> Self {
        let due = row.scheduled_at.map(|at| words::day_and_time(at, zone));
        let posted = row.posted_at.map(|at| words::day_and_time(at, zone));
        Self {
            id: row.id.to_string(),
            status: row.status.into(),
            username: row.username,
            text: row.text,
            parts: row.parts,
            at: row.scheduled_at.map(|at| at.0),
            day: due.as_ref().map(|(day, _)| day.clone()),
            time: due.map(|(_, time)| time),
            wall_time: row.wall_time,
            zone: row.zone,
            cost: row.cost_micros,
            has_link: row.has_link,
            waiting_for: row.waiting_for.map(Into::into),
            reason: row.reason.map(Into::into),
            until: row.until.map(|at| at.0),
            tweet_url: row.tweet_url,
            posted_at: row.posted_at.map(|at| at.0),
            posted_day: posted.as_ref().map(|(day, _)| day.clone()),
            posted_time: posted.map(|(_, time)| time),
            import_id: row.import_id.map(|id| id.to_string()),
            updated_at: row.updated_at.0,
        }
    }
}

impl From<view::Reason> for Reason {
    fn from(reason: view::Reason) -> Self {
        Self {
            code: reason.code.as_str().to_owned(),
            message: reason.message,
            remedy: reason.remedy,
            said: reason.said,
        }
    }
}

impl Page {
    /// The page as a window in `zone` shows it.
    pub(crate) fn shown_in(zone: &Zone, page: view::PostPage) -> Self {
        let rows = page.posts.into_iter().map(|row| Row::shown_in(zone, row)).collect();
        Self { rows, total: page.total, next: page.next }
    }
}

impl Detail {
    /// The post as a window in `zone` shows it.
    pub(crate) fn shown_in(zone: &Zone, detail: view::PostDetail) -> Self {
        Self {
            utc: detail.row.scheduled_at.map(words::utc),
            row: Row::shown_in(zone, detail.row),
            weighted: detail.length.weighted,
            limit: detail.length.limit,
            message_id: detail.qstash_message_id,
            live: if detail.parts.len() > 1 {
                detail.live.into_iter().map(Into::into).collect()
            } else {
                Vec::new()
            },
            late_edit: detail.late_edit.map(Into::into),
            receipt: receipt(zone, detail.receipt),
            actions: detail.actions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<view::LivePart> for LivePart {
    fn from(live: view::LivePart) -> Self {
        Self { part: live.part, tweet_id: live.tweet_id.0, url: live.url }
    }
}

impl From<view::LateEdit> for LateEdit {
    fn from(late: view::LateEdit) -> Self {
        Self {
            meant: late.meant,
            sent: late.sent,
            moved_to: late.moved_to,
            account: late.account,
            draft: late.draft.map(|draft| draft.to_string()),
            draft_status: late.draft_status.map(Into::into),
            replacing: late.replacing,
            post_too_cost: late.post_too_cost_micros,
            replace_cost: late.replace_cost_micros,
        }
    }
}

/// The receipt. Before the post was handed over only the last of several changes in a row is shown: a
/// draft saves itself often.
fn receipt(zone: &Zone, events: Vec<view::ReceiptEvent>) -> Vec<ReceiptLine> {
    let mut lines: Vec<ReceiptLine> = Vec::with_capacity(events.len());
    for event in events {
        let line = receipt_line(zone, event);
        let handed_over = lines.iter().any(|line| line.kind == QUEUED);
        let again = line.kind == EDITED && lines.last().is_some_and(|last| last.kind == EDITED);
        if again && !handed_over {
            lines.pop();
        }
        lines.push(line);
    }
    lines
}

fn receipt_line(zone: &Zone, event: view::ReceiptEvent) -> ReceiptLine {
    ReceiptLine {
        at: event.at.0,
        time: clock_face(event.at, zone),
        told: event.told_at.map(|told| {
            let (day, _) = words::day_and_time(told, zone);
            let same_day = words::day_and_time(event.at, zone).0 == day;
            let time = clock_face(told, zone);
            if same_day { time } else { format!("{day} {time}") }
        }),
        kind: event.kind,
        title: event.title,
        detail: event.detail,
    }
}

/// `09:00:02`; a wall time without seconds is on the minute.
fn clock_face(at: UnixMillis, zone: &Zone) -> String {
    let wall = wall_time_of(at, zone).to_string();
    match wall.split_once(' ') {
        Some((_, time)) if time.len() == 5 => format!("{time}:00"),
        Some((_, time)) => time.to_owned(),
        None => wall,
    }
}

impl TryFrom<Query> for view::PostQuery {
    type Error = Failure;

    fn try_from(query: Query) -> Result<Self, Failure> {
        Ok(Self {
            view: query.view.into(),
            statuses: query.statuses.into_iter().map(Into::into).collect(),
            search: query.search,
            import: query.import.map(|id| id.parse()).transpose()?,
            after: query.after,
            limit: query.limit,
            ..Self::default()
        })
    }
}

/// Says that two enums have the same words.
macro_rules! same_words {
    ($from:ty => $to:ty: $($word:ident),+) => {
        impl From<$from> for $to {
            fn from(word: $from) -> Self {
                match word { $(<$from>::$word => Self::$word,)+ }
            }
        }
    };
}
pub(crate) use same_words;

same_words!(Status => StatusName: Draft, Pending, Queued, Held, Sending, Posted, Partial, Unknown,
    Failed, Missed, Cancelled);
same_words!(StatusName => Status: Draft, Pending, Queued, Held, Sending, Posted, Partial, Unknown,
    Failed, Missed, Cancelled);
same_words!(view::WaitingFor => WaitingFor: Cancel, Edit, Result);
same_words!(view::Action => Action: Edit, Cancel, Retry, PostNow, Verify, WentOut, SendAgain,
    Delete, OpenOnX, PostToo, Replace);
same_words!(View => view::View: All, Today, Upcoming, Drafts, NeedsYou, Posted);
