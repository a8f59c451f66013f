//! Posts: one row each, over all revisions.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, Revision, StoreId, TweetId, XUserId};
use roost_relay_api::{Delivery, DeliveryState};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::tie::Tie;
use super::{Columns, part};
use crate::ledger::Standing;

/// Who took a post up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClaimedBy {
    Delivery,
    Backstop,
    Person,
}

impl ClaimedBy {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Backstop => "backstop",
            Self::Person => "person",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Delivery, Self::Backstop, Self::Person].into_iter().find(|by| by.as_str() == name)
    }
}

/// A post as the ledger holds it.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub(crate) id: PostId,
    pub(crate) revision: Revision,
    pub(crate) store: Option<StoreId>,
    pub(crate) account: Option<XUserId>,
    pub(crate) state: DeliveryState,
    /// Of the staged body; none while only a manifest or a withdrawal told of the post.
    pub(crate) body_hash: Option<Vec<u8>>,
    pub(crate) parts: u32,
    /// Parts on X.
    pub(crate) live: u32,
    pub(crate) due_at: Option<UnixMillis>,
    pub(crate) not_after: Option<UnixMillis>,
    pub(crate) next_at: Option<UnixMillis>,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) looks: u32,
    /// The timeline is to be read before the next call.
    pub(crate) look_first: bool,
    /// It was read, and did not show the post.
    pub(crate) looked_first: bool,
    /// Another database may have called X for it until then.
    pub(crate) doubt_until: Option<UnixMillis>,
    pub(crate) claimed_by: Option<ClaimedBy>,
    pub(crate) claimed_at: Option<UnixMillis>,
    pub(crate) tweet_id: Option<TweetId>,
    pub(crate) posted_at: Option<UnixMillis>,
    pub(crate) decided_at: Option<UnixMillis>,
    pub(crate) updated_at: UnixMillis,
    /// What it replies to, when it is a follow-up.
    pub(crate) follow_up: Option<Tie>,
    /// How the row stood when it was read; nothing for one that nobody told of before.
    pub(crate) was: Option<Was>,
}

/// What a change of a post is told against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Was {
    pub(crate) state: DeliveryState,
    pub(crate) revision: Revision,
    pub(crate) code: Option<String>,
}

impl Post {
    /// A post nobody told of before.
    pub(crate) const fn new(id: PostId, state: DeliveryState, now: UnixMillis) -> Self {
        Self {
            id,
            revision: Revision(0),
            store: None,
            account: None,
            state,
            body_hash: None,
            parts: 0,
            live: 0,
            due_at: None,
            not_after: None,
            next_at: None,
            code: None,
            message: None,
            attempts: 0,
            looks: 0,
            look_first: false,
            looked_first: false,
            doubt_until: None,
            claimed_by: None,
            claimed_at: None,
            tweet_id: None,
            posted_at: None,
            decided_at: None,
            updated_at: now,
            follow_up: None,
            was: None,
        }
    }

    /// How it stands now.
    pub(crate) fn stands(&self) -> Was {
        Was { state: self.state, revision: self.revision, code: self.code.clone() }
    }

    pub(crate) const fn standing(&self) -> Standing {
        Standing { state: self.state, revision: self.revision, live: self.live > 0 }
    }

    /// Whether the next part is the last.
    pub(crate) const fn next_is_last(&self) -> bool {
        self.live + 1 >= self.parts
    }

    /// Until when it waits, when it does.
    pub(crate) fn until(&self) -> Option<UnixMillis> {
        self.next_at.filter(|_| self.state == DeliveryState::Waiting)
    }

    /// As the desktop is told: of a thread, with the id of each part that is on X.
    pub(crate) fn delivery(&self, connection: &Connection) -> rusqlite::Result<Delivery> {
        let is_thread = self.parts > 1 && self.live > 0;
        Ok(Delivery {
            post_id: self.id,
            revision: self.revision,
            account: self.account.clone(),
            state: self.state,
            due_at: self.due_at,
            until: self.until(),
            tweet_id: self.tweet_id.clone(),
            live: if is_thread { part::all_live(connection, self.id)? } else { Vec::new() },
            code: self.code.clone(),
            message: self.message.clone(),
            attempts: self.attempts,
            posted_at: self.posted_at,
            updated_at: self.updated_at,
        })
    }
}

/// Whether a state is an end of the story, unless desktop or person reopens it.
pub(crate) const fn is_decided(state: DeliveryState) -> bool {
    use DeliveryState as S;
    matches!(state, S::Posted | S::Partial | S::Refused | S::Parked | S::Withdrawn | S::Expired)
}

/// The state of that name.
fn state_of(text: &str) -> Option<DeliveryState> {
    DeliveryState::ALL.into_iter().find(|state| state.as_str() == text)
}

/// The columns in the order in which [`read`] takes them.
const SELECT: &str = "SELECT post_id, revision, store_id, account, state, body_hash, parts, live,
    due_at, not_after, next_at, code, message, attempts, looks, look_first, claimed_by,
    claimed_at, tweet_id, posted_at, decided_at, updated_at, looked_first, doubt_until,
    parent, after_ms, staged_due_at, staged_not_after, parent_tweet_id, parent_posted_at
    FROM post WHERE ";

/// The next posts of a store after one, by id: ids are made in order.
pub(crate) fn of_store(
    connection: &Connection,
    store: StoreId,
    after: PostId,
    limit: usize,
) -> rusqlite::Result<Vec<PostId>> {
    let sql = "SELECT post_id FROM post WHERE post_id > ?1 AND store_id = ?2
               ORDER BY post_id LIMIT ?3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement
        .query_map(params![after.to_string(), store.to_string(), limit], |row| {
            Columns::of(row).parse(|id| id.parse().ok())
        })?;
    rows.collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Post> {
    let mut row = Columns::of(row);
    let mut post = Post {
        was: None,
        id: row.parse(|id| id.parse().ok())?,
        revision: Revision(row.take()?),
        store: row.parse_some(|store| store.parse().ok())?,
        account: row.take::<Option<String>>()?.map(XUserId),
        state: row.parse(state_of)?,
        body_hash: row.take()?,
        parts: row.take()?,
        live: row.take()?,
        due_at: row.take::<Option<i64>>()?.map(UnixMillis),
        not_after: row.take::<Option<i64>>()?.map(UnixMillis),
        next_at: row.take::<Option<i64>>()?.map(UnixMillis),
        code: row.take()?,
        message: row.take()?,
        attempts: row.take()?,
        looks: row.take()?,
        look_first: row.take()?,
        claimed_by: row.parse_some(ClaimedBy::from_name)?,
        claimed_at: row.take::<Option<i64>>()?.map(UnixMillis),
        tweet_id: row.take::<Option<String>>()?.map(TweetId),
        posted_at: row.take::<Option<i64>>()?.map(UnixMillis),
        decided_at: row.take::<Option<i64>>()?.map(UnixMillis),
        updated_at: UnixMillis(row.take()?),
        looked_first: row.take()?,
        doubt_until: row.take::<Option<i64>>()?.map(UnixMillis),
        follow_up: Tie::read(&mut row)?,
    };
    post.was = Some(post.stands());
    Ok(post)
}

/// The post, if the relay ever heard of it.
pub(crate) fn get(connection: &Connection, id: PostId) -> rusqlite::Result<Option<Post>> {
    connection
        .prepare_cached(&format!("{SELECT}post_id = ?1"))?
        .query_row([id.to_string()], read)
        .optional()
}

/// Posts that meet a condition. `rest` is what follows the WHERE; it is always ours.
pub(crate) fn select(
    connection: &Connection,
    rest: &'static str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Vec<Post>> {
    connection.prepare_cached(&format!("{SELECT}{rest}"))?.query_map(values, read)?.collect()
}

/// When the oldest post was due that is late without a reason to wait.
pub(crate) fn oldest_overdue(
    connection: &Connection,
    overdue: UnixMillis,
) -> rusqlite::Result<Option<UnixMillis>> {
    connection
        .prepare_cached(
            "SELECT min(due_at) FROM post
              WHERE state IN ('staged', 'claimed', 'waiting') AND state <> 'waiting'
                AND due_at < ?1",
        )?
        .query_row([overdue.0], |row| Ok(row.get::<_, Option<i64>>(0)?.map(UnixMillis)))
}

/// How many posts wait, by reason.
pub(crate) fn waiting(connection: &Connection) -> rusqlite::Result<Vec<(String, u64)>> {
    connection
        .prepare_cached(
            "SELECT ifnull(code, ''), count(*) FROM post
              WHERE state IN ('staged', 'claimed', 'waiting') AND state = 'waiting' GROUP BY 1",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get::<_, u32>(1)?.into())))?
        .collect()
}

/// How many posts a person has to decide.
pub(crate) fn parked(connection: &Connection) -> rusqlite::Result<u64> {
    let count = "SELECT count(*) FROM post WHERE state = 'parked'";
    connection.prepare_cached(count)?.query_row([], |row| row.get::<_, u32>(0)).map(u64::from)
}

/// How many posts rest until their store has told what it knows.
pub(crate) fn resting(connection: &Connection) -> rusqlite::Result<u64> {
    let count = "SELECT count(*) FROM post, relay
                  WHERE state IN ('claimed', 'waiting', 'unknown') AND next_at IS NULL
                    AND (state = 'claimed'
                         OR store_id IN (SELECT store_id FROM desk
                                          WHERE manifest_epoch IS NOT relay.epoch))";
    connection.prepare_cached(count)?.query_row([], |row| row.get::<_, u32>(0)).map(u64::from)
}

/// Writes the whole row, without telling anybody: see [`crate::transitions`].
pub(crate) fn put(connection: &Connection, post: &Post) -> rusqlite::Result<()> {
    let instant = |at: Option<UnixMillis>| at.map(|at| at.0);
    let tie = post.follow_up.as_ref();
    connection
        .prepare_cached(
            "INSERT INTO post (post_id, revision, store_id, account, state, body_hash, parts,
                live, due_at, not_after, next_at, code, message, attempts, looks, look_first,
                claimed_by, claimed_at, tweet_id, posted_at, decided_at, updated_at, looked_first,
                doubt_until, parent, after_ms, staged_due_at, staged_not_after, parent_tweet_id,
                parent_posted_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30)
             ON CONFLICT (post_id) DO UPDATE SET revision = ?2, store_id = ?3, account = ?4,
                state = ?5, body_hash = ?6, parts = ?7, live = ?8, due_at = ?9, not_after = ?10,
                next_at = ?11, code = ?12, message = ?13, attempts = ?14, looks = ?15,
                look_first = ?16, claimed_by = ?17, claimed_at = ?18, tweet_id = ?19,
                posted_at = ?20, decided_at = ?21, updated_at = ?22, looked_first = ?23,
                doubt_until = ?24, parent = ?25, after_ms = ?26, staged_due_at = ?27,
                staged_not_after = ?28, parent_tweet_id = ?29, parent_posted_at = ?30",
        )?
        .execute(params![
            post.id.to_string(),
            post.revision.0,
            post.store.map(|store| store.to_string()),
            post.account.as_ref().map(|account| &account.0),
            post.state.as_str(),
            post.body_hash,
            post.parts,
            post.live,
            instant(post.due_at),
            instant(post.not_after),
            instant(post.next_at),
            post.code,
            post.message,
            post.attempts,
            post.looks,
            post.look_first,
            post.claimed_by.map(ClaimedBy::as_str),
            instant(post.claimed_at),
            post.tweet_id.as_ref().map(|id| &id.0),
            instant(post.posted_at),
            instant(post.decided_at),
            post.updated_at.0,
            post.looked_first,
            instant(post.doubt_until),
            tie.map(|tie| tie.parent.to_string()),
            tie.map(|tie| tie.after_ms),
            tie.map(|tie| tie.due_at.0),
            tie.map(|tie| tie.not_after.0),
            tie.and_then(|tie| tie.on_x.as_ref()).map(|on_x| &on_x.tweet.0),
            tie.and_then(|tie| tie.on_x.as_ref()).map(|on_x| on_x.at.0),
        ])?;
    Ok(())
}

/// Which waiting posts to wake.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wake<'a> {
    /// Those that wait without an end.
    Endless,
    /// Those that wait for one of these reasons, with an end or without.
    For(&'a [Code]),
}

/// Lets the publisher look at waiting posts again.
pub(crate) fn wake(
    connection: &Connection,
    which: Wake<'_>,
    account: Option<&XUserId>,
    now: UnixMillis,
) -> rusqlite::Result<usize> {
    let codes = match which {
        Wake::Endless => None,
        Wake::For(codes) => {
            let names: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
            Some(format!(",{},", names.join(",")))
        }
    };
    connection
        .prepare_cached(
            "UPDATE post SET next_at = ?1
              WHERE state IN ('claimed', 'waiting')
                AND (next_at IS NULL OR (?2 IS NOT NULL AND next_at > ?1))
                AND (?2 IS NULL OR instr(?2, ',' || ifnull(code, '') || ',') > 0)
                AND (?3 IS NULL OR account = ?3)",
        )?
        .execute(params![now.0, codes, account.map(|account| &account.0)])
}

/// Lets the publisher look again at posts whose turn would come past their deadline: one that was
/// withdrawn leaves its turn to another.
pub(crate) fn wake_hopeless(
    connection: &Connection,
    account: &XUserId,
    now: UnixMillis,
) -> rusqlite::Result<usize> {
    connection
        .prepare_cached(
            "UPDATE post SET next_at = ?1
              WHERE state IN ('claimed', 'waiting', 'unknown') AND state = 'waiting'
                AND account = ?2 AND next_at > ?1 AND next_at > not_after AND not_after >= ?1
                AND code = 'rate_limited'",
        )?
        .execute(params![now.0, account.0])
}
