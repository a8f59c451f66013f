//! Files on their way to the relay.

use std::time::Duration;

use reqwest::{Method, StatusCode};

use super::error::ClientError;
use super::{Client, TIMEOUT};
use crate::{MediaUpload, Refusal};

/// How long one chunk may take: a slow uplink carries it, and after the last one the relay reads the
/// whole file once.
const CHUNK_TIMEOUT: Duration = Duration::from_mins(3);

impl Client {
    /// Returns how far a file has arrived, by its SHA-256 in 64 hexadecimal digits. The relay knows
    /// nothing yet of one of which it has no byte.
    ///
    /// # Errors
    /// See [`ClientError`]; a relay of an earlier release knows no such route.
    pub async fn media_upload(&self, sha256: &str) -> Result<MediaUpload, ClientError> {
        self.send(Method::GET, &format!("v1/media/{sha256}"), None::<&()>, TIMEOUT).await
    }

    /// Sends a chunk of a file: up to [`crate::CHUNK_BYTES_MAX`] bytes that stand at `offset` of
    /// `bytes` in all. Returns how far the file has arrived then. Where the relay has another number
    /// of bytes than `offset`, it takes nothing, and what is returned says where to go on; a chunk
    /// that it has already is no error.
    ///
    /// # Errors
    /// See [`ClientError`]; [`crate::RefusalCode::WrongDigest`] when the file is whole and is not the
    /// one of that digest, [`crate::RefusalCode::TooLarge`] and [`crate::RefusalCode::StorageFull`]
    /// when the relay does not keep it.
    pub async fn put_media(
        &self,
        sha256: &str,
        offset: u64,
        bytes: u64,
        chunk: Vec<u8>,
    ) -> Result<MediaUpload, ClientError> {
        let path = format!("v1/media/{sha256}?offset={offset}&bytes={bytes}");
        let (status, body) = self.exchange_bytes(Method::PUT, &path, chunk, CHUNK_TIMEOUT).await?;
        if status.is_success() {
            return serde_json::from_slice(&body)
                .map_err(|error| self.garbled(status, error.to_string()));
        }
        if status == StatusCode::CONFLICT
            && let Ok(Refusal { upload: Some(upload), .. }) = serde_json::from_slice(&body)
        {
            return Ok(upload);
        }
        Err(self.refused(status, &body))
    }
}
