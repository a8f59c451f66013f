//! Messages of the release before parts had more than a text are read, and what is written now can be
//! read by it.

use roost_core::clock::UnixMillis;
use roost_core::id::{MediaId, XUserId};
use roost_core::post::{Content, MediaRef, Part, Poll};
use roost_relay_api::{
    MediaSpace, MediaUpload, Refusal, RefusalCode, RelayStatus, StageAnswer, StageBatch,
    StageOutcome, TextsAnswer,
};
use serde_json::Value;

const STAGE_BATCH: &str = include_str!("golden/stage_batch.json");
const TEXTS_ANSWER: &str = include_str!("golden/texts_answer.json");
const STAGE_ANSWER: &str = include_str!("golden/stage_answer.json");
const MEDIA_MISSING: &str = include_str!("golden/media_missing.json");
const MEDIA_UPLOAD: &str = include_str!("golden/media_upload.json");
const WRONG_OFFSET: &str = include_str!("golden/wrong_offset.json");
const STATUS: &str = include_str!("golden/status.json");

fn value(json: &str) -> Value {
    serde_json::from_str(json).expect("JSON")
}

#[test]
fn a_stage_of_the_release_before_is_read_and_written_alike() {
    let batch: StageBatch = serde_json::from_str(STAGE_BATCH).expect("a batch");
    assert_eq!(batch.items[0].content, Content::of_texts(["A thread that waits", "its end"]));
    assert_eq!(batch.items[0].body_hash, None);
    assert_eq!(serde_json::to_value(&batch).expect("JSON"), value(STAGE_BATCH));
}

#[test]
fn a_stage_of_now_has_only_fields_more_than_the_release_before_reads() {
    let mut batch: StageBatch = serde_json::from_str(STAGE_BATCH).expect("a batch");
    let hash = batch.items[0].content.body_hash();
    batch.items[0].body_hash = Some(hash);
    let mut now = serde_json::to_value(&batch).expect("JSON");
    let told = now["items"][0].as_object_mut().expect("a stage").remove("body_hash");
    assert_eq!(told, Some(Value::String(hash.to_string())));
    assert_eq!(now, value(STAGE_BATCH));
}

#[test]
fn an_answer_to_a_stage_of_the_release_before_misses_no_media_and_is_written_alike() {
    let answer: StageAnswer = serde_json::from_str(STAGE_ANSWER).expect("an answer");
    assert_eq!(answer.results[0].missing_media, Vec::<String>::new());
    assert_eq!(serde_json::to_value(&answer).expect("JSON"), value(STAGE_ANSWER));
}

#[test]
fn missing_media_are_named_by_their_digests() {
    let answer: StageAnswer = serde_json::from_str(MEDIA_MISSING).expect("an answer");
    let result = &answer.results[0];
    assert_eq!(result.outcome, StageOutcome::MediaMissing);
    assert_eq!(result.missing_media.len(), 2);
    assert_eq!(serde_json::to_value(&answer).expect("JSON"), value(MEDIA_MISSING));
}

#[test]
fn an_upload_and_the_refusal_of_a_wrong_offset_say_how_far_the_file_has_arrived() {
    let upload: MediaUpload = serde_json::from_str(MEDIA_UPLOAD).expect("an upload");
    assert_eq!((upload.received_bytes, upload.bytes), (4_194_304, 9_000_000));
    assert_eq!(serde_json::to_value(&upload).expect("JSON"), value(MEDIA_UPLOAD));
    let refusal: Refusal = serde_json::from_str(WRONG_OFFSET).expect("a refusal");
    assert_eq!((refusal.code, refusal.upload.as_ref()), (RefusalCode::WrongOffset, Some(&upload)));
    assert_eq!(serde_json::to_value(&refusal).expect("JSON"), value(WRONG_OFFSET));
}

#[test]
fn texts_of_the_release_before_are_read_and_written_alike() {
    let answer: TextsAnswer = serde_json::from_str(TEXTS_ANSWER).expect("an answer");
    assert_eq!(answer.posts[0].content.to_texts(), ["A thread that waits", "its end"]);
    assert_eq!(serde_json::to_value(&answer).expect("JSON"), value(TEXTS_ANSWER));
}

#[test]
fn a_status_of_the_release_before_pauses_no_account_and_one_of_now_has_only_a_field_more() {
    let mut status: RelayStatus = serde_json::from_str(STATUS).expect("a status");
    assert!(status.paused_accounts.is_empty());
    assert_eq!(serde_json::to_value(&status).expect("JSON"), value(STATUS));
    status.paused_accounts = vec![XUserId("42".to_owned())];
    let mut now = serde_json::to_value(&status).expect("JSON");
    let told = now.as_object_mut().expect("a status").remove("paused_accounts");
    assert_eq!(told, Some(serde_json::json!(["42"])));
    assert_eq!(now, value(STATUS));
    status.paused_accounts.clear();
    status.media = Some(MediaSpace { bytes: 5, files: 1, bytes_max: 10 });
    let mut now = serde_json::to_value(&status).expect("JSON");
    let told = now.as_object_mut().expect("a status").remove("media");
    assert_eq!(told, Some(serde_json::json!({ "bytes": 5, "files": 1, "bytes_max": 10 })));
    assert_eq!(now, value(STATUS));
}

#[test]
fn a_relay_that_does_not_send_a_poll_is_not_given_one() {
    let mut status: RelayStatus = serde_json::from_str(STATUS).expect("a status");
    let picture = MediaRef { media_id: MediaId::new(UnixMillis(1)), alt_text: None, file: None };
    let plain = Content::of_texts(["Hello"]);
    let mut pictured = plain.clone();
    pictured.parts[0].media.push(picture);
    assert_eq!(status.unknown_fields(&plain), Vec::<String>::new());
    assert_eq!(status.unknown_fields(&pictured), ["media"]);
    status.part_fields = Part::field_names();
    let poll = Poll { options: vec!["yes".into(), "no".into()], duration_minutes: 60 };
    let asking = Content { parts: vec![Part { poll: Some(poll), ..Part::of_text("Well?") }] };
    // A relay of an earlier version keeps a poll, and refuses the post when it is due.
    assert_eq!(status.unknown_fields(&asking), ["poll"]);
    // Nor is it given what it would send without its disclosure.
    status.sent_fields = ["media", "poll", "reply_settings"].map(str::to_owned).to_vec();
    let mut disclosing = plain;
    disclosing.parts[0].made_with_ai = true;
    assert_eq!(status.unknown_fields(&disclosing), ["made_with_ai"]);
    status.sent_fields = Part::sent_field_names();
    assert_eq!(status.unknown_fields(&disclosing), Vec::<String>::new());
    assert_eq!(status.unknown_fields(&asking), Vec::<String>::new());
    assert_eq!(status.unknown_fields(&pictured), Vec::<String>::new());
}
