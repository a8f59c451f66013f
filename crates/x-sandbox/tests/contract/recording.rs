//! Every call of our client to the sandbox, written down as it went over the wire.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use roost_x_api::transport::{Exchange, Network, Request, Transport};
use roost_x_api::{Client, CreatePost, MediaCategory, Poll, ReplySettings, TimelineQuery, Upload};
use serde_json::{Value, json};

use crate::World;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03";

#[derive(Debug)]
struct Recorder {
    network: Network,
    exchanges: Arc<Mutex<Vec<Value>>>,
}

impl Transport for Recorder {
    fn exchange(&self, request: Request) -> Exchange<'_> {
        Box::pin(async move {
            let content_type = request.headers.get("content-type");
            let mut written = json!({
                "method": request.method.as_str(),
                "path": request.url.path(),
                "query": request.url.query().unwrap_or_default(),
                "content_type": content_type.map_or("", |value| value.to_str().unwrap()),
                "request": String::from_utf8_lossy(&request.body),
            });
            let answer = self.network.exchange(request).await?;
            written["status"] = answer.status.as_u16().into();
            written["response"] = String::from_utf8_lossy(&answer.body).into();
            self.exchanges.lock().unwrap().push(written);
            Ok(answer)
        })
    }
}

fn text(text: &str) -> CreatePost {
    CreatePost { text: text.into(), ..CreatePost::default() }
}

/// Calls everything that X describes: the token endpoint is not in its description.
pub(crate) async fn record(world: &World) -> Vec<Value> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let exchanges = Arc::new(Mutex::new(Vec::new()));
    let network = Network::new(Duration::from_secs(5), true).unwrap();
    let recorder = Recorder { network, exchanges: Arc::clone(&exchanges) };
    let base = world.running.base_url().parse().unwrap();
    let client = Client::builder(base).transport(Arc::new(recorder)).build().unwrap();
    let token = world.ada.access_token.as_str();

    client.me(token).await.unwrap();
    posts(&client, token).await;
    media(&client, token).await;
    let id = world.ada.id.as_str();
    let query = TimelineQuery { max_results: Some(100), ..TimelineQuery::default() };
    let page = client.user_posts(token, id, &query).await.unwrap();
    let query = TimelineQuery {
        since_id: Some("1".into()),
        exclude: vec![roost_x_api::Exclude::Replies, roost_x_api::Exclude::Retweets],
        ..query
    };
    client.user_posts(token, id, &query).await.unwrap();
    client.posts_by_ids(token, &[&page.posts[0].id, "1"]).await.unwrap();
    client.delete_post(token, &page.posts[0].id).await.unwrap();
    let recorded = exchanges.lock().unwrap().clone();
    assert!(recorded.len() >= 17, "{} exchanges", recorded.len());
    recorded
}

async fn posts(client: &Client, token: &str) {
    let first = client.create_post(token, &text("plain & example.com")).await.unwrap();
    let all = [
        CreatePost { reply_to: Some(first.id), ..text("a reply") },
        CreatePost { reply_settings: Some(ReplySettings::MentionedUsers), ..text("quiet") },
        CreatePost { made_with_ai: true, paid_partnership: true, ..text("disclosed") },
        CreatePost {
            poll: Some(Poll { options: vec!["a".into(), "b".into()], duration_minutes: 5 }),
            ..text("a poll")
        },
    ];
    for post in all {
        client.create_post(token, &post).await.unwrap();
    }
}

async fn media(client: &Client, token: &str) {
    let picture =
        Upload { bytes: PNG, media_type: "image/png", category: MediaCategory::TweetImage };
    let media = client.upload_media(token, &picture).await.unwrap();
    client.describe_media(token, &media.id, "Two by three").await.unwrap();
    let post = CreatePost { media_ids: vec![media.id], ..text("a picture") };
    client.create_post(token, &post).await.unwrap();
    let video = Upload {
        bytes: b"\0\0\0\x18ftypmp42",
        media_type: "video/mp4",
        category: MediaCategory::TweetVideo,
    };
    let media = client.upload_media_in_chunks(token, &video).await.unwrap();
    client.media_status(token, &media.id).await.unwrap();
}
