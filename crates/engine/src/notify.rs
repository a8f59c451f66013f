//! What the person is told through the operating system: once, by whichever process is there.

use roost_core::failure::Code;
use roost_core::id::Revision;
use roost_core::status::{Actor, Status};
use roost_store::{Account, AccountHealth, EventKind, NewNotification, Post, Tx};

use crate::inner::Inner;
use crate::results::is_news;
use crate::row::reason;
use crate::view::{Notice, Trouble};
use crate::{Change, Result};

/// Characters of a post that a headline repeats.
const EXCERPT: usize = 60;
/// Notices handed out at once.
const PAGE: u32 = 50;

/// Writes down what a post's outcome has to tell. Answers whether there is something new.
pub(crate) fn outcome(store: &mut Tx<'_>, before: &Post, after: &Post) -> Result<bool> {
    let cancelled_too_late = before.withdraw_to.is_some()
        && matches!(after.status, Status::Posted | Status::Partial | Status::Unknown);
    let went_out = after.status == Status::Posted;
    if !is_news(after.status) && !went_out && !cancelled_too_late {
        return Ok(false);
    }
    let title = match after.status {
        Status::Posted if cancelled_too_late => "Posted before it could be cancelled",
        Status::Posted => "A post is on X",
        Status::Partial => "A thread is on X in part",
        Status::Unknown => "A post needs a check",
        Status::Missed => "A post was missed",
        _ => "A post failed",
    };
    let because = reason(after)
        .map(|reason| format!(" {} {}", reason.message, reason.remedy))
        .unwrap_or_default();
    let notice = NewNotification {
        key: format!("{}:{}:{}", after.status, after.id, after.revision),
        kind: after.status.as_str().to_owned(),
        post_id: Some(after.id),
        account: after.account.clone(),
        title: title.to_owned(),
        body: format!("«{}»{because}", excerpt(&after.content)),
    };
    Ok(store.notify(&notice)?)
}

/// Writes down that an edit came too late for a call which then came to nothing: the post waits with
/// its old words, and whoever edited it believes the new ones there. Answers whether it is news.
pub(crate) fn edit_not_taken(
    store: &mut Tx<'_>,
    before: &Post,
    after: &Post,
    waits: Revision,
) -> Result<bool> {
    let came_back = before.status == Status::Sending
        && matches!(after.status, Status::Queued | Status::Held)
        && after.withdraw_to.is_none();
    if !came_back || waits >= after.revision {
        return Ok(false);
    }
    let edited = store.events(after.id)?.into_iter().any(|event| {
        event.kind == EventKind::Edited && event.actor == Actor::Person && event.revision > waits
    });
    if !edited {
        return Ok(false);
    }
    let notice = NewNotification {
        key: format!("edit_too_late:{}:{}", after.id, after.revision),
        kind: "edit_too_late".to_owned(),
        post_id: Some(after.id),
        account: after.account.clone(),
        title: "An edit came too late".to_owned(),
        body: format!(
            "«{}» was being sent when it was edited, and now waits with its old words. Edit it \
             again.",
            excerpt(&after.content)
        ),
    };
    Ok(store.notify(&notice)?)
}

/// Writes down what a change of an account's health has to tell, once for all its posts.
pub(crate) fn account(store: &mut Tx<'_>, after: &Account, cancelled: usize) -> Result<bool> {
    let code = match after.health {
        AccountHealth::Connected => return Ok(false),
        AccountHealth::Suspended => Code::AccountSuspended,
        AccountHealth::Disconnected => Code::SignInNeeded,
    };
    let posts = if cancelled == 1 { "post" } else { "posts" };
    let remedy = match cancelled {
        0 => code.remedy().to_owned(),
        _ => format!(
            "{cancelled} {posts} cancelled, as your settings say. Sign in again; what is cancelled \
             can be scheduled again."
        ),
    };
    let notice = NewNotification {
        key: format!("account:{}:{}:{}", after.x_user_id, after.health, store.now().0),
        kind: "account".to_owned(),
        post_id: None,
        account: Some(after.x_user_id.clone()),
        title: format!("@{} can't post", after.username),
        body: format!("{} {remedy}", code.text()),
    };
    Ok(store.notify(&notice)?)
}

/// Says what keeps posts from going out: in the status at once, and through the operating system.
pub(crate) async fn trouble(inner: &Inner, title: &str, trouble: Trouble) -> Result<()> {
    inner.heard().trouble = Some(trouble.clone());
    inner.tell(Change::Sync);
    let title = title.to_owned();
    inner
        .write("notify.trouble", move |store| {
            Ok(store.notify(&NewNotification {
                key: format!("{}:{}", trouble.code, store.now().0),
                kind: "relay".to_owned(),
                post_id: None,
                account: None,
                title,
                body: trouble.message,
            })?)
        })
        .await?;
    inner.tell(Change::Notices);
    Ok(())
}

fn excerpt(text: &str) -> String {
    let mut short: String =
        text.chars().take(EXCERPT).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(EXCERPT).is_some() {
        short.push('…');
    }
    short
}

/// Hands out what was not told yet, and notes that it was.
pub(crate) async fn take(inner: &Inner) -> Result<Vec<Notice>> {
    let none = inner.read(|store| Ok(store.notifications_to_show(1)?.is_empty())).await?;
    if none {
        return Ok(Vec::new());
    }
    let taken = inner
        .write("notify.take", |store| {
            let notices = store.notifications_to_show(PAGE)?;
            for notice in &notices {
                store.notification_shown(notice.seq)?;
            }
            Ok(notices)
        })
        .await?;
    if taken.len() == PAGE as usize {
        inner.tell(Change::Notices);
    }
    let notice = |it: roost_store::Notification| Notice {
        id: it.seq,
        at: it.created_at,
        kind: it.kind,
        title: it.title,
        body: it.body,
        post_id: it.post_id,
    };
    Ok(taken.into_iter().map(notice).collect())
}
