//! Waiting posts that an import changes, and what becomes of them when it is taken back.

use crate::common::*;
use roost_core::post::Content;
use roost_core::status::{Actor, Status};
use roost_store::{
    Edit, EventKind, ImportBatch, Imported, KnownPost, Label, NewPost, NotRestored, OwnId, Post,
    PostUpdate, Store,
};

fn known(post: &Post) -> KnownPost {
    let at = post.schedule.as_ref().map(|schedule| schedule.at);
    KnownPost { id: post.id, status: post.status, at, key: post.duplicate_key }
}

fn update(post: &Post, text: &str, after: i64) -> PostUpdate {
    let edit = Edit {
        content: Some(Content::of_texts([text])),
        schedule: Some(Some(schedule(minutes(after)))),
        tags: Some(vec!["new".into()]),
        note: Some(Some("changed by the sheet".into())),
        ..Edit::default()
    };
    PostUpdate { post: known(post), edit }
}

fn waiting(store: &Store, text: &str) -> Post {
    let own_id = Some(OwnId { plan: "spring".into(), id: text.into() });
    create(store, &NewPost { own_id, tags: vec!["old".into()], ..due(text, 10) })
}

fn import(store: &Store, updates: &[PostUpdate]) -> Imported {
    let posts = [due("made by it", 50)];
    write(store, |tx| tx.import_posts(&import_of(3), updates, &posts, Actor::Person))
}

fn tags(store: &Store, post: &Post) -> Vec<String> {
    read(store, |read| read.expect_row(post.id)).1.tags
}

fn undo(store: &Store, import: &ImportBatch) -> roost_store::UndoneImport {
    write(store, |tx| tx.undo_import(import.id, Actor::Person))
}

/// What a person sees of a post.
fn seen(store: &Store, post: &Post) -> (Content, Option<roost_store::Schedule>, Status) {
    let now = get(store, post.id);
    (content(store, &now), now.schedule.clone(), now.status)
}

#[test]
fn an_import_changes_waiting_posts_and_its_undo_gives_back_what_they_were() {
    let store = memory();
    let posts = [waiting(&store, "one"), waiting(&store, "two")];
    let queued = hand_over(&store, &posts[1]);
    let draft = create(&store, &draft("three"));
    let before: Vec<_> = [&posts[0], &draft].map(|post| seen(&store, post)).into();
    let mut updates =
        vec![update(&posts[0], "one, mended", 20), update(&queued, "two, mended", 30)];
    updates.push(update(&draft, "three, with a time", 40));
    updates[2].edit.status = Some(Status::Pending);
    let Imported { import, not_updated } = import(&store, &updates);
    assert_eq!((import.imported, import.updated, not_updated), (1, 3, vec![]));
    let now = get(&store, posts[0].id);
    assert_eq!(
        (now.content.as_str(), now.note.as_deref()),
        ("one, mended", Some("changed by the sheet"))
    );
    assert_eq!((tags(&store, &now), now.import_id), (vec!["new".into()], None));
    let event = read(&store, |read| read.events(now.id)).pop().expect("an event");
    assert_eq!((event.kind, event.label), (EventKind::Edited, Label::Import));
    assert_eq!(event.change.before.expect("before").content.as_deref(), Some("one"));
    assert_eq!(get(&store, queued.id).status, Status::Pending, "armed anew");
    assert_eq!(read(&store, |read| read.undo_preview(import.id)).updated, 3);

    let undone = undo(&store, &import);
    let restored = [posts[0].id, queued.id, draft.id];
    assert_eq!((undone.removed, undone.restored), (1, restored.to_vec()));
    assert_eq!(undone.not_restored, []);
    let after: Vec<_> = [&posts[0], &draft].map(|post| seen(&store, post)).into();
    assert_eq!(after, before);
    assert_eq!(tags(&store, &posts[0]), ["old"]);
    assert_eq!(get(&store, posts[0].id).note, None);
    assert_eq!(get(&store, queued.id).content, "two");
}

#[test]
fn what_changed_since_an_import_stays_and_is_named() {
    let store = memory();
    let posts = [waiting(&store, "one"), waiting(&store, "two"), waiting(&store, "three")];
    let updates: Vec<_> = posts.iter().map(|post| update(post, "mended", 20)).collect();
    let import = import(&store, &updates).import;
    write(&store, |tx| tx.edit_post(posts[0].id, &retext("mine"), Actor::Person));
    write(&store, |tx| tx.delete_post(posts[1].id, Actor::Person));
    let queued = hand_over(&store, &get(&store, posts[2].id));
    write(&store, |tx| tx.record_outcome(queued.id, &outcome(&queued, Status::Posted)));
    let preview = read(&store, |read| read.posts_to_restore(import.id));
    let undone = undo(&store, &import);
    assert_eq!(undone.restored, []);
    let kept = [
        (posts[0].id, NotRestored::ChangedSince),
        (posts[1].id, NotRestored::Gone),
        (posts[2].id, NotRestored::Out(Status::Posted)),
    ];
    assert_eq!(preview.not_restored, kept);
    assert_eq!(undone.not_restored, kept);
    assert_eq!(get(&store, posts[0].id).content, "mine");
}

#[test]
fn a_post_that_is_not_what_the_row_was_judged_by_is_not_changed() {
    let store = memory();
    let posts = [waiting(&store, "one"), waiting(&store, "two"), waiting(&store, "three")];
    let updates: Vec<_> = posts.iter().map(|post| update(post, "mended", 20)).collect();
    write(&store, |tx| tx.edit_post(posts[0].id, &retext("mine"), Actor::Person));
    let queued = hand_over(&store, &posts[1]);
    write(&store, |tx| tx.record_outcome(queued.id, &outcome(&queued, Status::Sending)));
    let Imported { import, not_updated } = import(&store, &updates);
    assert_eq!(import.updated, 1);
    let kept = [(posts[0].id, Some(Status::Pending)), (posts[1].id, Some(Status::Sending))];
    assert_eq!(not_updated, kept);
    assert_eq!(get(&store, posts[0].id).content, "mine");
    assert_eq!(get(&store, posts[2].id).content, "mended");
}

#[test]
fn a_row_that_changes_nothing_is_no_change() {
    let store = memory();
    let post = waiting(&store, "one");
    let queued = hand_over(&store, &post);
    let edit = Edit {
        content: Some(Content::of_texts(["one"])),
        schedule: Some(post.schedule.clone()),
        tags: Some(vec![" old ".into()]),
        status: Some(Status::Pending),
        ..Edit::default()
    };
    let import = import(&store, &[PostUpdate { post: known(&queued), edit }]).import;
    assert_eq!((import.updated, import.imported), (0, 1));
    assert_eq!(get(&store, post.id), queued);
    assert_eq!(undo(&store, &import).restored, []);
}
