//! The fence: the one statement that lets a post go out.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, Revision};
use rusqlite::{Connection, params};

/// Returns whether this caller, and no other, may call X for the post. The statement lets a post pass that
/// has its newest revision, is not withdrawn, not paused (nor its account), due and within its deadline; whose account is
/// proven to be the person's and has a usable grant; whose store's manifest is complete for this epoch;
/// for which no call has an unknown outcome; and, of a follow-up,
/// whose parent is on X for as long as it is to wait, and is not to be deleted there. It makes the post `sending`, so that a second caller
/// changes no row and is refused.
pub(crate) fn acquire(
    connection: &Connection,
    id: PostId,
    revision: Revision,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let changed = connection
        .prepare_cached(
            "UPDATE post SET state = 'sending', next_at = NULL, code = NULL, message = NULL,
                    attempts = attempts + 1, updated_at = ?3
              WHERE post_id = ?1 AND revision = ?2 AND state IN ('claimed', 'waiting')
                AND live < parts AND due_at <= ?3 AND not_after >= ?3
                AND NOT EXISTS (SELECT 1 FROM relay WHERE paused = 1)
                AND NOT EXISTS (SELECT 1 FROM paused_account p WHERE p.x_user_id = post.account)
                AND EXISTS (SELECT 1 FROM account a
                             WHERE a.x_user_id = post.account AND a.health = 'connected'
                               AND a.proven_at IS NOT NULL AND a.grant_sealed IS NOT NULL)
                AND EXISTS (SELECT 1 FROM desk d, relay r
                             WHERE d.store_id = post.store_id AND d.manifest_epoch = r.epoch)
                AND (parent IS NULL OR live > 0
                     OR (NOT EXISTS (SELECT 1 FROM removal g WHERE g.post_id = post.parent)
                         AND (parent_posted_at + after_ms <= ?3
                              OR EXISTS (SELECT 1 FROM post p
                                          WHERE p.post_id = post.parent AND p.state = 'posted'
                                            AND p.account = post.account
                                            AND p.posted_at + post.after_ms <= ?3))))
                AND NOT EXISTS (SELECT 1 FROM intent i
                                 WHERE i.post_id = post.post_id AND i.part = post.live
                                   AND (i.outcome IS NULL OR i.outcome = 'unknown'))",
        )?
        .execute(params![id.to_string(), revision.0, now.0])?;
    Ok(changed == 1)
}

#[cfg(test)]
mod tests {
    use roost_relay_api::DeliveryState;

    use super::*;
    use crate::rows::test_ledger;

    /// Whether the fence lets the post pass at 150 after `change`.
    fn passes_after(change: &str) -> bool {
        let connection = test_ledger::ledger();
        connection.execute_batch(change).expect("changed");
        acquire(&connection, test_ledger::post(), Revision(3), UnixMillis(150)).expect("asked")
    }

    #[test]
    fn the_fence_opens_only_when_every_guard_agrees() {
        assert!(passes_after(""));
        assert!(passes_after("UPDATE post SET state = 'waiting'"));
        assert!(passes_after("INSERT INTO paused_account (x_user_id, since) VALUES ('2', 0)"));
        for change in [
            "UPDATE post SET revision = 4",
            "UPDATE post SET due_at = 151",
            "UPDATE post SET not_after = 149",
            "UPDATE post SET live = 1",
            "UPDATE post SET account = '2'",
            "UPDATE post SET store_id = NULL",
            "UPDATE relay SET paused = 1",
            "INSERT INTO paused_account (x_user_id, since) VALUES ('1', 0)",
            "UPDATE relay SET epoch = 'restored'",
            "UPDATE desk SET manifest_epoch = NULL",
            "UPDATE account SET health = 'disconnected'",
            "UPDATE account SET health = 'suspended'",
            "UPDATE account SET proven_at = NULL",
            "UPDATE account SET grant_sealed = NULL",
        ] {
            assert!(!passes_after(change), "{change}");
        }
        for state in DeliveryState::ALL {
            let change = format!("UPDATE post SET state = '{}'", state.as_str());
            let may = matches!(state, DeliveryState::Claimed | DeliveryState::Waiting);
            assert_eq!(passes_after(&change), may, "{change}");
        }
    }

    #[test]
    fn a_follow_up_passes_only_so_long_after_its_own_account_s_parent_that_stays_on_x() {
        let ties = |post: &str, rest: &str| {
            format!(
                "INSERT INTO post (post_id, revision, account, state, parts, live, posted_at, updated_at)
                    VALUES ('parent', 1, '1', 'posted', 1, 1, 100, 0);
                 UPDATE post SET parent = 'parent', after_ms = 50 WHERE post_id <> 'parent';
                 UPDATE post SET {post} WHERE post_id = 'parent'; {rest}"
            )
        };
        assert!(passes_after(&ties("posted_at = 100", "")));
        for parent in ["posted_at = 101", "posted_at = NULL", "account = '2'", "post_id = 'other'"]
        {
            assert!(!passes_after(&ties(parent, "")), "{parent}");
        }
        for state in DeliveryState::ALL {
            let parent = format!("state = '{}'", state.as_str());
            assert_eq!(
                passes_after(&ties(&parent, "")),
                state == DeliveryState::Posted,
                "{parent}"
            );
        }
        let removal = "INSERT INTO removal (post_id, part, tweet_id, account, begun_at)
            VALUES ('parent', 0, '9', '1', 120)";
        assert!(!passes_after(&ties("posted_at = 100", removal)));
        let known = "UPDATE post SET parent_tweet_id = '9', parent_posted_at = 100
            WHERE post_id <> 'other'";
        assert!(passes_after(&ties("post_id = 'other'", known)), "the desktop knows it");
    }

    #[test]
    fn a_call_without_a_known_outcome_shuts_the_fence_whatever_its_revision() {
        for (outcome, opens) in
            [("NULL", false), ("'unknown'", false), ("'definite'", true), ("'overruled'", true)]
        {
            for revision in [1, 3] {
                let change = format!(
                    "INSERT INTO intent (post_id, revision, part, step, attempt, account,
                        text_hash, started_at, outcome)
                     VALUES ('01a208aa-3fb9-7117-9ab1-5ed7ad74ffcc', {revision}, 0, 'create', 1,
                        '1', x'00', 120, {outcome})"
                );
                assert_eq!(passes_after(&change), opens, "{outcome} under {revision}");
            }
        }
    }
}
