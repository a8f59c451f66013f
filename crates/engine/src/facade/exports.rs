//! What concerns exports.

use roost_import::export::{ExportFormat, Exported};

use crate::api::{ExportFilter, ExportPosts, ExportedFile};
use crate::{Engine, Result, export};

impl Engine {
    /// Returns posts as a file of a format; what is empty in the filter does not narrow.
    ///
    /// # Errors
    /// When the store can't be read, or the format has no place for a post.
    pub async fn exported(&self, format: ExportFormat, filter: ExportFilter) -> Result<Exported> {
        export::file(&self.state, format, filter).await
    }

    /// Writes posts into a file.
    ///
    /// # Errors
    /// When the store can't be read, the format has no place for a post, or the file can't be written;
    /// what stood there is as it was then.
    pub async fn export_posts(&self, export: ExportPosts) -> Result<ExportedFile> {
        export::write(&self.state, export).await
    }
}
