// The store: posts, tags and search in one SQLite file. An import is one transaction that is on disk
// (WAL, synchronous=FULL) when its function returns.

import { createHash } from "node:crypto";
import Database from "better-sqlite3";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS import (
    id         INTEGER PRIMARY KEY,
    source     TEXT    NOT NULL,
    sha256     TEXT    NOT NULL,
    imported   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    undone_at  INTEGER
  ) STRICT;
  CREATE TABLE IF NOT EXISTS post (
    id           INTEGER PRIMARY KEY,
    import_id    INTEGER REFERENCES import (id),
    row          INTEGER,
    account      TEXT,
    content      TEXT    NOT NULL,
    content_hash TEXT    NOT NULL,
    scheduled_at INTEGER,
    zone         TEXT,
    status       TEXT    NOT NULL,
    cost_micros  INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    deleted_at   INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS post_by_time ON post (status, scheduled_at);
  CREATE INDEX IF NOT EXISTS post_by_hash ON post (content_hash);
  CREATE INDEX IF NOT EXISTS post_by_import ON post (import_id);
  CREATE TABLE IF NOT EXISTS post_tag (
    post_id INTEGER NOT NULL REFERENCES post (id),
    tag     TEXT    NOT NULL,
    PRIMARY KEY (post_id, tag)
  ) STRICT, WITHOUT ROWID;
  CREATE VIRTUAL TABLE IF NOT EXISTS post_search USING fts5 (
    content, content = 'post', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
  );
`;

/** What a repeat has in common with what is there. */
export function contentHash(text) {
  return createHash("sha256").update(text.normalize("NFC").trim().replace(/\s+/g, " ")).digest("hex");
}

export function openStore(path) {
  const db = new Database(path);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.pragma("foreign_keys = ON");
  db.exec(SCHEMA);

  const known = db.prepare(
    "SELECT 1 FROM post WHERE content_hash = ? AND deleted_at IS NULL LIMIT 1",
  );
  const addImport = db.prepare(
    "INSERT INTO import (source, sha256, imported, created_at) VALUES (?, ?, ?, ?)",
  );
  const addPost = db.prepare(
    `INSERT INTO post (import_id, row, account, content, content_hash, scheduled_at, zone, status,
       cost_micros, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const addTag = db.prepare("INSERT OR IGNORE INTO post_tag (post_id, tag) VALUES (?, ?)");
  const learn = db.prepare(
    "INSERT INTO post_search (rowid, content) SELECT id, content FROM post WHERE import_id = ?",
  );
  const remove = db.prepare(
    "UPDATE post SET deleted_at = ? WHERE import_id = ? AND status IN ('draft', 'pending')",
  );
  const undone = db.prepare("UPDATE import SET undone_at = ? WHERE id = ?");

  return {
    /** Whether a text is there already. */
    isKnown: (hash) => known.get(hash) !== undefined,

    /** Takes all rows in, or none; returns the import's id. */
    importPosts: db.transaction((source, sha256, posts, now) => {
      const { lastInsertRowid: id } = addImport.run(source, sha256, posts.length, now);
      for (const post of posts) {
        const { lastInsertRowid } = addPost.run(
          id,
          post.row,
          post.account,
          post.content,
          post.hash,
          post.scheduledAt,
          post.zone,
          post.status,
          post.costMicros,
          now,
        );
        for (const tag of post.tags) addTag.run(lastInsertRowid, tag);
      }
      learn.run(id);
      return id;
    }).immediate,

    /** Takes an import back; returns how many posts went to the trash. */
    undo: db.transaction((id, now) => {
      undone.run(now, id);
      return remove.run(now, id).changes;
    }).immediate,

    close: () => db.close(),
  };
}
