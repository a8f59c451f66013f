// The ledger: one row per post, one intent per call to X, one event per change. Each step is one
// transaction that is on disk (WAL, synchronous=FULL) when its function returns.

import Database from "better-sqlite3";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS account (
    x_user_id TEXT PRIMARY KEY,
    health    TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS post (
    post_id    TEXT    PRIMARY KEY,
    revision   INTEGER NOT NULL,
    account    TEXT    NOT NULL REFERENCES account (x_user_id),
    text       TEXT    NOT NULL,
    due_at     INTEGER NOT NULL,
    not_after  INTEGER NOT NULL,
    state      TEXT    NOT NULL DEFAULT 'staged',
    code       TEXT,
    claimed_at INTEGER,
    decided_at INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS post_open ON post (state) WHERE state IN ('claimed', 'sending');
  CREATE TABLE IF NOT EXISTS intent (
    post_id    TEXT    NOT NULL REFERENCES post (post_id),
    revision   INTEGER NOT NULL,
    account    TEXT    NOT NULL,
    text       TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    outcome    TEXT,
    ended_at   INTEGER,
    PRIMARY KEY (post_id, revision)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS event (
    seq  INTEGER PRIMARY KEY AUTOINCREMENT,
    at   INTEGER NOT NULL,
    body TEXT    NOT NULL
  ) STRICT;
`;

export function openLedger(path) {
  const db = new Database(path);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.pragma("foreign_keys = ON");
  db.exec(SCHEMA);

  const find = db.prepare("SELECT post_id, revision, state, code FROM post WHERE post_id = ?");
  const take = db.prepare(
    `UPDATE post SET state = ?, claimed_at = ? WHERE post_id = ? AND revision = ?
        AND state = 'staged' AND due_at <= ? RETURNING post_id, revision, account, text`,
  );
  const fence = db.prepare(
    `UPDATE post SET state = 'sending' WHERE post_id = ? AND revision = ? AND state = 'claimed'
        AND not_after >= ?
        AND EXISTS (SELECT 1 FROM account a WHERE a.x_user_id = post.account
                                              AND a.health = 'connected')`,
  );
  const intend = db.prepare(
    `INSERT INTO intent (post_id, revision, account, text, started_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
  );
  const end = db.prepare(
    "UPDATE intent SET outcome = ?, ended_at = ? WHERE post_id = ? AND revision = ?",
  );
  const decide = db.prepare(
    "UPDATE post SET state = ?, code = ?, decided_at = ? WHERE post_id = ? AND revision = ?",
  );
  const append = db.prepare("INSERT INTO event (at, body) VALUES (?, ?)");
  const tell = (post, state, code, now) =>
    append.run(
      now,
      JSON.stringify({ postId: post.post_id, revision: post.revision, state, code, at: now }),
    );

  return {
    /** The post as it stands, or undefined. */
    find: (id) => find.get(id),

    /** Takes a due post up: the post, or undefined when it is not to be taken. */
    claim: db.transaction((id, revision, now) => {
      const post = take.get("claimed", now, id, revision, now);
      if (post) tell(post, "claimed", null, now);
      return post;
    }).immediate,

    /** Passes the fence and writes the intent down. False: nobody may call X. */
    begin: db.transaction((post, now) => {
      if (fence.run(post.post_id, post.revision, now).changes !== 1) return false;
      const { changes } = intend.run(post.post_id, post.revision, post.account, post.text, now);
      if (changes !== 1) throw new Error(`post ${post.post_id} was called for before`);
      tell(post, "sending", null, now);
      return true;
    }).immediate,

    /** Writes down how the call ended. */
    settle: db.transaction((post, { state, outcome, code }, now) => {
      end.run(outcome, now, post.post_id, post.revision);
      decide.run(state, code, now, post.post_id, post.revision);
      tell(post, state, code, now);
    }).immediate,

    /** What an earlier process left: calls without a result are unknown, claims are to be sent. */
    recover: db.transaction(() => {
      db.exec("UPDATE intent SET outcome = 'unknown' WHERE outcome IS NULL");
      db.exec("UPDATE post SET state = 'unknown' WHERE state = 'sending'");
      return db.prepare("SELECT post_id, revision, account, text FROM post WHERE state = 'claimed'").all();
    }).immediate,

    close: () => db.close(),
  };
}
