//! Pictures and videos.

use std::time::Duration;

use roost_x_api::{
    CreatePost, FailureKind, MediaCategory, ProcessingState, TimelineQuery, Upload, same_text,
};

use crate::support::{World, text_post};

/// The beginning of a PNG of 2 × 3 pixels: as much as anyone looks at.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03";

fn picture() -> Upload<'static> {
    Upload { bytes: PNG, media_type: "image/png", category: MediaCategory::TweetImage }
}

fn with_media(text: &str, ids: &[&str]) -> CreatePost {
    CreatePost { media_ids: ids.iter().map(|id| (*id).to_owned()).collect(), ..text_post(text) }
}

#[tokio::test]
async fn a_picture_is_uploaded_described_posted_and_read_back() {
    let world = World::new().await;
    let token = &world.ada.access_token;
    let media = world.client.upload_media(token, &picture()).await.unwrap();
    assert!(media.is_ready());
    assert_eq!(media.expires_after_secs, Some(86_400));
    world.client.describe_media(token, &media.id, "Two by three").await.unwrap();
    let long = "x".repeat(1001);
    world.client.describe_media(token, &media.id, &long).await.unwrap_err();
    world.client.create_post(token, &with_media("A picture", &[&media.id])).await.unwrap();
    world.client.create_post(token, &with_media("", &[&media.id])).await.unwrap();
    let page =
        world.client.user_posts(token, &world.ada.id, &TimelineQuery::default()).await.unwrap();
    assert!(same_text("", &page.posts[0]));
    assert!(same_text("A picture", &page.posts[1]), "{:?}", page.posts[1]);
    assert_eq!(page.posts[1].media_count, 1);
}

#[tokio::test]
async fn a_video_comes_in_pieces_and_is_ready_once_it_is_processed() {
    let world = World::new().await;
    let token = &world.ada.access_token;
    let mut bytes = b"\0\0\0\x18ftypmp42".to_vec();
    bytes.resize(3 * 1024 * 1024 + 5, 7);
    let upload =
        Upload { bytes: &bytes, media_type: "video/mp4", category: MediaCategory::TweetVideo };
    let media = world.client.upload_media_in_chunks(token, &upload).await.unwrap();
    assert!(!media.is_ready());
    let post = with_media("A video", &[&media.id]);
    let failure = world.client.create_post(token, &post).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::InvalidMedia);
    world.clock.advance(Duration::from_secs(1));
    let media = world.client.media_status(token, &media.id).await.unwrap();
    assert!(media.is_ready());
    world.client.create_post(token, &post).await.unwrap();
}

#[tokio::test]
async fn what_is_no_video_fails_in_processing() {
    let world = World::new().await;
    let token = &world.ada.access_token;
    let upload = Upload {
        bytes: b"not a video",
        media_type: "video/mp4",
        category: MediaCategory::TweetVideo,
    };
    let media = world.client.upload_media_in_chunks(token, &upload).await.unwrap();
    world.clock.advance(Duration::from_secs(1));
    let media = world.client.media_status(token, &media.id).await.unwrap();
    assert_eq!(media.processing_info.unwrap().state, ProcessingState::Failed);
    let post = with_media("A video", &[&media.id]);
    let failure = world.client.create_post(token, &post).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::InvalidMedia);
}

#[tokio::test]
async fn media_are_one_s_own_and_expire_after_a_day() {
    let world = World::new().await;
    let token = &world.ada.access_token;
    let media = world.client.upload_media(token, &picture()).await.unwrap();
    let bob = world.grant("bob").await;
    let post = with_media("Not mine", &[&media.id]);
    let failure = world.client.create_post(&bob.access_token, &post).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::InvalidMedia);
    world.clock.advance(Duration::from_secs(86_400));
    let fresh = world.refresh(&world.ada.refresh_token).await.unwrap();
    let failure = world.client.create_post(fresh.access_token.expose(), &post).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::InvalidMedia);
}

#[tokio::test]
async fn four_pictures_are_a_post_and_five_are_none() {
    let world = World::new().await;
    let token = &world.ada.access_token;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(world.client.upload_media(token, &picture()).await.unwrap().id);
    }
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    world.client.create_post(token, &with_media("four", &ids[..4])).await.unwrap();
    let failure = world.client.create_post(token, &with_media("five", &ids)).await.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::InvalidRequest { .. }));
}

#[tokio::test]
async fn what_is_no_picture_is_refused() {
    let world = World::new().await;
    let upload = Upload { bytes: b"words", ..picture() };
    let failure = world.client.upload_media(&world.ada.access_token, &upload).await.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::InvalidRequest { .. }), "{failure}");
}
