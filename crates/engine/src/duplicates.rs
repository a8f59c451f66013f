//! Planned posts that say the same, by what a reader sees of them.

use roost_core::duplicate::DuplicateKey;
use roost_core::id::XUserId;
use roost_store::Repeated;

use crate::api::{DuplicateGroup, Duplicates, FindDuplicates};
use crate::row::row;
use crate::state::EngineState;
use crate::{Error, Result, posts};

/// Groups of a page when the request does not say, and the most that it may ask for.
const GROUPS: u32 = 100;
const GROUPS_MAX: u32 = 500;
/// A page ends with the group that brings it to so many posts.
const ROWS: usize = 1_000;

/// Returns one page of what is planned more than once.
pub(crate) async fn find(engine: &EngineState, request: FindDuplicates) -> Result<Duplicates> {
    let FindDuplicates { account, after, limit } = request;
    let scene = posts::scene(engine).await?;
    let after = after.as_deref().map(read_place).transpose()?;
    let limit = if limit == 0 { GROUPS } else { limit.min(GROUPS_MAX) };
    engine
        .read(move |store| {
            let page = store.repeated(account.as_ref(), after.as_ref(), limit + 1)?;
            let mut repeated = page.repeated;
            let taken = within(&repeated, limit as usize);
            let more = repeated.len() > taken;
            repeated.truncate(taken);
            let next = repeated.last().filter(|_| more).map(place);
            let mut rows = store
                .repeated_posts(&repeated)?
                .into_iter()
                .map(|(post, extras)| row(post, extras, &scene));
            let groups = repeated.iter().map(|it| {
                let posts = usize::try_from(it.posts).unwrap_or(usize::MAX);
                DuplicateGroup { posts: rows.by_ref().take(posts).collect() }
            });
            let groups = groups.collect();
            Ok(Duplicates { groups, total: page.total, repeats: page.repeats, next })
        })
        .await
}

/// Returns how many of these groups a page takes: one at least.
fn within(repeated: &[Repeated], limit: usize) -> usize {
    let mut rows = 0_usize;
    let taken = repeated.iter().take(limit).take_while(|it| {
        let has_room = rows < ROWS;
        rows = rows.saturating_add(usize::try_from(it.posts).unwrap_or(usize::MAX));
        has_room
    });
    taken.count()
}

/// Returns the place of a group among all, as a host hands it back.
fn place(of: &Repeated) -> String {
    let account = of.account.as_ref().map_or("", |account| account.0.as_str());
    format!("{}.{}.{account}", of.posts, of.key)
}

fn read_place(text: &str) -> Result<Repeated> {
    let read = || {
        let mut words = text.splitn(3, '.');
        let posts = words.next()?.parse().ok()?;
        let key: DuplicateKey = words.next()?.parse().ok()?;
        let account = words.next().filter(|account| !account.is_empty());
        Some(Repeated { key, account: account.map(|it| XUserId(it.to_owned())), posts })
    };
    read().ok_or_else(|| Error::Internal(format!("\"{text}\" is no place among duplicates")))
}
