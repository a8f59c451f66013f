//! A post with images or videos goes out with all of them, as they are, or not at all.

use std::time::Duration;

use roost_core::post::{MediaCategory, MediaKind, MediaRef};
use roost_relay_api::{
    DeliveryState, Manifest, ManifestPost, OrderedPause, Pause, Stage, StageOutcome,
};
use roost_x_sandbox::{Entry, Fault, FaultKind, On, PostedMedia};

use crate::files::{Picture, part};
use crate::world::{PATIENCE, World, seconds};

/// Uploads the files and stages a post that is due now.
async fn staged(world: &World, parts: Vec<roost_core::post::Part>, files: &[&Picture]) -> Stage {
    staged_for(world, parts, files, 0).await
}

async fn staged_for(
    world: &World,
    parts: Vec<roost_core::post::Part>,
    files: &[&Picture],
    after: u64,
) -> Stage {
    for file in files {
        file.upload(&world.client()).await;
    }
    let mut item = world.post_of(parts, after);
    item.not_after = item.due_at.plus(seconds(60 * 3600));
    let staged = world.stage(std::slice::from_ref(&item)).await.remove(0);
    assert_eq!(staged.outcome, StageOutcome::Staged, "{staged:?}");
    item
}

/// What X has of a post: for each part its text, and each file's digest and description.
async fn on_x(world: &World, item: &Stage) -> Vec<(String, Vec<PostedMedia>)> {
    let delivery = world.delivery(item.post_id).await.expect("known");
    let live = if delivery.live.is_empty() {
        vec![delivery.tweet_id.expect("an id")]
    } else {
        delivery.live
    };
    let creates = world.creates().await;
    let mut parts = Vec::new();
    for tweet in live {
        let entry = creates.iter().find(|entry| entry.tweet_id.as_ref() == Some(&tweet.0));
        let text = entry.and_then(|entry| entry.text.clone()).unwrap_or_default();
        let id = tweet.0.parse().expect("a number");
        parts.push((text, world.x.sandbox.media_of(id).await.expect("read")));
    }
    parts
}

/// Asserts that a post stands on X with exactly what was staged, each part created once.
async fn stands_as_staged(world: &World, item: &Stage) {
    let parts = on_x(world, item).await;
    assert_eq!(parts.len(), item.content.parts.len());
    for ((text, posted), part) in parts.iter().zip(&item.content.parts) {
        assert_eq!(text, &part.text);
        let expected = part.media.iter().map(|media| {
            let file = media.file.expect("a file");
            (Some(file.sha256.to_string()), media.alt_text.clone())
        });
        let there = posted.iter().map(|media| (media.sha256.clone(), media.alt_text.clone()));
        assert_eq!(there.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{text}");
    }
    let accepted = accepted(world).await;
    assert_eq!(accepted.len(), item.content.parts.len(), "{accepted:?}");
}

async fn accepted(world: &World) -> Vec<Entry> {
    world.creates().await.into_iter().filter(|entry| entry.accepted).collect()
}

async fn uploaded(world: &World) -> u32 {
    world.x.sandbox.media_counts().await.expect("counted").1
}

async fn waits_for(world: &World, item: &Stage, code: &str) -> String {
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some(code), "{waiting:?}");
    waiting.message.unwrap_or_default()
}

fn media_out(after: u32) -> Fault {
    Fault { count: Some(0), after, ..Fault::named(On::Media, "unavailable") }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_of_four_pictures_stands_on_x_with_their_bytes_and_descriptions() {
    let world = World::new().await;
    let pictures: Vec<Picture> =
        (1..=4).map(|number| Picture::new(number, 40_000 * number as usize)).collect();
    let alt = [Some("A cat, \"asleep\""), None, Some("Ein Hund über 🐾"), Some("a bird")];
    let media: Vec<MediaRef> =
        pictures.iter().zip(alt).map(|(picture, alt)| picture.media(alt)).collect();
    let item =
        staged(&world, vec![part("Four", media)], &pictures.iter().collect::<Vec<_>>()).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    stands_as_staged(&world, &item).await;
    assert_eq!(uploaded(&world).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_thread_goes_out_before_x_has_the_files_of_all_its_parts() {
    let world = World::new().await;
    let pictures: Vec<Picture> = (1..=3).map(|number| Picture::new(number, 9000)).collect();
    let parts = pictures.iter().enumerate().map(|(number, picture)| {
        part(&format!("Part {number}"), vec![picture.media(Some(&format!("picture {number}")))])
    });
    // Four calls for each file: the third one's are turned away.
    let fault = world.x.sandbox.arm(media_out(9)).expect("armed").id;
    let item = staged(&world, parts.collect(), &pictures.iter().collect::<Vec<_>>()).await;
    world.deliver(&item).await;
    let message = waits_for(&world, &item, "media_unavailable").await;
    assert!(message.contains("status 503"), "{message}");
    assert_eq!(world.creates().await.len(), 0, "no part goes out before its fellows can");
    // Another post of the account has no picture and no reason to wait.
    let text = world.staged("Words alone", seconds(0)).await;
    world.deliver(&text).await;
    world.reaches(text.post_id, DeliveryState::Posted).await;
    world.x.sandbox.disarm(Some(fault));
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(5)).await;
    let parts = on_x(&world, &item).await;
    assert_eq!(parts.iter().map(|(_, media)| media.len()).collect::<Vec<_>>(), [1, 1, 1]);
    assert_eq!(accepted(&world).await.len(), 4, "each part once, and the words");
    assert_eq!(uploaded(&world).await, 3, "what X has is not uploaded again");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_to_x_some_minutes_before_their_post_and_once_for_all_that_name_them() {
    let world = World::new().await;
    let picture = Picture::new(1, 9000);
    let first = part("One", vec![picture.media(Some("a cat"))]);
    let one = staged_for(&world, vec![first], &[&picture], 20 * 60).await;
    let second = part("Two", vec![picture.media(Some("a cat"))]);
    let two = staged_for(&world, vec![second], &[&picture], 20 * 60).await;
    let third = part("Three", vec![picture.media(Some("another cat"))]);
    let three = staged_for(&world, vec![third], &[&picture], 20 * 60).await;
    world.settle().await;
    assert_eq!(uploaded(&world).await, 0, "it is too early");
    world.clock.advance(seconds(6 * 60));
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while world.metric("media_uploaded_total").await < 2 {
        assert!(tokio::time::Instant::now() < deadline, "nothing is uploaded beforehand");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(world.creates().await.len(), 0);
    world.clock.advance(seconds(14 * 60));
    for item in [&one, &two, &three] {
        world.deliver(item).await;
        world.reaches(item.post_id, DeliveryState::Posted).await;
    }
    assert_eq!(uploaded(&world).await, 2, "a description belongs to its upload");
    let described = on_x(&world, &three).await;
    assert_eq!(described[0].1[0].alt_text.as_deref(), Some("another cat"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_expired_while_the_post_waited_is_replaced_by_another_upload() {
    let world = World::new().await;
    let picture = Picture::new(1, 9000);
    let item = staged_for(
        &world,
        vec![part("Later", vec![picture.media(Some("a cat"))])],
        &[&picture],
        60,
    )
    .await;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while world.metric("media_uploaded_total").await < 1 {
        assert!(tokio::time::Instant::now() < deadline, "nothing is uploaded beforehand");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let pause = |paused| OrderedPause::from(Pause { paused });
    world.client().pause_in_order(pause(true)).await.expect("paused");
    world.clock.advance(seconds(25 * 3600));
    world.deliver(&item).await;
    waits_for(&world, &item, "paused").await;
    world.client().pause_in_order(pause(false)).await.expect("resumed");
    world.reaches(item.post_id, DeliveryState::Posted).await;
    stands_as_staged(&world, &item).await;
    assert_eq!(uploaded(&world).await, 2);
    assert_eq!(world.creates().await.len(), 1, "the old id was never shown to X");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_x_does_not_take_are_uploaded_anew_a_few_times_and_then_the_post_fails() {
    for (times, state, calls) in [(1, DeliveryState::Posted, 2), (0, DeliveryState::Refused, 3)] {
        let world = World::new().await;
        let picture = Picture::new(1, 9000);
        let fault = Fault { count: Some(times), ..Fault::named(On::Create, "invalid_media") };
        world.x.sandbox.arm(fault).expect("armed");
        let item = staged(&world, vec![part("Look", vec![picture.media(None)])], &[&picture]).await;
        world.deliver(&item).await;
        waits_for(&world, &item, "media_unavailable").await;
        let ended = world.comes_to(item.post_id, state, seconds(5)).await;
        assert_eq!(world.creates().await.len(), calls);
        assert_eq!(uploaded(&world).await as usize, calls, "each call with an id of its own");
        if state == DeliveryState::Refused {
            assert_eq!(ended.code.as_deref(), Some("invalid_media"));
        } else {
            stands_as_staged(&world, &item).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_waits_until_x_has_processed_it_even_over_a_restart() {
    let mut world = World::with(|_| {}, |x| x.video_processing = seconds(90)).await;
    let video = Picture::video(1, 2_500_000);
    let item = staged(&world, vec![part("", vec![video.media(Some("waves"))])], &[&video]).await;
    world.deliver(&item).await;
    waits_for(&world, &item, "media_processing").await;
    world.clock.advance(seconds(30));
    world.stop_relay().await;
    world.start_relay().await;
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(5)).await;
    stands_as_staged(&world, &item).await;
    assert_eq!((uploaded(&world).await, world.creates().await.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_x_can_not_process_fails_its_post_with_x_s_words_and_nothing_goes_out() {
    let world = World::new().await;
    let words = Picture::of(b"no video at all".to_vec(), MediaKind::Mp4, MediaCategory::Video);
    let item = staged(&world, vec![part("Look", vec![words.media(None)])], &[&words]).await;
    world.deliver(&item).await;
    let refused = world.comes_to(item.post_id, DeliveryState::Refused, seconds(5)).await;
    assert_eq!(refused.code.as_deref(), Some("invalid_media"));
    let message = refused.message.expect("words");
    assert!(message.contains("X could not process the file"), "{message}");
    assert_eq!(world.creates().await.len(), 0);
    // What is no picture is refused at once.
    let text = Picture::of(b"no picture at all".to_vec(), MediaKind::Png, MediaCategory::Image);
    let item = staged(&world, vec![part("Look", vec![text.media(None)])], &[&text]).await;
    world.deliver(&item).await;
    let refused = world.reaches(item.post_id, DeliveryState::Refused).await;
    assert_eq!(refused.code.as_deref(), Some("invalid_media"));
    assert!(refused.message.expect("words").contains("unrecognized"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_the_disk_lost_or_changed_is_asked_for_again_and_its_post_waits() {
    let world = World::new().await;
    let picture = Picture::new(1, 9000);
    let sha256 = picture.sha256();
    let kept = world.config.media_folder.join(&sha256[..2]).join(&sha256[2..]);
    let item =
        staged_for(&world, vec![part("Look", vec![picture.media(None)])], &[&picture], 3600).await;
    let mut changed = picture.bytes.clone();
    changed[5000] ^= 1;
    std::fs::write(&kept, changed).expect("changed");
    world.clock.set(item.due_at);
    world.deliver(&item).await;
    waits_for(&world, &item, "media_missing").await;
    assert!(!kept.exists(), "what the disk changed is thrown away");
    assert_eq!(world.creates().await.len(), 0);
    let again = world.stage(std::slice::from_ref(&item)).await.remove(0);
    assert_eq!(again.missing_media, [sha256]);
    picture.upload(&world.client()).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    stands_as_staged(&world, &item).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_withdrawn_while_its_files_are_on_their_way() {
    let world = World::new().await;
    let picture = Picture::new(1, 9000);
    let slow = Fault { millis: Some(1500), ..Fault::new(On::Media, FaultKind::Slow) };
    let slow = world.x.sandbox.arm(slow).expect("armed").id;
    let item = staged(&world, vec![part("Never", vec![picture.media(None)])], &[&picture]).await;
    world.deliver(&item).await;
    world.strikes(slow).await;
    let withdrawn = world.withdraw(item.post_id, 2).await;
    assert_eq!(withdrawn.state, Some(DeliveryState::Withdrawn), "{withdrawn:?}");
    world.settle().await;
    assert_eq!(world.creates().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_ends_between_any_two_steps_of_an_upload_doubles_nothing_and_sends_nothing_bare()
 {
    // One picture with a description: begun, one piece, finished, described.
    for step in 0..4 {
        let mut world = World::new().await;
        let picture = Picture::new(1, 9000);
        let mut slow = Fault::new(On::Media, FaultKind::Slow);
        (slow.millis, slow.after, slow.processed) = (Some(300), step, true);
        let slow = world.x.sandbox.arm(slow).expect("armed").id;
        let parts = vec![part("Once", vec![picture.media(Some("a cat"))])];
        let item = staged(&world, parts, &[&picture]).await;
        world.deliver(&item).await;
        world.strikes(slow).await;
        world.stop_relay().await;
        assert_eq!(world.creates().await.len(), 0, "step {step}: the relay ends at once");
        world.start_relay().await;
        world.comes_to(item.post_id, DeliveryState::Posted, seconds(5)).await;
        stands_as_staged(&world, &item).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_may_not_upload_tells_so_after_one_more_try() {
    let world = World::new().await;
    let picture = Picture::new(1, 9000);
    let never = Fault { count: Some(0), ..Fault::named(On::Media, "not_permitted") };
    world.x.sandbox.arm(never).expect("armed");
    let item = staged(&world, vec![part("Look", vec![picture.media(None)])], &[&picture]).await;
    world.deliver(&item).await;
    waits_for(&world, &item, "not_permitted").await;
    let refused = world.comes_to(item.post_id, DeliveryState::Refused, seconds(20)).await;
    assert_eq!(refused.code.as_deref(), Some("not_permitted"));
    assert_eq!(world.creates().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_relay_without_its_files_asks_for_them_and_sends_nothing_bare() {
    let mut world = World::new().await;
    let picture = Picture::new(1, 9000);
    let parts = vec![part("Look", vec![picture.media(Some("a cat"))])];
    let item = staged_for(&world, parts, &[&picture], 3600).await;
    let backup = world.back_up();
    std::fs::remove_dir_all(&world.config.media_folder).expect("another machine");
    world.restore(&backup).await;
    let told = ManifestPost {
        post_id: item.post_id,
        revision: item.revision,
        state: DeliveryState::Staged,
        tweet_id: None,
        due_at: Some(item.due_at),
        elsewhere: false,
        unproven: false,
    };
    let (epoch, store_id) = (world.status().await.epoch, world.store);
    let manifest = Manifest { epoch, store_id, posts: vec![told], more: false };
    let answer = world.client().manifest(&manifest).await.expect("an answer");
    assert_eq!(answer.missing, [item.post_id], "long before it is due");
    let again = world.stage(std::slice::from_ref(&item)).await.remove(0);
    assert_eq!(again.missing_media, [picture.sha256()]);
    world.clock.set(item.due_at);
    world.deliver(&item).await;
    waits_for(&world, &item, "media_missing").await;
    assert_eq!(world.creates().await.len(), 0);
    picture.upload(&world.client()).await;
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(5)).await;
    stands_as_staged(&world, &item).await;
}
