//! A listener over real sockets: slow, idle and many connections hold nothing up.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use roost_listener::{CertificateFiles, Limits, Listener, Tls, make_self_signed, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};

const PATIENCE: Duration = Duration::from_secs(30);
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n";

fn limits() -> Limits {
    Limits { connections: 8, header_timeout: PATIENCE, idle_timeout: PATIENCE, ..Limits::default() }
}

async fn start(limits: Limits, tls: Option<Tls>) -> (SocketAddr, DropGuard) {
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = socket.local_addr().expect("an address");
    let stop = CancellationToken::new();
    let router = Router::new().route("/", get(|| async { "here" }));
    tokio::spawn(serve(Listener { socket, tls, limits }, router, stop.clone()));
    (address, stop.drop_guard())
}

/// Asks once and reads the whole answer.
async fn ask(stream: &mut (impl AsyncReadExt + AsyncWriteExt + Unpin)) -> std::io::Result<String> {
    stream.write_all(REQUEST).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"here") {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Waits until the other side has closed.
async fn closed(stream: &mut TcpStream) {
    let mut bytes = [0; 512];
    let end = async { while matches!(stream.read(&mut bytes).await, Ok(read) if read > 0) {} };
    tokio::time::timeout(PATIENCE, end).await.expect("the listener closes it");
}

#[tokio::test]
async fn a_header_that_does_not_end_ends_its_connection() {
    let header_timeout = Duration::from_millis(300);
    let (address, _stop) = start(Limits { header_timeout, ..limits() }, None).await;
    for sent in [&b""[..], b"GET / HTTP/1.1\r\nHost: he"] {
        let begun = Instant::now();
        let mut slow = TcpStream::connect(address).await.expect("connected");
        slow.write_all(sent).await.expect("sent");
        closed(&mut slow).await;
        assert!(begun.elapsed() >= header_timeout, "{:?}", begun.elapsed());
    }
    let mut kept = TcpStream::connect(address).await.expect("connected");
    ask(&mut kept).await.expect("an answer");
    kept.write_all(b"GET / HT").await.expect("sent");
    closed(&mut kept).await;
}

#[tokio::test]
async fn a_connection_is_kept_between_requests_and_ends_when_it_rests_too_long() {
    let idle_timeout = Duration::from_secs(1);
    let (address, _stop) = start(Limits { idle_timeout, ..limits() }, None).await;
    let mut kept = TcpStream::connect(address).await.expect("connected");
    let mut last = Instant::now();
    for _ in 0..3 {
        last = Instant::now();
        let answer = ask(&mut kept).await.expect("an answer on the same connection");
        assert!(answer.contains("content-length: 4"), "{answer}");
    }
    closed(&mut kept).await;
    assert!(last.elapsed() >= idle_timeout, "{:?}", last.elapsed());
}

#[tokio::test]
async fn more_connections_than_there_may_be_hold_no_request_up() {
    let (address, _stop) = start(limits(), None).await;
    let mut waiting = Vec::new();
    for _ in 0..100 {
        waiting.push(TcpStream::connect(address).await.expect("connected"));
        let mut asking = TcpStream::connect(address).await.expect("connected");
        let asked = tokio::time::timeout(PATIENCE, ask(&mut asking)).await.expect("in time");
        asked.expect("an answer");
    }
    closed(&mut waiting[0]).await;
}

#[tokio::test]
async fn a_header_that_is_too_long_is_refused() {
    let (address, _stop) = start(limits(), None).await;
    let mut long = TcpStream::connect(address).await.expect("connected");
    let header = format!("GET / HTTP/1.1\r\nHost: here\r\nLong: {}", "a".repeat(200_000));
    // The refusal may come before all was sent.
    let _ = long.write_all(header.as_bytes()).await;
    let mut answer = [0; 12];
    // Or the connection is reset under it.
    if long.read_exact(&mut answer).await.is_ok() {
        assert_eq!(&answer, b"HTTP/1.1 431");
    }
}

#[tokio::test]
async fn a_certificate_that_vouches_for_itself_is_known_by_its_pin() {
    use base64::Engine;
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, ServerName};
    use sha2::Digest;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder");
    let files = CertificateFiles {
        certificate: folder.path().join("tls/certificate.pem"),
        private_key: folder.path().join("tls/private-key.pem"),
    };
    let names = vec!["127.0.0.1".to_owned()];
    let made = make_self_signed(names.clone(), files.clone()).expect("made");
    assert!(make_self_signed(names, files.clone()).is_err(), "nothing is overwritten");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&files.private_key).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let (tls, _follow) = files.clone().open().expect("opened");
    assert!(tls.state().status().until_ms.is_some());
    let (address, _stop) = start(limits(), Some(tls)).await;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&files.certificate).expect("PEM")).expect("a root");
    let config =
        rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
    let tcp = TcpStream::connect(address).await.expect("connected");
    let name = ServerName::try_from("127.0.0.1").expect("an address");
    let mut stream = connector.connect(name, tcp).await.expect("a handshake");
    let shown = stream.get_ref().1.peer_certificates().expect("a certificate")[0].clone();
    let pin = sha2::Sha256::digest(&shown);
    let pin = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(pin);
    assert_eq!(pin, made.pin);
    ask(&mut stream).await.expect("an answer");
}

#[tokio::test]
async fn certificate_files_that_can_not_be_used_are_named() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    let files = CertificateFiles { certificate: file("c.pem"), private_key: file("k.pem") };
    let refused = files.clone().open().map(drop).expect_err("no file").to_string();
    assert!(refused.contains("c.pem"), "{refused}");
    std::fs::write(file("c.pem"), "no certificate").expect("written");
    let refused = files.open().map(drop).expect_err("no certificate").to_string();
    assert!(refused.contains("c.pem") && refused.contains("no certificate in it"), "{refused}");
}
