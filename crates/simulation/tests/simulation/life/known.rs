//! What the person knows: which posts there are, under which words, and which of them rest.

use std::collections::{BTreeMap, BTreeSet};

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_engine::view::PostRow;

/// What is known of one post.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fact {
    /// The word that tells its requests from all others.
    pub(crate) key: String,
    /// How often its words were changed.
    pub(crate) version: u32,
    /// Since when the person is told that it does not go out: withdrawn, a draft, or removed.
    pub(crate) resting_since: Option<UnixMillis>,
    /// The person asked for its removal, or undid its making.
    pub(crate) may_be_gone: bool,
    /// As it was seen last.
    pub(crate) row: Option<PostRow>,
    /// The times that it was to go out at, each with the moment from which the person saw it.
    pub(crate) times: Vec<(UnixMillis, Option<UnixMillis>)>,
}

/// All that the person knows.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) posts: BTreeMap<PostId, Fact>,
    /// Requests that a person allowed beyond one for each post of a key.
    pub(crate) send_again: BTreeMap<String, usize>,
    /// The last entry of X's ledger that was looked at.
    pub(crate) seen_entry: i64,
    next_key: u32,
}

impl Fact {
    /// Returns the time at which the post was to go out, as the person saw it at a moment.
    pub(crate) fn due_as_seen_at(&self, moment: i64) -> Option<UnixMillis> {
        let seen = self.times.iter().take_while(|(from, _)| from.0 <= moment);
        seen.last().and_then(|(_, due)| *due)
    }
}

impl Known {
    /// Returns a word that no post has yet.
    pub(crate) fn new_key(&mut self) -> String {
        self.next_key += 1;
        format!("k{}", self.next_key)
    }

    /// Notes a post of the person's.
    pub(crate) fn made(&mut self, row: &PostRow) {
        let key = key_of(&row.text).map(|(key, _)| key).unwrap_or_default();
        let fact = Fact { key, ..Fact::default() };
        self.posts.insert(row.id, fact);
    }

    /// Returns the posts whose requests begin with a key: one, and what was kept of late changes.
    pub(crate) fn of_key(&self, key: &str) -> BTreeSet<PostId> {
        let of = self.posts.iter().filter(|(_, fact)| fact.key == key);
        of.map(|(id, _)| *id).collect()
    }

    /// Whatever rests may be armed again by what the person does now.
    pub(crate) fn wake_all(&mut self) {
        self.posts.values_mut().for_each(|fact| fact.resting_since = None);
    }

    /// The same of one post.
    pub(crate) fn wake(&mut self, id: PostId) {
        if let Some(fact) = self.posts.get_mut(&id) {
            fact.resting_since = None;
        }
    }

    /// Takes in what the person sees: all posts that are not in the trash.
    pub(crate) fn see(&mut self, rows: &[PostRow], now: UnixMillis) {
        let mut seen = BTreeSet::new();
        for row in rows {
            seen.insert(row.id);
            let fact = self.posts.entry(row.id).or_default();
            if let Some((key, _)) = key_of(&row.text) {
                fact.key = key;
            }
            if is_resting(row) {
                fact.resting_since.get_or_insert(now);
            }
            if fact.times.last().map(|(_, due)| *due) != Some(row.scheduled_at) {
                fact.times.push((now, row.scheduled_at));
            }
            fact.row = Some(row.clone());
        }
        for (_, fact) in self.posts.iter_mut().filter(|(id, _)| !seen.contains(id)) {
            fact.resting_since.get_or_insert(now);
            fact.row = None;
        }
    }

    /// Returns the rows that the person saw last, in the order of their identifiers.
    pub(crate) fn rows(&self) -> Vec<PostRow> {
        self.posts.values().filter_map(|fact| fact.row.clone()).collect()
    }
}

/// Whether the person is told that a post does not go out.
fn is_resting(row: &PostRow) -> bool {
    row.waiting_for.is_none() && matches!(row.status, Status::Cancelled | Status::Draft)
}

/// Returns the key and the part of a text: `k3` and 2 of `k3v1/2 alpha`.
pub(crate) fn key_of(text: &str) -> Option<(String, u32)> {
    let (word, _) = text.split_once(' ').unwrap_or((text, ""));
    let (name, part) = word.split_once('/')?;
    let (key, _) = name.split_once('v')?;
    Some((key.to_owned(), part.parse().ok()?))
}

/// Returns the texts of a post: `k3v1/1 …`, `k3v1/2 …`.
pub(crate) fn texts(key: &str, version: u32, parts: usize, words: &str) -> Vec<String> {
    (1..=parts).map(|part| format!("{key}v{version}/{part} {words}")).collect()
}
