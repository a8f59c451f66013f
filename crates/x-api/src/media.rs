//! Media are uploaded, described, and looked after while X processes them.
//!
//! What is finalized expires after a day, and the account or app is charged for it: media are
//! uploaded when a post is due, not when it is planned.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::classify::Operation;
use crate::client::Client;
use crate::failure::Failure;

/// One mebibyte: the piece size that others have proven in production.
pub const MEDIA_CHUNK_BYTES: usize = 1024 * 1024;

/// What the media are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaCategory {
    /// A picture: JPEG, PNG, WebP; up to 5 MB.
    TweetImage,
    /// An animated GIF: up to 15 MB.
    TweetGif,
    /// A video: up to 512 MB.
    TweetVideo,
}

impl MediaCategory {
    const fn as_str(self) -> &'static str {
        match self {
            Self::TweetImage => "tweet_image",
            Self::TweetGif => "tweet_gif",
            Self::TweetVideo => "tweet_video",
        }
    }
}

/// A file to be uploaded.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Its type, such as `image/png`.
    pub media_type: &'a str,
    /// What it is for.
    pub category: MediaCategory,
}

/// A file that comes in pieces.
#[derive(Debug, Clone, Copy)]
pub struct NewMedia<'a> {
    /// Its size in bytes.
    pub bytes: u64,
    /// Its type, such as `video/mp4`.
    pub media_type: &'a str,
    /// What it is for.
    pub category: MediaCategory,
}

/// A piece of a file.
#[derive(Debug, Clone, Copy)]
pub struct Chunk<'a> {
    /// Its place, from 0 to 999.
    pub index: u16,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// What X holds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Media {
    /// The id that a post names.
    pub id: String,
    /// X's key of the media.
    pub media_key: Option<String>,
    /// For how many seconds more the id may be used.
    pub expires_after_secs: Option<i64>,
    /// Present while X works on it: wait for [`ProcessingState::Succeeded`].
    pub processing_info: Option<Processing>,
}

impl Media {
    /// Returns whether a post may name it now.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.processing_info
            .as_ref()
            .is_none_or(|processing| processing.state == ProcessingState::Succeeded)
    }
}

/// How far X's work on the media is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Processing {
    /// The state.
    pub state: ProcessingState,
    /// When to look again, in seconds.
    pub check_after_secs: Option<u64>,
    /// How much is done, in percent.
    pub progress_percent: Option<u8>,
    /// What X says of a failure; its form is documented nowhere.
    #[serde(default)]
    pub error: Option<serde_json::Value>,
}

impl Processing {
    /// Returns X's words on why it failed, where there are any.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        let error = self.error.as_ref()?;
        ["message", "detail", "name"].iter().find_map(|name| error.get(name)?.as_str())
    }
}

/// A state of X's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProcessingState {
    /// It has not begun.
    Pending,
    /// It is under way.
    InProgress,
    /// The media may be used.
    Succeeded,
    /// The media are out of specification.
    Failed,
}

#[derive(Deserialize)]
struct Envelope {
    data: Option<Media>,
}

#[derive(Serialize)]
struct Initialize<'a> {
    media_type: &'a str,
    total_bytes: u64,
    media_category: MediaCategory,
}

impl Client {
    /// Uploads a picture in one call.
    ///
    /// # Errors
    /// As every call; repeating it costs another upload and nothing else.
    pub async fn upload_media(
        &self,
        access_token: &str,
        upload: &Upload<'_>,
    ) -> Result<Media, Failure> {
        let mut form = Multipart::new(upload.bytes);
        form.field("media_category", upload.category.as_str());
        form.file("media", upload.media_type, upload.bytes);
        let (content_type, body) = form.finish();
        let call = self
            .call("x.media.upload", Operation::Media, Method::POST, &["2", "media", "upload"])
            .body(&content_type, body);
        Self::media(call.bearer(access_token)).await
    }

    /// Begins an upload in pieces.
    ///
    /// # Errors
    /// As every call.
    pub async fn initialize_media(
        &self,
        access_token: &str,
        new: &NewMedia<'_>,
    ) -> Result<Media, Failure> {
        let path = ["2", "media", "upload", "initialize"];
        let call = self.call("x.media.initialize", Operation::Media, Method::POST, &path).json(
            &Initialize {
                media_type: new.media_type,
                total_bytes: new.bytes,
                media_category: new.category,
            },
        );
        Self::media(call.bearer(access_token)).await
    }

    /// Adds one piece. The same piece may be sent again.
    ///
    /// # Errors
    /// As every call.
    pub async fn append_media(
        &self,
        access_token: &str,
        id: &str,
        chunk: Chunk<'_>,
    ) -> Result<(), Failure> {
        let mut form = Multipart::new(chunk.bytes);
        form.field("segment_index", &chunk.index.to_string());
        form.file("media", "application/octet-stream", chunk.bytes);
        let (content_type, body) = form.finish();
        let path = ["2", "media", "upload", id, "append"];
        self.call("x.media.append", Operation::Media, Method::POST, &path)
            .body(&content_type, body)
            .bearer(access_token)
            .send()
            .await?;
        Ok(())
    }

    /// Ends an upload in pieces; X may begin to process it.
    ///
    /// # Errors
    /// As every call.
    pub async fn finalize_media(&self, access_token: &str, id: &str) -> Result<Media, Failure> {
        let path = ["2", "media", "upload", id, "finalize"];
        let call = self.call("x.media.finalize", Operation::Media, Method::POST, &path);
        Self::media(call.bearer(access_token)).await
    }

    /// Returns how far X's processing is.
    ///
    /// # Errors
    /// As every call; being a read, it may be repeated freely.
    pub async fn media_status(&self, access_token: &str, id: &str) -> Result<Media, Failure> {
        let call = self
            .call("x.media.status", Operation::Media, Method::GET, &["2", "media", "upload"])
            .query("command", "STATUS")
            .query("media_id", id);
        Self::media(call.bearer(access_token)).await
    }

    /// Uploads a file in pieces, up to and with the finalizing. Waiting until it is processed is
    /// the caller's: it may take minutes.
    ///
    /// # Errors
    /// The first piece's that failed.
    pub async fn upload_media_in_chunks(
        &self,
        access_token: &str,
        upload: &Upload<'_>,
    ) -> Result<Media, Failure> {
        let new = NewMedia {
            bytes: upload.bytes.len() as u64,
            media_type: upload.media_type,
            category: upload.category,
        };
        let begun = self.initialize_media(access_token, &new).await?;
        for (index, bytes) in (0_u16..).zip(upload.bytes.chunks(MEDIA_CHUNK_BYTES)) {
            self.append_media(access_token, &begun.id, Chunk { index, bytes }).await?;
        }
        self.finalize_media(access_token, &begun.id).await
    }

    /// Gives media a text for those who cannot see them: up to 1,000 characters.
    ///
    /// # Errors
    /// As every call; saying it again is harmless.
    pub async fn describe_media(
        &self,
        access_token: &str,
        id: &str,
        alt_text: &str,
    ) -> Result<(), Failure> {
        self.call("x.media.metadata", Operation::Media, Method::POST, &["2", "media", "metadata"])
            .json(&serde_json::json!({
                "id": id,
                "metadata": { "alt_text": { "text": alt_text } },
            }))
            .bearer(access_token)
            .send()
            .await?;
        Ok(())
    }

    async fn media(call: crate::client::Call<'_>) -> Result<Media, Failure> {
        let received = call.send().await?;
        received.read::<Envelope>()?.data.ok_or_else(|| received.malformed())
    }
}

/// A `multipart/form-data` body (RFC 7578).
struct Multipart {
    boundary: String,
    body: Vec<u8>,
}

impl Multipart {
    /// The boundary is made from the content's hash: the content cannot hold it but by design.
    fn new(content: &[u8]) -> Self {
        let hash = Sha256::digest(content);
        let boundary = format!("roost-{}", URL_SAFE_NO_PAD.encode(hash));
        Self { boundary, body: Vec::with_capacity(content.len() + 512) }
    }

    fn part(&mut self, head: &str, content: &[u8]) {
        self.body.extend_from_slice(format!("--{}\r\n{head}\r\n\r\n", self.boundary).as_bytes());
        self.body.extend_from_slice(content);
        self.body.extend_from_slice(b"\r\n");
    }

    fn field(&mut self, name: &str, value: &str) {
        let head = format!("Content-Disposition: form-data; name=\"{name}\"");
        self.part(&head, value.as_bytes());
    }

    fn file(&mut self, name: &str, media_type: &str, content: &[u8]) {
        let head = format!(
            "Content-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\
             Content-Type: {media_type}"
        );
        self.part(&head, content);
    }

    fn finish(mut self) -> (String, Vec<u8>) {
        self.body.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        (format!("multipart/form-data; boundary={}", self.boundary), self.body)
    }
}
