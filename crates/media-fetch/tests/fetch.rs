//! What is fetched, and what is given up: against real servers on this computer.

use std::io::Read as _;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{Response, StatusCode};
use axum::routing::get;
use roost_media_fetch::{Limits, NotFetched, fetch};

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n and so on, for more than thirty-two bytes";

/// This computer's first address stands for a public one, and every other of its own for a private one.
fn limits() -> Limits {
    drop(rustls::crypto::ring::default_provider().install_default());
    fn refuses(address: IpAddr) -> Option<&'static str> {
        let is_server = address == IpAddr::from([127, 0, 0, 1]);
        if is_server { None } else { roost_public_address::not_public(address) }
    }
    Limits {
        time_max: Duration::from_secs(20),
        idle_max: Duration::from_millis(300),
        refuses,
        ..Limits::public(1_000, |first| first.starts_with(b"\x89PNG"))
    }
}

fn answer(kind: &str, body: impl Into<Body>) -> Response<Body> {
    Response::builder().header(CONTENT_TYPE, kind).body(body.into()).unwrap()
}

fn to(place: &str) -> Response<Body> {
    let found = Response::builder().status(StatusCode::FOUND).header(LOCATION, place);
    found.body(Body::empty()).unwrap()
}

/// A body that begins like a picture and never ends, or never goes on.
fn endless(pause: Duration) -> Body {
    let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(1);
    tokio::spawn(async move {
        while sender.send(Bytes::from_static(PICTURE)).await.is_ok() {
            tokio::time::sleep(pause).await;
        }
    });
    let next = |mut receiver: tokio::sync::mpsc::Receiver<Bytes>| async move {
        let chunk = receiver.recv().await?;
        Some((Ok::<_, std::io::Error>(chunk), receiver))
    };
    Body::from_stream(futures::stream::unfold(receiver, next))
}

async fn serve() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new()
        .route("/cat.png", get(|| async { answer("image/png", PICTURE) }))
        .route("/page.jpg", get(|| async { answer("text/html; charset=utf-8", "<html>") }))
        .route(
            "/lie.png",
            get(|| async { answer("image/png", "<!doctype html> and much more of it") }),
        )
        .route("/short.png", get(|| async { answer("image/png", "x") }))
        .route("/huge.png", get(|| async { answer("image/png", vec![0; 5_000]) }))
        .route("/endless.png", get(|| async { answer("image/png", endless(Duration::ZERO)) }))
        .route(
            "/stuck.png",
            get(|| async { answer("image/png", endless(Duration::from_secs(60))) }),
        )
        .route("/gone.png", get(|| async { StatusCode::NOT_FOUND }))
        .route("/moved.png", get(|| async { to("/cat.png") }))
        .route("/around.png", get(|| async { to("/around.png") }))
        .route("/inward.png", get(|| async { to("http://127.0.0.2/cat.png") }))
        .route("/metadata.png", get(|| async { to("http://169.254.169.254/latest") }))
        .route("/mapped.png", get(|| async { to("http://[::ffff:10.0.0.1]/cat.png") }))
        .route("/file.png", get(|| async { to("file:///etc/passwd") }));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

async fn get_it(address: &str) -> Result<Vec<u8>, NotFetched> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let bytes = fetch(address, file.as_file_mut(), &limits()).await?;
    let mut read = Vec::new();
    file.reopen().unwrap().read_to_end(&mut read).unwrap();
    assert_eq!(bytes, read.len() as u64);
    Ok(read)
}

#[tokio::test]
async fn a_file_is_fetched_byte_for_byte_and_a_redirect_followed() {
    let server = serve().await;
    for path in ["cat.png", "moved.png"] {
        assert_eq!(get_it(&format!("http://{server}/{path}")).await.unwrap(), PICTURE, "{path}");
    }
}

#[tokio::test]
async fn an_address_behind_this_network_is_asked_nothing_however_it_is_written() {
    for address in [
        "http://10.0.0.1/cat.png",
        "http://192.168.0.1/cat.png",
        "http://169.254.169.254/latest/meta-data",
        "http://0x0a000001/cat.png",
        "http://[::1]/cat.png",
        "http://[::ffff:10.0.0.1]/cat.png",
        "http://[fd00::1]/cat.png",
        "http://[64:ff9b::a00:1]/cat.png",
    ] {
        let refused = get_it(address).await.unwrap_err();
        assert!(matches!(refused, NotFetched::NotPublic { .. }), "{address}: {refused}");
    }
    // A name is as private as any address that it has.
    let strict = Limits { refuses: roost_public_address::not_public, ..limits() };
    let mut file = tempfile::tempfile().unwrap();
    let refused = fetch("http://localhost/cat.png", &mut file, &strict).await.unwrap_err();
    assert!(matches!(refused, NotFetched::NotPublic { kind: "loopback", .. }), "{refused}");
}

#[tokio::test]
async fn a_redirect_is_checked_like_an_address_of_its_own() {
    let server = serve().await;
    for path in ["inward.png", "metadata.png", "mapped.png"] {
        let refused = get_it(&format!("http://{server}/{path}")).await.unwrap_err();
        assert!(matches!(refused, NotFetched::NotPublic { .. }), "{path}: {refused}");
    }
    let file = get_it(&format!("http://{server}/file.png")).await.unwrap_err();
    assert!(matches!(file, NotFetched::Address(_)), "{file}");
    let around = get_it(&format!("http://{server}/around.png")).await;
    assert_eq!(around, Err(NotFetched::Redirects));
}

#[tokio::test]
async fn what_is_no_file_too_large_or_too_slow_is_given_up() {
    let server = serve().await;
    let at = |path: &str| format!("http://{server}/{path}");
    assert_eq!(get_it(&at("page.jpg")).await, Err(NotFetched::Page));
    assert_eq!(get_it(&at("lie.png")).await, Err(NotFetched::Foreign));
    assert_eq!(get_it(&at("short.png")).await, Err(NotFetched::Foreign));
    assert_eq!(get_it(&at("gone.png")).await, Err(NotFetched::Status(404)));
    let too_large = Err(NotFetched::TooLarge { bytes_max: 1_000 });
    assert_eq!(get_it(&at("huge.png")).await, too_large);
    assert_eq!(get_it(&at("endless.png")).await, too_large);
    let slow = get_it(&at("stuck.png")).await.unwrap_err();
    assert!(matches!(slow, NotFetched::Slow(_)), "{slow}");
}

#[tokio::test]
async fn what_is_no_address_is_not_asked() {
    for address in ["ftp://example.com/cat.png", "cat.png", "file:///cat.png", "http://"] {
        let refused = get_it(address).await.unwrap_err();
        assert!(matches!(refused, NotFetched::Address(_)), "{address}: {refused}");
    }
    let named = get_it("https://ada:secret@example.com/cat.png").await;
    assert_eq!(named, Err(NotFetched::Credentials));
}
