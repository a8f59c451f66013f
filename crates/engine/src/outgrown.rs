//! Posts that no longer fit their account: its X Premium ended after they were scheduled, or the relay
//! applies other limits to it. They are judged anew as soon as that is heard, hours before X would refuse
//! them; nothing is done to them but that the person is told.

use std::collections::HashSet;

use roost_core::failure::{Code, Findings};
use roost_core::id::PostId;
use roost_core::limits::Subscription;
use roost_core::notice::Headline;
use roost_core::post::check_content;
use roost_core::status::Status;
use roost_store::{Account, Error as StoreError, Filter, NewNotification, Post, Read, Tx};

use crate::diagnosis::counted::counted;

/// The posts that no longer fitted when their accounts were last judged.
const OUTGROWN: &str = "outgrown_posts";
/// What waits for its time, and could still be changed.
const WAITING: [Status; 3] = [Status::Pending, Status::Queued, Status::Held];
/// Posts of an account that are judged, soonest first.
const JUDGED_MAX: u32 = 20_000;
/// Posts that are kept and told, soonest first.
const KEPT_MAX: usize = 1000;

/// Judges the waiting posts of an account whose limits or subscription changed. Returns whether there is
/// something new to tell.
pub(crate) fn judge(
    store: &mut Tx<'_>,
    before: Option<&Account>,
    after: &Account,
) -> std::result::Result<bool, StoreError> {
    let is_same = |before: &Account| {
        before.limits == after.limits && before.subscription_type == after.subscription_type
    };
    if before.is_none_or(is_same) {
        return Ok(false);
    }
    let filter = Filter {
        account: Some(after.x_user_id.clone()),
        statuses: WAITING.to_vec(),
        ..Filter::default()
    };
    let waiting = store.all_posts(&filter, JUDGED_MAX)?;
    let found = too_large(store, waiting, after)?;
    let known: Vec<PostId> = store.setting(OUTGROWN)?.unwrap_or_default();
    let mut kept = Vec::new();
    for post in store.live_posts(&known)? {
        if post.account.as_ref() != Some(&after.x_user_id) {
            kept.push(post.id);
        }
    }
    let news = found.iter().filter(|post| !known.contains(&post.id)).count();
    kept.extend(found.iter().map(|post| post.id));
    kept.truncate(KEPT_MAX);
    store.save_setting(OUTGROWN, &kept)?;
    if news == 0 {
        return Ok(false);
    }
    let posts =
        counted(news as u64, "post waits that no longer fits", "posts wait that no longer fit");
    store.notify(&NewNotification {
        key: format!("outgrown:{}:{}", after.x_user_id, store.now().0),
        kind: "account".to_owned(),
        post_id: found.first().map(|post| post.id),
        account: Some(after.x_user_id.clone()),
        cause: None,
        title: Headline::PostsOutgrown(&after.username).to_string(),
        body: format!("{posts}. {}", Code::NoLongerFits.remedy()),
    })
}

/// Returns which of these posts an account can't post as they are.
fn too_large(
    store: &Read<'_>,
    posts: Vec<Post>,
    account: &Account,
) -> std::result::Result<Vec<Post>, StoreError> {
    let contents = store.contents_of(&posts.iter().collect::<Vec<_>>())?;
    let limits = account.limits.clone().unwrap_or_default();
    let subscription = Subscription::from_x(account.subscription_type.as_deref());
    let fits = |content| {
        let mut findings = Findings::telling(1);
        check_content(content, &limits, subscription, &mut findings);
        findings.errors.total == 0
    };
    let judged = posts.into_iter().zip(&contents).filter(|(_, content)| !fits(content));
    Ok(judged.map(|(post, _)| post).collect())
}

/// Returns the posts that still wait and still don't fit, soonest first. Costs nothing while none was
/// found.
pub(crate) fn posts(store: &Read<'_>) -> std::result::Result<Vec<Post>, StoreError> {
    let known: Vec<PostId> = store.setting(OUTGROWN)?.unwrap_or_default();
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let is_waiting = |post: &Post| WAITING.contains(&post.status) && post.withdraw_to.is_none();
    let waiting: Vec<Post> = store.live_posts(&known)?.into_iter().filter(is_waiting).collect();
    let mut found = Vec::new();
    for account in store.accounts()? {
        let is_its = |post: &&Post| post.account.as_ref() == Some(&account.x_user_id);
        let its = waiting.iter().filter(is_its).cloned().collect();
        found.extend(too_large(store, its, &account)?);
    }
    found.sort_by_key(|post| post.schedule.as_ref().map(|schedule| schedule.at));
    Ok(found)
}

/// Returns the ids of the same.
pub(crate) fn ids(store: &Read<'_>) -> std::result::Result<HashSet<PostId>, StoreError> {
    Ok(posts(store)?.into_iter().map(|post| post.id).collect())
}
