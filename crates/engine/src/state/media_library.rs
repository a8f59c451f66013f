//! The folder of pictures and videos, made when the first is asked for: a store without any has none.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use roost_core::failure::Code;
use roost_media::Library;

use crate::{Error, Result};

/// The folder's name, beside the store.
const FOLDER: &str = "media";

#[derive(Debug)]
pub(crate) struct MediaLibrary {
    folder: PathBuf,
    library: OnceLock<Arc<Library>>,
}

impl MediaLibrary {
    pub(super) fn beside(database: &Path) -> Self {
        Self { folder: database.with_file_name(FOLDER), library: OnceLock::new() }
    }

    /// Returns the library, opened.
    pub(crate) fn library(&self) -> Result<Arc<Library>> {
        if let Some(library) = self.library.get() {
            return Ok(library.clone());
        }
        let opened = Library::open(&self.folder).map_err(|error| Error::File {
            code: Code::FileUnreadable,
            message: format!(
                "The folder of images and videos, {}, can't be used: {error}.",
                self.folder.display()
            ),
        })?;
        Ok(self.library.get_or_init(|| Arc::new(opened)).clone())
    }
}
