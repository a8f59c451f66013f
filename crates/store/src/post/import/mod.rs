//! Whole imports: in with one transaction, out with one.

use roost_core::id::{ImportId, PostId};
use roost_core::status::{Actor, Status};

use super::{NewPost, Post};
use crate::error::Error;
use crate::store::Tx;
use crate::table::{EventKind, ImportBatch, NewImport};

/// What undoing an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoneImport {
    /// Posts now in the trash; they can be restored.
    pub removed: Vec<PostId>,
    /// Posts that stay, since they were handed over, with where they stand.
    pub kept: Vec<(PostId, Status)>,
}

impl Tx<'_> {
    /// Takes in an import: all rows, or none.
    ///
    /// # Errors
    /// When any row breaks a rule, or SQLite cannot write; nothing of the import stays then.
    pub fn import_posts(
        &mut self,
        new: &NewImport,
        posts: &[NewPost],
        by: Actor,
    ) -> Result<ImportBatch, Error> {
        self.insert_import(new)?;
        for post in posts {
            self.insert_post(post, Some(new.id), by)?;
        }
        self.count_import(new.id, u64::try_from(posts.len()).unwrap_or(u64::MAX))?;
        for post in posts {
            self.insert_parts(post.id, &post.content)?;
            self.insert_tags(post.id, &post.tags)?;
        }
        self.import(new.id)?.ok_or_else(|| Error::not_found("import", new.id))
    }

    /// Undoes an import: what never left this computer goes to the trash, the rest is reported.
    /// To undo that too, withdraw the kept ones.
    ///
    /// # Errors
    /// When there is no such import, or it was undone before.
    pub fn undo_import(&mut self, id: ImportId, by: Actor) -> Result<UndoneImport, Error> {
        let import = self.import(id)?.ok_or_else(|| Error::not_found("import", id))?;
        if import.undone_at.is_some() {
            return Err(Error::AlreadyUndone { import: id });
        }
        let mut undone = UndoneImport { removed: Vec::new(), kept: Vec::new() };
        for before in self.posts_of_import(id)? {
            if never_left(&before) {
                let mut after = before.clone();
                after.deleted_at = Some(self.now());
                self.change(&before, after, by, EventKind::Deleted)?;
                undone.removed.push(before.id);
            } else {
                undone.kept.push((before.id, before.status));
            }
        }
        self.mark_import_undone(id)?;
        Ok(undone)
    }

    fn posts_of_import(&self, id: ImportId) -> Result<Vec<Post>, Error> {
        self.many_posts(
            "post.import_id = ?1 AND post.deleted_at IS NULL ORDER BY post.seq",
            [id.to_string()],
        )
    }
}

/// Whether no revision is or may be with the relay, and none went out.
fn never_left(post: &Post) -> bool {
    let unsent = matches!(
        post.status,
        Status::Draft | Status::Pending | Status::Cancelled | Status::Failed | Status::Missed
    );
    unsent && post.offered_revision <= post.withdrawn_revision
}
