//! A ledger for tests: one connected account, one store that is introduced, one post that may go
//! out at 150.

use roost_core::id::PostId;
use rusqlite::Connection;

const READY: &str = "
    INSERT INTO relay (one, epoch, epoch_born_at, heartbeat_at) VALUES (1, 'e', 0, 0);
    INSERT INTO desk (store_id, device, manifest_epoch, seen_at)
        VALUES ('01a208aa-3fb9-7117-9ab1-5ed7ad74ff00', 'd', 'e', 0);
    INSERT INTO account (x_user_id, username, name, client_id, health, proven_at,
        grant_sealed, expires_at, updated_at)
        VALUES ('1', 'ada', 'Ada', 'c', 'connected', 0, x'00', 0, 0);
    INSERT INTO post (post_id, revision, store_id, account, state, parts, live, due_at,
        not_after, updated_at)
        VALUES ('01a208aa-3fb9-7117-9ab1-5ed7ad74ffcc', 3,
            '01a208aa-3fb9-7117-9ab1-5ed7ad74ff00', '1', 'claimed', 1, 0, 100, 200, 0);";

pub(crate) fn ledger() -> Connection {
    let connection = crate::database::in_memory().expect("a database");
    connection.execute_batch(READY).expect("rows");
    connection
}

pub(crate) fn post() -> PostId {
    "01a208aa-3fb9-7117-9ab1-5ed7ad74ffcc".parse().expect("an id")
}
