//! The client against a server that records what arrives and answers what the test says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use roost_qstash::{Client, DlqFilter, Error, EventFilter, FlowControl, Method, Publish, Quota};
use url::Url;

const TOKEN: &str = "canary-token-that-must-not-leak";

/// Status, headers and body.
type Planned = (u16, Vec<(&'static str, String)>, Vec<u8>);

#[derive(Clone, Default)]
struct Server {
    answers: Arc<Mutex<VecDeque<Planned>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

struct Seen {
    line: String,
    headers: axum::http::HeaderMap,
    body: Bytes,
    at: tokio::time::Instant,
}

impl Server {
    async fn start() -> (Self, Client) {
        rustls::crypto::ring::default_provider().install_default().ok();
        let server = Self::default();
        let router = Router::new().fallback(answer).with_state(server.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (server, Client::new(Url::parse(&base).unwrap(), TOKEN.into()).unwrap())
    }

    fn answers(&self, status: u16, body: impl Into<Vec<u8>>) -> &Self {
        self.answers.lock().unwrap().push_back((status, Vec::new(), body.into()));
        self
    }

    fn answers_with(&self, status: u16, headers: &[(&'static str, &str)], body: &str) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.answers.lock().unwrap().push_back((status, headers, body.into()));
    }

    fn lines(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|seen| seen.line.clone()).collect()
    }
}

async fn answer(State(server): State<Server>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let line = format!("{} {}", parts.method, parts.uri);
    let at = tokio::time::Instant::now();
    server.seen.lock().unwrap().push(Seen { line, headers: parts.headers, body, at });
    let next = server.answers.lock().unwrap().pop_front();
    let (status, headers, body) = next.expect("the test planned an answer");
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Body::from(body)).unwrap()
}

type Spoil = fn(&mut Publish);

fn message() -> Publish {
    Publish {
        destination: "https://relay.example/api//qstash/post?x=1&y=%20".into(),
        body: br#"{"postId":"p","revision":1}"#.to_vec(),
        content_type: Some("application/json".into()),
        not_before_seconds: Some(1_800_000_000),
        deduplication_id: Some("p-r1".into()),
        retries: Some(5),
        retry_delay: Some("min(60000, 1000 * pow(2, retried))".into()),
        timeout_seconds: Some(20),
        failure_callback: Some("https://relay.example/api/qstash/failure".into()),
        flow_control: Some(FlowControl {
            key: "account-1".into(),
            rate: Some(2),
            parallelism: Some(1),
            period_seconds: Some(60),
        }),
        labels: vec!["roost-store".into(), "p-1".into()],
        forward: vec![("X-Kind".into(), "post".into())],
        ..Publish::default()
    }
}

#[tokio::test]
async fn a_message_reaches_the_wire_as_qstash_reads_it() {
    let (server, client) = Server::start().await;
    server.answers(200, r#"{"messageId":"msg_1","url":"https://relay.example"}"#);
    let published = client.publish(&message()).await.unwrap();
    assert_eq!(published.message_id, "msg_1");
    assert!(!published.deduplicated);

    let seen = server.seen.lock().unwrap();
    let target = "/v2/publish/https://relay.example/api//qstash/post?x=1&y=%20";
    assert_eq!(seen[0].line, format!("POST {target}"));
    assert_eq!(&seen[0].body[..], br#"{"postId":"p","revision":1}"#);
    for (name, value) in [
        ("authorization", format!("Bearer {TOKEN}").as_str()),
        ("content-type", "application/json"),
        ("upstash-method", "POST"),
        ("upstash-not-before", "1800000000"),
        ("upstash-deduplication-id", "p-r1"),
        ("upstash-retries", "5"),
        ("upstash-retry-delay", "min(60000, 1000 * pow(2, retried))"),
        ("upstash-timeout", "20s"),
        ("upstash-failure-callback", "https://relay.example/api/qstash/failure"),
        ("upstash-flow-control-key", "account-1"),
        ("upstash-flow-control-value", "parallelism=1, rate=2, period=60s"),
        ("upstash-label", "roost-store,p-1"),
        ("upstash-forward-x-kind", "post"),
    ] {
        assert_eq!(seen[0].headers[name], value, "{name}");
    }
    assert!(!seen[0].headers.contains_key("upstash-delay"));
}

#[tokio::test]
async fn a_message_that_cannot_arrive_as_meant_is_never_sent() {
    let (server, client) = Server::start().await;
    let wrong: [(&str, Spoil); 12] = [
        ("colon", |m| m.deduplication_id = Some("p:1".into())),
        ("no scheme", |m| m.destination = "relay.example/x".into()),
        ("other scheme", |m| m.destination = "ftp://relay.example/x".into()),
        ("fragment", |m| m.destination = "https://relay.example/#x".into()),
        ("dot segment", |m| m.destination = "https://relay.example/a/../b".into()),
        ("blank", |m| m.destination = "https://relay.example/a b".into()),
        ("token in query", |m| m.destination = "https://r.example/?qstash_token=1".into()),
        ("config in query", |m| m.destination = "https://r.example/?Upstash-Retries=1".into()),
        ("line break", |m| m.forward = vec![("X".into(), "a\r\nUpstash-Retries: 9".into())]),
        ("header name", |m| m.forward = vec![("X Y".into(), "a".into())]),
        ("label", |m| m.labels = vec!["a,b".into()]),
        ("flow control", |m| m.flow_control = Some(FlowControl::default())),
    ];
    for (what, spoil) in wrong {
        let mut message = message();
        spoil(&mut message);
        let one = client.publish(&message).await;
        assert!(matches!(one, Err(Error::Invalid(_))), "{what}: {one:?}");
        let batch = client.batch(&[message]).await;
        assert!(matches!(batch, Err(Error::Invalid(_))), "{what}: {batch:?}");
    }
    let binary = Publish { body: vec![0xff], ..message() };
    assert!(matches!(client.batch(&[binary]).await, Err(Error::Invalid(_))));
    let many = vec![message(); 101];
    assert!(matches!(client.batch(&many).await, Err(Error::Invalid(_))));
    assert!(server.lines().is_empty());
}

#[tokio::test]
async fn every_shape_of_an_acknowledgement_is_understood() {
    let (server, client) = Server::start().await;
    for (status, body, id, deduplicated) in [
        (200, r#"{"messageId":"a"}"#, "a", false),
        (201, r#"{"messageId":"a","deduplicated":false}"#, "a", false),
        (202, r#"{"messageId":"b"}"#, "b", true),
        (200, r#"{"messageId":"b","deduplicated":true}"#, "b", true),
        (200, r#"[{"messageId":"c","url":"u"}]"#, "c", false),
        (200, r#"{"messages":[{"messageId":"d"}]}"#, "d", false),
    ] {
        server.answers(status, body);
        let published = client.publish(&message()).await.unwrap();
        assert_eq!((published.message_id.as_str(), published.deduplicated), (id, deduplicated));
    }
    for body in ["", "[]", "{}", "ok", r#"{"messageId":""}"#] {
        server.answers(200, body);
        let error = client.publish(&message()).await.unwrap_err();
        assert!(matches!(error, Error::Unreadable { .. }), "{body}");
        assert!(!error.is_definite(), "a yes that can't be read may be a yes");
    }
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let (server, client) = Server::start().await;
    let fails = async |status, headers: &[(&'static str, &str)], body: &str| {
        server.answers_with(status, headers, body);
        client.publish(&message()).await.unwrap_err()
    };
    let quota = fails(412, &[], r#"{"error":"quota maxDelay exceeded, current limit: 604800"}"#);
    assert!(matches!(
        quota.await,
        Error::QuotaExceeded { quota: Quota::MaxDelay, limit: Some(604_800), .. }
    ));
    let daily = [("RateLimit-Limit", "1000"), ("Retry-After", "30")];
    let error = fails(429, &daily, "{}").await;
    assert_eq!(error, Error::DailyLimit { retry_after: Some(Duration::from_secs(30)) });
    let error = fails(429, &[("Burst-RateLimit-Limit", "100")], "{}").await;
    assert_eq!(error, Error::RateLimited { retry_after: None });
    assert!(matches!(fails(401, &[], "no").await, Error::Unauthorized { status: 401, .. }));
    assert!(matches!(fails(405, &[], "Method Not Allowed").await, Error::Refused { .. }));
    assert!(!fails(503, &[], "").await.is_definite());
    let moved = fails(302, &[("Location", "http://elsewhere.example/")], "").await;
    assert!(matches!(moved, Error::Refused { status: 302, .. }), "no redirect is followed");
}

#[tokio::test]
async fn the_token_is_nowhere_to_be_read() {
    let (server, client) = Server::start().await;
    server.answers(400, format!(r#"{{"error":"you sent Bearer {TOKEN}"}}"#));
    let error = client.publish(&message()).await.unwrap_err();
    server.answers(200, format!(r#"[{{"error":"you sent {TOKEN}"}}]"#));
    let inner = client.batch(&[message()]).await.unwrap().remove(0).unwrap_err();
    for text in [format!("{error} {error:?}"), format!("{inner} {inner:?}"), format!("{client:?}")]
    {
        assert!(!text.contains(TOKEN), "{text}");
    }
    let secret = Publish { forward: vec![("Authorization".into(), TOKEN.into())], ..message() };
    assert!(!format!("{secret:?}").contains(TOKEN));
}

#[tokio::test]
async fn no_connection_is_definite_and_a_cut_one_is_not() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let client = Client::new(format!("http://{address}").parse().unwrap(), TOKEN.into()).unwrap();
    let cut = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        stream.readable().await.unwrap();
    });
    let error = client.publish(&message()).await.unwrap_err();
    assert!(matches!(error, Error::NoAnswer(_)), "{error:?}");
    assert!(!error.is_definite());
    cut.await.unwrap();
    let error = client.publish(&message()).await.unwrap_err();
    assert!(matches!(error, Error::NotReached(_)), "{error:?}");
    assert!(error.is_definite());
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let (server, client) = Server::start().await;
    server.answers(200, vec![b' '; 17 * 1024 * 1024]);
    assert!(matches!(client.publish(&message()).await, Err(Error::Unreadable { .. })));
}

#[tokio::test]
async fn a_batch_tells_each_messages_result() {
    let (server, client) = Server::start().await;
    server.answers(
        200,
        r#"[{"messageId":"a"},{"error":"invalid destination url"},[{"messageId":"c"}]]"#,
    );
    let results = client.batch(&[message(), message(), message()]).await.unwrap();
    assert_eq!(results[0].as_ref().unwrap().message_id, "a");
    assert!(matches!(&results[1], Err(Error::Refused { .. })));
    assert_eq!(results[2].as_ref().unwrap().message_id, "c");
    {
        let seen = server.seen.lock().unwrap();
        let sent: serde_json::Value = serde_json::from_slice(&seen[0].body).unwrap();
        assert_eq!(sent[0]["destination"], message().destination);
        assert_eq!(sent[0]["headers"]["Upstash-Deduplication-Id"], "p-r1");
        assert_eq!(sent[0]["body"], r#"{"postId":"p","revision":1}"#);
    }
    server.answers(200, r#"[{"messageId":"a"}]"#);
    let fewer = client.batch(&[message(), message()]).await;
    assert!(matches!(fewer, Err(Error::Unreadable { .. })));
    assert!(client.batch(&[]).await.unwrap().is_empty());
}

fn acknowledgements(count: usize) -> String {
    let ids: Vec<String> = (0..count).map(|n| format!(r#"{{"messageId":"m{n}"}}"#)).collect();
    format!("[{}]", ids.join(","))
}

#[tokio::test]
async fn many_messages_go_out_in_paced_batches() {
    let (server, client) = Server::start().await;
    let messages = vec![message(); 250];
    server
        .answers(200, acknowledgements(100))
        .answers(429, "{}")
        .answers(200, acknowledgements(50));
    let outcomes = client.publish_all(&messages).await;
    let ranges: Vec<_> = outcomes.iter().map(|outcome| outcome.range.clone()).collect();
    assert_eq!(ranges, [0..100, 100..200, 200..250]);
    assert!(outcomes[0].result.is_ok() && outcomes[2].result.is_ok());
    assert!(matches!(outcomes[1].result, Err(Error::RateLimited { .. })));
    let seen = server.seen.lock().unwrap();
    for pair in seen.windows(2) {
        // The start is measured at the client; what arrives may be a little closer together.
        assert!(pair[1].at - pair[0].at > Duration::from_millis(400));
    }
}

#[tokio::test]
async fn a_refused_token_stops_the_batches_that_follow() {
    let (server, client) = Server::start().await;
    server.answers(401, "{}");
    let outcomes = client.publish_all(&vec![message(); 300]).await;
    assert_eq!(outcomes.len(), 3);
    assert!(outcomes.iter().all(|o| matches!(o.result, Err(Error::Unauthorized { .. }))));
    assert_eq!(server.lines().len(), 1);
}

#[tokio::test]
async fn cancelling_never_means_cancelling_everything() {
    let (server, client) = Server::start().await;
    assert_eq!(client.cancel_ids(&[]).await.unwrap(), 0);
    for empty in ["", " ", "a,b"] {
        assert!(client.cancel_label(empty).await.is_err());
    }
    for id in ["", "..", "a/b", "?", "msg_1?x"] {
        assert!(client.cancel(id).await.is_err());
        assert!(client.cancel_ids(&["msg_1".into(), id.into()]).await.is_err());
    }
    assert!(server.lines().is_empty());
}

#[tokio::test]
async fn cancelling_counts_what_was_cancelled() {
    let (server, client) = Server::start().await;
    server.answers(200, r#"{"cancelled":1}"#).answers(202, "").answers(404, "{}");
    assert!(client.cancel("msg_1").await.unwrap());
    assert!(client.cancel("msg_2").await.unwrap());
    assert!(!client.cancel("msg_3").await.unwrap());
    server.answers(200, r#"{"cancelled":2}"#);
    assert_eq!(client.cancel_ids(&["a".into(), "b".into()]).await.unwrap(), 2);
    for cancelled in [100, 100, 7, 0] {
        server.answers(200, format!(r#"{{"cancelled":{cancelled}}}"#));
    }
    assert_eq!(client.cancel_label("roost-1").await.unwrap(), 207);
    let lines = server.lines();
    assert_eq!(lines[3], "DELETE /v2/messages?messageIds=a&messageIds=b");
    assert_eq!(lines[4], "DELETE /v2/messages?label=roost-1&count=100");
    assert_eq!(lines.len(), 8);
}

#[tokio::test]
async fn messages_dead_letters_and_events_are_read_in_all_their_shapes() {
    let (server, client) = Server::start().await;
    server.answers(
        200,
        r#"{"messageId":"m","url":"u","method":"POST","header":{"A":["1"],"B":"2"},
            "bodyBase64":"/w==","maxRetries":3,"notBefore":"1800000000000","createdAt":1,
            "label":"x","unknown":{}}"#,
    );
    let read = client.message("m").await.unwrap().unwrap();
    assert_eq!((read.body(), read.not_before), (vec![0xff], 1_800_000_000_000));
    assert_eq!((read.labels(), read.header["B"].clone()), (vec!["x".into()], vec!["2".into()]));
    server.answers(404, "{}");
    assert_eq!(client.message("m").await.unwrap(), None);

    server.answers(
        200,
        r#"{"messages":[{"messageId":"m","url":"u","dlqId":"1-0","responseStatus":0,
            "responseBody":"x","body":"b"}],"cursor":""}"#,
    );
    let page = client.dlq(&DlqFilter::default()).await.unwrap();
    assert_eq!(page.cursor, None);
    assert_eq!(page.messages[0].dlq_id, "1-0");
    assert_eq!(page.messages[0].message.body(), b"b");
    server.answers(201, r#"{"responses":[{"messageId":"n"}]}"#);
    assert_eq!(client.dlq_retry("1-0").await.unwrap().message_id, "n");

    for name in ["events", "logs"] {
        server.answers(
            200,
            format!(
                r#"{{"{name}":[{{"time":1,"messageId":"m","state":"CANCELLED","url":"u"}}],
                    "cursor":"c"}}"#
            ),
        );
        let page = client.events(&EventFilter::default()).await.unwrap();
        assert_eq!(page.events[0].state, roost_qstash::State::Canceled);
        assert_eq!(page.cursor.as_deref(), Some("c"));
    }
    server.answers(200, r#"{"current":"sig_a","next":"sig_b"}"#);
    assert_eq!(client.keys().await.unwrap().next, "sig_b");
}

#[test]
fn methods_are_spelled_as_on_the_wire() {
    let spelled =
        [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete].map(Method::as_str);
    assert_eq!(spelled, ["GET", "POST", "PUT", "PATCH", "DELETE"]);
    assert_eq!(Method::default(), Method::Post);
}
