//! Taking an import back: what it made goes to the trash, what it changed is as it was.

use roost_core::id::{ImportId, PostId};
use roost_core::status::{Actor, Status};
use serde::Serialize;

use super::restore::{NotRestored, Restored};
use crate::error::Error;
use crate::post::holder::MAY_BE_ON_RELAY;
use crate::post::{PostChange, PostFields};
use crate::store::{Read, Tx};
use crate::table::EventKind;

/// What undoing an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UndoneImport {
    /// How many posts are now in the trash; they can be restored.
    pub removed: u64,
    /// Posts that stay, since they were handed over, with where they stand.
    pub kept: Vec<(PostId, Status)>,
    /// Posts that it had changed and that are as they were before.
    pub restored: Vec<PostId>,
    /// Posts that it had changed and that stay so, each with the reason.
    pub not_restored: Vec<(PostId, NotRestored)>,
}

/// What undoing an import would do to the posts that it made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct UndonePosts {
    /// Posts that never left this computer: they go to the trash.
    pub removed: u64,
    /// Posts that went out, wholly or in part, or are being sent, or may have been.
    pub out: u64,
    /// The rest: the relay has to let go of them first.
    pub handed_over: u64,
    /// Posts that the import had changed.
    pub updated: u64,
}

/// Posts that the import of ?1 made, that are not in the trash and of which no revision is or may be with
/// the relay; none went out. ?2 and ?3 are their first and last seq.
const NEVER_LEFT: &str = "seq BETWEEN ?2 AND ?3 AND import_id = ?1 AND deleted_at IS NULL
    AND status IN ('draft', 'pending', 'cancelled', 'failed', 'missed')
    AND offered_revision <= withdrawn_revision";

impl Read<'_> {
    /// Returns what undoing an import would do. Costs no look at its posts but for those that a relay was
    /// offered, and that are cancelled, failed or missed.
    ///
    /// # Errors
    /// When there is no such import, or SQLite cannot read.
    pub fn undo_preview(&self, id: ImportId) -> Result<UndonePosts, Error> {
        let import = self.import(id)?.ok_or_else(|| Error::not_found("import", id))?;
        let mut undone = UndonePosts { updated: import.updated, ..UndonePosts::default() };
        let mut statement = self.connection.prepare_cached(
            "SELECT status, count(*) FROM scheduled_post INDEXED BY post_by_import_status
             WHERE import_id = ?1 AND deleted_at IS NULL GROUP BY status",
        )?;
        let counts = statement.query_map([id.to_string()], |row| {
            Ok((crate::sql::parsed(row, "status")?, row.get::<_, u64>(1)?))
        })?;
        for count in counts {
            let (status, posts) = count?;
            let offered = match status {
                Status::Draft | Status::Pending => {
                    let along = format!("post_by_relay WHERE {MAY_BE_ON_RELAY}");
                    self.count_offered(id, status, &along)?
                }
                Status::Cancelled | Status::Failed | Status::Missed => {
                    let offered = "offered_revision > withdrawn_revision";
                    let along = format!("post_by_import_status WHERE {offered}");
                    self.count_offered(id, status, &along)?
                }
                Status::Queued | Status::Held => posts,
                Status::Sending | Status::Posted | Status::Partial | Status::Unknown => {
                    undone.out += posts;
                    continue;
                }
            };
            undone.handed_over += offered;
            undone.removed += posts - offered;
        }
        Ok(undone)
    }

    /// Returns the first `most` posts that an import made, with where they stand and whether they never
    /// left this computer; those that did stand in front.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn posts_to_undo(
        &self,
        id: ImportId,
        most: u32,
    ) -> Result<Vec<(PostId, Status, bool)>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, status,
                 status IN ('draft', 'pending', 'cancelled', 'failed', 'missed')
                     AND offered_revision <= withdrawn_revision AS never_left
             FROM scheduled_post WHERE import_id = ?1 AND deleted_at IS NULL
             ORDER BY never_left, seq LIMIT ?2",
        )?;
        let posts = statement.query_map((id.to_string(), most), |row| {
            let never_left = row.get("never_left")?;
            Ok((crate::sql::parsed(row, "id")?, crate::sql::parsed(row, "status")?, never_left))
        })?;
        Ok(posts.collect::<Result<_, _>>()?)
    }

    /// Returns how many posts of an import at a status the relay may still know, counted along an index.
    fn count_offered(&self, id: ImportId, status: Status, along: &str) -> Result<u64, Error> {
        let sql = format!(
            "SELECT count(*) FROM scheduled_post AS post INDEXED BY {along}
                 AND import_id = ?1 AND status = ?2 AND deleted_at IS NULL"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let values = (id.to_string(), status.as_str());
        Ok(statement.query_row(values, |row| row.get(0))?)
    }
}

impl Tx<'_> {
    /// Undoes an import: what never left this computer goes to the trash, what it changed is as it was
    /// before when nothing changed it since; the rest is reported. To undo that too, withdraw the kept
    /// ones. Returns what was undone.
    ///
    /// # Errors
    /// When there is no such import, or it was undone before.
    pub fn undo_import(&mut self, id: ImportId, by: Actor) -> Result<UndoneImport, Error> {
        let import = self.import(id)?.ok_or_else(|| Error::not_found("import", id))?;
        if import.undone_at.is_some() {
            return Err(Error::AlreadyUndone { import: id });
        }
        self.step.import = Some(id);
        let removed = self.remove_imported(id, by)?;
        let kept = self.posts_of_import(id)?;
        let Restored { restored, not_restored } = self.restore_updated(&import, by)?;
        self.mark_import_undone(id)?;
        Ok(UndoneImport { removed, kept, restored, not_restored })
    }

    /// Moves what never left to the trash, with three statements for all. Returns how many those are.
    fn remove_imported(&mut self, id: ImportId, by: Actor) -> Result<u64, Error> {
        let import = id.to_string();
        let sql = "SELECT min(seq), max(seq), count(*) FROM scheduled_post
                   WHERE import_id = ?1 AND deleted_at IS NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (first, last, posts): (Option<i64>, Option<i64>, u64) =
            statement.query_row([&import], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let Some((first, last)) = first.zip(last) else { return Ok(0) };
        let deleted = |at| PostFields { deleted_at: Some(at), ..PostFields::default() };
        let change = PostChange {
            before: Some(deleted(None)),
            after: deleted(Some(self.now)),
            ..PostChange::default()
        };
        self.append_events_where(
            (EventKind::Deleted, by),
            &change,
            NEVER_LEFT,
            (&import, first, last),
        )?;
        let aside = self.set_indexes_aside(posts, "deleted_at")?;
        let sql = format!(
            "UPDATE scheduled_post NOT INDEXED
             SET deleted_at = ?4, updated_at = ?4, version = version + 1 WHERE {NEVER_LEFT}"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let removed = statement.execute((&import, first, last, self.now.0))?;
        drop(statement);
        self.put_indexes_back(aside)?;
        Ok(removed as u64)
    }

    fn posts_of_import(&self, id: ImportId) -> Result<Vec<(PostId, Status)>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, status FROM scheduled_post
             WHERE import_id = ?1 AND deleted_at IS NULL ORDER BY seq",
        )?;
        let posts = statement.query_map([id.to_string()], |row| {
            Ok((crate::sql::parsed(row, "id")?, crate::sql::parsed(row, "status")?))
        })?;
        Ok(posts.collect::<Result<_, _>>()?)
    }
}
