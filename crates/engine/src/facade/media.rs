//! What concerns pictures and videos.

use crate::api::{
    AddMedia, GetThumbnail, ListMedia, ListMediaUses, MediaAdded, MediaLibrary, MediaRemoved,
    MediaThumbnail, MediaUses,
};
use crate::{Engine, Result, media};

impl Engine {
    /// Takes a picture or a video into the library. The same bytes again are the same file.
    ///
    /// # Errors
    /// When it can't be read, X takes no such file, or the library can't be written; nothing of it is
    /// kept then.
    pub async fn add_media(&self, wanted: AddMedia) -> Result<MediaAdded> {
        let added = media::add(&self.state, wanted).await?;
        // A post may wait for this very file.
        self.state.wake.notify_one();
        Ok(added)
    }

    /// Returns a page of the library, and the room that it takes.
    ///
    /// # Errors
    /// When the store or the library can't be read.
    pub async fn list_media(&self, wanted: ListMedia) -> Result<MediaLibrary> {
        media::list(&self.state, wanted).await
    }

    /// Returns which parts have a file of the library, and which of them describe it.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn list_media_uses(&self, wanted: ListMediaUses) -> Result<MediaUses> {
        media::uses(&self.state, wanted).await
    }

    /// Returns a picture made small.
    ///
    /// # Errors
    /// When there is no such file, or the store can't be read.
    pub async fn media_thumbnail(&self, wanted: GetThumbnail) -> Result<MediaThumbnail> {
        media::thumbnail(&self.state, wanted).await
    }

    /// Removes the files that no post uses; what was taken in within the last hour stays.
    ///
    /// # Errors
    /// When the store or the library can't be written.
    pub async fn remove_unused_media(&self) -> Result<MediaRemoved> {
        media::remove_unused(&self.state).await
    }
}
