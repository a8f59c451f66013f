//! The official Go client: how it writes a request, and the structs it decodes answers into, field
//! by field with their types.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Server, TOKEN};

pub(super) type Headers = BTreeMap<String, Vec<String>>;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Published {
    pub(super) message_id: String,
    pub(super) deduplicated: bool,
    pub(super) url: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Message {
    pub(super) message_id: String,
    pub(super) endpoint_name: String,
    pub(super) url: String,
    pub(super) url_group: String,
    pub(super) method: String,
    pub(super) header: Headers,
    pub(super) body: String,
    pub(super) body_base64: String,
    pub(super) max_retries: i32,
    pub(super) not_before: i64,
    pub(super) created_at: i64,
    pub(super) callback: String,
    pub(super) failure_callback: String,
    pub(super) schedule_id: String,
    #[serde(rename = "callerIP")]
    pub(super) caller_ip: String,
    pub(super) queue_name: String,
    pub(super) api: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct DeadLetter {
    #[serde(flatten)]
    pub(super) message: Message,
    pub(super) dlq_id: String,
    pub(super) response_status: i64,
    pub(super) response_header: Headers,
    pub(super) response_body: String,
    pub(super) response_body_base64: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DeadLetters {
    pub(super) cursor: String,
    pub(super) messages: Vec<DeadLetter>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Event {
    pub(super) time: i64,
    pub(super) message_id: String,
    pub(super) state: String,
    pub(super) error: String,
    pub(super) next_delivery_time: i64,
    pub(super) url: String,
    pub(super) topic_name: String,
    pub(super) endpoint_name: String,
    pub(super) api: String,
    pub(super) queue_name: String,
    pub(super) schedule_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Events {
    pub(super) cursor: String,
    pub(super) events: Vec<Event>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Queue {
    pub(super) name: String,
    pub(super) parallelism: i64,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    pub(super) lag: i64,
    pub(super) paused: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Schedule {
    pub(super) schedule_id: String,
    pub(super) created_at: i64,
    pub(super) cron: String,
    pub(super) destination: String,
    pub(super) method: String,
    pub(super) header: Headers,
    pub(super) body: String,
    pub(super) retries: i32,
    pub(super) delay: i32,
    pub(super) callback: String,
    pub(super) failure_callback: String,
    pub(super) next_schedule_time: i64,
    pub(super) last_schedule_states: BTreeMap<String, String>,
    #[serde(rename = "callerIP")]
    pub(super) caller_ip: String,
    pub(super) is_paused: bool,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Endpoint {
    pub(super) url: String,
    pub(super) name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct UrlGroup {
    pub(super) name: String,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    pub(super) endpoints: Vec<Endpoint>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Keys {
    pub(super) current: String,
    pub(super) next: String,
}

pub(super) const JSON: (&str, &str) = ("Content-Type", "application/json");

/// A request as Go's `net/http` writes it, byte for byte, and the answer to it.
pub(super) async fn exchange(
    server: &Server,
    (method, target): (&str, &str),
    headers: &[(&str, &str)],
    body: &str,
) -> (u16, String) {
    let host = server.base.strip_prefix("http://").unwrap();
    let mut request =
        format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Go-http-client/1.1\r\n");
    // Go tells the length of what has none for these methods alone.
    if !body.is_empty() || matches!(method, "POST" | "PUT" | "PATCH") {
        request += &format!("Content-Length: {}\r\n", body.len());
    }
    request += &format!("Authorization: Bearer {TOKEN}\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += "Accept-Encoding: gzip\r\nConnection: close\r\n\r\n";
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    stream.write_all((request + body).as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(!head.to_ascii_lowercase().contains("transfer-encoding"), "{head}");
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// As the client does it: below 400 the answer is decoded, above it is an error.
pub(super) async fn ask<T: DeserializeOwned>(
    server: &Server,
    line: (&str, &str),
    headers: &[(&str, &str)],
    body: &str,
) -> Result<T, String> {
    let (status, answer) = exchange(server, line, headers, body).await;
    if status >= 400 {
        let error: Value = serde_json::from_str(&answer).expect("an error is JSON");
        return Err(error["error"].as_str().expect("with its words").to_owned());
    }
    Ok(serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{line:?} {answer}: {error}")))
}

/// As the client does it where it reads nothing of the answer.
pub(super) async fn done(
    server: &Server,
    line: (&str, &str),
    headers: &[(&str, &str)],
    body: &str,
) {
    let (status, answer) = exchange(server, line, headers, body).await;
    assert!(status < 400, "{line:?}: {status} {answer}");
}
