//! The client over real sockets, against a server that says exactly what it is told to say.

use std::time::Duration;

use roost_x_api::oauth::{App, Authorize, Pkce, SCOPES};
use roost_x_api::{
    Class, Client, CreatePost, Exclude, FailureKind, MediaCategory, Secret, TimelineQuery, Upload,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const TOKEN: &str = "canary-access-token";

/// What the server does after it has read a request.
enum Script {
    /// Says these bytes and closes.
    Say(String),
    /// Says nothing, and keeps the connection.
    Silence,
}

/// Serves one connection after the other by one script; returns the requests as they came.
async fn server(script: Script) -> (Client, mpsc::UnboundedReceiver<String>) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let (requests, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let request = read_request(&mut socket).await;
            let _ = requests.send(request);
            match &script {
                Script::Say(bytes) => {
                    let _ = socket.write_all(bytes.as_bytes()).await;
                    let _ = socket.shutdown().await;
                }
                Script::Silence => std::future::pending().await,
            }
        }
    });
    let client = Client::builder(base).timeout(Duration::from_millis(300)).build().unwrap();
    (client, received)
}

async fn read_request(socket: &mut tokio::net::TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0_u8; 4096];
    loop {
        let read = socket.read(&mut buffer).await.unwrap();
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok())
            .unwrap_or(0_usize);
        if body.len() >= length {
            return text.into_owned();
        }
    }
}

fn answer(status: &str, body: &str) -> Script {
    Script::Say(format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    ))
}

fn hello() -> CreatePost {
    CreatePost { text: "Hello".into(), ..CreatePost::default() }
}

#[tokio::test]
async fn a_post_is_created_with_one_request() {
    let (client, mut requests) =
        server(answer("201 Created", r#"{"data":{"id":"123","text":"Hello"}}"#)).await;
    let created = client.create_post(TOKEN, &hello()).await.unwrap();
    assert_eq!(created.id, "123");
    let request = requests.recv().await.unwrap();
    assert!(request.starts_with("POST /2/tweets HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: Bearer canary-access-token\r\n"), "{request}");
    assert!(request.ends_with(r#"{"text":"Hello"}"#), "{request}");
    assert!(requests.try_recv().is_err());
}

#[tokio::test]
async fn what_never_left_is_definite() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::new(format!("http://{address}").parse().unwrap()).unwrap();
    let failure = client.create_post(TOKEN, &hello()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotConnected);
    assert_eq!(failure.class(), Class::Definite);

    let failure = client.create_post("two\nlines", &hello()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotConnected);
    assert!(!format!("{failure} {failure:?}").contains("two\nlines"));
}

#[tokio::test]
async fn an_answer_that_never_comes_is_unknown_and_is_not_asked_for_again() {
    let (client, mut requests) = server(Script::Silence).await;
    let failure = client.create_post(TOKEN, &hello()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert_eq!(failure.class(), Class::Unknown);
    requests.recv().await.unwrap();
    assert!(requests.try_recv().is_err());
}

#[tokio::test]
async fn a_cut_after_the_request_is_unknown_and_is_not_asked_for_again() {
    let whole = "HTTP/1.1 201 Created\r\ncontent-length: 32\r\n\r\n{\"data\":{\"id\":\"1\"";
    for length in [0, 5, 30, whole.len()] {
        let (client, mut requests) = server(Script::Say(whole[..length].to_owned())).await;
        let failure = client.create_post(TOKEN, &hello()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::ConnectionCut, "after {length} bytes");
        assert_eq!(failure.class(), Class::Unknown);
        requests.recv().await.unwrap();
        assert!(requests.try_recv().is_err(), "after {length} bytes");
    }
}

#[tokio::test]
async fn a_refusal_with_a_broken_body_is_still_a_refusal() {
    let cut = "HTTP/1.1 403 Forbidden\r\ncontent-length: 500\r\n\r\n{\"title\":";
    let (client, _requests) = server(Script::Say(cut.to_owned())).await;
    let failure = client.create_post(TOKEN, &hello()).await.unwrap_err();
    // Half a sentence refuses no post for good.
    assert_eq!(failure.kind, FailureKind::TurnedAway);
    assert_eq!(failure.class(), Class::Definite);
}

#[tokio::test]
async fn success_without_an_id_is_unknown() {
    for body in [
        "",
        "{}",
        "not json",
        r#"{"data":{}}"#,
        r#"{"data":{"id":""}}"#,
        r#"{"data":{"id":"../1"}}"#,
        r#"{"data":null,"errors":[{"title":"Something"}]}"#,
    ] {
        let (client, _requests) = server(answer("200 OK", body)).await;
        let failure = client.create_post(TOKEN, &hello()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed, "{body}");
        assert_eq!(failure.class(), Class::Unknown, "{body}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let location = "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\n\
                    content-length: 0\r\nconnection: close\r\n\r\n";
    let (client, mut requests) = server(Script::Say(location.to_owned())).await;
    let failure = client.create_post(TOKEN, &hello()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::UnexpectedAnswer);
    assert_eq!(failure.class(), Class::Unknown);
    requests.recv().await.unwrap();
    assert!(requests.try_recv().is_err());
}

#[tokio::test]
async fn a_flood_is_not_read_to_its_end() {
    let body = "x".repeat(17 * 1024 * 1024);
    let (client, _requests) = server(answer("201 Created", &body)).await;
    let failure = client.create_post(TOKEN, &hello()).await.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Malformed | FailureKind::Timeout), "{failure}");
    assert_eq!(failure.class(), Class::Unknown);
}

#[tokio::test]
async fn tokens_do_not_come_back_out_in_failures() {
    let echo = format!(r#"{{"title":"Bad {TOKEN}","detail":"Bearer {TOKEN} is bad"}}"#);
    let (client, _requests) = server(answer("403 Forbidden", &echo)).await;
    let failure = client.create_post(TOKEN, &hello()).await.unwrap_err();
    assert!(!format!("{failure} {failure:?}").contains(TOKEN), "{failure:?}");

    let app = App { client_id: "app".into(), client_secret: Some(Secret::new("canary-secret")) };
    let echo = r#"{"error":"invalid_request",
        "error_description":"canary-refresh and canary-secret are bad"}"#;
    let (client, _requests) = server(answer("400 Bad Request", echo)).await;
    let failure = client.refresh(&app, &Secret::new("canary-refresh")).await.unwrap_err();
    assert!(!format!("{failure} {failure:?} {app:?}").contains("canary"), "{failure:?}");
}

#[tokio::test]
async fn confidential_and_public_apps_prove_themselves_each_in_their_way() {
    let tokens = r#"{"token_type":"bearer","expires_in":7200,"access_token":"a",
        "scope":"tweet.read tweet.write","refresh_token":"r"}"#;
    let app = App { client_id: "app".into(), client_secret: Some(Secret::new("secret")) };
    let (client, mut requests) = server(answer("200 OK", tokens)).await;
    let granted = client.refresh(&app, &Secret::new("old")).await.unwrap();
    assert_eq!(granted.access_token.expose(), "a");
    assert_eq!(granted.refresh_token.as_ref().map(Secret::expose), Some("r"));
    assert_eq!(granted.scopes, ["tweet.read", "tweet.write"]);
    let request = requests.recv().await.unwrap();
    assert!(request.starts_with("POST /2/oauth2/token HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: Basic YXBwOnNlY3JldA==\r\n"), "{request}");
    assert!(request.ends_with("grant_type=refresh_token&refresh_token=old"), "{request}");

    let public = App { client_id: "app".into(), client_secret: None };
    client.refresh(&public, &Secret::new("old")).await.unwrap();
    let request = requests.recv().await.unwrap();
    assert!(!request.contains("authorization:"), "{request}");
    assert!(request.ends_with("refresh_token=old&client_id=app"), "{request}");
}

#[tokio::test]
async fn people_sign_in_at_x_itself() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::new("https://api.x.com".parse().unwrap()).unwrap();
    let app = App { client_id: "app".into(), client_secret: None };
    let pkce = Pkce::from_random([7; 32]);
    let redirect_uri = "http://127.0.0.1:8976/callback";
    let url = client.authorize_url(&Authorize {
        app: &app,
        redirect_uri,
        scopes: SCOPES,
        state: "s t",
        pkce: &pkce,
    });
    assert!(url.as_str().starts_with("https://x.com/i/oauth2/authorize?response_type=code&"));
    let pairs: Vec<(String, String)> =
        url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let value =
        |name: &str| pairs.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
    assert_eq!(value("redirect_uri"), Some(redirect_uri));
    assert_eq!(
        value("scope"),
        Some("tweet.read tweet.write users.read media.write offline.access")
    );
    assert_eq!(value("state"), Some("s t"));
    assert_eq!(value("code_challenge"), Some(pkce.challenge().as_str()));
    assert!(!url.as_str().contains('+'));
    assert!(!url.as_str().contains(pkce.verifier().expose()));
}

#[tokio::test]
async fn a_timeline_is_asked_for_with_what_matching_needs() {
    let (client, mut requests) = server(answer(
        "200 OK",
        r#"{"data":[{"id":"9","text":"Hi"}],"meta":{"result_count":1,"next_token":"n"}}"#,
    ))
    .await;
    let query = TimelineQuery {
        since_id: Some("8".into()),
        max_results: Some(100),
        exclude: vec![Exclude::Retweets],
        ..TimelineQuery::default()
    };
    let page = client.user_posts(TOKEN, "1/2", &query).await.unwrap();
    assert_eq!(page.posts[0].text, "Hi");
    assert_eq!(page.next_token.as_deref(), Some("n"));
    let request = requests.recv().await.unwrap();
    assert!(request.starts_with("GET /2/users/1%2F2/tweets?"), "{request}");
    for part in ["note_tweet", "entities", "since_id=8", "max_results=100", "exclude=retweets"] {
        assert!(request.contains(part), "{part} in {request}");
    }
}

#[tokio::test]
async fn an_empty_timeline_is_told_apart_from_no_answer() {
    let query = TimelineQuery::default();
    let (client, _requests) = server(answer("200 OK", r#"{"meta":{"result_count":0}}"#)).await;
    assert_eq!(client.user_posts(TOKEN, "1", &query).await.unwrap().posts, []);
    for body in ["{}", r#"{"errors":[{"title":"x"}]}"#, r#"{"meta":{"result_count":3}}"#] {
        let (client, _requests) = server(answer("200 OK", body)).await;
        let failure = client.user_posts(TOKEN, "1", &query).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed, "{body}");
    }
}

#[tokio::test]
async fn posts_that_are_gone_are_named() {
    let (client, _requests) = server(answer(
        "200 OK",
        r#"{"data":[{"id":"1","text":"a"}],"errors":[{"resource_id":"2","value":"2",
            "title":"Not Found Error","type":"https://api.x.com/2/problems/resource-not-found"}]}"#,
    ))
    .await;
    let lookup = client.posts_by_ids(TOKEN, &["1", "2"]).await.unwrap();
    assert_eq!(lookup.posts.len(), 1);
    assert_eq!(lookup.missing[0].id, "2");
    assert_eq!(lookup.missing[0].reason, "Not Found Error");
}

#[tokio::test]
async fn a_picture_travels_as_a_form() {
    let (client, mut requests) = server(answer(
        "200 OK",
        r#"{"data":{"id":"5","media_key":"3_5","expires_after_secs":86400}}"#,
    ))
    .await;
    let upload =
        Upload { bytes: b"pixels", media_type: "image/png", category: MediaCategory::TweetImage };
    let media = client.upload_media(TOKEN, &upload).await.unwrap();
    assert!(media.is_ready());
    let request = requests.recv().await.unwrap();
    assert!(request.contains("content-type: multipart/form-data; boundary="), "{request}");
    assert!(request.contains("name=\"media_category\"\r\n\r\ntweet_image\r\n"), "{request}");
    assert!(request.contains("Content-Type: image/png\r\n\r\npixels\r\n"), "{request}");
}
