//! What is there already, asked in bulk by an import while its rows are judged: a file of a hundred
//! thousand rows asks about each.

use std::collections::HashSet;

use roost_core::clock::UnixMillis;
use roost_core::duplicate::DuplicateKey;
use roost_core::id::{PostId, XUserId};
use roost_core::post::Content;
use roost_core::status::Status;
use rusqlite::{OptionalExtension, Row};

use super::Post;
use crate::error::Error;
use crate::sql::unreadable;
use crate::store::Read;

/// When more keys are asked for than one of so many posts has, all posts are read once.
const POSTS_PER_LOOKUP: u64 = 8;
/// When more ids of a plan are asked for, the plan's index is read once.
const OWN_ID_LOOKUPS_MAX: usize = 500;

/// A post that is there already, as far as judging needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownPost {
    /// The post.
    pub id: PostId,
    /// Where it stands.
    pub status: Status,
    /// When it went or goes out; none for a draft without a time.
    pub at: Option<UnixMillis>,
    /// What repeats of it have in common.
    pub key: DuplicateKey,
}

/// The text of a post that is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownText {
    /// The post.
    pub id: PostId,
    /// When it went or goes out; none for a draft without a time.
    pub at: Option<UnixMillis>,
    /// What repeats of it have in common.
    pub key: DuplicateKey,
    /// The text of its first part.
    pub text: String,
}

/// The columns of [`KnownPost`], first in each statement.
const KNOWN: &str = "post.id, post.status, coalesce(post.posted_at, post.scheduled_at), \
                     post.content_hash";

/// By place: names are compared for each row, and these are many.
fn read_known(row: &Row<'_>) -> rusqlite::Result<KnownPost> {
    Ok(KnownPost {
        id: read_id(row)?,
        status: row.get_ref(1)?.as_str()?.parse().map_err(|it| unreadable(row, "status", it))?,
        at: row.get::<_, Option<i64>>(2)?.map(UnixMillis),
        key: DuplicateKey(row.get(3)?),
    })
}

fn read_id(row: &Row<'_>) -> rusqlite::Result<PostId> {
    row.get_ref(0)?.as_str()?.parse().map_err(|it| unreadable(row, "id", it))
}

impl Read<'_> {
    /// Returns the posts that say what one of `keys` says, of an account or of all, in any order: all but
    /// what is cancelled or in the trash.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn known_posts(
        &self,
        account: Option<&XUserId>,
        keys: &[DuplicateKey],
    ) -> Result<Vec<KnownPost>, Error> {
        let sql = "SELECT coalesce(sum(posts), 0) FROM post_count";
        let posts: u64 = self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        if keys.len() as u64 > posts / POSTS_PER_LOOKUP {
            self.known_by_reading(account, keys)
        } else {
            self.known_by_lookup(account, keys)
        }
    }

    fn known_by_lookup(
        &self,
        account: Option<&XUserId>,
        keys: &[DuplicateKey],
    ) -> Result<Vec<KnownPost>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {KNOWN} FROM scheduled_post AS post INDEXED BY post_by_hash
             WHERE content_hash = ?1 AND deleted_at IS NULL AND status <> 'cancelled'
                 AND (?2 IS NULL OR account_id = ?2)"
        ))?;
        let account = account.map(|account| &account.0);
        // In the order of the index, which is read once so.
        let mut keys: Vec<&DuplicateKey> = keys.iter().collect();
        keys.sort_unstable();
        keys.dedup();
        let mut known = Vec::new();
        for key in keys {
            let mut rows = statement.query((key.0.as_slice(), account))?;
            while let Some(row) = rows.next()? {
                known.push(read_known(row)?);
            }
        }
        Ok(known)
    }

    fn known_by_reading(
        &self,
        account: Option<&XUserId>,
        keys: &[DuplicateKey],
    ) -> Result<Vec<KnownPost>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {KNOWN} FROM scheduled_post AS post NOT INDEXED
             WHERE deleted_at IS NULL AND status <> 'cancelled'
                 AND (?1 IS NULL OR account_id = ?1)"
        ))?;
        let keys: HashSet<&[u8]> = keys.iter().map(|key| key.0.as_slice()).collect();
        let mut rows = statement.query([account.map(|account| &account.0)])?;
        let mut known = Vec::new();
        while let Some(row) = rows.next()? {
            let key = row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?;
            if keys.contains(key) {
                known.push(read_known(row)?);
            }
        }
        Ok(known)
    }

    /// Returns the posts that have one of `ids` within a plan, each with its id there, in any order. What
    /// is in the trash has none.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn posts_by_own_id(
        &self,
        plan: &str,
        ids: &[&str],
    ) -> Result<Vec<(String, KnownPost)>, Error> {
        let sql = format!("SELECT {KNOWN} FROM scheduled_post AS post WHERE seq = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found = self.seqs_by_own_id(plan, ids)?.into_iter();
        let found = found.map(|(seq, id)| Ok((id, statement.query_row([seq], read_known)?)));
        found.collect()
    }

    /// Returns seq and id of the posts of a plan that have one of `ids`, in the order of making.
    fn seqs_by_own_id(&self, plan: &str, ids: &[&str]) -> Result<Vec<(i64, String)>, Error> {
        const BY_INDEX: &str = "FROM scheduled_post INDEXED BY post_by_own_id
            WHERE plan = ?1 AND own_id IS NOT NULL AND deleted_at IS NULL";
        let mut found = Vec::new();
        if ids.len() > OWN_ID_LOOKUPS_MAX {
            let wanted: HashSet<&str> = ids.iter().copied().collect();
            let sql = format!("SELECT seq, own_id {BY_INDEX}");
            let mut statement = self.connection.prepare_cached(&sql)?;
            let mut rows = statement.query([plan])?;
            while let Some(row) = rows.next()? {
                let id = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
                if wanted.contains(id) {
                    found.push((row.get(0)?, id.to_owned()));
                }
            }
        } else {
            let sql = format!("SELECT seq {BY_INDEX} AND own_id = ?2");
            let mut statement = self.connection.prepare_cached(&sql)?;
            for id in ids {
                let seq = statement.query_row([plan, id], |row| row.get(0)).optional()?;
                found.extend(seq.map(|seq| (seq, (*id).to_owned())));
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Returns the times from `from` on at which posts of an account went or go out, in any order; of
    /// `None`, those that name no account.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn taken_times(
        &self,
        account: Option<&XUserId>,
        from: UnixMillis,
    ) -> Result<Vec<UnixMillis>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT list_at FROM scheduled_post INDEXED BY post_by_account_status
             WHERE account_id IS ?1 AND status = ?2 AND list_at >= ?3 AND deleted_at IS NULL",
        )?;
        let account = account.map(|account| &account.0);
        let mut times = Vec::new();
        for status in OUT_OR_TO_GO {
            let mut rows = statement.query((account, status.as_str(), from.0))?;
            while let Some(row) = rows.next()? {
                times.push(UnixMillis(row.get(0)?));
            }
        }
        Ok(times)
    }

    /// Gives `take` the first texts of the posts of an account that went out from `from` on or are still to
    /// go out, in the order of their times, one at a time; of `None`, those that name no account.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn each_text(
        &self,
        account: Option<&XUserId>,
        from: UnixMillis,
        mut take: impl FnMut(KnownText),
    ) -> Result<(), Error> {
        let statuses: Vec<String> =
            OUT_OR_TO_GO.iter().map(|status| format!("'{}'", status.as_str())).collect();
        let statuses = statuses.join(", ");
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT post.id, coalesce(post.posted_at, post.scheduled_at), post.content_hash,
                 post.content
             FROM scheduled_post AS post INDEXED BY post_by_account
             WHERE account_id IS ?2 AND list_at >= ?1 AND deleted_at IS NULL
                 AND status IN ({statuses})"
        ))?;
        let mut rows = statement.query((from.0, account.map(|account| &account.0)))?;
        while let Some(row) = rows.next()? {
            take(KnownText {
                id: read_id(row)?,
                at: row.get::<_, Option<i64>>(1)?.map(UnixMillis),
                key: DuplicateKey(row.get(2)?),
                text: row.get(3)?,
            });
        }
        Ok(())
    }

    /// Returns posts with what they say, in the order of `ids`; those that are gone are left out.
    ///
    /// # Errors
    /// When SQLite cannot read, or what is kept of a part is no JSON of one.
    pub fn posts_and_contents(&self, ids: &[PostId]) -> Result<Vec<(Post, Content)>, Error> {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(post) = self.post(*id)? {
                let content = self.content(&post)?;
                found.push((post, content));
            }
        }
        Ok(found)
    }
}

/// The statuses of what went out, is to go out, or may have gone out.
const OUT_OR_TO_GO: [Status; 7] = [
    Status::Pending,
    Status::Queued,
    Status::Held,
    Status::Sending,
    Status::Posted,
    Status::Partial,
    Status::Unknown,
];
