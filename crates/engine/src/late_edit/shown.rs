//! A change that came too late, as it is shown: what went out, what was meant, what can be done.

use roost_core::cost::{DELETED_POST, MicroDollars};
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_store::{Error as StoreError, Meant, Outbox, OutboxKind, Post, Read};

use crate::excerpt::excerpt;
use crate::parts;
use crate::view::{Action, LateEdit};

/// Returns the change of a post that came too late, as it is shown. Of the draft that keeps one, the
/// same.
pub(crate) fn shown(
    store: &Read<'_>,
    post: &Post,
) -> std::result::Result<Option<LateEdit>, StoreError> {
    let original = match post.late_edit_of.filter(|_| post.status == Status::Draft) {
        Some(original) => store.post(original)?,
        None => Some(post.clone()),
    };
    let Some(original) = original else { return Ok(None) };
    let Some(late) = store.late_edit(original.id)? else { return Ok(None) };
    let draft = match late.draft {
        Some(draft) => store.post(draft)?.filter(|draft| draft.deleted_at.is_none()),
        None => None,
    };
    let live = parts::live(store, &original, None)?.len();
    let on_x = original.status == Status::Posted && original.gone_from_x_at.is_none();
    let replacing = is_replacing(store, original.id)?;
    let is_draft = draft.as_ref().is_some_and(|draft| draft.status == Status::Draft);
    let post_too = match &draft {
        Some(draft) => draft.cost_micros,
        None => late.meant.content.cost_at(&store.prices()?).0,
    };
    let delete = DELETED_POST.0.saturating_mul(i64::try_from(live.max(1)).unwrap_or(i64::MAX));
    Ok(Some(LateEdit {
        moved_to: moved_to(&late.meant, &late.sent),
        account: other_account(store, &late.meant, &late.sent)?,
        meant: late.meant.content.to_texts(),
        sent: late.sent.content.to_texts(),
        draft: late.draft,
        draft_status: draft.map(|draft| draft.status),
        can_replace: on_x && is_draft && !replacing,
        replacing,
        post_too_cost_micros: post_too,
        replace_cost_micros: post_too.saturating_add(delete),
    }))
}

fn moved_to(meant: &Meant, sent: &Meant) -> Option<String> {
    let to = meant.schedule.as_ref().filter(|_| meant.schedule != sent.schedule)?;
    Some(format!("{} {}", to.wall_time, to.zone))
}

fn other_account(
    store: &Read<'_>,
    meant: &Meant,
    sent: &Meant,
) -> std::result::Result<Option<String>, StoreError> {
    let Some(id) = meant.account.as_ref().filter(|_| meant.account != sent.account) else {
        return Ok(None);
    };
    Ok(Some(store.account(id)?.map_or_else(|| id.0.clone(), |account| account.username)))
}

/// What the person may do about it, from the post or from its draft.
pub(crate) fn actions(post: &Post, late: &LateEdit) -> Vec<Action> {
    if late.draft_status != Some(Status::Draft) {
        return Vec::new();
    }
    let is_over = !matches!(post.status, Status::Pending | Status::Queued | Status::Held);
    let offers =
        [(is_over && !late.replacing, Action::PostToo), (late.can_replace, Action::Replace)];
    offers.into_iter().filter(|(offered, _)| *offered).map(|(_, action)| action).collect()
}

/// Says what went out and what was meant, and what can be done.
pub(crate) fn sentence(post: &Post, late: &LateEdit) -> String {
    let quoted = |texts: &[String]| {
        let texts: Vec<String> = texts.iter().map(|text| excerpt(text)).collect();
        format!("\"{}\"", texts.join(" / "))
    };
    let sent = match post.status {
        Status::Posted => format!("This went out: {}.", quoted(&late.sent)),
        Status::Partial => format!("This is on X in part: {}.", quoted(&late.sent)),
        Status::Unknown => format!("This may have gone out: {}.", quoted(&late.sent)),
        _ => format!("This was sent, and did not go out: {}.", quoted(&late.sent)),
    };
    let mut said = vec![sent];
    if late.meant != late.sent {
        said.push(format!("Your change came too late: {}.", quoted(&late.meant)));
    }
    if let Some(account) = &late.account {
        said.push(format!("You had chosen @{account} for it; that came too late."));
    }
    if let Some(time) = &late.moved_to {
        said.push(format!("You had moved it to {time}; that came too late."));
    }
    if late.draft.is_some() {
        let (too, replace) =
            (MicroDollars(late.post_too_cost_micros), MicroDollars(late.replace_cost_micros));
        said.push(match post.status {
            Status::Posted => format!(
                "It is kept as a draft: post it too ({too}), or replace what is on X ({replace})."
            ),
            _ => format!("It is kept as a draft: post it too ({too})."),
        });
    }
    said.join(" ")
}

/// Whether the wish to replace a post on X is still to be carried out.
pub(crate) fn is_replacing(
    store: &Read<'_>,
    original: PostId,
) -> std::result::Result<bool, StoreError> {
    Ok(wish(store, original)?.is_some())
}

/// The open wish to replace a post on X.
pub(crate) fn wish(
    store: &Read<'_>,
    original: PostId,
) -> std::result::Result<Option<Outbox>, StoreError> {
    Ok(store.outbox_of(original)?.into_iter().find(|it| it.kind == OutboxKind::Replace))
}
