//! What was staged of a post, as one hash: the same stage again must be the same in everything,
//! and what is sent must be what was staged.

use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;
use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::post::{ClaimedBy, Post};
use super::{intent, part};

/// The hash of account, times and texts.
pub(crate) fn hash<'a>(
    account: &XUserId,
    due_at: UnixMillis,
    not_after: UnixMillis,
    texts: impl Iterator<Item = &'a str>,
) -> Vec<u8> {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    add(account.0.as_bytes());
    add(&due_at.0.to_le_bytes());
    add(&not_after.0.to_le_bytes());
    for text in texts {
        add(text.as_bytes());
    }
    hash.finalize().to_vec()
}

/// Whether the post is the one that was staged. SQLite's own checks miss most single flipped
/// bits; a post that had its body forgotten has nothing left to compare.
pub(crate) fn is_intact(connection: &Connection, post: &Post) -> rusqlite::Result<bool> {
    let Some(known) = &post.body_hash else { return Ok(true) };
    let (Some(account), Some(due_at), Some(not_after)) =
        (&post.account, post.due_at, post.not_after)
    else {
        return Ok(false);
    };
    let texts = part::texts(connection, post.id)?;
    if post.claimed_by == Some(ClaimedBy::Person) {
        // "Send again" moved the deadline; the words must be those of the first call.
        let live = usize::try_from(post.live).unwrap_or(usize::MAX);
        let text = texts.get(live).map(|(_, text)| text.as_str());
        let called = intent::first_text_hash(connection, post.id, post.live)?;
        return Ok(text.is_some_and(|text| {
            called.is_none_or(|called| called == Sha256::digest(text.as_bytes()).as_slice())
        }));
    }
    let whole = (0..post.parts).eq(texts.iter().map(|(number, _)| *number));
    let texts = texts.iter().map(|(_, text)| text.as_str());
    Ok(whole && hash(account, due_at, not_after, texts) == *known)
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
        let body = hash(&XUserId("1".to_owned()), due, last, ["Hello"].into_iter());
        ledger.execute("UPDATE post SET body_hash = ?1", [body]).expect("staged");
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
        ] {
            ledger.execute_batch(damage).expect("damaged");
            assert!(!intact(), "{damage}");
            ledger.execute_batch(repair).expect("repaired");
            assert!(intact(), "{repair}");
        }
    }
}
