//! What ties a follow-up reply to its parent, as a row of the ledger keeps it.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, TweetId};
use roost_core::post::FollowUp;
use roost_relay_api::StagedFollowUp;

use super::Columns;

const MINUTE_MS: i64 = 60_000;

/// What a follow-up is tied to, as it was staged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tie {
    /// The post that it answers.
    pub(crate) parent: PostId,
    /// How long after its parent it goes out.
    pub(crate) after_ms: i64,
    /// When it is due at the earliest, and how late it may be, as it was staged.
    pub(crate) due_at: UnixMillis,
    pub(crate) not_after: UnixMillis,
    /// Where the desktop knew its parent to be.
    pub(crate) on_x: Option<OnX>,
}

/// A parent on X: the id of its last part, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OnX {
    pub(crate) tweet: TweetId,
    pub(crate) at: UnixMillis,
}

impl Tie {
    /// Returns the tie as the desktop knows it.
    pub(crate) fn follow_up(&self) -> FollowUp {
        let after_minutes = u32::try_from(self.after_ms / MINUTE_MS).unwrap_or(u32::MAX);
        FollowUp { parent: self.parent, after_minutes }
    }

    /// Returns the tie that is staged with a post of these times.
    pub(crate) fn staged(
        staged: &StagedFollowUp,
        due_at: UnixMillis,
        not_after: UnixMillis,
    ) -> Self {
        let after_ms = i64::from(staged.tie.after_minutes) * MINUTE_MS;
        let on_x = staged.parent_on_x.as_ref();
        let on_x = on_x.map(|known| OnX { tweet: known.tweet_id.clone(), at: known.posted_at });
        Self { parent: staged.tie.parent, after_ms, due_at, not_after, on_x }
    }

    /// Reads the columns of a tie.
    pub(crate) fn read(row: &mut Columns<'_>) -> rusqlite::Result<Option<Self>> {
        let parent = row.parse_some(|id| id.parse().ok())?;
        let numbers: [Option<i64>; 3] = [row.take()?, row.take()?, row.take()?];
        let tweet = row.take::<Option<String>>()?.map(TweetId);
        let at = row.take::<Option<i64>>()?.map(UnixMillis);
        let Some(parent) = parent else { return Ok(None) };
        let [after_ms, due_at, not_after] = numbers.map(Option::unwrap_or_default);
        Ok(Some(Self {
            parent,
            after_ms,
            due_at: UnixMillis(due_at),
            not_after: UnixMillis(not_after),
            on_x: tweet.zip(at).map(|(tweet, at)| OnX { tweet, at }),
        }))
    }

    /// Returns what the hash of a follow-up covers beside its body.
    pub(crate) fn hashed(&self) -> Vec<u8> {
        let mut bytes = format!("{} {}", self.parent, self.after_ms);
        if let Some(on_x) = &self.on_x {
            bytes.push_str(&format!(" {} {}", on_x.tweet.0, on_x.at.0));
        }
        bytes.into_bytes()
    }
}
