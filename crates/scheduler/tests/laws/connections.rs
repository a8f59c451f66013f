//! Laws of the connections that deliveries are made over. The receivers speak HTTP by hand, so that
//! they can do what no server would.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::tempdir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Clock, Server, config, eventually};

const NOW: i64 = 1_800_000_000_000;
const DONE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const MINUTE: i64 = 60_000;

/// Counts the connections that are made to it.
#[derive(Clone)]
struct Receiver {
    url: String,
    made: Arc<AtomicUsize>,
    ended: Arc<AtomicUsize>,
}

impl Receiver {
    /// One that does with each connection what `behaviour` says.
    async fn that<Done>(behaviour: impl Fn(TcpStream) -> Done + Send + 'static) -> Self
    where
        Done: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let receiver = Self { url, made: Arc::default(), ended: Arc::default() };
        let (made, ended) = (receiver.made.clone(), receiver.ended.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                made.fetch_add(1, Ordering::SeqCst);
                let (conversation, ended) = (behaviour(stream), ended.clone());
                tokio::spawn(async move {
                    conversation.await;
                    ended.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        receiver
    }

    /// One that answers everything with 200 and keeps its connections open.
    async fn patient() -> Self {
        Self::that(|mut stream| async move {
            while has_request(&mut stream).await {
                stream.write_all(DONE).await.unwrap();
            }
        })
        .await
    }

    fn made(&self) -> usize {
        self.made.load(Ordering::SeqCst)
    }

    fn open(&self) -> usize {
        self.made() - self.ended.load(Ordering::SeqCst)
    }
}

/// Reads a whole request without a body; false at the end.
async fn has_request(stream: &mut TcpStream) -> bool {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
            return false;
        }
    }
    true
}

async fn deliver(server: &Server, receiver: &Receiver) -> Vec<String> {
    let id = server.publish(&receiver.url, &[], "").await;
    server.until_state(&id, "DELIVERED").await
}

#[tokio::test]
async fn one_connection_serves_one_delivery_after_another() {
    let (folder, receiver) = (tempdir().unwrap(), Receiver::patient().await);
    let server = Server::start(folder.path()).await;
    for _ in 0..5 {
        deliver(&server, &receiver).await;
    }
    assert_eq!(receiver.made(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_connection_that_was_closed_while_it_waited_costs_no_attempt() {
    let folder = tempdir().unwrap();
    let receiver = Receiver::that(|mut stream| async move {
        has_request(&mut stream).await;
        // It promises to stay.
        stream.write_all(DONE).await.unwrap();
    })
    .await;
    let server = Server::start(folder.path()).await;
    for round in 1..=5 {
        let states = deliver(&server, &receiver).await;
        assert_eq!(states, ["CREATED", "ACTIVE", "DELIVERED"]);
        eventually("its end", async || (receiver.open() == 0).then_some(())).await;
        assert_eq!(receiver.made(), round);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_connection_is_not_used_after_its_receiver_wants_it_closed() {
    let folder = tempdir().unwrap();
    let receiver = Receiver::that(|mut stream| async move {
        has_request(&mut stream).await;
        let done = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(done).await.unwrap();
        // What came after it would be lost here.
        assert!(!has_request(&mut stream).await, "nothing may follow");
    })
    .await;
    let server = Server::start(folder.path()).await;
    deliver(&server, &receiver).await;
    deliver(&server, &receiver).await;
    assert_eq!(receiver.made(), 2);
    server.stop().await;
}

#[tokio::test]
async fn a_connection_is_not_used_after_the_machine_has_slept() {
    let (folder, receiver) = (tempdir().unwrap(), Receiver::patient().await);
    let clock = Clock::at(NOW);
    let server = Server::at(folder.path(), &clock).await;
    for (minutes, made) in [(0, 1), (1, 1), (600, 2), (1, 3)] {
        server.set(NOW + minutes * MINUTE);
        deliver(&server, &receiver).await;
        assert_eq!(receiver.made(), made, "{minutes} minutes");
    }
    server.stop().await;
}

#[tokio::test]
async fn as_many_connections_are_kept_as_can_be_in_use_at_once() {
    const PLACES: usize = 30;
    let (folder, receiver) = (tempdir().unwrap(), Receiver::patient().await);
    let mut config = config(folder.path());
    config.parallelism = 10;
    let server = Server::with(config, None).await;
    // A place for each: connections are kept by what stands before the path.
    let host = receiver.url.strip_prefix("http://").unwrap();
    let places: Vec<String> = (0..PLACES).map(|place| format!("http://{place}@{host}")).collect();
    for place in &places {
        let id = server.publish(place, &[], "").await;
        server.until_state(&id, "DELIVERED").await;
    }
    eventually("the others are closed", async || (receiver.open() == 10).then_some(())).await;
    let id = server.publish(places.last().unwrap(), &[], "").await;
    server.until_state(&id, "DELIVERED").await;
    assert_eq!(receiver.made(), PLACES, "the latest are those that are kept");
    server.stop().await;
}

#[tokio::test]
async fn no_connection_is_kept_after_the_end() {
    let (folder, receiver) = (tempdir().unwrap(), Receiver::patient().await);
    let server = Server::start(folder.path()).await;
    deliver(&server, &receiver).await;
    assert_eq!(receiver.open(), 1);
    let scheduler = server.scheduler.clone();
    server.stop().await;
    eventually("its end", async || (receiver.open() == 0).then_some(())).await;
    drop(scheduler);
}

#[tokio::test]
async fn who_answers_before_it_has_read_all_still_gets_all() {
    const SIZE: usize = 1_000_000;
    let (folder, read) = (tempdir().unwrap(), Arc::new(AtomicUsize::new(0)));
    let count = read.clone();
    let receiver = Receiver::that(move |mut stream| {
        let count = count.clone();
        async move {
            let mut buffer = vec![0; 1024];
            // The head, and a little of the body.
            stream.read_exact(&mut buffer).await.unwrap();
            stream.write_all(DONE).await.unwrap();
            tokio::time::sleep(Duration::from_millis(200)).await;
            let mut rest = vec![0; 64 * 1024];
            while let Ok(read @ 1..) = stream.read(&mut rest).await {
                count.fetch_add(read, Ordering::SeqCst);
            }
        }
    })
    .await;
    let server = Server::start(folder.path()).await;
    let id = server.publish(&receiver.url, &[], &"x".repeat(SIZE)).await;
    server.until_state(&id, "DELIVERED").await;
    eventually("the rest", async || (read.load(Ordering::SeqCst) >= SIZE - 1024).then_some(()))
        .await;
    server.stop().await;
}

#[tokio::test]
async fn more_headers_than_a_request_can_have_are_a_failed_attempt_and_hold_nobody_up() {
    let (folder, receiver) = (tempdir().unwrap(), Receiver::patient().await);
    let mut config = config(folder.path());
    config.parallelism = 1;
    config.max_message_bytes = 4 * 1024 * 1024;
    let server = Server::with(config, None).await;
    let headers: serde_json::Map<_, _> =
        (0..25_000).map(|n| (format!("Upstash-Forward-X-{n}"), "x".into())).collect();
    let batch = serde_json::json!([{ "destination": receiver.url, "headers": headers }]);
    let (status, answer) = server.ask("POST", "/v2/batch", &[], batch.to_string()).await;
    assert_eq!(status, 200, "{answer}");
    let id = answer[0]["messageId"].as_str().unwrap();
    server.until_state(id, "ERROR").await;
    deliver(&server, &receiver).await;
    server.stop().await;
}

#[tokio::test]
async fn of_an_answer_without_an_end_the_beginning_is_kept() {
    let folder = tempdir().unwrap();
    let receiver = Receiver::that(|mut stream| async move {
        has_request(&mut stream).await;
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head).await.unwrap();
        while stream.write_all(b"8\r\nfor ever\r\n").await.is_ok() {}
    })
    .await;
    let mut config = config(folder.path());
    config.max_message_bytes = 100;
    let server = Server::with(config, None).await;
    let id = server.publish(&receiver.url, &[], "").await;
    server.until_state(&id, "DELIVERED").await;
    let path = format!("/v2/events?messageId={id}&state=DELIVERED");
    let (_, page) = server.ask("GET", &path, &[], "").await;
    let body = page["events"][0]["responseBody"].as_str().unwrap();
    assert_eq!(STANDARD.decode(body).unwrap(), "for ever".repeat(13).as_bytes()[..100]);
    server.stop().await;
}

/// The certificates that a program trusts can be named on Linux alone.
#[cfg(target_os = "linux")]
mod over_tls {
    use std::path::Path;

    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use rustls::ServerConfig;
    use rustls::pki_types::PrivateKeyDer;
    use serde_json::Value;
    use tokio_rustls::TlsAcceptor;

    use super::*;
    use crate::program::Program;

    /// A receiver for one delivery at `https://localhost`; its issuer's certificate is written to
    /// `trusted`.
    async fn receiver(trusted: &Path) -> String {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        std::fs::write(trusted, issuer.pem()).unwrap();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let tls = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let (acceptor, listener) =
            (TlsAcceptor::from(Arc::new(tls)), TcpListener::bind("127.0.0.1:0").await.unwrap());
        let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut read = Vec::new();
                while !read.ends_with(b"\r\n\r\n") {
                    assert_ne!(stream.read_buf(&mut read).await.unwrap(), 0);
                }
                stream.write_all(DONE).await.unwrap();
            }
        });
        url
    }

    /// The first state that is not of the way there, and why.
    async fn outcome(program: &Program, url: &str) -> (String, Value) {
        let http = reqwest::Client::new();
        let ask = async |request: reqwest::RequestBuilder| {
            let text = request.bearer_auth(&program.token).send().await.unwrap().text().await;
            serde_json::from_str::<Value>(&text.unwrap()).unwrap()
        };
        ask(http.post(format!("{}/v2/publish/{url}", program.url))).await;
        eventually("an outcome", async || {
            let page = ask(http.get(format!("{}/v2/events", program.url))).await;
            page["events"].as_array().unwrap().iter().find_map(|event| {
                let state = event["state"].as_str().unwrap();
                matches!(state, "DELIVERED" | "ERROR")
                    .then(|| (state.to_owned(), event["error"].clone()))
            })
        })
        .await
    }

    #[tokio::test]
    async fn a_delivery_over_tls_goes_only_to_whom_the_system_trusts() {
        rustls::crypto::ring::default_provider().install_default().ok();
        let folder = tempdir().unwrap();
        let trusted = folder.path().join("trusted.pem");
        let url = receiver(&trusted).await;
        let program =
            Program::start_with(folder.path(), &["--dev"], &[("SSL_CERT_FILE", &trusted)]);
        assert_eq!(outcome(&program, &url).await, ("DELIVERED".into(), Value::Null));
        drop(program);
        let folder = tempdir().unwrap();
        let stranger = Program::start(folder.path(), &["--dev"]);
        let (state, why) = outcome(&stranger, &url).await;
        assert_eq!(state, "ERROR");
        assert!(why.as_str().unwrap().contains("certificate"), "{why}");
    }
}
