//! What carries deliveries in the network's place: a simulation.

use std::fmt;
use std::pin::Pin;

use axum::body::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use url::Url;

/// What [`Transport::exchange`] returns: the answer, or in words why there is none.
pub type Exchange<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, String>> + Send + 'a>>;

/// Something that carries deliveries. It sends each request once; how long that may take is for the
/// caller to see to.
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends the request to the address and reads the answer.
    fn exchange(&self, url: &Url, request: Request<Full<Bytes>>) -> Exchange<'_>;
}
