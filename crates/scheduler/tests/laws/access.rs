//! Laws of who may ask, and of what is shown to whom.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use crate::support::{Destination, Server, TOKEN, config, eventually};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roost_scheduler::{DEV_TOKEN, TEST_USERS};
use tempfile::tempdir;

const HOUR: (&str, &str) = ("Upstash-Delay", "1h");

/// A service that is told a URL of ours may add credentials of its own.
#[tokio::test]
async fn a_token_in_the_url_counts_beside_credentials_that_are_not_ours() {
    let folder = tempdir().unwrap();
    let mut config = config(folder.path());
    config.read_only_token = Some("reader".into());
    let server = Server::with(config, None).await;
    let ask = async |method: &str, path: &str, token: &str, bearer: &str| {
        let bearer = format!("Bearer {bearer}");
        let path = format!("{path}?qstash_token={token}");
        server.ask(method, &path, &[HOUR, ("Authorization", &bearer)], "").await.0
    };
    let publish = "/v2/publish/http://later.example";
    assert_eq!(ask("POST", publish, TOKEN, "of-the-service").await, 200);
    assert_eq!(ask("POST", publish, "wrong", TOKEN).await, 200);
    assert_eq!(ask("POST", publish, "wrong", "of-the-service").await, 401);
    assert_eq!(ask("GET", "/v2/events", "reader", "of-the-service").await, 200);
    assert_eq!(ask("POST", publish, "reader", "of-the-service").await, 403);
    server.stop().await;
}

/// Everybody knows the token there, so the page's origin has to decide.
#[tokio::test]
async fn a_server_for_development_answers_the_developers_own_pages_only() {
    let folder = tempdir().unwrap();
    let mut config = config(folder.path());
    config.token = DEV_TOKEN.into();
    (config.cors, config.development) = (true, true);
    config.keys = Some(TEST_USERS[0].pair());
    let server = Server::with(config, None).await;
    for (origin, served) in [
        ("https://console.upstash.com", true),
        ("http://localhost:3000", true),
        ("http://127.0.0.1:5173", true),
        ("http://[::1]:5173", true),
        ("https://evil.example", false),
        ("http://console.upstash.com", false),
        ("https://console.upstash.com.evil.example", false),
        ("https://localhost.evil.example", false),
        ("http://192.168.0.7:3000", false),
        ("null", false),
    ] {
        for method in ["OPTIONS", "GET", "POST"] {
            let path = if method == "POST" { "publish/http://later.example" } else { "events" };
            let url = format!("{}/v2/{path}?qstash_token={DEV_TOKEN}", server.base);
            let request = server.http.request(method.parse().unwrap(), url);
            let request = request.header("Origin", origin).header(HOUR.0, HOUR.1);
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status() == 403, !served, "{method} {origin}");
            let allowed = answer.headers().get("access-control-allow-origin");
            let allowed = allowed.map(|origin| origin.to_str().unwrap().to_owned());
            assert_eq!(allowed.as_deref(), served.then_some(origin), "{method}");
        }
    }
    assert_eq!(server.scheduler.summary().await.unwrap().live, 4);
    server.stop().await;
}

#[tokio::test]
async fn a_callback_hides_what_its_source_hides() {
    for fields in ["body", "header", "header[Authorization]", "body,header[X-Other]"] {
        let folder = tempdir().unwrap();
        let mut config = config(folder.path());
        config.read_only_token = Some("reader".into());
        let (server, failing) = (Server::with(config, None).await, Destination::status(500).await);
        let callback = format!("{}/callback", failing.url);
        let id = server
            .publish(
                &failing.url,
                &[
                    ("Upstash-Retries", "0"),
                    ("Upstash-Redact-Fields", fields),
                    ("Upstash-Callback", &callback),
                    ("Upstash-Callback-Retries", "0"),
                    ("Upstash-Callback-Forward-Authorization", "secret of the callback"),
                    ("Upstash-Forward-Authorization", "secret of the header"),
                ],
                "secret of the body",
            )
            .await;
        server.until_state(&id, "FAILED").await;
        let told = failing.until(2).await.remove(1).json();
        let decoded = STANDARD.decode(told["sourceBody"].as_str().unwrap()).unwrap();
        assert_eq!(decoded, b"secret of the body", "the destination is told all");
        eventually("both letters", async || {
            (server.scheduler.summary().await.unwrap().dead_letters == 2).then_some(())
        })
        .await;
        let reader = [("Authorization", "Bearer reader")];
        let hidden: &[&str] = if fields.contains("header[A") || fields == "header" {
            &["secret of the body", "secret of the header", "secret of the callback"]
        } else {
            &["secret of the body"]
        };
        for path in ["/v2/events", "/v2/dlq"] {
            let (status, page) = server.ask("GET", path, &reader, "").await;
            assert_eq!(status, 200);
            let lines = page["events"].as_array().or(page["messages"].as_array()).unwrap();
            for line in lines.iter().filter(|line| line["url"] == callback.as_str()) {
                let body = line["body"].as_str().unwrap();
                assert!(body.starts_with("REDACTED:"), "{fields} {path}: {body}");
                for secret in hidden {
                    assert!(!line.to_string().contains(secret), "{fields} {path}: {secret}");
                }
            }
            assert!(lines.iter().any(|line| line["url"] == callback.as_str()), "{path}");
        }
        server.stop().await;
    }
}
