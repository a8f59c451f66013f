//! A follow-up goes where its parent goes, by one rule at the end of every write.

use std::time::Duration;

use crate::common::*;
use roost_core::failure::Code;
use roost_core::id::{PostId, Revision};
use roost_core::post::FollowUp;
use roost_core::status::{Actor, Status};
use roost_store::{
    Edit, Label, NewPost, NotWithdrawn, Post, Reason, Store, WithdrawTo, Withdrawal,
};

const DELAY_MINUTES: u32 = 10;

fn reply(parent: &Post) -> NewPost {
    let tie = FollowUp { parent: parent.id, after_minutes: DELAY_MINUTES };
    NewPost {
        account: parent.account.clone(),
        schedule: parent.time_of_follow_up(tie),
        status: if parent.status == Status::Draft { Status::Draft } else { Status::Pending },
        follow_up: Some(tie),
        ..draft("and one more thing")
    }
}

/// A parent that is due in an hour, and its follow-up.
fn pair(store: &Store) -> (Post, Post) {
    let parent = create(store, &due("parent", 60));
    let child = create(store, &reply(&parent));
    (parent, child)
}

fn at(post: &Post) -> Option<i64> {
    post.schedule.as_ref().map(|schedule| (schedule.at.0 - NOW.0) / 60_000)
}

fn move_to(store: &Store, id: PostId, after: i64) -> Post {
    let edit = Edit { schedule: Some(Some(schedule(minutes(after)))), ..Edit::default() };
    write(store, |tx| {
        tx.label(Label::Edit);
        tx.edit_post(id, &edit, Actor::Person)
    })
}

fn cancel(store: &Store, id: PostId) -> Withdrawal {
    write(store, |tx| {
        tx.label(Label::Cancel);
        tx.withdraw_post(id, WithdrawTo::Cancelled, Actor::Person)
    })
}

fn due_ids(store: &Store, end: i64) -> Vec<PostId> {
    let due = read(store, |read| read.due_for_handover(RELAY, minutes(end), 9));
    due.into_iter().map(|post| post.id).collect()
}

#[test]
fn a_follow_up_moves_with_its_parent_in_one_step_and_shows_the_clocks_of_its_zone() {
    let store = memory();
    let (parent, child) = pair(&store);
    assert_eq!(at(&child), Some(70));
    move_to(&store, parent.id, 120);
    let moved = get(&store, child.id);
    assert_eq!(at(&moved), Some(130));
    let shown = moved.schedule.unwrap();
    assert_eq!(
        (shown.wall_time.as_str(), shown.zone.as_str()),
        ("2027-01-15 15:40", "Asia/Kolkata")
    );
    let steps = read(&store, |read| read.history(None, 9));
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].step.posts, 2);
}

#[test]
fn a_follow_up_has_the_account_of_its_parent_and_its_delay() {
    let store = memory();
    let (parent, child) = pair(&store);
    let edit = Edit { account: Some(None), ..Edit::default() };
    write(&store, |tx| tx.edit_post(parent.id, &edit, Actor::Person));
    assert_eq!(get(&store, child.id).account, None);
    let edit = Edit { follow_up_minutes: Some(25), ..Edit::default() };
    write(&store, |tx| tx.edit_post(child.id, &edit, Actor::Person));
    assert_eq!(at(&get(&store, child.id)), Some(85));
}

#[test]
fn what_is_cancelled_or_deleted_with_its_parent_comes_back_with_it_and_nothing_else_does() {
    let store = memory();
    let (parent, child) = pair(&store);
    cancel(&store, parent.id);
    assert_eq!(get(&store, child.id).status, Status::Cancelled);
    write(&store, |tx| tx.arm_post(parent.id, None, Actor::Person));
    assert_eq!(get(&store, child.id).status, Status::Pending);

    write(&store, |tx| tx.delete_post(parent.id, Actor::Person));
    assert!(get(&store, child.id).deleted_at.is_some());
    write(&store, |tx| tx.restore_post(parent.id, Actor::Person));
    let back = get(&store, child.id);
    assert_eq!((back.deleted_at, back.status), (None, Status::Pending));

    cancel(&store, child.id);
    cancel(&store, parent.id);
    write(&store, |tx| tx.arm_post(parent.id, None, Actor::Person));
    assert_eq!(get(&store, child.id).status, Status::Cancelled, "the person cancelled it alone");
}

#[test]
fn a_follow_up_of_what_the_relay_holds_is_withdrawn_with_it_and_comes_back_with_it() {
    let store = memory();
    let (parent, child) = pair(&store);
    hand_over(&store, &parent);
    hand_over(&store, &get(&store, child.id));
    cancel(&store, parent.id);
    let asked = get(&store, child.id);
    assert_eq!((asked.status, asked.withdraw_to), (Status::Queued, Some(WithdrawTo::Cancelled)));
    for id in [parent.id, child.id] {
        let revision = get(&store, id).revision;
        write(&store, |tx| tx.withdrawal_proven(id, revision, Actor::Engine));
    }
    assert_eq!(get(&store, child.id).status, Status::Cancelled);
    write(&store, |tx| tx.arm_post(parent.id, None, Actor::Person));
    let back = get(&store, child.id);
    assert_eq!(back.status, Status::Pending);
    assert!(back.revision > asked.revision);
}

#[test]
fn a_follow_up_is_a_draft_while_its_parent_is_one() {
    let store = memory();
    let (parent, child) = pair(&store);
    let edit = Edit { status: Some(Status::Draft), ..Edit::default() };
    write(&store, |tx| tx.edit_post(parent.id, &edit, Actor::Person));
    assert_eq!(get(&store, child.id).status, Status::Draft);
    let edit = Edit { schedule: Some(None), ..Edit::default() };
    write(&store, |tx| tx.edit_post(parent.id, &edit, Actor::Person));
    assert_eq!(at(&get(&store, child.id)), None);
    let edit = Edit {
        schedule: Some(Some(schedule(minutes(30)))),
        status: Some(Status::Pending),
        ..Edit::default()
    };
    write(&store, |tx| tx.edit_post(parent.id, &edit, Actor::Person));
    let armed = get(&store, child.id);
    assert_eq!((armed.status, at(&armed)), (Status::Pending, Some(40)));
}

#[test]
fn a_follow_up_is_handed_over_once_its_parent_is_whatever_its_own_time() {
    let store = memory();
    let (parent, child) = pair(&store);
    assert_eq!(due_ids(&store, 65), [parent.id]);
    assert_eq!(due_ids(&store, 30), []);
    hand_over(&store, &parent);
    assert_eq!(due_ids(&store, 65), [child.id], "the horizon is its parent's");
    hand_over(&store, &get(&store, child.id));
    assert_eq!(due_ids(&store, 999), []);
    // What the relay lets go of for a while it lets go of with its parent.
    move_to(&store, parent.id, 600);
    write(&store, |tx| tx.withdraw_post(parent.id, WithdrawTo::Pending, Actor::Person));
    let back = get(&store, child.id);
    assert_eq!((at(&back), back.withdraw_to), (Some(610), Some(WithdrawTo::Pending)));
    assert_eq!(due_ids(&store, 999), []);
}

#[test]
fn a_follow_up_here_fails_with_its_parent_and_is_armed_with_it_again() {
    let store = memory();
    let (parent, child) = pair(&store);
    let missed = Reason { code: Some(Code::Missed.as_str().to_owned()), ..Reason::default() };
    write(&store, |tx| tx.set_status(parent.id, Status::Missed, Actor::Engine, &missed));
    let failed = get(&store, child.id);
    assert_eq!(failed.status, Status::Failed);
    assert_eq!(failed.error_code.as_deref(), Some(Code::ParentNotOut.as_str()));
    let again = Some(schedule(minutes(90)));
    write(&store, |tx| tx.arm_post(parent.id, again, Actor::Person));
    let armed = get(&store, child.id);
    assert_eq!((armed.status, at(&armed)), (Status::Pending, Some(100)));
}

#[test]
fn the_late_policy_asks_of_a_follow_up_only_when_its_parent_is_on_x() {
    let home = Home::new();
    let store = home.store();
    save_account(&store, roost_store::AccountHealth::Connected);
    let parent = create(&store, &due("parent", 1));
    let child = create(&store, &reply(&parent));
    let queued = hand_over(&store, &parent);
    home.clock.advance(Duration::from_secs(3_600));
    let overdue = || read(&store, |read| read.overdue_here(minutes(60), 9));
    assert_eq!(overdue(), []);
    let mut posted = outcome(&queued, Status::Posted);
    posted.posted_at = Some(minutes(55));
    write(&store, |tx| tx.record_outcome(parent.id, &posted));
    assert_eq!(at(&get(&store, child.id)), Some(65), "so long after it truly went out");
    assert_eq!(overdue(), []);
    assert_eq!(due_ids(&store, 0), [child.id]);
    let overdue = read(&store, |read| read.overdue_here(minutes(70), 9));
    assert_eq!(overdue.iter().map(|post| post.id).collect::<Vec<_>>(), [child.id]);
}

#[test]
fn a_follow_up_whose_parent_is_gone_from_x_or_from_the_store_never_goes_out() {
    let store = memory();
    let (parent, child) = pair(&store);
    let queued = hand_over(&store, &parent);
    write(&store, |tx| tx.record_outcome(parent.id, &outcome(&queued, Status::Posted)));
    assert_eq!(due_ids(&store, 999), [child.id]);
    write(&store, |tx| tx.gone_from_x(parent.id));
    assert_eq!(get(&store, child.id).status, Status::Cancelled);
    let orphan = NewPost {
        follow_up: Some(FollowUp { parent: PostId::new(NOW), after_minutes: 1 }),
        ..due("orphan", 5)
    };
    let orphan = create(&store, &orphan);
    assert!(get(&store, orphan.id).deleted_at.is_some());
    assert_eq!(due_ids(&store, 999), []);
}

#[test]
fn a_withdrawal_of_the_parent_that_comes_too_late_leaves_the_follow_up_withdrawn() {
    let store = memory();
    let (parent, child) = pair(&store);
    hand_over(&store, &parent);
    hand_over(&store, &get(&store, child.id));
    cancel(&store, parent.id);
    write(&store, |tx| tx.withdrawal_too_late(parent.id, NotWithdrawn::Out, minutes(9)));
    let withdrawn = get(&store, child.id);
    assert_eq!(withdrawn.withdraw_to, Some(WithdrawTo::Cancelled));
    assert!(withdrawn.revision > Revision(1));
}
