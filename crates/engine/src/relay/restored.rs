//! After a restore. The store has forgotten what happened since its backup was made, and the relay has
//! not: before anything is handed over, the relay is asked about every post, and about those that it
//! has and the backup had not yet.

use std::collections::HashMap;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_core::notice::Headline;
use roost_core::status::Status;
use roost_core::zone::{Zone, wall_time_of};
use roost_relay_api::{
    BATCH_MAX, Delivery, DeliveryState, Lookup, PostTexts, RelayStatus, TextsOf,
};
use roost_store::{
    Error as StoreError, NewNotification, Recorded, RelayBody, RelayFeed, RestoredMark, Schedule,
    Tx,
};
use tokio::time::Instant;

use crate::relay::{account_sync, results};
use crate::state::{EngineState, Services};
use crate::view::Trouble;
use crate::{Change, NextStep, Result, preferences};

/// Posts looked at in one round.
const PAGE: u32 = 500;
/// How far before the backup's last event posts are looked for that it does not have: clocks are set.
const MARGIN: Duration = Duration::from_hours(24);

/// What came of the question.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    changed: usize,
    missed: usize,
    learned: usize,
    /// They wait as in the backup: whether they were changed, cancelled or deleted since, nobody knows.
    unheard: usize,
}

/// What the status says until then.
pub(crate) fn trouble(
    store: &roost_store::Read<'_>,
) -> std::result::Result<Option<Trouble>, StoreError> {
    Ok(store.restored_mark()?.map(|mark| {
        let message = if mark.is_move {
            "These posts were moved between computers. Nothing is handed over before the relay was \
             asked how each of them stands."
        } else {
            "This store was restored from a backup. Nothing is handed over before the relay was asked \
             what happened since to each post."
        };
        Trouble::new(Code::RelayUnreachable, message).with_steps([NextStep::SyncNow])
    }))
}

/// Asks `services`' relay about every post, when this store was put back. The caller holds the turn.
pub(crate) async fn reconcile(
    engine: &EngineState,
    services: &Services,
    status: &RelayStatus,
) -> Result<()> {
    let Some(mark) = engine.read(|store| store.restored_mark()).await? else { return Ok(()) };
    tracing::info!("the store was put back from a backup: the relay is asked about every post");
    // A post may have got an account since that the backup does not know.
    account_sync::refresh(engine, services).await?;
    let mut tally = Tally::default();
    let mut after_seq = 0;
    loop {
        let page = engine.read(move |store| store.not_posted(after_seq, PAGE)).await?;
        let Some(last) = page.last() else { break };
        after_seq = last.seq;
        let ids: Vec<PostId> = page.iter().map(|post| post.id).collect();
        for batch in ids.chunks(BATCH_MAX) {
            ask(engine, services, &mark, batch, &mut tally).await?;
        }
    }
    learn_new_posts(engine, services, &mark, &mut tally).await?;
    let name = services.relay_public_url.clone();
    let feed = RelayFeed { epoch: status.epoch.0.clone(), cursor: status.head };
    let (needs_manifest, is_move) = (status.needs_manifest, mark.is_move);
    engine
        .write("restored.settled", move |store| {
            // A relay that this store has not met, or that lost its own database, is introduced next.
            if !needs_manifest && store.relay_feed(&name)?.is_some_and(|it| it.epoch == feed.epoch)
            {
                store.save_relay_feed(&name, &feed)?;
            }
            store.restore_settled()?;
            notify(store, tally, is_move)
        })
        .await?;
    engine.publish(Change::Everything);
    engine.publish(Change::Notices);
    Ok(())
}

async fn ask(
    engine: &EngineState,
    services: &Services,
    mark: &RestoredMark,
    ids: &[PostId],
    tally: &mut Tally,
) -> Result<()> {
    let deliveries = look_up(engine, services, ids).await?;
    let bodies = bodies(engine, services, &deliveries).await?;
    let (relay, mark, ids) = (services.relay_public_url.clone(), mark.clone(), ids.to_vec());
    let found = engine
        .write("restored.posts", move |store| {
            let mut found = Tally::default();
            for id in ids {
                let told = deliveries.iter().find(|delivery| delivery.post_id == id);
                let recorded = match told {
                    Some(told) => store.take_relay_s_word(
                        &mark,
                        &relay,
                        id,
                        &results::outcome_of(told),
                        body_for(store, &bodies, id)?.as_ref(),
                    )?,
                    None => store.relay_never_heard(&relay, id)?,
                };
                found.unheard += usize::from(told.is_none() && waits_here(store, id)?);
                if let Recorded::Changed { before, after, .. } = recorded {
                    let shows = before.status != after.status || before.content != after.content;
                    found.missed += usize::from(told.is_none() && before.status != after.status);
                    found.changed += usize::from(told.is_some() && shows);
                }
            }
            Ok(found)
        })
        .await?;
    tally.changed += found.changed;
    tally.missed += found.missed;
    tally.unheard += found.unheard;
    Ok(())
}

/// Whether a post goes out by itself, from this computer.
fn waits_here(store: &Tx<'_>, id: PostId) -> std::result::Result<bool, StoreError> {
    Ok(store.post(id)?.is_some_and(|post| {
        post.status == Status::Pending && post.deleted_at.is_none() && post.withdraw_to.is_none()
    }))
}

/// Posts that were written after the backup are known to the relay alone.
async fn learn_new_posts(
    engine: &EngineState,
    services: &Services,
    mark: &RestoredMark,
    tally: &mut Tally,
) -> Result<()> {
    let last_event = mark.after_event.unwrap_or(0);
    let made = engine.read(move |store| store.events_after(last_event - 1, 1)).await?;
    let oldest_series = engine.read(|store| store.oldest_series_at()).await?;
    let since = made.first().map_or(UnixMillis(0), |event| event.at);
    // Ids begin with the time at which they were made, and those of a series' posts with the time at which
    // the series was.
    let since = oldest_series.map_or(since, |at| at.min(since)).minus(MARGIN);
    let mut after = PostId::new(since);
    loop {
        let of = TextsOf { store_id: engine.store.id(), post_ids: Vec::new(), after: Some(after) };
        let asked = Instant::now();
        let answer = engine.relay_answered(asked, services.relay.texts(&of).await)?;
        let told: Vec<PostId> = answer.posts.iter().map(|texts| texts.post_id).collect();
        let unknown = engine.read(move |store| not_ours(store, told)).await?;
        let texts = answer.posts.into_iter().filter(|it| unknown.contains(&it.post_id)).collect();
        tally.learned += learn(engine, services, &unknown, texts).await?;
        match answer.last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

async fn learn(
    engine: &EngineState,
    services: &Services,
    ids: &[PostId],
    texts: Vec<PostTexts>,
) -> Result<usize> {
    if ids.is_empty() {
        return Ok(0);
    }
    let deliveries = look_up(engine, services, ids).await?;
    let bodies = in_our_terms(engine, &deliveries, texts).await?;
    let relay = services.relay_public_url.clone();
    engine
        .write("restored.learn", move |store| {
            let mut learned = 0;
            // What was taken back before the restore is not brought back by it.
            let is_kept = |it: &&Delivery| it.state != DeliveryState::Withdrawn;
            for told in deliveries.iter().filter(is_kept) {
                if let Some(body) = body_for(store, &bodies, told.post_id)? {
                    let outcome = results::outcome_of(told);
                    store.learn_post(&relay, told.post_id, &outcome, &body)?;
                    learned += 1;
                }
            }
            Ok(learned)
        })
        .await
}

fn not_ours(
    store: &roost_store::Read<'_>,
    ids: Vec<PostId>,
) -> std::result::Result<Vec<PostId>, StoreError> {
    let mut unknown = Vec::new();
    for id in ids {
        if store.post(id)?.is_none() {
            unknown.push(id);
        }
    }
    Ok(unknown)
}

async fn look_up(
    engine: &EngineState,
    services: &Services,
    ids: &[PostId],
) -> Result<Vec<Delivery>> {
    let asked = Instant::now();
    let answer = services.relay.lookup(&Lookup { post_ids: ids.to_vec() }).await;
    Ok(engine.relay_answered(asked, answer)?.deliveries)
}

/// What the relay holds of these deliveries.
async fn bodies(
    engine: &EngineState,
    services: &Services,
    deliveries: &[Delivery],
) -> Result<HashMap<PostId, RelayBody>> {
    if deliveries.is_empty() {
        return Ok(HashMap::new());
    }
    let post_ids = deliveries.iter().map(|delivery| delivery.post_id).collect();
    let asked = Instant::now();
    let of = TextsOf { store_id: engine.store.id(), post_ids, after: None };
    let answer = engine.relay_answered(asked, services.relay.texts(&of).await)?;
    in_our_terms(engine, deliveries, answer.posts).await
}

async fn in_our_terms(
    engine: &EngineState,
    deliveries: &[Delivery],
    texts: Vec<PostTexts>,
) -> Result<HashMap<PostId, RelayBody>> {
    let zone = preferences::zone(engine).await?;
    Ok(texts
        .into_iter()
        .filter_map(|texts| {
            let told = deliveries.iter().find(|it| it.post_id == texts.post_id)?;
            Some((texts.post_id, body(told, texts, &zone)?))
        })
        .collect())
}

fn body(told: &Delivery, texts: PostTexts, zone: &Zone) -> Option<RelayBody> {
    let content = texts.content;
    (!content.parts.is_empty()).then(|| RelayBody {
        content,
        account: told.account.clone(),
        schedule: told.due_at.map(|at| schedule(at, zone)),
        follow_up: texts.follow_up,
    })
}

fn schedule(at: UnixMillis, zone: &Zone) -> Schedule {
    Schedule { at, wall_time: wall_time_of(at, zone).to_string(), zone: zone.name().to_owned() }
}

/// The body of a post, in the terms of the row that is there: its own zone where the time is the same,
/// and no account that this store does not know.
fn body_for(
    store: &Tx<'_>,
    bodies: &HashMap<PostId, RelayBody>,
    id: PostId,
) -> Result<Option<RelayBody>> {
    let Some(mut body) = bodies.get(&id).cloned() else { return Ok(None) };
    let row = store.post(id)?;
    if let Some(known) = row.as_ref().and_then(|row| row.schedule.clone())
        && body.schedule.as_ref().is_some_and(|schedule| schedule.at == known.at)
    {
        body.schedule = Some(known);
    }
    let is_known = match &body.account {
        Some(account) => store.account(account)?.is_some(),
        None => false,
    };
    if !is_known {
        body.account = row.and_then(|row| row.account);
    }
    Ok(Some(body))
}

fn notify(store: &mut Tx<'_>, tally: Tally, is_move: bool) -> Result<()> {
    let Tally { changed, missed, learned, unheard } = tally;
    let posts =
        |count: usize| if count == 1 { "1 post".to_owned() } else { format!("{count} posts") };
    let since = if is_move { "the move" } else { "the backup" };
    let mut sentences = vec!["The relay was asked about every post.".to_owned()];
    if changed > 0 {
        sentences.push(format!("{} changed since {since} and are up to date.", posts(changed)));
    }
    if learned > 0 {
        sentences.push(format!("{} written since {since} came back.", posts(learned)));
    }
    // Nothing was forgotten on the way: what the relay does not know was never handed over.
    let unheard = if is_move { 0 } else { unheard };
    if unheard > 0 {
        let wait = if unheard == 1 { "waits" } else { "wait" };
        sentences.push(format!(
            "{} that the relay does not know {wait} as in the backup: nothing here or there knows \
             whether you changed, cancelled or deleted any since. Look at them.",
            posts(unheard)
        ));
    }
    if missed > 0 {
        sentences.push(format!(
            "{} whose time has passed are not known to the relay: look at them.",
            posts(missed)
        ));
    }
    store.notify(&NewNotification {
        key: format!("restored:{}", store.now().0),
        kind: "store".to_owned(),
        post_id: None,
        account: None,
        cause: None,
        title: match is_move {
            true => Headline::Moved,
            false => Headline::Restored { whole: unheard == 0 },
        }
        .to_string(),
        body: sentences.join(" "),
    })?;
    Ok(())
}
