//! Looks at X's ledger and at the person's list after each step, and says what must never be seen.

use roost_engine::view::PostQuery;
use roost_x_sandbox::Entry;

use super::known::{Known, key_of};
use super::world::World;

/// More than there ever are.
const ALL: u32 = 10_000;
const ROWS: u32 = 1_000;

/// Looks once. Returns whether the desktop answered.
pub(crate) async fn look(
    world: &World,
    known: &mut Known,
    violations: &mut Vec<String>,
) -> anyhow::Result<bool> {
    for entry in world.x.ledger(known.seen_entry, ALL).await? {
        known.seen_entry = entry.id;
        world.shared.trace.note(format_args!(
            "X was asked at {} for {:?}: {:?}",
            entry.arrived_at, entry.text, entry.outcome
        ));
        violations.extend(after_withdrawal(known, &entry));
    }
    let query = PostQuery { limit: ROWS, ..PostQuery::default() };
    let page = world.ask("look", |engine| async move { engine.posts(&query).await }).await;
    let Some(page) = page else { return Ok(false) };
    known.see(&page.posts, world.now());
    Ok(true)
}

/// Nothing goes out after the person was told that it will not.
fn after_withdrawal(known: &Known, entry: &Entry) -> Option<String> {
    let text = entry.text.as_deref()?;
    let Some((key, _)) = key_of(text) else {
        return Some(format!("X was asked for \"{text}\", which is no post of the person's"));
    };
    let posts = known.of_key(&key);
    let rests = |id| {
        let since = known.posts.get(id).and_then(|fact| fact.resting_since);
        since.is_some_and(|since| since.0 < entry.arrived_at)
    };
    (!posts.is_empty() && posts.iter().all(rests)).then(|| {
        let since = posts.iter().filter_map(|id| known.posts[id].resting_since).max();
        let since = since.map(|since| since.to_string()).unwrap_or_default();
        format!("withdrawal: X was asked for \"{text}\" after the person was told, at {since}")
    })
}
