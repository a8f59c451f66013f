//! Pictures as the tests upload them.

use roost_core::id::MediaId;
use roost_core::post::{Content, MediaCategory, MediaDigest, MediaFile, MediaKind, MediaRef, Part};
use roost_relay_api::{CHUNK_BYTES_MAX, Client, ClientError, MediaUpload};
use sha2::{Digest as _, Sha256};

use crate::world::{START, World};

/// A file, and what a part says of it.
#[derive(Clone)]
pub(crate) struct Picture {
    pub(crate) bytes: Vec<u8>,
    pub(crate) file: MediaFile,
}

impl Picture {
    /// The beginning of a PNG of 2 × 3 pixels, as much as X's sandbox looks at, and bytes that make it a
    /// file of its own.
    pub(crate) fn new(number: u32, length: usize) -> Self {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03".to_vec();
        let more = (number..).flat_map(u32::to_be_bytes);
        bytes.extend(more.take(length.saturating_sub(bytes.len())));
        Self::of(bytes, MediaKind::Png, MediaCategory::Image)
    }

    /// The beginning of a video, as much as X's sandbox looks at.
    pub(crate) fn video(number: u32, length: usize) -> Self {
        let mut bytes = b"\0\0\0\x18ftypmp42".to_vec();
        let more = (number..).flat_map(u32::to_be_bytes);
        bytes.extend(more.take(length.saturating_sub(bytes.len())));
        Self::of(bytes, MediaKind::Mp4, MediaCategory::Video)
    }

    pub(crate) fn of(bytes: Vec<u8>, kind: MediaKind, category: MediaCategory) -> Self {
        let sha256 = MediaDigest(Sha256::digest(&bytes).into());
        let file = MediaFile { sha256, kind, category, bytes: bytes.len() as u64 };
        Self { bytes, file }
    }

    pub(crate) fn sha256(&self) -> String {
        self.file.sha256.to_string()
    }

    /// What a part says of it.
    pub(crate) fn media(&self, alt_text: Option<&str>) -> MediaRef {
        let alt_text = alt_text.map(str::to_owned);
        MediaRef { media_id: MediaId::new(START), alt_text, file: Some(self.file) }
    }

    /// Sends the chunk that begins at `offset`.
    pub(crate) async fn send(
        &self,
        client: &Client,
        offset: usize,
    ) -> Result<MediaUpload, ClientError> {
        let end = (offset + CHUNK_BYTES_MAX).min(self.bytes.len());
        let chunk = self.bytes[offset..end].to_vec();
        client.put_media(&self.sha256(), offset as u64, self.bytes.len() as u64, chunk).await
    }

    /// Sends it as a desktop does, from where the relay has it on.
    pub(crate) async fn upload(&self, client: &Client) {
        let mut upload = client.media_upload(&self.sha256()).await.expect("an answer");
        while !upload.is_complete {
            let offset = usize::try_from(upload.received_bytes).expect("an offset");
            upload = self.send(client, offset).await.expect("a chunk is taken");
        }
    }
}

/// A part with pictures.
pub(crate) fn part(text: &str, media: Vec<MediaRef>) -> Part {
    Part { media, ..Part::of_text(text) }
}

impl World {
    /// A post of these parts, due after so many seconds.
    pub(crate) fn post_of(&self, parts: Vec<Part>, after: u64) -> roost_relay_api::Stage {
        let mut item = self.post("", crate::world::seconds(after));
        item.content = Content { parts };
        item.body_hash = Some(item.content.body_hash());
        item
    }
}
