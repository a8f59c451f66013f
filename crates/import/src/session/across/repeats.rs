//! Rows of one account that say the same, and posts that are there and say it too.

use std::collections::BTreeMap;

use roost_core::clock::UnixMillis;
use roost_core::post::DuplicatePolicy;
use roost_core::status::Status;

use crate::check::across::{REPEAT_ERROR_MILLIS, REPEAT_WARNING_MILLIS};
use crate::surroundings::KnownPost;

/// Posts on either side of a time that are looked at for one that may be moved.
const COMPARED_MAX: usize = 64;

/// A row of the group.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct GroupRow {
    /// Its place in the source, from 1.
    pub(super) row: u32,
    /// Whether it has an error that has to be mended first. It is told what says the same, and changes
    /// nothing for the other rows.
    pub(super) is_refused: bool,
    /// Its own time; none while it waits for a slot, too.
    pub(super) at: Option<UnixMillis>,
    /// Whether it may change a waiting post.
    pub(super) may_update: bool,
    /// Whether the person has it take the next free slot, and with it the post that waits.
    pub(super) moves: bool,
    /// Whether it is known by an id of its own: then posts are not compared.
    pub(super) is_known: bool,
}

/// The other that says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Other {
    /// An earlier row, from 1, and its time.
    Row(u32, Option<UnixMillis>),
    /// A post that is there.
    Post(KnownPost),
}

/// How near the other is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in super::super) enum Distance {
    /// At the same time, or one of the two has none.
    Same,
    /// Within 48 hours.
    Soon,
    /// Within 14 days.
    Later,
}

/// What was found of a row of the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Repeat {
    pub(in super::super) row: u32,
    /// The nearest other, if one is near.
    pub(in super::super) other: Option<(Distance, Other)>,
    /// Whether the row is left out because of it.
    pub(super) is_left_out: bool,
    /// The waiting post that it changes.
    pub(super) updates: Option<KnownPost>,
}

impl Repeat {
    /// Returns whether the other is a post that waits for another time.
    pub(super) const fn waits_elsewhere(&self) -> bool {
        match self.other {
            Some((Distance::Soon | Distance::Later, Other::Post(post))) => is_waiting(post.status),
            _ => false,
        }
    }
}

/// Judges the rows of a group in their order: of rows that say the same the first counts, and a row that
/// is left out is none that others repeat.
pub(super) fn judge(
    rows: &[GroupRow],
    posts: &[KnownPost],
    policy: DuplicatePolicy,
) -> Vec<Repeat> {
    let mut free = Posts::new(posts);
    let mut same_of = |row: &GroupRow| {
        let is_asked = !row.is_known && !row.moves && !row.is_refused;
        if is_asked { free.take_same(row.at) } else { None }
    };
    let same: Vec<Option<KnownPost>> = rows.iter().map(&mut same_of).collect();
    let (mut said, mut said_by_refused) = (Said::default(), Said::default());
    let mut judged = Vec::with_capacity(rows.len());
    for (row, same) in rows.iter().zip(same) {
        let mut repeat = Repeat { row: row.row, other: None, is_left_out: false, updates: None };
        if row.is_refused {
            let others = [said.nearest(row.at), said_by_refused.nearest(row.at)];
            let others = others.into_iter().chain([free.nearest(row.at)]);
            repeat.other = others.flatten().min_by_key(|(distance, _)| *distance);
            said_by_refused.note(row);
            judged.push(repeat);
            continue;
        }
        if let Some(post) = same {
            repeat.other = Some((Distance::Same, Other::Post(post)));
        } else if !row.is_known && row.may_update {
            repeat.updates =
                if row.moves { free.take_first_waiting() } else { free.take_waiting(row.at) };
        }
        if repeat.other.is_none() && repeat.updates.is_none() {
            let of_posts = if row.is_known { None } else { free.nearest(row.at) };
            let of_rows = said.nearest(row.at);
            repeat.other = match (of_rows, of_posts) {
                (Some(row), Some(post)) if post.0 < row.0 => Some(post),
                (row, post) => row.or(post),
            };
        }
        let is_near = repeat.other.is_some_and(|(distance, _)| distance < Distance::Later);
        repeat.is_left_out = is_near && policy == DuplicatePolicy::Skip;
        if !repeat.is_left_out {
            said.note(row);
        }
        judged.push(repeat);
    }
    judged
}

fn distance(one: UnixMillis, other: UnixMillis) -> Option<Distance> {
    match one.0.abs_diff(other.0) {
        0 => Some(Distance::Same),
        millis if millis <= REPEAT_ERROR_MILLIS.unsigned_abs() => Some(Distance::Soon),
        millis if millis <= REPEAT_WARNING_MILLIS.unsigned_abs() => Some(Distance::Later),
        _ => None,
    }
}

/// The rows so far that are not left out.
#[derive(Default)]
struct Said {
    times: BTreeMap<UnixMillis, u32>,
    first: Option<(u32, Option<UnixMillis>)>,
    untimed: Option<u32>,
}

impl Said {
    fn note(&mut self, row: &GroupRow) {
        self.first.get_or_insert((row.row, row.at));
        match row.at {
            Some(at) => {
                self.times.entry(at).or_insert(row.row);
            }
            None => {
                self.untimed.get_or_insert(row.row);
            }
        }
    }

    fn nearest(&self, at: Option<UnixMillis>) -> Option<(Distance, Other)> {
        let Some(at) = at else {
            return self.first.map(|(row, at)| (Distance::Same, Other::Row(row, at)));
        };
        if let Some(row) = self.untimed {
            return Some((Distance::Same, Other::Row(row, None)));
        }
        let before = self.times.range(..=at).next_back();
        let after = self.times.range(at..).next();
        let (time, row) = before
            .into_iter()
            .chain(after)
            .min_by_key(|(time, row)| (time.0.abs_diff(at.0), **row))?;
        distance(at, *time).map(|distance| (distance, Other::Row(*row, Some(*time))))
    }
}

/// The posts that say the same, in the order of their times; those without a time stand first.
struct Posts<'p> {
    posts: Vec<&'p KnownPost>,
    /// Whether a row stands for it: one post is moved by one row at the most.
    taken: Vec<bool>,
}

impl<'p> Posts<'p> {
    fn new(posts: &'p [KnownPost]) -> Self {
        let mut posts: Vec<_> = posts.iter().collect();
        posts.sort_by_key(|post| (post.at, post.id));
        let taken = vec![false; posts.len()];
        Self { posts, taken }
    }

    /// Takes the post of the very time. Without a time, a row and a post are the same to each other
    /// whatever the other's time is.
    fn take_same(&mut self, at: Option<UnixMillis>) -> Option<KnownPost> {
        let first = self.posts.first()?;
        let place = match at {
            Some(_) if first.at.is_some() => {
                self.posts.binary_search_by_key(&at, |post| post.at).ok()?
            }
            _ => 0,
        };
        self.taken[place] = true;
        Some(*self.posts[place])
    }

    /// Takes the first post that waits.
    fn take_first_waiting(&mut self) -> Option<KnownPost> {
        let free = |place: &usize| !self.taken[*place] && is_waiting(self.posts[*place].status);
        let place = (0..self.posts.len()).find(free)?;
        self.taken[place] = true;
        Some(*self.posts[place])
    }

    /// Takes the nearest post within 14 days that waits for another time.
    fn take_waiting(&mut self, at: Option<UnixMillis>) -> Option<KnownPost> {
        let free = |(place, _): &(usize, u64)| {
            !self.taken[*place] && is_waiting(self.posts[*place].status)
        };
        let (place, _) =
            self.near(at?).filter(free).min_by_key(|(place, apart)| (*apart, *place))?;
        self.taken[place] = true;
        Some(*self.posts[place])
    }

    fn nearest(&self, at: Option<UnixMillis>) -> Option<(Distance, Other)> {
        let at = at?;
        let after = self.posts.partition_point(|post| post.at < Some(at));
        let places = [after.checked_sub(1), Some(after)].into_iter().flatten();
        let posts = places.filter_map(|place| self.posts.get(place));
        let apart = |post: &&&KnownPost| post.at.map_or(u64::MAX, |time| time.0.abs_diff(at.0));
        let post = **posts.min_by_key(apart)?;
        distance(at, post.at?).map(|distance| (distance, Other::Post(post)))
    }

    /// Returns posts within 14 days, by place, with how far they are in milliseconds; of very many the
    /// nearest.
    fn near(&self, at: UnixMillis) -> impl Iterator<Item = (usize, u64)> {
        let middle = self.posts.partition_point(|post| post.at < Some(at));
        let from = middle.saturating_sub(COMPARED_MAX);
        let to = (middle + COMPARED_MAX).min(self.posts.len());
        (from..to).filter_map(move |place| {
            let apart = self.posts[place].at?.0.abs_diff(at.0);
            (apart <= REPEAT_WARNING_MILLIS.unsigned_abs()).then_some((place, apart))
        })
    }
}

/// Returns whether a person may still move a post in this status.
pub(in super::super) const fn is_waiting(status: Status) -> bool {
    matches!(status, Status::Draft | Status::Pending | Status::Queued | Status::Held)
}
