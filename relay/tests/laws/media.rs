//! Files arrive on the relay in chunks, whole or not at all, and a post is staged only with all of its.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::path::Path;
use std::process::Command;

use reqwest::{Method, StatusCode};
use roost_relay_api::{
    CHUNK_BYTES_MAX, ClientError, DeliveryState, RefusalCode, StageOutcome, StageResult,
};

use crate::files::{Picture, part};
use crate::world::{DEVICE_KEY, World, seconds, until};

const SMALL_DISK: &str = "ROOST_TEST_SMALL_DISK";

/// Where the relay keeps a file.
fn kept(world: &World, picture: &Picture) -> std::path::PathBuf {
    let sha256 = picture.sha256();
    world.config.media_folder.join(&sha256[..2]).join(&sha256[2..])
}

fn refused(error: &ClientError) -> Option<RefusalCode> {
    error.refusal().map(|refusal| refusal.code)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_on_where_it_stopped_after_a_cut_and_a_restart() {
    let mut world = World::new().await;
    let picture = Picture::new(1, 2 * CHUNK_BYTES_MAX + 77);
    let upload = world.client().media_upload(&picture.sha256()).await.expect("an answer");
    assert_eq!((upload.received_bytes, upload.is_complete), (0, false));
    picture.send(&world.client(), 0).await.expect("taken");
    // A connection that ends in the middle of a chunk leaves nothing of it.
    let address = world.url("").replace("http://", "");
    let mut cut = tokio::net::TcpStream::connect(address.trim_matches('/')).await.expect("there");
    let (sha256, total) = (picture.sha256(), picture.bytes.len());
    let head = format!(
        "PUT /v1/media/{sha256}?offset={CHUNK_BYTES_MAX}&bytes={total} HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: Bearer {DEVICE_KEY}\r\nContent-Length: {CHUNK_BYTES_MAX}\r\n\r\nhalf"
    );
    tokio::io::AsyncWriteExt::write_all(&mut cut, head.as_bytes()).await.expect("written");
    drop(cut);
    world.stop_relay().await;
    world.start_relay().await;
    let upload = world.client().media_upload(&sha256).await.expect("an answer");
    assert_eq!(upload.received_bytes, CHUNK_BYTES_MAX as u64);
    // The same chunk again is no error; one that does not follow says where to go on.
    for offset in [0, 2 * CHUNK_BYTES_MAX] {
        let told = picture.send(&world.client(), offset).await.expect("told");
        assert_eq!((told.received_bytes, told.is_complete), (CHUNK_BYTES_MAX as u64, false));
    }
    picture.upload(&world.client()).await;
    assert_eq!(std::fs::read(kept(&world, &picture)).expect("kept"), picture.bytes);
    let space = world.status().await.media.expect("told");
    assert_eq!((space.files, space.bytes), (1, picture.file.bytes));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_another_digest_is_refused_and_thrown_away() {
    let world = World::new().await;
    let (picture, other) = (Picture::new(1, 5000), Picture::new(2, 5000));
    let answer = world.client().put_media(&picture.sha256(), 0, 5000, other.bytes.clone()).await;
    assert_eq!(refused(&answer.unwrap_err()), Some(RefusalCode::WrongDigest));
    assert_eq!(world.status().await.media.expect("told").files, 0);
    picture.upload(&world.client()).await;
    assert_eq!(std::fs::read(kept(&world, &picture)).expect("kept"), picture.bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_computers_that_upload_one_file_at_once_do_no_harm() {
    let world = World::new().await;
    let picture = Picture::new(1, 5 * CHUNK_BYTES_MAX + 1);
    let (one, two) = (world.client(), world.client());
    tokio::join!(picture.upload(&one), picture.upload(&two));
    assert_eq!(std::fs::read(kept(&world, &picture)).expect("kept"), picture.bytes);
    assert_eq!(world.status().await.media.expect("told").bytes, picture.file.bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_computer_that_is_not_paired_learns_and_leaves_nothing() {
    let world = World::new().await;
    let picture = Picture::new(1, 5000);
    picture.upload(&world.client()).await;
    let stranger = world.client_with("rk_of_a_stranger");
    let asked = stranger.media_upload(&picture.sha256()).await.unwrap_err();
    let sent = Picture::new(2, 5000).send(&stranger, 0).await.unwrap_err();
    for refusal in [asked, sent] {
        assert_eq!(refused(&refusal), Some(RefusalCode::Unauthorized));
    }
    assert_eq!(world.status().await.media.expect("told").files, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_or_makes_no_sense_is_refused() {
    let world = World::with(|config| config.media_bytes_max = 600_000_000, |_| {}).await;
    let (client, sha256) = (world.client(), Picture::new(1, 100).sha256());
    let code = |answer: Result<_, ClientError>| refused(&answer.expect_err("refused"));
    let many = client.put_media(&sha256, 0, 512_000_001, vec![0]).await;
    assert_eq!(code(many), Some(RefusalCode::TooLarge));
    let long = client.put_media(&sha256, 0, 9_000_000, vec![0; CHUNK_BYTES_MAX + 1]).await;
    assert_eq!(code(long), Some(RefusalCode::TooLarge));
    for (offset, bytes, sha256) in [(0, 0, &*sha256), (9, 9, &*sha256), (0, 1, "00")] {
        let wrong = client.put_media(sha256, offset, bytes, vec![0]).await;
        assert_eq!(code(wrong), Some(RefusalCode::Invalid), "{offset} {bytes} {sha256}");
    }
    let path = format!("/v1/media/{sha256}?offset=0");
    let request = world.http.request(Method::PUT, world.url(&path)).bearer_auth(DEVICE_KEY);
    assert_eq!(request.send().await.expect("an answer").status(), StatusCode::BAD_REQUEST);
    assert_eq!(world.status().await.media.expect("told").bytes, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_is_taken_than_the_relay_may_keep_or_its_disk_has_room_for() {
    let mut world = World::with(|config| config.media_bytes_max = 9000, |_| {}).await;
    Picture::new(1, 5000).upload(&world.client()).await;
    let full = Picture::new(2, 5000).send(&world.client(), 0).await.unwrap_err();
    assert_eq!(refused(&full), Some(RefusalCode::StorageFull));
    Picture::new(3, 4000).upload(&world.client()).await;
    world.stop_relay().await;
    (world.config.media_bytes_max, world.config.media_free_bytes_min) = (u64::MAX, u64::MAX / 2);
    world.start_relay().await;
    let low = Picture::new(2, 5000).send(&world.client(), 0).await.unwrap_err();
    assert_eq!(refused(&low), Some(RefusalCode::StorageFull));
    // What is there already needs no room.
    Picture::new(1, 5000).upload(&world.client()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_the_upload_goes_on_once_there_is_room() {
    let Some(disk) = std::env::var_os(SMALL_DISK) else {
        let disk = tempfile::tempdir().expect("a folder");
        let path = disk.path().display();
        let script = format!("mount -t tmpfs -o size=6m none \"{path}\" && exec \"$0\" \"$@\"");
        let name = "media::a_full_disk_is_told_and_the_upload_goes_on_once_there_is_room";
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", &script]);
        command.arg(std::env::current_exe().expect("this program")).args(["--exact", name]);
        let ended = command.env(SMALL_DISK, disk.path()).status().expect("ran");
        assert!(ended.success());
        return;
    };
    let disk = Path::new(&disk);
    let tune = |config: &mut roost_relay::Config| {
        config.media_folder = disk.join("media");
        config.media_free_bytes_min = 0;
    };
    let world = World::with(tune, |_| {}).await;
    let picture = Picture::new(1, CHUNK_BYTES_MAX + 1_000_000);
    picture.send(&world.client(), 0).await.expect("taken");
    let ballast = disk.join("ballast");
    std::fs::write(&ballast, vec![7; 1_500_000]).expect("written");
    let full = picture.send(&world.client(), CHUNK_BYTES_MAX).await.unwrap_err();
    assert_eq!(refused(&full), Some(RefusalCode::StorageFull), "{full}");
    std::fs::remove_file(ballast).expect("removed");
    picture.upload(&world.client()).await;
    assert_eq!(std::fs::read(kept(&world, &picture)).expect("kept"), picture.bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_staged_only_when_every_file_of_it_is_here() {
    let world = World::new().await;
    let (one, two) = (Picture::new(1, 5000), Picture::new(2, 6000));
    let parts = vec![
        part("One", vec![one.media(Some("a cat")), two.media(None)]),
        part("Two", vec![one.media(None)]),
    ];
    let item = world.post_of(parts, 600);
    let stage =
        async || -> StageResult { world.stage(std::slice::from_ref(&item)).await.remove(0) };
    let missing = stage().await;
    assert_eq!(missing.outcome, StageOutcome::MediaMissing);
    assert_eq!(missing.missing_media, [one.sha256(), two.sha256()]);
    assert!(world.delivery(item.post_id).await.is_none(), "nothing of it is kept");
    one.upload(&world.client()).await;
    assert_eq!(stage().await.missing_media, [two.sha256()]);
    two.upload(&world.client()).await;
    let staged = stage().await;
    assert_eq!((staged.outcome, staged.missing_media.len()), (StageOutcome::Staged, 0));
    assert_eq!(stage().await.outcome, StageOutcome::Staged, "the same again answers the same");
    // A disk that lost a file is told when the post is staged again.
    std::fs::remove_file(kept(&world, &two)).expect("lost");
    let lost = stage().await;
    assert_eq!(
        (lost.outcome, lost.state),
        (StageOutcome::MediaMissing, Some(DeliveryState::Staged))
    );
    // A file of another size is none.
    let mut other = world.post_of(vec![part("Three", vec![one.media(None)])], 600);
    other.content.parts[0].media[0].file.as_mut().expect("a file").bytes += 1;
    other.body_hash = Some(other.content.body_hash());
    assert_eq!(world.stage(&[other]).await[0].outcome, StageOutcome::MediaMissing);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_no_waiting_post_names_go_after_a_day_and_the_others_stay() {
    let world = World::new().await;
    let (waits, withdrawn, unnamed) =
        (Picture::new(1, 5000), Picture::new(2, 5000), Picture::new(3, 5000));
    for picture in [&waits, &withdrawn, &unnamed] {
        picture.upload(&world.client()).await;
    }
    let after = 100 * 3600;
    let keep = world.post_of(vec![part("Keep", vec![waits.media(None)])], after);
    let take = world.post_of(vec![part("Take", vec![withdrawn.media(None)])], after);
    for item in [&keep, &take] {
        assert_eq!(world.stage(std::slice::from_ref(item)).await[0].outcome, StageOutcome::Staged);
    }
    world.withdraw(take.post_id, 2).await;
    world.clock.advance(seconds(23 * 3600));
    world.settle().await;
    assert!(kept(&world, &unnamed).exists(), "a day has not passed");
    world.clock.advance(seconds(2 * 3600));
    until("files that no post needs are removed", || {
        !kept(&world, &unnamed).exists() && !kept(&world, &withdrawn).exists()
    })
    .await;
    assert!(kept(&world, &waits).exists());
    let deadline = tokio::time::Instant::now() + crate::world::PATIENCE;
    while world.status().await.media.expect("told").files != 1 {
        assert!(tokio::time::Instant::now() < deadline, "the room is never counted anew");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
