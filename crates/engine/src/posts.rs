//! Reading posts: lists, one post with its receipt, counts.

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::limits::Subscription;
use roost_core::search_words::{self, Has, SearchWords};
use roost_core::status::Status;
use roost_core::time_words::Now;
use roost_core::zone::{WallTime, Zone, resolve, wall_time_of};
use roost_store::{Cursor, Error as StoreError, Filter, List, Order, Page, Post, Read, Traits};

use crate::delete_on_x::wish;
use crate::row::{self, Scene, row};
use crate::state::EngineState;
use crate::sync::scheduler_refusal;
use crate::view::{
    Action, Counts, LateEdit, Length, PostDetail, PostPage, PostQuery, Reach, StatusCount, TagRow,
    TiedPost, View,
};
use crate::{
    Error, Result, cause_posts, late_edit, outgrown, parts, preferences, receipt, unsaved_edit,
    versions,
};

/// Rows of a page when the query does not say.
const PAGE: u32 = 200;

/// A page of posts.
pub(crate) async fn page(engine: &EngineState, query: &PostQuery) -> Result<PostPage> {
    let scene = scene(engine).await?;
    let after = match query.after.as_deref().map(str::parse::<Cursor>) {
        Some(Ok(cursor)) => Some(cursor),
        Some(Err(error)) => return Err(Error::Internal(error.to_string())),
        None => None,
    };
    let page = Page {
        after,
        limit: if query.limit == 0 { PAGE } else { query.limit },
        order: if query.view == View::Posted { Order::Descending } else { Order::Ascending },
    };
    let mut filter = filter(query, &scene.zone, scene.now);
    let (hint, cause) = (hint(query, &scene.zone, scene.now), query.cause.clone());
    engine
        .read(move |store| {
            if !cause_posts::narrow(store, cause.as_deref(), &mut filter)? {
                return Ok(PostPage { hint, ..PostPage::default() });
            }
            let found = store.rows(&filter, &page)?;
            let rows = found.rows.into_iter();
            Ok(PostPage {
                posts: rows.map(|(post, extras)| row(post, extras, &scene)).collect(),
                total: found.total.posts,
                total_is_at_least: !found.total.is_exact,
                next: found.next.map(|next| next.to_string()),
                hint,
            })
        })
        .await
}

/// What rows are shown against, now.
pub(crate) async fn scene(engine: &EngineState) -> Result<Scene> {
    let zone = preferences::zone(engine).await?;
    let (relay_is_down, relay_refusal, clock_ahead_ms) = {
        let health = engine.health();
        let is_down = matches!(health.relay, Reach::NotReached { .. });
        (is_down, health.relay_refusal.clone(), health.own_clock_ahead_ms())
    };
    let (whose, now) = (engine.current_refuser(), engine.now());
    let (scheduler, outgrown) = engine
        .read(move |store| {
            Ok((scheduler_refusal::trouble(store, &whose, now)?, outgrown::ids(store)?))
        })
        .await?;
    Ok(Scene { zone, now, clock_ahead_ms, relay_is_down, relay_refusal, scheduler, outgrown })
}

pub(crate) fn filter(query: &PostQuery, zone: &Zone, now: UnixMillis) -> Filter {
    let search = query.search.as_deref().unwrap_or_default();
    let asked = search_words::read(search, Now { at: now, zone, usual: None });
    let mut filter = Filter {
        ids: query.ids.clone(),
        statuses: query.statuses.clone(),
        list: None,
        account: query.account.clone(),
        tag: query.tag.clone(),
        import: query.import,
        from: query.from,
        until: query.until,
        text: (!asked.words.is_empty()).then(|| asked.words.clone()),
        scheduled: None,
        needs_person: false,
        traits: Traits::default(),
    };
    narrow(&mut filter, asked);
    match query.view {
        View::All => {}
        View::Today => {
            let (from, until) = day(now, zone);
            filter.from = Some(filter.from.map_or(from, |asked| asked.max(from)));
            filter.until = Some(filter.until.map_or(until, |asked| asked.min(until)));
            filter.scheduled = Some(true);
        }
        View::Upcoming => filter.list = Some(List::Upcoming),
        View::Drafts => filter.list = Some(List::Drafts),
        View::NeedsYou => filter.needs_person = true,
        View::Posted => filter.list = Some(List::Posted),
    }
    filter
}

/// Adds what the operators of a search ask for.
fn narrow(filter: &mut Filter, asked: SearchWords) {
    let SearchWords { statuses, accounts, tags, has, from, until, problem, words: _ } = asked;
    let has = |what: Has| has.contains(&what);
    let of_both = |status: &Status| filter.statuses.is_empty() || filter.statuses.contains(status);
    let (are_asked, both): (bool, Vec<Status>) =
        (!statuses.is_empty(), statuses.into_iter().filter(of_both).collect());
    filter.traits = Traits {
        usernames: accounts,
        tags,
        has_link: has(Has::Link),
        is_thread: has(Has::Thread),
        has_media: has(Has::Media),
        is_impossible: problem.is_some() || (are_asked && both.is_empty()),
    };
    if are_asked {
        filter.statuses = both;
    }
    filter.from = [filter.from, from].into_iter().flatten().max();
    filter.until = [filter.until, until].into_iter().flatten().min();
}

/// Returns why the operators of a search find nothing, if one is wrong.
fn hint(query: &PostQuery, zone: &Zone, now: UnixMillis) -> Option<String> {
    let search = query.search.as_deref()?;
    search_words::read(search, Now { at: now, zone, usual: None }).problem
}

/// The day in which `now` lies, on the clocks of `zone`.
pub(crate) fn day(now: UnixMillis, zone: &Zone) -> (UnixMillis, UnixMillis) {
    let wall = wall_time_of(now, zone);
    let midnight = WallTime::new(wall.year(), wall.month(), wall.day(), 0, 0, 0).unwrap_or(wall);
    (resolve(&midnight, zone).instant, resolve(&midnight.plus_hours(24), zone).instant)
}

/// One post with all that is known of it.
pub(crate) async fn detail(engine: &EngineState, id: PostId) -> Result<PostDetail> {
    let scene = scene(engine).await?;
    engine
        .read(move |store| {
            let Some(post) = store.post(id)?.filter(|post| post.deleted_at.is_none()) else {
                return Ok(None);
            };
            let content = store.content(&post)?;
            let events = store.events(id)?;
            let versions = versions::of(&events);
            let receipt = receipt::lines(events);
            let length =
                Length { weighted: content.weighted_length(), limit: length_limit(store, &post)? };
            let late_edit = late_edit::shown::shown(store, &post)?;
            let deleting_on_x = wish::wish(store, post.id)?.is_some();
            let mut actions = actions(&post, late_edit.as_ref());
            actions.retain(|action| *action != Action::DeleteOnX || !deleting_on_x);
            let row = row::of(store, post.id, &scene)?;
            let live = parts::live(store, &post, row.username.as_deref())?;
            Ok(Some(PostDetail {
                parts: content.to_texts(),
                content,
                length,
                qstash_message_id: post.qstash_message_id.clone(),
                synced_at: post.synced_at,
                created_at: post.created_at,
                attempts: post.retry_count,
                live,
                late_edit,
                parent: tied_parent(store, &post)?,
                follow_ups: follow_ups(store, post.id)?,
                unsaved_edit: unsaved_edit::shown::shown(store, &post)?,
                receipt,
                delete_on_x_cost_micros: wish::cost(store, &post)?,
                deleting_on_x,
                versions,
                actions,
                row,
            }))
        })
        .await?
        .ok_or(Error::NoSuchPost(id))
}

fn tied(post: Post, after_minutes: u32) -> TiedPost {
    TiedPost { id: post.id, text: post.content, status: post.status, after_minutes }
}

/// Returns the post that a follow-up replies to, where it is not deleted.
fn tied_parent(store: &Read<'_>, post: &Post) -> std::result::Result<Option<TiedPost>, StoreError> {
    let Some(tie) = post.follow_up else { return Ok(None) };
    let parent = store.post(tie.parent)?.filter(|parent| parent.deleted_at.is_none());
    Ok(parent.map(|parent| tied(parent, tie.after_minutes)))
}

/// Returns the replies that follow a post.
fn follow_ups(store: &Read<'_>, parent: PostId) -> std::result::Result<Vec<TiedPost>, StoreError> {
    let found = store.follow_ups_of(parent)?.into_iter();
    Ok(found
        .filter_map(|post| post.follow_up.map(|tie| (post, tie.after_minutes)))
        .map(|(post, after)| tied(post, after))
        .collect())
}

/// Returns the most weighted characters that a post's account may use.
fn length_limit(store: &Read<'_>, post: &Post) -> std::result::Result<u32, StoreError> {
    let account = post.account.as_ref().map(|id| store.account(id)).transpose()?.flatten();
    let word = account.as_ref().and_then(|account| account.subscription_type.as_deref());
    let subscription = Subscription::from_x(word);
    let limits = account.and_then(|account| account.limits).unwrap_or_default();
    Ok(limits.length_for(subscription))
}

/// What the person may do now.
fn actions(post: &Post, late_edit: Option<&LateEdit>) -> Vec<Action> {
    if post.withdraw_to.is_some() {
        return vec![Action::Edit];
    }
    let of_late_edit =
        late_edit.map(|late| late_edit::shown::actions(post, late)).unwrap_or_default();
    [of_late_edit, of_status(post)].concat()
}

fn of_status(post: &Post) -> Vec<Action> {
    match post.status {
        Status::Draft => vec![Action::Edit, Action::Delete],
        Status::Pending => vec![Action::Edit, Action::Cancel, Action::Delete],
        Status::Queued | Status::Held => vec![Action::Edit, Action::Cancel, Action::Delete],
        Status::Sending => Vec::new(),
        Status::Posted if post.gone_from_x_at.is_some() => vec![Action::Delete],
        Status::Posted => vec![Action::OpenOnX, Action::DeleteOnX, Action::Delete],
        Status::Partial | Status::Unknown => {
            vec![Action::Verify, Action::WentOut, Action::SendAgain, Action::Delete]
        }
        Status::Failed => vec![Action::Edit, Action::Retry, Action::Delete],
        Status::Missed => vec![Action::PostNow, Action::Edit, Action::Delete],
        Status::Cancelled => vec![Action::Retry, Action::Edit, Action::Delete],
    }
}

/// Returns all tags with the number of their posts.
pub(crate) async fn tags(engine: &EngineState) -> Result<Vec<TagRow>> {
    let tags = engine.read(|store| store.tags()).await?;
    Ok(tags.into_iter().map(|tag| TagRow { name: tag.name, posts: tag.posts }).collect())
}

/// How many posts stand where.
pub(crate) async fn counts(engine: &EngineState) -> Result<Counts> {
    let zone = preferences::zone(engine).await?;
    let today =
        filter(&PostQuery { view: View::Today, ..PostQuery::default() }, &zone, engine.now());
    engine
        .read(move |store| {
            let counts = store.status_counts(None)?;
            let by_status = Status::ALL
                .into_iter()
                .map(|status| StatusCount { status, posts: counts.of(status) })
                .collect();
            let open = counts.in_list(List::Upcoming);
            Ok(Counts {
                today: store.count_posts(&today)?,
                upcoming: open,
                drafts: counts.in_list(List::Drafts),
                needs_you: counts.in_list(List::NeedsYou) + store.will_be_missed()?.posts,
                posted: counts.in_list(List::Posted),
                open,
                without_account: store.count_without_account()?,
                total: counts.total(),
                by_status,
            })
        })
        .await
}
