//! What was staged of a post, as one hash: the same stage again must be the same in everything,
//! and what is sent must be what was staged.

use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;
use roost_core::post::Content;
use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::post::{ClaimedBy, Post};
use super::tie::Tie;
use super::{intent, part};

/// The rule by which hashes are made now; kept before the digest.
const VERSION: u8 = 2;
/// Bytes of a hash by the first rule, which had no version.
const FIRST_RULE_BYTES: usize = 32;

/// Returns the hash of account, times and content, and of what a follow-up is tied to, as ledgers keep it.
pub(crate) fn hash(
    account: &XUserId,
    due_at: UnixMillis,
    not_after: UnixMillis,
    content: &Content,
    tie: Option<&Tie>,
) -> Vec<u8> {
    let body = content.body_hash().to_bytes();
    let tied = tie.map(Tie::hashed);
    let covered = std::iter::once(&body[..]).chain(tied.as_deref());
    let digest = digest(account, due_at, not_after, covered);
    [&[VERSION][..], &digest].concat()
}

/// Returns whether a hash that a ledger keeps, by whichever rule, is that of this body.
pub(crate) fn matches(
    known: &[u8],
    account: &XUserId,
    due_at: UnixMillis,
    not_after: UnixMillis,
    content: &Content,
    tie: Option<&Tie>,
) -> bool {
    if known.len() == FIRST_RULE_BYTES {
        // Made when a part was a text and nothing else.
        let texts = content.texts().map(str::as_bytes);
        return content.fields_beyond().is_empty()
            && tie.is_none()
            && digest(account, due_at, not_after, texts) == known;
    }
    hash(account, due_at, not_after, content, tie) == known
}

fn digest<'a>(
    account: &XUserId,
    due_at: UnixMillis,
    not_after: UnixMillis,
    content: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<u8> {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    add(account.0.as_bytes());
    add(&due_at.0.to_le_bytes());
    add(&not_after.0.to_le_bytes());
    content.into_iter().for_each(add);
    hash.finalize().to_vec()
}

/// Whether the post is the one that was staged. SQLite's own checks miss most single flipped
/// bits; a post that had its body forgotten has nothing left to compare.
pub(crate) fn is_intact(connection: &Connection, post: &Post) -> rusqlite::Result<bool> {
    let Some(known) = &post.body_hash else { return Ok(true) };
    let tie = post.follow_up.as_ref();
    // The times of a follow-up move with its parent; those that were staged stand beside them.
    let (due_at, not_after) = match tie {
        Some(tie) => (Some(tie.due_at), Some(tie.not_after)),
        None => (post.due_at, post.not_after),
    };
    let (Some(account), Some(due_at), Some(not_after)) = (&post.account, due_at, not_after) else {
        return Ok(false);
    };
    let Some(content) = part::content(connection, post.id)? else { return Ok(false) };
    if post.claimed_by == Some(ClaimedBy::Person) {
        // "Send again" moved the deadline; the words must be those of the first call.
        let live = usize::try_from(post.live).unwrap_or(usize::MAX);
        let called = intent::first_text_hash(connection, post.id, post.live)?;
        return Ok(content.parts.get(live).is_some_and(|part| {
            called.is_none_or(|called| called == Sha256::digest(part.text.as_bytes()).as_slice())
        }));
    }
    let is_whole = usize::try_from(post.parts).is_ok_and(|parts| parts == content.parts.len());
    Ok(is_whole && matches(known, account, due_at, not_after, &content, tie))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{post, test_ledger};

    #[test]
    fn a_post_that_is_not_the_one_that_was_staged_is_noticed() {
        let ledger = test_ledger::ledger();
        let id = test_ledger::post();
        ledger
            .execute(
                "INSERT INTO part (post_id, part, text) VALUES (?1, 0, 'Hello')",
                [id.to_string()],
            )
            .expect("a text");
        let (due, last) = (UnixMillis(100), UnixMillis(200));
        let me = XUserId("1".to_owned());
        let body = hash(&me, due, last, &Content::of_texts(["Hello"]), None);
        ledger.execute("UPDATE post SET body_hash = ?1", [&body]).expect("staged");
        let hex: String = body.iter().map(|byte| format!("{byte:02x}")).collect();
        let restored = format!("UPDATE post SET body_hash = x'{hex}'");
        let intact = || {
            let post = post::get(&ledger, id).expect("read").expect("a post");
            is_intact(&ledger, &post).expect("compared")
        };
        assert!(intact());
        for (damage, repair) in [
            ("UPDATE part SET text = 'Hellp'", "UPDATE part SET text = 'Hello'"),
            ("UPDATE post SET due_at = 99", "UPDATE post SET due_at = 100"),
            ("UPDATE post SET not_after = 201", "UPDATE post SET not_after = 200"),
            ("UPDATE post SET account = '2'", "UPDATE post SET account = '1'"),
            ("UPDATE post SET account = NULL", "UPDATE post SET account = '1'"),
            ("UPDATE post SET parts = 2", "UPDATE post SET parts = 1"),
            ("UPDATE part SET part = 1", "UPDATE part SET part = 0"),
            (
                "UPDATE part SET beyond_text = '{\"poll\":{\"options\":[],\"duration_minutes\":9}}'",
                "UPDATE part SET beyond_text = NULL",
            ),
            ("UPDATE part SET beyond_text = '[]'", "UPDATE part SET beyond_text = NULL"),
            ("UPDATE post SET body_hash = zeroblob(32)", restored.as_str()),
        ] {
            ledger.execute_batch(damage).expect("damaged");
            assert!(!intact(), "{damage}");
            ledger.execute_batch(repair).expect("repaired");
            assert!(intact(), "{repair}");
        }
    }
}
