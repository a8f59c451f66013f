//! What a part has beside its text is kept as it was staged, and never left out.

use roost_core::failure::Code;
use roost_core::id::{MediaId, Revision};
use roost_core::post::{Content, MediaRef, Part, Poll, ReplySettings};
use roost_relay_api::{DeliveryState, Stage, StageOutcome, TextsOf};

use serde_json::{Value, json};

use crate::world::{START, World, seconds};

/// A picture without a text, and a question.
fn whole() -> Content {
    let media = vec![MediaRef {
        media_id: MediaId::new(START),
        alt_text: Some("a cat".into()),
        file: None,
    }];
    let poll = Poll { options: vec!["yes".into(), "no".into()], duration_minutes: 60 };
    let parts = vec![
        Part { media, ..Part::default() },
        Part { poll: Some(poll), ..Part::of_text("Is it?") },
    ];
    Content { parts }
}

fn staged(world: &World) -> Stage {
    let content = whole();
    Stage { body_hash: Some(content.body_hash()), content, ..world.post("", seconds(60)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn media_and_polls_are_kept_and_told_as_they_were_staged() {
    let world = World::new().await;
    let item = staged(&world);
    for _ in 0..2 {
        let result = world.stage(std::slice::from_ref(&item)).await.remove(0);
        assert_eq!(result.outcome, StageOutcome::Staged, "{result:?}");
    }
    let of = TextsOf { store_id: world.store, post_ids: vec![item.post_id], after: None };
    let told = world.client().texts(&of).await.expect("an answer").posts.remove(0);
    assert_eq!(told.content, item.content);
    let mut described = item.clone();
    described.content.parts[0].media[0].alt_text = None;
    described.body_hash = None;
    let other = world.stage(&[described]).await.remove(0);
    assert_eq!(other.outcome, StageOutcome::Conflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_post_with_media_goes_out_without_them() {
    let world = World::new().await;
    let item = staged(&world);
    world.stage(std::slice::from_ref(&item)).await;
    world.clock.advance(seconds(61));
    world.deliver(&item).await;
    let refused = world.reaches(item.post_id, DeliveryState::Refused).await;
    assert_eq!(refused.code.as_deref(), Some(Code::MediaFileMissing.as_str()));
    assert_eq!(world.creates().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_and_the_choice_of_who_may_reply_go_out_with_their_part() {
    let world = World::new().await;
    let poll = Poll { options: vec!["yes".into(), "no".into()], duration_minutes: 90 };
    let parts = vec![
        Part { reply_settings: Some(ReplySettings::MentionedUsers), ..Part::of_text("Ask @ada.") },
        Part { poll: Some(poll), ..Part::of_text("Is it?") },
    ];
    let content = Content { parts };
    let body_hash = Some(content.body_hash());
    let item = Stage { body_hash, content, ..world.post("", seconds(60)) };
    world.stage(std::slice::from_ref(&item)).await;
    world.clock.advance(seconds(61));
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    let bodies: Vec<Value> = world
        .creates()
        .await
        .iter()
        .map(|entry| serde_json::from_str(&entry.body).expect("JSON"))
        .collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0]["reply_settings"], "mentionedUsers");
    assert_eq!(bodies[0]["poll"], Value::Null);
    assert_eq!(bodies[1]["reply_settings"], Value::Null);
    assert_eq!(bodies[1]["poll"], json!({ "options": ["yes", "no"], "duration_minutes": 90 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_part_discloses_and_its_community_reach_x() {
    let world = World::new().await;
    let community_id = Some("1493446837214187523".to_owned());
    let disclosing =
        |text| Part { made_with_ai: true, paid_partnership: true, ..Part::of_text(text) };
    let first = Part { community_id, ..disclosing("One") };
    let content = Content { parts: vec![first, disclosing("Two")] };
    let body_hash = Some(content.body_hash());
    let item = Stage { body_hash, content, ..world.post("", seconds(60)) };
    world.stage(std::slice::from_ref(&item)).await;
    world.clock.advance(seconds(61));
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    let creates = world.creates().await;
    let body = |at: usize| -> Value { serde_json::from_str(&creates[at].body).expect("JSON") };
    assert_eq!(creates.len(), 2);
    for disclosed in [body(0), body(1)] {
        assert_eq!(
            (&disclosed["made_with_ai"], &disclosed["paid_partnership"]),
            (&json!(true), &json!(true))
        );
    }
    assert_eq!(body(0)["community_id"], "1493446837214187523");
    assert_eq!(body(1)["community_id"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_is_read_in_part_is_answered_with_update_the_relay() {
    let world = World::new().await;
    let mut item = world.post("Hello", seconds(60));
    // A later desktop hashed a field that is not known here.
    item.body_hash = Some(whole().body_hash());
    let result = world.stage(std::slice::from_ref(&item)).await.remove(0);
    assert_eq!(result.outcome, StageOutcome::Outdated);
    assert!(result.message.expect("words").contains("update the relay"));
    assert_eq!(world.delivery(item.post_id).await, None, "none of it is kept");
    // What hides behind a rule that is not known here can't be told.
    let later = format!("9:{}", "0".repeat(64));
    item.body_hash = Some(later.parse().expect("a hash"));
    assert_eq!(world.stage(&[item]).await.remove(0).outcome, StageOutcome::Staged);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_names_the_fields_of_a_part_that_the_relay_knows() {
    let world = World::new().await;
    let status = world.status().await;
    assert_eq!(status.part_fields, Part::field_names());
    assert_eq!(status.sent_fields, Part::sent_field_names());
    assert_eq!(status.unknown_fields(&whole()), Vec::<String>::new());
    let mut item = staged(&world);
    item.revision = Revision(2);
    assert_eq!(world.stage(&[item]).await.remove(0).outcome, StageOutcome::Staged);
}
