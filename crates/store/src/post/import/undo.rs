//! Taking an import back: what it made goes to the trash, what it changed is as it was.

use roost_core::id::{ImportId, PostId};
use roost_core::status::{Actor, Status};
use serde::Serialize;

use crate::error::Error;
use crate::post::holder::MAY_BE_ON_RELAY;
use crate::post::{Edit, Post, PostChange, PostFields};
use crate::store::{Read, Tx};
use crate::table::{EventKind, ImportBatch, PostEvent};

/// What undoing an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UndoneImport {
    /// How many posts are now in the trash; they can be restored.
    pub removed: u64,
    /// Posts that stay, since they were handed over, with where they stand.
    pub kept: Vec<(PostId, Status)>,
    /// How many posts that it had changed are as they were before.
    pub restored: u64,
    /// Posts that it had changed and that stay so: they were changed since, or went out. Each with where
    /// it stands; without that, it is gone.
    pub not_restored: Vec<(PostId, Option<Status>)>,
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
    /// ones.
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
        let mut undone = UndoneImport { removed, kept, ..UndoneImport::default() };
        self.restore_updated(&import, by, &mut undone)?;
        self.mark_import_undone(id)?;
        Ok(undone)
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

    /// Gives posts back what the import took from them.
    fn restore_updated(
        &mut self,
        import: &ImportBatch,
        by: Actor,
        undone: &mut UndoneImport,
    ) -> Result<(), Error> {
        for event in self.updates_of(import)? {
            let post = self.post(event.post_id)?.filter(|post| post.deleted_at.is_none());
            let status = post.as_ref().map(|post| post.status);
            let edit = match &post {
                Some(post) => self.edit_back(post, &event.change)?,
                None => None,
            };
            let is_restored = match edit {
                Some(edit) => self.edit_if_possible(event.post_id, &edit, by)?,
                None => false,
            };
            if is_restored {
                undone.restored += 1;
            } else {
                undone.not_restored.push((event.post_id, status));
            }
        }
        Ok(())
    }

    /// Returns the events by which an import changed posts.
    fn updates_of(&self, import: &ImportBatch) -> Result<Vec<PostEvent>, Error> {
        let Some(first) = import.first_event else { return Ok(Vec::new()) };
        let count = u32::try_from(import.updated).unwrap_or(u32::MAX);
        self.events_after(first - 1, count)
    }

    /// Returns the edit that takes a change back; none when the post is not what the change made of it.
    fn edit_back(&self, post: &Post, change: &PostChange) -> Result<Option<Edit>, Error> {
        let Some(before) = &change.before else { return Ok(None) };
        let content = self.content(post)?;
        let tags = self.tags_of(post.id)?;
        if !change.after.is_said_by(post, &content, &tags) {
            return Ok(None);
        }
        Ok(Some(Edit {
            content: before.has_content().then(|| before.over(content)),
            schedule: before.schedule.clone(),
            account: before.account.clone(),
            tags: before.tags.clone(),
            // What was a draft is one again, and what waited waits.
            status: before
                .status
                .filter(|status| matches!(status, Status::Draft | Status::Pending)),
            own_id: before.own_id.clone(),
            note: before.note.clone(),
        }))
    }
}
