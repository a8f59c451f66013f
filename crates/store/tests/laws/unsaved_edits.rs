//! A change of a post that is being written: beside the post, and no edit before the person saves it.

use crate::common::*;
use roost_core::post::Content;
use roost_core::status::{Actor, Status};
use roost_store::{Edit, KeptUnsaved, Meant, Post, Store};

fn meant(post: &Post, text: &str) -> Meant {
    Meant {
        content: Content::of_texts([text]),
        schedule: post.schedule.clone(),
        account: post.account.clone(),
    }
}

fn keep(store: &Store, post: &Post, text: &str) -> KeptUnsaved {
    write(store, |tx| tx.keep_unsaved_edit(post.id, &meant(post, text)))
}

#[test]
fn a_change_that_is_not_saved_leaves_its_post_alone_and_outlives_the_program() {
    let home = Home::new();
    let store = home.store();
    save_account(&store, roost_store::AccountHealth::Connected);
    let post = create(&store, &due("as it goes out", 10));
    let queued = hand_over(&store, &post);
    assert_eq!(keep(&store, &queued, "a cha"), KeptUnsaved::Beside { is_new: true });
    assert_eq!(keep(&store, &queued, "a change"), KeptUnsaved::Beside { is_new: false });
    assert_eq!(get(&store, post.id), queued, "no revision, no version");
    drop(store);
    let store = home.store();
    let kept = read(&store, |read| read.unsaved_edit(post.id)).expect("it is kept");
    assert_eq!(kept.meant, meant(&queued, "a change"));
    assert_eq!(kept.base, meant(&queued, "as it goes out"));
    // Written back to what the post says, nothing is left of it.
    assert_eq!(keep(&store, &queued, "as it goes out"), KeptUnsaved::Nothing);
    assert_eq!(read(&store, |read| read.unsaved_edit(post.id)), None);
}

#[test]
fn a_change_ends_when_it_is_saved_and_not_when_another_program_edits() {
    let store = memory();
    let post = create(&store, &due("old", 10));
    keep(&store, &post, "mine");
    write(&store, |tx| tx.edit_post(post.id, &retext("theirs"), Actor::Person));
    assert!(read(&store, |read| read.unsaved_edit(post.id)).is_some());
    let save = Edit { ends_unsaved: true, ..retext("mine") };
    write(&store, |tx| tx.edit_post(post.id, &save, Actor::Person));
    assert_eq!(read(&store, |read| read.unsaved_edit(post.id)), None);
    assert_eq!(get(&store, post.id).content, "mine");
}

#[test]
fn a_change_whose_post_goes_out_meanwhile_is_a_draft_and_the_receipt_says_so() {
    let store = memory();
    let post = create(&store, &due("went out", 10));
    let queued = hand_over(&store, &post);
    keep(&store, &queued, "not saved");
    // While X is called, the call may still come to nothing.
    write(&store, |tx| tx.record_outcome(post.id, &outcome(&queued, Status::Sending)));
    assert!(read(&store, |read| read.unsaved_edit(post.id)).is_some());
    let sending = get(&store, post.id);
    write(&store, |tx| tx.record_outcome(post.id, &outcome(&sending, Status::Posted)));
    assert_eq!(read(&store, |read| read.unsaved_edit(post.id)), None);
    let posted = get(&store, post.id);
    assert_eq!(posted.content, "went out");
    let late = read(&store, |read| read.late_edit(post.id)).expect("told");
    let draft = get(&store, late.draft.expect("a draft"));
    assert_eq!((draft.status, draft.content.as_str()), (Status::Draft, "not saved"));
    assert_eq!(draft.late_edit_of, Some(post.id));
    // What is typed on goes to that draft; once it is scheduled, a further change makes another one.
    assert_eq!(keep(&store, &posted, "not saved yet"), KeptUnsaved::Draft(draft.id));
    write(&store, |tx| tx.delete_post(draft.id, Actor::Person));
    let KeptUnsaved::Draft(other) = keep(&store, &posted, "not saved yet") else {
        panic!("it is a draft")
    };
    assert_eq!(get(&store, other).content, "not saved yet");
}

#[test]
fn nothing_is_kept_of_a_change_that_only_moved_what_went_out_or_says_nothing() {
    let store = memory();
    for text in ["went out", "  "] {
        let post = create(&store, &due("went out", 10));
        let queued = hand_over(&store, &post);
        let moved = Meant { schedule: Some(schedule(minutes(50))), ..meant(&queued, text) };
        write(&store, |tx| tx.keep_unsaved_edit(post.id, &moved));
        write(&store, |tx| tx.record_outcome(post.id, &outcome(&queued, Status::Posted)));
        assert_eq!(read(&store, |read| read.late_edit(post.id)), None);
        assert_eq!(read(&store, |read| read.unsaved_edit(post.id)), None);
    }
}
