//! Files go to the relay beside the passes, and a post is staged once all of its own are there.

use std::path::PathBuf;
use std::time::Duration;

use image::{ImageFormat, Rgb, RgbImage};
use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_core::post::{MediaRef, Part};
use roost_core::status::Status;
use roost_engine::{Edit, NewPost};
use roost_relay_api::CHUNK_BYTES_MAX;

use crate::media::{add_file, corpus, pictured, png};
use crate::world::{World, new_post};

impl World {
    async fn picture(&self, shade: u8) -> MediaRef {
        let path = self.path(&format!("{shade}.png"));
        std::fs::write(&path, png(shade)).unwrap();
        add_file(&self.engine, path).await
    }

    async fn post_with(&self, text: &str, media: Vec<MediaRef>, seconds: u64) -> PostId {
        let content = Some(pictured(text, media));
        self.engine.create(NewPost { content, ..new_post("", seconds) }).await.unwrap().post.id
    }

    /// Where this computer keeps a file.
    fn kept(&self, media: &MediaRef) -> PathBuf {
        let name = digest(media);
        self.path("media").join(&name[..2]).join(&name[2..])
    }

    async fn relay_has(&self, media: &MediaRef) -> bool {
        self.relay().media_upload(&digest(media)).await.unwrap().is_complete
    }

    /// Has the relay lose a file that it had whole.
    fn lose_on_relay(&self, media: &MediaRef) {
        let name = digest(media);
        let kept = self.path("local/relay.media").join(&name[..2]).join(&name[2..]);
        std::fs::remove_file(kept).unwrap();
    }
}

fn digest(media: &MediaRef) -> String {
    media.file.unwrap().sha256.to_string()
}

/// A picture of which one chunk is a part: noise does not pack.
fn large_png() -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    let picture = RgbImage::from_fn(1_250, 1_200, |_, _| Rgb([next(), next(), next()]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_handed_over_with_all_its_pictures_and_the_same_one_is_uploaded_once() {
    let world = World::new().await;
    let (one, other) = (world.picture(1).await, world.picture(2).await);
    let both = world.post_with("both", vec![one.clone(), other.clone()], 3600).await;
    let again = world.post_with("the first again", vec![one.clone()], 3600).await;
    let text = world.post_in("no picture", 3600).await;
    // Where no loop runs, one hand-over does all of it.
    let handed = world.engine.sync().await.unwrap();
    assert_eq!((handed.published, handed.failed), (3, 0), "{handed:?}");
    for id in [both, again, text] {
        assert_eq!(world.status(id).await, Status::Queued);
    }
    assert!(world.relay_has(&one).await && world.relay_has(&other).await);
    assert_eq!(world.engine.sync_state().await.unwrap().uploads, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_go_on_while_a_file_that_is_gone_fails_its_own_post_in_words() {
    let mut world = World::new().await;
    let picture = world.picture(1).await;
    std::fs::remove_file(world.kept(&picture)).unwrap();
    let pictured = world.post_with("gone", vec![picture.clone()], 3600).await;
    let text = world.post_in("a text", 3600).await;
    world.run();
    world.wait_for(text, Status::Queued).await;
    let failed = world.wait_for(pictured, Status::Failed).await;
    assert_eq!(failed.row.reason.unwrap().code, Code::MediaFileMissing);

    // Taken in again, it goes out as it was.
    let again = world.picture(1).await;
    assert_eq!(again.media_id, picture.media_id);
    world.engine.retry(pictured).await.unwrap();
    world.wait_for(pictured, Status::Queued).await;
    world.stop_engine().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_the_disk_changed_is_not_sent_and_its_post_says_so() {
    let world = World::new().await;
    let picture = world.picture(1).await;
    let kept = world.kept(&picture);
    let mut bytes = std::fs::read(&kept).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&kept, bytes).unwrap();
    let id = world.post_with("damaged", vec![picture.clone()], 3600).await;
    drop(world.engine.sync().await);
    let post = world.show(id).await;
    assert_eq!(post.row.status, Status::Failed, "{post:#?}");
    assert!(post.row.reason.unwrap().said.unwrap().contains("damaged"));
    assert!(!world.relay_has(&picture).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_from_where_the_relay_has_got_to() {
    let world = World::new().await;
    let bytes = large_png();
    assert!(bytes.len() > CHUNK_BYTES_MAX);
    let path = world.path("large.png");
    std::fs::write(&path, &bytes).unwrap();
    let picture = add_file(&world.engine, path).await;
    let (sha256, chunk) = (digest(&picture), bytes[..CHUNK_BYTES_MAX].to_vec());
    let told = world.relay().put_media(&sha256, 0, bytes.len() as u64, chunk).await.unwrap();
    assert_eq!((told.received_bytes, told.is_complete), (CHUNK_BYTES_MAX as u64, false));
    let id = world.post_with("large", vec![picture.clone()], 3600).await;
    world.engine.sync().await.unwrap();
    assert_eq!(world.status(id).await, Status::Queued);
    assert!(world.relay_has(&picture).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_lost_a_file_gets_it_again_before_the_change_is_staged() {
    let mut world = World::new().await;
    let picture = world.picture(1).await;
    let id = world.post_with("before", vec![picture.clone()], 3600).await;
    world.run();
    world.wait_for(id, Status::Queued).await;
    world.lose_on_relay(&picture);
    let edit = Edit { text: Some("after".into()), ..Edit::default() };
    world.engine.edit(id, edit).await.unwrap();
    world
        .wait_until(id, "queued with its new words", |post| {
            post.row.status == Status::Queued && post.row.waiting_for.is_none()
        })
        .await;
    assert!(world.relay_has(&picture).await);
    world.stop_engine().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_files_here_is_said_and_ends_with_the_network() {
    let mut world = World::new().await;
    let picture = world.picture(1).await;
    let id = world.post_with("later", vec![picture], 3600).await;
    drop(world.engine.sync_state().await);
    world.stop_local().await;
    world.run();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(world.status(id).await, Status::Pending);
    world.start_local().await;
    world.wait_for(id, Status::Queued).await;
    assert_eq!(world.engine.sync_state().await.unwrap().uploads, None);
    world.stop_engine().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_with_their_descriptions_and_a_video_stand_on_x_byte_for_byte() {
    let mut world = World::new().await;
    let mut described = world.picture(1).await;
    described.alt_text = Some("A cat.".into());
    let plain = world.picture(2).await;
    let video = add_file(&world.engine, corpus("short.mp4")).await;
    let mut content = pictured("pictures", vec![described.clone(), plain.clone()]);
    content.parts.push(Part { media: vec![video.clone()], ..Part::of_text("and a video") });
    let post = NewPost { content: Some(content), ..new_post("", 3) };
    let id = world.engine.create(post).await.unwrap().post.id;
    world.run();
    let post = world.wait_for(id, Status::Posted).await;
    let mut there = Vec::new();
    for part in post.live {
        let tweet = part.tweet_id.0.parse().unwrap();
        let media = world.sandbox.sandbox.media_of(tweet).await.unwrap();
        there.push(media.into_iter().map(|it| (it.sha256, it.alt_text)).collect::<Vec<_>>());
    }
    let sent = |media: &MediaRef| (Some(digest(media)), media.alt_text.clone());
    assert_eq!(there, [vec![sent(&described), sent(&plain)], vec![sent(&video)]]);
    world.stop_engine().await;
}
