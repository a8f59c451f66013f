//! What the person is told through the operating system: once, by whichever process is there.

use roost_core::failure::Code;
use roost_core::notice::{Headline, NoticeChannels, NoticeTopic, TooLate};
use roost_core::status::Status;
use roost_store::{Account, AccountHealth, NewNotification, Post, Tx, WithdrawTo};

use crate::excerpt::excerpt;
use crate::row::reason;
use crate::state::EngineState;
use crate::view::{LateEdit, Notice, Trouble};
use crate::{Change, Result, late_edit, parts};

/// Notices handed out at once.
const PAGE: u32 = 50;

/// Writes down what a post's outcome has to tell. Answers whether there is something new.
pub(crate) fn outcome(store: &mut Tx<'_>, before: &Post, after: &Post) -> Result<bool> {
    if !is_bad_news(after.status) && after.status != Status::Posted {
        return Ok(false);
    }
    let goal = before.withdraw_to.or(store.wish_too_late(after.id)?);
    let not_taken_back = goal.filter(|goal| *goal != WithdrawTo::Pending);
    let late = late_edit::shown::shown(store, after)?;
    let kind = match (after.status, &late, not_taken_back) {
        (Status::Posted, Some(_), _) => "edit_too_late",
        (Status::Posted, None, Some(_)) => "cancel_too_late",
        _ => after.status.as_str(),
    };
    let headline = Headline::Outcome {
        status: after.status,
        edit_too_late: late.is_some(),
        too_late: not_taken_back.map(|goal| match goal {
            WithdrawTo::Draft => TooLate::ToDraft,
            _ => TooLate::Cancel,
        }),
    };
    let notice = NewNotification {
        key: format!("{}:{}:{}", after.status, after.id, after.revision),
        kind: kind.to_owned(),
        post_id: Some(after.id),
        account: after.account.clone(),
        cause: Some(cause(kind, after)),
        title: headline.to_string(),
        body: body(store, after, late.as_ref())?,
    };
    Ok(store.notify(&notice)?)
}

/// Returns what a post's outcome has in common with others: what became of them, and why.
fn cause(kind: &str, after: &Post) -> String {
    match &after.error_code {
        Some(code) => format!("{kind}:{code}"),
        None => kind.to_owned(),
    }
}

/// Returns whether a status ends badly what a person waits for.
const fn is_bad_news(status: Status) -> bool {
    matches!(status, Status::Failed | Status::Unknown | Status::Missed | Status::Partial)
}

fn body(store: &Tx<'_>, after: &Post, late: Option<&LateEdit>) -> Result<String> {
    let because = reason(after).map(|reason| format!("{} {}", reason.message, reason.remedy));
    let parts = parts::sentence(store, after)?;
    let mut said = match late {
        Some(late) => vec![late_edit::shown::sentence(after, late)],
        None => vec![format!("\"{}\"", excerpt(&after.content))],
    };
    said.extend(because);
    said.extend(parts);
    Ok(said.join(" "))
}

/// Writes down what a change of an account's health has to tell, once for all its posts.
pub(crate) fn account(store: &mut Tx<'_>, after: &Account, cancelled: usize) -> Result<bool> {
    let code = match after.health {
        AccountHealth::Connected => return Ok(false),
        AccountHealth::Suspended => Code::AccountSuspended,
        AccountHealth::Disconnected => Code::SignInNeeded,
    };
    let body = match &after.message {
        // The relay knows whose fault it is: not each sign-out is X's.
        Some(message) if after.health == AccountHealth::Disconnected => message.clone(),
        _ => format!("{} {}", code.text(), code.remedy()),
    };
    let posts = if cancelled == 1 { "post" } else { "posts" };
    let body = match cancelled {
        0 => body,
        _ => format!(
            "{} {cancelled} {posts} cancelled, as your settings say. Sign in again; what is \
             cancelled can be scheduled again.",
            code.text()
        ),
    };
    let notice = NewNotification {
        key: format!("account:{}:{}:{}", after.x_user_id, after.health, store.now().0),
        kind: "account".to_owned(),
        post_id: None,
        account: Some(after.x_user_id.clone()),
        cause: None,
        title: Headline::AccountCantPost(&after.username).to_string(),
        body,
    };
    Ok(store.notify(&notice)?)
}

/// Writes down that an account can post for now and may soon not, if the relay says so.
pub(crate) fn doubt(store: &mut Tx<'_>, after: &Account) -> Result<bool> {
    let Some(message) = after.message.clone() else { return Ok(false) };
    let notice = NewNotification {
        key: format!("account:{}:doubt:{}", after.x_user_id, store.now().0),
        kind: "account".to_owned(),
        post_id: None,
        account: Some(after.x_user_id.clone()),
        cause: None,
        title: Headline::AccountInDoubt(&after.username).to_string(),
        body: message,
    };
    Ok(store.notify(&notice)?)
}

/// Says what keeps posts from going out: in the status at once, and through the operating system.
pub(crate) async fn trouble(engine: &EngineState, title: &str, trouble: Trouble) -> Result<()> {
    engine.health().trouble = Some(trouble.clone());
    engine.publish(Change::Sync);
    let title = title.to_owned();
    engine
        .write("notify.trouble", move |store| {
            Ok(store.notify(&NewNotification {
                key: format!("{}:{}", trouble.code, store.now().0),
                kind: "relay".to_owned(),
                post_id: None,
                account: None,
                cause: None,
                title,
                body: trouble.message,
            })?)
        })
        .await?;
    engine.publish(Change::Notices);
    Ok(())
}

/// Hands out what was not told yet, many of one cause as one, and notes that it was.
pub(crate) async fn take(engine: &EngineState) -> Result<Vec<Notice>> {
    let none = engine
        .read(|store| {
            Ok(store.moved_away()?.is_some() || store.notifications_to_show(1)?.is_empty())
        })
        .await?;
    if none {
        return Ok(Vec::new());
    }
    let (taken, channels) = engine
        .write("notify.take", |store| {
            let notices = store.notifications_to_show(PAGE)?;
            for notice in &notices {
                store.notification_shown(notice.seq)?;
            }
            Ok((notices, store.notice_channels()?))
        })
        .await?;
    if taken.len() == PAGE as usize {
        engine.publish(Change::Notices);
    }
    Ok(shown(taken, &channels))
}

/// The newest notices, newest first: all, or those that the person has not read.
pub(crate) async fn list(engine: &EngineState, all: bool, limit: u32) -> Result<Vec<Notice>> {
    let (found, channels) = engine
        .read(move |store| Ok((store.notifications(!all, limit)?, store.notice_channels()?)))
        .await?;
    Ok(shown(found, &channels))
}

/// How many notices the person has not read.
pub(crate) async fn unread(engine: &EngineState) -> Result<u64> {
    engine.read(|store| store.unread_notifications()).await
}

/// Notes that the person read a notice and all older ones.
pub(crate) async fn read(engine: &EngineState, up_to: i64) -> Result<()> {
    engine.write("notify.read", move |store| Ok(store.notifications_read(up_to)?)).await?;
    engine.publish(Change::Notices);
    Ok(())
}

fn shown(found: Vec<roost_store::Notification>, channels: &NoticeChannels) -> Vec<Notice> {
    found.into_iter().map(|it| notice(it, channels)).collect()
}

fn notice(it: roost_store::Notification, channels: &NoticeChannels) -> Notice {
    let topic = NoticeTopic::of_kind(&it.kind);
    Notice {
        id: it.seq,
        at: it.created_at,
        topic,
        channel: channels.of(topic),
        cause: it.cause,
        kind: it.kind,
        title: it.title,
        body: it.body,
        post_id: it.post_id,
        posts: 1,
        read_at: it.read_at,
    }
}

/// Makes one notice of all that have a cause in common and are read, or not, alike. It stands where the
/// first of them stood, and names no single post.
#[must_use]
pub fn grouped(notices: Vec<Notice>) -> Vec<Notice> {
    let mut groups: Vec<Notice> = Vec::new();
    for notice in notices {
        let same = |other: &&mut Notice| {
            notice.cause.is_some()
                && other.cause == notice.cause
                && other.read_at.is_some() == notice.read_at.is_some()
        };
        let Some(group) = groups.iter_mut().find(same) else {
            groups.push(notice);
            continue;
        };
        group.posts += 1;
        group.title = Headline::Outcomes { kind: &group.kind, posts: group.posts }.to_string();
        group.post_id = None;
        if notice.id > group.id {
            let Notice { id, at, body, .. } = notice;
            (group.id, group.at, group.body) = (id, at, body);
        }
    }
    groups
}
