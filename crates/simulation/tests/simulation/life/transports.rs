//! What carries the requests of each client here: one process's way to another.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderValue, Request};
use http_body_util::Full;
use url::{Position, Url};

use super::network::{Failure, Network};
use super::process::Process;

/// Where a client says nothing else, as long as a delivery may take at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// The way from a process to a named one.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    network: Arc<Network>,
    from: Arc<Process>,
    to: &'static str,
}

impl Way {
    pub(crate) fn new(network: &Arc<Network>, from: &Arc<Process>, to: &'static str) -> Arc<Self> {
        Arc::new(Self { network: Arc::clone(network), from: Arc::clone(from), to })
    }

    /// Sends what a client built with reqwest, as a server would see it.
    async fn send(&self, request: reqwest::Request) -> Result<http::Response<Bytes>, Failure> {
        let timeout = request.timeout().copied().unwrap_or(PATIENCE);
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default().to_vec();
        let mut built = Request::new(Body::from(body));
        *built.method_mut() = request.method().clone();
        *built.uri_mut() = target(request.url());
        *built.headers_mut() = request.headers().clone();
        name_host(&mut built, request.url());
        self.network.exchange(&self.from, self.to, built, timeout).await
    }
}

/// Path and query of an address, as they stand in a request.
fn target(url: &Url) -> http::Uri {
    url[Position::BeforePath..Position::AfterQuery].parse().unwrap_or_default()
}

/// Names the host, as whatever writes a request to a connection does.
fn name_host(request: &mut Request<Body>, url: &Url) {
    if let Ok(host) = HeaderValue::from_str(&url[Position::BeforeHost..Position::BeforePath]) {
        request.headers_mut().insert(http::header::HOST, host);
    }
}

impl roost_relay_api::Transport for Way {
    fn exchange(&self, request: reqwest::Request, _limit: usize) -> roost_relay_api::Exchange<'_> {
        use roost_relay_api::{Answer, Broken, Outcome};
        Box::pin(async move {
            match self.send(request).await {
                Ok(answer) => {
                    let status = answer.status();
                    Ok(Answer { status, body: answer.into_body().to_vec() })
                }
                Err(Failure::NotConnected) => {
                    Err(Broken::NoAnswer(Outcome::NotSent, "connection refused".to_owned()))
                }
                Err(failure) => Err(Broken::NoAnswer(Outcome::Unknown, format!("{failure:?}"))),
            }
        })
    }
}

impl roost_qstash::Transport for Way {
    fn exchange(&self, request: reqwest::Request, _limit: usize) -> roost_qstash::Exchange<'_> {
        use roost_qstash::{Answer, Broken};
        Box::pin(async move {
            match self.send(request).await {
                Ok(answer) => {
                    let (head, body) = answer.into_parts();
                    Ok(Answer { status: head.status, headers: head.headers, body: body.to_vec() })
                }
                Err(Failure::NotConnected) => {
                    Err(Broken::NotReached("connection refused".to_owned()))
                }
                Err(failure) => Err(Broken::NoAnswer(format!("{failure:?}"))),
            }
        })
    }
}

impl roost_x_api::transport::Transport for Way {
    fn exchange(
        &self,
        request: roost_x_api::transport::Request,
    ) -> roost_x_api::transport::Exchange<'_> {
        use roost_x_api::transport::{Answer, Broken, Stage};
        Box::pin(async move {
            let mut built = Request::new(Body::from(request.body));
            *built.method_mut() = request.method;
            *built.uri_mut() = target(&request.url);
            *built.headers_mut() = request.headers;
            name_host(&mut built, &request.url);
            match self.network.exchange(&self.from, self.to, built, request.timeout).await {
                Ok(answer) => {
                    let (head, body) = answer.into_parts();
                    Ok(Answer { status: head.status, headers: head.headers, body, broken: None })
                }
                Err(failure) => {
                    let stage = match failure {
                        Failure::NotConnected => Stage::NotConnected,
                        Failure::TimedOut => Stage::TimedOut,
                        Failure::Cut => Stage::Cut,
                    };
                    Err(Broken { stage, detail: format!("{failure:?}") })
                }
            }
        })
    }
}

impl roost_scheduler::Transport for Way {
    fn exchange(&self, url: &Url, request: Request<Full<Bytes>>) -> roost_scheduler::Exchange<'_> {
        let mut request = request.map(Body::new);
        *request.uri_mut() = target(url);
        Box::pin(async move {
            let answer = self.network.exchange(&self.from, self.to, request, PATIENCE).await;
            answer.map_err(|failure| format!("{failure:?}"))
        })
    }
}
