//! A change that came too late: what is shown of it, and what the person may do about it.

use roost_core::cost::{DELETED_POST, MicroDollars};
use roost_core::id::PostId;
use roost_core::status::{Actor, Status};
use roost_store::{
    Error as StoreError, Meant, NewNotification, NewOutbox, OutboxEnding, OutboxKind, Post, Read,
    Tx,
};

use crate::compose::{self, changed};
use crate::inner::Inner;
use crate::notify::excerpt;
use crate::row::Scene;
use crate::view::{Action, LateEdit};
use crate::{Change, Edit, Error, Result, Saved, outbox, parts, posts};

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
    let post_too = draft.as_ref().map_or(late.meant.cost_micros, |draft| draft.cost_micros);
    let delete = DELETED_POST.0.saturating_mul(i64::try_from(live.max(1)).unwrap_or(i64::MAX));
    Ok(Some(LateEdit {
        moved_to: moved_to(&late.meant, &late.sent),
        account: other_account(store, &late.meant, &late.sent)?,
        meant: late.meant.texts(),
        sent: late.sent.texts(),
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
fn is_replacing(store: &Read<'_>, original: PostId) -> std::result::Result<bool, StoreError> {
    Ok(store.outbox_of(original)?.iter().any(|it| it.kind == OutboxKind::Replace))
}

/// Writes down that a post on X is to be replaced, and has the relay begin. Returns the draft.
pub(crate) async fn replace(inner: &Inner, id: PostId) -> Result<PostId> {
    let scene = posts::scene(inner).await?;
    let (original, draft) = inner
        .write("too_late.replace", move |store| {
            let draft = draft_of(store, id)?;
            let original = draft.late_edit_of.ok_or(Error::NoLateEdit(id))?;
            let original = store.expect_post(original)?;
            if original.status != Status::Posted || original.gone_from_x_at.is_some() {
                return Err(Error::NotAllowed { post: original.id, status: original.status });
            }
            // Nothing is deleted for words that could not be posted.
            let asked = compose::merged(store, &draft, &Edit::default())?;
            compose::sound(&compose::read(store, &asked, &scene)?, true, scene.now, true)?;
            if !is_replacing(store, original.id)? {
                store.intend(&NewOutbox {
                    kind: OutboxKind::Replace,
                    post_id: Some(original.id),
                    revision: Some(original.revision),
                    payload: serde_json::json!({ "draft": draft.id }),
                    actor: Actor::Person,
                })?;
            }
            Ok((original.id, draft.id))
        })
        .await?;
    changed(inner, vec![original, draft]);
    let services = inner.services()?;
    let _turn = inner.turn.lock().await;
    outbox::replacements(inner, &services).await?;
    Ok(draft)
}

/// The old words are deleted on X: the draft goes out in their place, unless the person did something
/// else with it meanwhile.
pub(crate) async fn replaced(
    inner: &Inner,
    original: PostId,
    draft: PostId,
    seq: i64,
) -> Result<()> {
    let scene = posts::scene(inner).await?;
    inner
        .write("too_late.replaced", move |store| {
            store.gone_from_x(original)?;
            store.outbox_end(seq, OutboxEnding::Done)?;
            let waits = |draft: &Post| draft.status == Status::Draft && draft.deleted_at.is_none();
            if let Some(draft) = store.post(draft)?.filter(waits) {
                arm(store, &draft, &scene)?;
            }
            Ok(())
        })
        .await?;
    changed(inner, vec![original, draft]);
    Ok(())
}

/// The relay or X refused for good: nothing was posted in its place, and the person is told.
pub(crate) async fn not_replaced(
    inner: &Inner,
    original: PostId,
    seq: i64,
    why: &roost_relay_api::ClientError,
) -> Result<()> {
    let why = Error::Relay(why.clone()).to_string();
    inner
        .write("too_late.not_replaced", move |store| {
            store.outbox_end(seq, OutboxEnding::Refused)?;
            let post = store.expect_post(original)?;
            store.notify(&NewNotification {
                key: format!("not_replaced:{seq}"),
                kind: "not_replaced".to_owned(),
                post_id: Some(original),
                account: post.account.clone(),
                title: "A post on X could not be replaced".to_owned(),
                body: format!(
                    "\"{}\" stays on X, and nothing was posted in its place. {why}",
                    excerpt(&post.content)
                ),
            })?;
            Ok(())
        })
        .await?;
    changed(inner, vec![original]);
    inner.tell(Change::Notices);
    Ok(())
}

/// Schedules a draft: at its own time, or now when that has passed.
fn arm(store: &mut Tx<'_>, draft: &Post, scene: &Scene) -> Result<Post> {
    let due = draft.schedule.as_ref().map(|schedule| schedule.at);
    let now = due.is_none_or(|due| due <= scene.now).then(|| compose::at_once(draft, scene));
    Ok(store.arm_post(draft.id, now, Actor::Person)?)
}

/// Schedules the draft that keeps a late change: at its own time, or now when that has passed.
pub(crate) async fn post_too(inner: &Inner, id: PostId) -> Result<Saved> {
    let scene = posts::scene(inner).await?;
    let saved = inner
        .write("too_late.post_too", move |store| {
            let draft = draft_of(store, id)?;
            let asked = compose::merged(store, &draft, &Edit::default())?;
            let reading = compose::read(store, &asked, &scene)?;
            let warnings = compose::sound(&reading, true, scene.now, true)?;
            let post = arm(store, &draft, &scene)?;
            compose::saved(store, post, &scene, warnings)
        })
        .await?;
    changed(inner, vec![id, saved.post.id]);
    Ok(saved)
}

/// The draft of a late change, by its own id or by that of the post.
pub(crate) fn draft_of(store: &Read<'_>, id: PostId) -> Result<Post> {
    let is_live = |post: &Post| post.deleted_at.is_none() && post.status == Status::Draft;
    let post = store.post(id)?.filter(|post| post.deleted_at.is_none());
    let post = post.ok_or(Error::NoSuchPost(id))?;
    if post.late_edit_of.is_some() && is_live(&post) {
        return Ok(post);
    }
    let draft = store.late_edit(id)?.and_then(|late| late.draft);
    let draft = draft.map(|draft| store.post(draft)).transpose()?.flatten();
    draft.filter(is_live).ok_or(Error::NoLateEdit(id))
}
