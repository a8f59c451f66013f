//! Posts that series made.

use roost_core::id::SeriesId;

use super::{Occurrence, Post};
use crate::error::Error;
use crate::store::Read;

impl Read<'_> {
    /// Returns the posts of a series, from the occurrence `from` on, in the order of their occurrences; what
    /// is in the trash is left out.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn posts_of_series(
        &self,
        series: SeriesId,
        from: Option<&str>,
    ) -> Result<Vec<Post>, Error> {
        self.many_posts(
            "post.series_id = ?1 AND post.deleted_at IS NULL AND post.occurrence >= ?2
             ORDER BY post.occurrence, post.seq",
            (series.to_string(), from.unwrap_or_default()),
        )
    }

    /// Returns the post of an occurrence, if there is one outside the trash.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn post_of_occurrence(&self, of: &Occurrence) -> Result<Option<Post>, Error> {
        self.one_post(
            "post.series_id = ?1 AND post.occurrence = ?2 AND post.deleted_at IS NULL",
            (of.series.to_string(), &of.wall_time),
        )
    }
}
