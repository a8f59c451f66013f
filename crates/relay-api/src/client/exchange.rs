//! The one function through which every exchange with the relay passes.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Request, StatusCode};
use roost_crash_points::{self as crash, Moment};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::Client;
use super::error::{ClientError, Outcome};
use super::transport::Broken;
use crate::Refusal;

/// An answer beyond this is not the relay's.
const ANSWER_MAX_BYTES: usize = 32 * 1024 * 1024;
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

impl Client {
    /// Exchanges one request. Returns what a 2xx answer says.
    pub(super) async fn send<B: Serialize + ?Sized, A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
        timeout: Duration,
    ) -> Result<A, ClientError> {
        let (status, bytes) = self.exchange(method, path, body, timeout).await?;
        serde_json::from_slice(&bytes).map_err(|error| self.garbled(status, error.to_string()))
    }

    /// Exchanges one request. Returns status and body of a 2xx answer.
    pub(super) async fn exchange<B: Serialize + ?Sized>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
        timeout: Duration,
    ) -> Result<(StatusCode, Vec<u8>), ClientError> {
        let (status, bytes) = self.exchange_any(method, path, body, timeout).await?;
        if status.is_success() { Ok((status, bytes)) } else { Err(self.refused(status, &bytes)) }
    }

    pub(super) fn refused(&self, status: StatusCode, bytes: &[u8]) -> ClientError {
        match serde_json::from_slice::<Refusal>(bytes) {
            Ok(refusal) => ClientError::Refused { status: status.as_u16(), refusal },
            Err(error) => self.garbled(status, error.to_string()),
        }
    }

    /// Exchanges one request. Returns status and body of any answer.
    pub(super) async fn exchange_any<B: Serialize + ?Sized>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
        timeout: Duration,
    ) -> Result<(StatusCode, Vec<u8>), ClientError> {
        let mut request = self.request(method, path, timeout)?;
        if let Some(body) = body {
            let json = serde_json::to_vec(body).map_err(|error| self.unsendable(&error))?;
            request.headers_mut().insert(CONTENT_TYPE, JSON);
            *request.body_mut() = Some(json.into());
        }
        self.carry(path, request).await
    }

    /// Exchanges one request whose body is bytes as they are. Returns status and body of any answer.
    pub(super) async fn exchange_bytes(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        timeout: Duration,
    ) -> Result<(StatusCode, Vec<u8>), ClientError> {
        let mut request = self.request(method, path, timeout)?;
        request.headers_mut().insert(CONTENT_TYPE, BYTES);
        *request.body_mut() = Some(body.into());
        self.carry(path, request).await
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        timeout: Duration,
    ) -> Result<Request, ClientError> {
        let mut request = Request::new(method, self.address(path)?);
        *request.timeout_mut() = Some(timeout);
        request.headers_mut().insert(AUTHORIZATION, self.bearer.clone());
        Ok(request)
    }

    async fn carry(
        &self,
        path: &str,
        request: Request,
    ) -> Result<(StatusCode, Vec<u8>), ClientError> {
        crash::point(route(path), Moment::Ask);
        let exchanged = self.transport.exchange(request, ANSWER_MAX_BYTES).await;
        crash::point(route(path), Moment::Answered);
        match exchanged {
            Ok(answer) => Ok((answer.status, answer.body)),
            Err(Broken::NoAnswer(outcome, reason)) => Err(self.unreachable(outcome, reason)),
            Err(Broken::Endless(status)) => {
                Err(self.garbled(status, "the answer has no end".to_owned()))
            }
        }
    }

    pub(super) fn address(&self, path: &str) -> Result<Url, ClientError> {
        let base = self.base.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/{path}"))
            .map_err(|error| ClientError::Unusable(format!("no address at {base}: {error}")))
    }

    fn unreachable(&self, outcome: Outcome, reason: String) -> ClientError {
        ClientError::Unreachable { address: self.base.to_string(), outcome, reason }
    }

    /// What can't be written as JSON never leaves.
    fn unsendable(&self, error: &serde_json::Error) -> ClientError {
        self.unreachable(Outcome::NotSent, error.to_string())
    }

    pub(super) fn garbled(&self, status: StatusCode, reason: String) -> ClientError {
        ClientError::Garbled { address: self.base.to_string(), status: status.as_u16(), reason }
    }
}

/// The route of a path, without what it is asked about: `v1/posts` of `v1/posts/42/resolve`.
fn route(path: &str) -> &str {
    let end = path.match_indices(['/', '?']).nth(1).map_or(path.len(), |(place, _)| place);
    path[..end].split('?').next().unwrap_or(path)
}
