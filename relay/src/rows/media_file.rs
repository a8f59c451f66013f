//! Files of media that are here, and since when nothing named them.

use std::collections::HashSet;

use roost_core::clock::UnixMillis;
use rusqlite::{Connection, params};

/// Notes that a file is here or is named now.
pub(crate) fn touch(
    connection: &Connection,
    sha256: &str,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO media_file (sha256, used_at) VALUES (?1, ?2)
             ON CONFLICT (sha256) DO UPDATE SET used_at = max(used_at, ?2)",
        )?
        .execute(params![sha256, now.0])?;
    Ok(())
}

/// Notes files that are on the disk and not here, and forgets those that are here and not on the disk.
pub(crate) fn reconcile(
    connection: &Connection,
    on_disk: &HashSet<String>,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let known: HashSet<String> = connection
        .prepare_cached("SELECT sha256 FROM media_file")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for sha256 in on_disk.difference(&known) {
        touch(connection, sha256, now)?;
    }
    for sha256 in known.difference(on_disk) {
        forget(connection, sha256)?;
    }
    Ok(())
}

/// Returns the files that no post needs any more and that nothing named since `before`.
pub(crate) fn orphans(
    connection: &Connection,
    before: UnixMillis,
) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare_cached(
            "SELECT sha256 FROM media_file WHERE used_at < ?1
                AND sha256 NOT IN (
                    SELECT json_extract(media.value, '$.file.sha256')
                      FROM part JOIN post USING (post_id),
                           json_each(part.beyond_text, '$.media') media
                     WHERE part.has_media = 1
                       AND post.state NOT IN ('posted', 'refused', 'withdrawn', 'expired')
                       AND json_extract(media.value, '$.file.sha256') IS NOT NULL)",
        )?
        .query_map([before.0], |row| row.get(0))?
        .collect()
}

/// Forgets a file that is gone.
pub(crate) fn forget(connection: &Connection, sha256: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM media_file WHERE sha256 = ?1")?.execute([sha256])?;
    Ok(())
}
