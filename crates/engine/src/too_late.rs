//! A change that came too late: what is shown of it, and what the person may do about it.

use roost_core::cost::{DELETED_POST, MicroDollars};
use roost_core::id::PostId;
use roost_core::status::{Actor, Status};
use roost_store::{
    Error as StoreError, Meant, NewNotification, NewOutbox, Outbox, OutboxEnding, OutboxKind, Post,
    Read, Tx,
};

use crate::compose::{self, changed};
use crate::notify::excerpt;
use crate::row::Scene;
use crate::state::EngineState;
use crate::sync::outbox;
use crate::view::{Action, LateEdit};
use crate::{Change, Edit, Error, Result, Saved, parts, posts};

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
    Ok(wish(store, original)?.is_some())
}

/// The open wish to replace a post on X.
fn wish(store: &Read<'_>, original: PostId) -> std::result::Result<Option<Outbox>, StoreError> {
    Ok(store.outbox_of(original)?.into_iter().find(|it| it.kind == OutboxKind::Replace))
}

/// Writes down that a post on X is to be replaced, and has the relay delete it. Returns the draft,
/// which goes out now.
///
/// # Errors
/// When the post can't be replaced, or is not deleted on X yet: that is tried again by itself.
pub(crate) async fn replace(engine: &EngineState, id: PostId) -> Result<PostId> {
    let (original, draft) = wish_for(engine, id).await?;
    changed(engine, vec![original, draft]);
    let services = engine.services()?;
    let _pass = engine.pass_lock.lock().await;
    // A turn may have tried it without success and put it off: the person asks for it now.
    let open = engine.read(move |store| wish(store, original)).await?;
    if let Some(intention) = open
        && let Err(why) = outbox::replace(engine, &services, &intention).await
    {
        return match engine.read(move |store| is_replacing(store, original)).await? {
            true => Err(Error::NotReplacedYet { post: original, why: Box::new(why) }),
            false => Err(why),
        };
    }
    // Another turn or process may have ended it with another outcome.
    let post = engine.read(move |store| store.expect_post(original)).await?;
    match post.gone_from_x_at {
        Some(_) => Ok(draft),
        None => Err(Error::NotAllowed { post: original, status: post.status }),
    }
}

/// Returns the post and its draft, once the wish is written down.
async fn wish_for(engine: &EngineState, id: PostId) -> Result<(PostId, PostId)> {
    let scene = posts::scene(engine).await?;
    engine
        .write("too_late.replace", move |store| {
            let draft = draft_of(store, id)?;
            let original = draft.late_edit_of.ok_or(Error::NoLateEdit(id))?;
            let original = store.expect_post(original)?;
            if original.status != Status::Posted || original.gone_from_x_at.is_some() {
                return Err(Error::NotAllowed { post: original.id, status: original.status });
            }
            // Nothing is deleted for words that could not be posted.
            can_go_out(store, original.id, draft.id, &scene)?;
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
        .await
}

/// Checks, before anything is deleted on X, that the draft can still go out in its place, and notes
/// that the deletion may have begun. Otherwise the wish ends, and the person is told.
///
/// # Errors
/// When the draft was deleted, scheduled or can't be posted any more, or the store can't be used.
pub(crate) async fn still_wished(
    engine: &EngineState,
    intention: &Outbox,
    original: PostId,
    draft: PostId,
) -> Result<()> {
    let scene = posts::scene(engine).await?;
    let (seq, mut payload) = (intention.seq, intention.payload.clone());
    let why = engine
        .write("too_late.still_wished", move |store| {
            if !store.outbox_is_open(seq)? {
                return Ok(Some(Error::NoLateEdit(original)));
            }
            let begun = payload["begun"].as_bool().unwrap_or(false);
            let why = match can_go_out(store, original, draft, &scene) {
                Ok(()) if begun => return Ok(None),
                Ok(()) => {
                    payload["begun"] = true.into();
                    store.outbox_refine(seq, &payload)?;
                    return Ok(None);
                }
                Err(error @ Error::Store(_)) => return Err(error),
                Err(why) => why,
            };
            store.outbox_end(seq, OutboxEnding::Superseded)?;
            let said = match &why {
                Error::NoLateEdit(_) => "Its draft was deleted or scheduled meanwhile.".to_owned(),
                why => format!("Its draft can't be posted as it is: {why}"),
            };
            let stays = match begun {
                false => "stays on X, and nothing was posted in its place.",
                true => {
                    "is not replaced, and nothing was posted in its place. An earlier try may have \
                     deleted it or a part of it: look at it on X."
                }
            };
            tell_not_replaced(store, original, seq, &format!("{stays} {said}"))?;
            Ok(Some(why))
        })
        .await?;
    let Some(why) = why else { return Ok(()) };
    changed(engine, vec![original, draft]);
    engine.publish(Change::Notices);
    Err(why)
}

/// Whether the draft is there, is still a draft, and could be posted.
fn can_go_out(store: &Tx<'_>, original: PostId, draft: PostId, scene: &Scene) -> Result<()> {
    let draft = store.post(draft)?.filter(waits).ok_or(Error::NoLateEdit(original))?;
    let asked = compose::merged(store, &draft, &Edit::default())?;
    compose::sound(&compose::read(store, &asked, scene)?, true, scene.now, true)?;
    Ok(())
}

fn waits(draft: &Post) -> bool {
    draft.status == Status::Draft && draft.deleted_at.is_none()
}

fn tell_not_replaced(store: &mut Tx<'_>, original: PostId, seq: i64, what: &str) -> Result<()> {
    let post = store.expect_post(original)?;
    store.notify(&NewNotification {
        key: format!("not_replaced:{seq}"),
        kind: "not_replaced".to_owned(),
        post_id: Some(original),
        account: post.account.clone(),
        title: "A post on X was not replaced".to_owned(),
        body: format!("\"{}\" {what}", excerpt(&post.content)),
    })?;
    Ok(())
}

/// The old words are deleted on X: the draft goes out in their place, unless the person did something
/// else with it in that moment; then they are told that nothing takes the place of the old words.
pub(crate) async fn replaced(
    engine: &EngineState,
    original: PostId,
    draft: PostId,
    seq: i64,
) -> Result<()> {
    let scene = posts::scene(engine).await?;
    engine
        .write("too_late.replaced", move |store| {
            store.gone_from_x(original)?;
            store.outbox_end(seq, OutboxEnding::Done)?;
            match store.post(draft)?.filter(waits) {
                Some(draft) => {
                    arm(store, &draft, &scene)?;
                }
                None => {
                    let said = "is deleted on X, and its draft was deleted or scheduled in that \
                                moment: nothing else was posted in its place.";
                    tell_not_replaced(store, original, seq, said)?;
                }
            }
            Ok(())
        })
        .await?;
    changed(engine, vec![original, draft]);
    Ok(())
}

/// The relay or X refused for good: nothing was posted in its place, and the person is told.
pub(crate) async fn not_replaced(
    engine: &EngineState,
    original: PostId,
    seq: i64,
    why: &roost_relay_api::ClientError,
) -> Result<()> {
    let gone = why.refusal().map_or(0, |refusal| refusal.gone.len());
    let why = Error::Relay(why.clone()).to_string();
    engine
        .write("too_late.not_replaced", move |store| {
            store.outbox_end(seq, OutboxEnding::Refused)?;
            let stays = match gone {
                0 => "stays on X".to_owned(),
                _ => format!("is on X in part only: {} deleted", parts_are(gone)),
            };
            let said = format!("{stays}, and nothing was posted in its place. {why}");
            tell_not_replaced(store, original, seq, &said)?;
            Ok(())
        })
        .await?;
    changed(engine, vec![original]);
    engine.publish(Change::Notices);
    Ok(())
}

fn parts_are(count: usize) -> String {
    if count == 1 { "1 part is".to_owned() } else { format!("{count} parts are") }
}

/// Schedules a draft: at its own time, or now when that has passed.
fn arm(store: &mut Tx<'_>, draft: &Post, scene: &Scene) -> Result<Post> {
    let due = draft.schedule.as_ref().map(|schedule| schedule.at);
    let now = due.is_none_or(|due| due <= scene.now).then(|| compose::at_once(draft, scene));
    Ok(store.arm_post(draft.id, now, Actor::Person)?)
}

/// Schedules the draft that keeps a late change: at its own time, or now when that has passed.
pub(crate) async fn post_too(engine: &EngineState, id: PostId) -> Result<Saved> {
    let scene = posts::scene(engine).await?;
    let saved = engine
        .write("too_late.post_too", move |store| {
            let draft = draft_of(store, id)?;
            let asked = compose::merged(store, &draft, &Edit::default())?;
            let reading = compose::read(store, &asked, &scene)?;
            let warnings = compose::sound(&reading, true, scene.now, true)?;
            let post = arm(store, &draft, &scene)?;
            compose::saved(store, post, &scene, warnings)
        })
        .await?;
    changed(engine, vec![id, saved.post.id]);
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
