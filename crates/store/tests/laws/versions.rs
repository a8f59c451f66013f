//! The version of a post rises with each change that a person sees, and with nothing else.

use crate::common::*;
use roost_core::id::{PostId, Revision, Version};
use roost_core::post::Content;
use roost_core::status::{Actor, Status};
use roost_store::{Edit, Store, Tx, WithdrawTo};

fn version(store: &Store, id: PostId) -> Version {
    get(store, id).version
}

/// How much the version of a post rises by `change`.
fn rises<T>(
    store: &Store,
    id: PostId,
    change: impl FnOnce(&mut Tx<'_>) -> Result<T, roost_store::Error>,
) -> i64 {
    let before = version(store, id);
    write(store, change);
    version(store, id).0 - before.0
}

#[test]
fn words_time_account_and_tags_are_seen() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    assert_eq!(post.version, Version::FIRST);
    let edits = [
        Edit { content: Some(Content::of_texts(["y", "z"])), ..Edit::default() },
        Edit { content: Some(Content::of_texts(["y", "other"])), ..Edit::default() },
        Edit { schedule: Some(Some(schedule(minutes(20)))), ..Edit::default() },
        Edit { account: Some(None), ..Edit::default() },
        Edit { tags: Some(vec!["a tag".into()]), ..Edit::default() },
    ];
    for edit in edits {
        assert_eq!(rises(&store, post.id, |tx| tx.edit_post(post.id, &edit, Actor::Person)), 1);
        assert_eq!(
            rises(&store, post.id, |tx| tx.edit_post(post.id, &edit, Actor::Person)),
            0,
            "the same once more: {edit:?}"
        );
    }
    let deleted = |tx: &mut Tx<'_>| tx.delete_post(post.id, Actor::Person);
    assert_eq!(rises(&store, post.id, deleted), 1);
    assert_eq!(rises(&store, post.id, |tx| tx.restore_post(post.id, Actor::Person)), 1);
}

#[test]
fn the_way_to_x_is_no_change_and_where_it_ends_is_one() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    hand_over(&store, &post);
    for on_its_way in [Status::Held, Status::Sending, Status::Queued] {
        write(&store, |tx| tx.record_outcome(post.id, &outcome(&post, on_its_way)));
        assert_eq!(version(&store, post.id), Version::FIRST, "{on_its_way}");
    }
    let armed = |tx: &mut Tx<'_>| tx.arm_above(post.id, Revision(5), Actor::Engine);
    assert_eq!(rises(&store, post.id, armed), 0, "the relay's matter");
    let post = hand_over(&store, &get(&store, post.id));
    let told = |tx: &mut Tx<'_>| tx.record_outcome(post.id, &outcome(&post, Status::Failed));
    assert_eq!(rises(&store, post.id, told), 1);
    assert_eq!(rises(&store, post.id, |tx| tx.arm_post(post.id, None, Actor::Person)), 1);
}

#[test]
fn a_wish_to_withdraw_is_seen_and_its_proof_too() {
    let store = memory();
    let post = hand_over(&store, &create(&store, &due("x", 10)));
    let wish = |tx: &mut Tx<'_>| tx.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person);
    assert_eq!(rises(&store, post.id, wish), 1);
    let proof = |tx: &mut Tx<'_>| tx.withdrawal_proven(post.id, Revision(2), Actor::Engine);
    assert_eq!(rises(&store, post.id, proof), 1);
}
