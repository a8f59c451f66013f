//! Media of earlier versions, whose files are not here: a post that has them is not scheduled.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use roost_core::clock::{Clock, SystemClock};
use roost_core::failure::Code;
use roost_core::id::MediaId;
use roost_core::post::{Content, MediaRef, Part, Poll};
use roost_core::status::Status;
use roost_engine::{Edit, NewPost};

use crate::world::{World, new_post, wall_in};

/// A picture without a text, and a question.
fn whole() -> Content {
    let media_id = MediaId::new(SystemClock.now());
    let media = vec![MediaRef { media_id, alt_text: Some("a cat".into()), file: None }];
    let poll = Poll { options: vec!["yes".into(), "no".into()], duration_minutes: 60 };
    let parts = vec![
        Part { media, ..Part::default() },
        Part { poll: Some(poll), ..Part::of_text("Is it?") },
    ];
    Content { parts }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_without_the_file_of_its_picture_is_refused_when_it_is_scheduled_and_kept_as_a_draft()
 {
    let world = World::new().await;
    let content = whole();
    let scheduled = NewPost { content: Some(content.clone()), ..new_post("", 3600) };
    let error = world.engine.create(scheduled.clone()).await.unwrap_err();
    assert_eq!(error.code(), Code::MediaFileMissing);
    assert!(error.to_string().contains("does not have an image"), "{error}");
    let draft = world.engine.create(NewPost { draft: true, ..scheduled }).await.unwrap().post;
    assert_eq!(draft.status, Status::Draft);
    let shown = world.show(draft.id).await;
    assert_eq!((shown.content, shown.parts.len()), (content.clone(), 2));

    let zone = Some("Europe/Berlin".to_owned());
    let edit = Edit { wall_time: Some(wall_in(60)), zone, ..Edit::default() };
    let error = world.engine.edit(draft.id, edit).await.unwrap_err();
    assert_eq!(error.code(), Code::MediaFileMissing);
    assert_eq!(world.status(draft.id).await, Status::Draft);

    // Other words leave what the parts have beside them.
    let edit = Edit { thread: Some(vec!["Is it a cat?".into()]), ..Edit::default() };
    world.engine.edit(draft.id, edit).await.unwrap();
    let edited = world.show(draft.id).await.content;
    assert_eq!(edited.to_texts(), ["", "Is it a cat?"]);
    assert_eq!(edited.parts[0], content.parts[0]);
    assert_eq!(edited.parts[1].poll, content.parts[1].poll);

    // Without them it can be scheduled.
    let content = Some(Content::of_texts(["words alone"]));
    let edit = Edit { content, wall_time: Some(wall_in(3600)), ..Edit::default() };
    let saved = world.engine.edit(draft.id, edit).await.unwrap();
    assert_eq!(saved.post.status, Status::Pending);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_says_that_it_has_a_link_by_its_words_and_not_by_its_price() {
    let world = World::new().await;
    let mut thread = new_post("no link", 3600);
    thread.thread = vec!["none here".into()];
    let plain = world.engine.create(thread.clone()).await.unwrap().post;
    thread.thread = vec!["see example.com".into()];
    let linked = world.engine.create(thread).await.unwrap().post;
    assert_eq!((plain.has_link, linked.has_link), (false, true));
    // A price of another time says nothing of a link.
    let raw = rusqlite::Connection::open(world.path("roost.db")).unwrap();
    raw.execute("UPDATE scheduled_post SET cost_micros = 99000000", []).unwrap();
    let rows = world.rows().await;
    assert!(!rows.iter().find(|row| row.id == plain.id).unwrap().has_link);
}
