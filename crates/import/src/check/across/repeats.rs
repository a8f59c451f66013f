//! Rows that say what another row or a post says: at the same time, or at another.
//!
//! A row is held against the one before it in time, and against the posts on either side: of two rows
//! the later one is the repeat, and what one row is depends on its neighbours in time alone.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Problem};
use roost_core::id::PostId;
use roost_core::zone::{Zone, wall_time_of};

use super::{REPEAT_ERROR_MILLIS, REPEAT_WARNING_MILLIS};
use crate::facts::RowFacts;
use crate::finding::{Finding, FixId, Severity, Sink};

/// Sorts before every time.
const NO_TIME: i64 = i64::MIN;

/// A post that says what a row may say too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownRepeat {
    /// The post.
    pub id: PostId,
    /// When it went or goes out; a draft may have no time.
    pub at: Option<UnixMillis>,
    /// Whether it waits on this computer or on the relay, and so can be moved.
    pub waits: bool,
}

/// What repeats a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// A post says the same at the same time.
    SamePost(PostId),
    /// A row that comes first says the same at the same time.
    SameRow {
        /// That row, from 1.
        first: u32,
    },
    /// A row says the same, this long before.
    Row {
        /// That row, from 1.
        row: u32,
        /// In milliseconds.
        apart: i64,
    },
    /// A post says the same, this long before or after.
    Post {
        /// The post.
        id: PostId,
        /// When it goes or went out.
        at: UnixMillis,
        /// In milliseconds.
        apart: i64,
        /// Whether it waits and no row is nearer to it: then the row may be meant to move it.
        can_move: bool,
    },
}

/// Rows and posts by what they say.
#[derive(Debug, Default)]
pub struct Repeats {
    rows: HashMap<u64, Group, ByKey>,
    posts: HashMap<u64, Vec<KnownRepeat>, ByKey>,
}

/// The rows that say the same, by time and then by place.
#[derive(Debug)]
enum Group {
    One((i64, u32)),
    Many(Vec<(i64, u32)>),
}

impl Group {
    fn all(&self) -> &[(i64, u32)] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

impl Repeats {
    /// Returns an index of these rows, built at once.
    #[must_use]
    pub fn of<'f>(rows: impl IntoIterator<Item = &'f RowFacts>) -> Self {
        let mut repeats = Self::default();
        for facts in rows {
            let entry = entry(facts);
            match repeats.rows.entry(group(facts)) {
                std::collections::hash_map::Entry::Vacant(free) => {
                    free.insert(Group::One(entry));
                }
                std::collections::hash_map::Entry::Occupied(mut taken) => match taken.get_mut() {
                    Group::One(one) => *taken.get_mut() = Group::Many(vec![*one, entry]),
                    Group::Many(many) => many.push(entry),
                },
            }
        }
        for group in repeats.rows.values_mut() {
            if let Group::Many(many) = group {
                many.sort_unstable();
            }
        }
        repeats
    }

    /// Adds the posts that say what a row of these facts says; they replace those known before.
    pub fn set_posts(&mut self, account: u16, key: u64, mut posts: Vec<KnownRepeat>) {
        posts.sort_unstable_by_key(|post| (time(post.at), post.id));
        let group = group_of(account, key);
        if posts.is_empty() {
            self.posts.remove(&group);
        } else {
            self.posts.insert(group, posts);
        }
    }

    /// Adds one post.
    pub fn add_post(&mut self, account: u16, key: u64, post: KnownRepeat) {
        let posts = self.posts.entry(group_of(account, key)).or_default();
        let sorts = |it: &KnownRepeat| (time(it.at), it.id) < (time(post.at), post.id);
        posts.insert(posts.partition_point(sorts), post);
    }

    /// Adds a row.
    pub fn add(&mut self, facts: &RowFacts) {
        let entry = entry(facts);
        match self.rows.get_mut(&group(facts)) {
            None => {
                self.rows.insert(group(facts), Group::One(entry));
            }
            Some(Group::Many(many)) => {
                if let Err(at) = many.binary_search(&entry) {
                    many.insert(at, entry);
                }
            }
            Some(one) => {
                let mut many = vec![one.all()[0], entry];
                many.sort_unstable();
                many.dedup();
                *one = if many.len() == 1 { Group::One(entry) } else { Group::Many(many) };
            }
        }
    }

    /// Takes a row away.
    pub fn remove(&mut self, facts: &RowFacts) {
        let (key, entry) = (group(facts), entry(facts));
        let Some(found) = self.rows.get_mut(&key) else { return };
        if let Group::Many(many) = found {
            if let Ok(at) = many.binary_search(&entry) {
                many.remove(at);
            }
            if let [one] = many.as_slice() {
                *found = Group::One(*one);
            }
        } else if found.all() == [entry] {
            self.rows.remove(&key);
        }
    }

    /// Returns the rows whose answer may be another once a row of these facts is added or taken away.
    pub fn neighbours(&self, facts: &RowFacts) -> impl Iterator<Item = u32> {
        let (group, entry) = (group(facts), entry(facts));
        let [before, after] = self.around(group, entry);
        // Of rows at one time the first is none's repeat: it stands for them.
        let first = before.map(|(time, _)| {
            let rows = self.rows.get(&group).map_or(&[][..], Group::all);
            rows[rows.partition_point(|it| it.0 < time)]
        });
        [first, before, after].into_iter().flatten().map(|(_, row)| row)
    }

    /// Returns what repeats a row, which may be in the index or not.
    #[must_use]
    pub fn find(&self, facts: &RowFacts) -> Option<Repeat> {
        let (group, (at, row)) = (group(facts), entry(facts));
        let posts = self.posts.get(&group).map_or(&[][..], Vec::as_slice);
        if let Some(post) = posts.iter().find(|post| time(post.at) == at) {
            return Some(Repeat::SamePost(post.id));
        }
        let [before, _] = self.around(group, (at, row));
        if let Some((time, _)) = before
            && time == at
        {
            let rows = self.rows.get(&group).map_or(&[][..], Group::all);
            let first = rows[rows.partition_point(|it| it.0 < at)].1;
            return Some(Repeat::SameRow { first });
        }
        if at == NO_TIME {
            return None;
        }
        let row =
            before.filter(|(time, _)| *time != NO_TIME).map(|(time, other)| (at - time, other));
        let post = nearest(posts, at);
        match (row, post) {
            (_, Some(post)) if row.is_none_or(|(apart, _)| post.0 <= apart) => {
                let (apart, post) = post;
                let can_move = post.waits && self.moves(group, (at, facts.row), post);
                let near = apart < REPEAT_WARNING_MILLIS;
                let at = UnixMillis(time(post.at));
                near.then_some(Repeat::Post { id: post.id, at, apart, can_move })
            }
            (Some((apart, row)), _) if apart < REPEAT_WARNING_MILLIS => {
                Some(Repeat::Row { row, apart })
            }
            _ => None,
        }
    }

    /// Whether no row is nearer to the post.
    fn moves(&self, group: u64, entry: (i64, u32), post: KnownRepeat) -> bool {
        let at = time(post.at);
        let distance = |other: i64| other.abs_diff(at);
        let [before, after] = self.around(group, (at, 0));
        let rivals = [before, after].into_iter().flatten();
        rivals
            .filter(|it| *it != entry && it.0 != NO_TIME)
            .all(|rival| (distance(rival.0), rival) > (distance(entry.0), entry))
    }

    /// The rows before and after a place in a group, the place itself left out.
    fn around(&self, group: u64, entry: (i64, u32)) -> [Option<(i64, u32)>; 2] {
        let rows = self.rows.get(&group).map_or(&[][..], Group::all);
        let at = rows.partition_point(|it| *it < entry);
        let after = at + usize::from(rows.get(at) == Some(&entry));
        [at.checked_sub(1).map(|at| rows[at]), rows.get(after).copied()]
    }
}

fn nearest(posts: &[KnownRepeat], at: i64) -> Option<(i64, KnownRepeat)> {
    let after = posts.partition_point(|post| time(post.at) < at);
    let around = [after.checked_sub(1).map(|before| posts[before]), posts.get(after).copied()];
    let timed = around.into_iter().flatten().filter(|post| post.at.is_some());
    timed
        .map(|post| (time(post.at).abs_diff(at).cast_signed(), post))
        .min_by_key(|(apart, _)| *apart)
}

fn time(at: Option<UnixMillis>) -> i64 {
    at.map_or(NO_TIME, |at| at.0)
}

fn entry(facts: &RowFacts) -> (i64, u32) {
    (time(facts.at), facts.row)
}

fn group(facts: &RowFacts) -> u64 {
    group_of(facts.account, facts.key)
}

/// Accounts are apart: X compares what one account says.
fn group_of(account: u16, key: u64) -> u64 {
    key ^ u64::from(account).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl Repeat {
    /// Returns whether the row says the same at the same time: there is nothing to import.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        matches!(self, Self::SamePost(_) | Self::SameRow { .. })
    }

    /// Tells it, with times on the clocks of `zone`.
    pub fn tell(&self, zone: &Zone, sink: &mut impl Sink) {
        let (code, severity) = self.rank();
        sink.add(code, severity, || {
            let problem = Problem::new(code, self.message(zone)).in_field("content");
            let finding = Finding::new(problem);
            match self {
                Self::Post { at, .. } => finding.with_label(
                    FixId::MoveWaitingPost,
                    format!("Move the post of {} here", wall_time_of(*at, zone)),
                ),
                _ => finding,
            }
        });
    }

    /// Returns the code and how much it is in the way.
    #[must_use]
    pub const fn rank(&self) -> (Code, Severity) {
        let (apart, can_move) = match self {
            Self::SamePost(_) | Self::SameRow { .. } => {
                return (Code::DuplicateContent, Severity::Warning);
            }
            Self::Row { apart, .. } => (*apart, false),
            Self::Post { apart, can_move, .. } => (*apart, *can_move),
        };
        let is_soon = apart <= REPEAT_ERROR_MILLIS;
        let severity = if is_soon { Severity::Error } else { Severity::Warning };
        match (can_move, is_soon) {
            (true, _) => (Code::WaitsElsewhere, severity),
            (false, true) => (Code::RepeatedSoon, severity),
            (false, false) => (Code::RepeatedText, severity),
        }
    }

    fn message(&self, zone: &Zone) -> String {
        match self {
            Self::SamePost(_) => "The same post is there already.".to_owned(),
            Self::SameRow { first } => format!("Row {first} says the same at the same time."),
            Self::Row { row, apart } => {
                format!("Row {row} says the same {} earlier.", span(*apart))
            }
            Self::Post { at, apart, can_move: false, .. } => {
                let at = wall_time_of(*at, zone);
                format!("The post of {at} says the same, {} apart.", span(*apart))
            }
            Self::Post { at, apart, .. } => {
                let at = wall_time_of(*at, zone);
                format!("The same text waits for {at}, {} apart.", span(*apart))
            }
        }
    }
}

/// Returns a span as people say it, rounded down: `7 days`, `24 hours`, `20 minutes`.
fn span(millis: i64) -> String {
    let minutes = millis / 60_000;
    let (count, unit) = match minutes {
        0..120 => (minutes, "minute"),
        120..=2_880 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

type ByKey = BuildHasherDefault<KeyHasher>;

/// Keys are pieces of SHA-256: they are spread evenly as they are.
#[derive(Debug, Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use roost_core::zone::{WallTime, resolve};

    use super::*;

    const DAY: i64 = 24 * 60 * 60 * 1000;

    fn facts(row: u32, day: i64, key: u64) -> RowFacts {
        RowFacts { row, account: 0, at: Some(UnixMillis(day * DAY)), key }
    }

    fn post(number: i64, day: i64) -> KnownRepeat {
        KnownRepeat {
            id: format!("00000000-0000-7000-8000-{number:012}").parse().unwrap(),
            at: Some(UnixMillis(day * DAY)),
            waits: true,
        }
    }

    fn code(repeats: &Repeats, facts: &RowFacts) -> Option<(Code, Severity)> {
        repeats.find(facts).map(|repeat| repeat.rank())
    }

    #[test]
    fn the_same_text_is_a_repeat_by_how_far_apart_it_goes_out() {
        let rows =
            [facts(1, 0, 7), facts(2, 2, 7), facts(3, 9, 7), facts(4, 23, 7), facts(5, 0, 7)];
        let repeats = Repeats::of(&rows);
        assert_eq!(code(&repeats, &rows[0]), None);
        assert_eq!(repeats.find(&rows[4]), Some(Repeat::SameRow { first: 1 }));
        assert_eq!(code(&repeats, &rows[1]), Some((Code::RepeatedSoon, Severity::Error)));
        assert_eq!(code(&repeats, &rows[2]), Some((Code::RepeatedText, Severity::Warning)));
        assert_eq!(code(&repeats, &rows[3]), None, "14 days apart it is meant");
        let other = RowFacts { account: 1, ..rows[1] };
        assert_eq!(repeats.find(&other), None, "accounts are apart");
        assert_eq!(repeats.find(&facts(9, 0, 8)), None);
    }

    #[test]
    fn a_weekly_text_warns_and_the_same_text_moved_by_a_day_offers_to_move_the_waiting_posts() {
        let rows: Vec<_> = (0..4).map(|week| facts(week + 1, i64::from(week) * 7 + 1, 7)).collect();
        let mut repeats = Repeats::of(&rows);
        repeats.set_posts(0, 7, (0..4).map(|week| post(week, week * 7)).collect());
        for (week, row) in (0_i64..).zip(&rows) {
            let Some(Repeat::Post { id, can_move: true, .. }) = repeats.find(row) else {
                panic!("{:?}", repeats.find(row));
            };
            assert_eq!(id, post(week, 0).id);
        }
        let same: Vec<_> = (0..4).map(|week| facts(week + 1, i64::from(week) * 7, 7)).collect();
        assert!(same.iter().all(|row| repeats.find(row).is_some_and(|it| it.is_same())));
    }

    #[test]
    fn a_row_moves_a_post_only_where_no_row_is_nearer_to_it() {
        let rows = [facts(1, 10, 7), facts(2, 13, 7)];
        let mut repeats = Repeats::of(&rows);
        repeats.set_posts(0, 7, vec![post(0, 11)]);
        assert!(matches!(repeats.find(&rows[0]), Some(Repeat::Post { can_move: true, .. })));
        assert!(matches!(repeats.find(&rows[1]), Some(Repeat::Post { can_move: false, .. })));
        let mut sent = post(0, 11);
        sent.waits = false;
        repeats.set_posts(0, 7, vec![sent]);
        assert_eq!(code(&repeats, &rows[0]), Some((Code::RepeatedSoon, Severity::Error)));
    }

    #[test]
    fn a_repeat_says_when_the_other_goes_out() {
        let zone = Zone::parse("Europe/London").unwrap();
        let at = |wall: &str| Some(resolve(&WallTime::parse(wall).unwrap(), &zone).instant);
        let row = RowFacts { row: 1, account: 0, at: at("2027-03-02 13:00"), key: 7 };
        let mut repeats = Repeats::of([&row]);
        let id = PostId::new(UnixMillis(1));
        repeats.add_post(0, 7, KnownRepeat { id, at: at("2027-03-01 13:00"), waits: true });
        let mut findings: Vec<Finding> = Vec::new();
        repeats.find(&row).unwrap().tell(&zone, &mut findings);
        let found = &findings[0];
        assert_eq!(
            found.problem.message,
            "The same text waits for 2027-03-01 13:00, 24 hours apart."
        );
        assert_eq!(found.fixes[0].label, "Move the post of 2027-03-01 13:00 here");
    }

    proptest! {
        #[test]
        fn answers_depend_on_the_set_of_rows_and_on_no_order(
            rows in prop::collection::btree_map(1_u32..30, (0_i64..20, 0_u64..3, any::<bool>()), 1..20),
            posts in prop::collection::vec((0_i64..20, any::<bool>()), 0..5),
            order in any::<u64>(),
        ) {
            let facts: Vec<_> = rows.iter()
                .map(|(row, (day, key, timed))| RowFacts {
                    at: timed.then_some(UnixMillis(day * DAY)), ..facts(*row, *day, *key)
                })
                .collect();
            let posts: Vec<_> = (0_i64..).zip(&posts)
                .map(|(number, (day, waits))| KnownRepeat { waits: *waits, ..post(number, *day) })
                .collect();
            let mut whole = Repeats::of(&facts);
            let mut built = Repeats::default();
            let mut shuffled = facts.clone();
            shuffled.sort_by_key(|it| u64::from(it.row).wrapping_mul(order | 1));
            for (at, row) in shuffled.iter().enumerate() {
                built.add(row);
                if at % 2 == 0 {
                    built.remove(row);
                    built.add(row);
                }
            }
            for key in 0..3 {
                whole.set_posts(0, key, posts.clone());
                for post in &posts {
                    built.add_post(0, key, *post);
                }
            }
            for row in &facts {
                prop_assert_eq!(whole.find(row), built.find(row));
            }
        }

        #[test]
        fn only_neighbours_change_when_a_row_is_taken_away(
            days in prop::collection::vec(0_i64..12, 2..16), gone in any::<prop::sample::Index>(),
            posts in prop::collection::vec(0_i64..12, 0..4),
        ) {
            let rows: Vec<_> = (1_u32..).zip(&days).map(|(row, day)| facts(row, *day, 7)).collect();
            let mut repeats = Repeats::of(&rows);
            repeats.set_posts(0, 7, (0_i64..).zip(&posts).map(|(at, day)| post(at, *day)).collect());
            let rank = |repeats: &Repeats, row: &RowFacts| {
                repeats.find(row).map(|repeat| (repeat.rank(), repeat.is_same()))
            };
            let before: Vec<_> = rows.iter().map(|row| rank(&repeats, row)).collect();
            let gone = *gone.get(&rows);
            let near: Vec<_> = repeats.neighbours(&gone).collect();
            repeats.remove(&gone);
            for (row, before) in rows.iter().zip(before) {
                if row.row != gone.row && !near.contains(&row.row) {
                    prop_assert_eq!(rank(&repeats, row), before, "row {}", row.row);
                }
            }
        }
    }
}
