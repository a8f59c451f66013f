//! Handing over and withdrawing.

use crate::common::*;
use roost_core::id::Revision;
use roost_core::status::{Actor, Status};
use roost_store::{
    AccountHealth, Backlog, Edit, Error, EventKind, NewOutbox, NotWithdrawn, OutboxKind, Outcome,
    Published, Reason, Tx, WithdrawTo, Withdrawal,
};

#[test]
fn only_pending_posts_with_an_account_inside_the_horizon_are_due() {
    let store = memory();
    let soon = create(&store, &due("soon", 10));
    let sooner = create(&store, &due("sooner", 5));
    create(&store, &due("beyond", 60));
    create(&store, &draft("draft"));
    let mut nobody = due("nobody's", 5);
    nobody.account = None;
    create(&store, &nobody);
    let queued = create(&store, &due("queued", 5));
    hand_over(&store, &queued);
    let due = read(&store, |read| read.due_for_handover(RELAY, minutes(60), 100));
    assert_eq!(due, [sooner, soon]);
    assert_eq!(read(&store, |read| read.posts_beyond(minutes(60))), 1);
}

#[test]
fn a_queued_post_carries_its_message_and_says_since_when() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let queued = hand_over(&store, &post);
    assert_eq!(queued.status, Status::Queued);
    assert_eq!(queued.synced_at, Some(NOW));
    assert!(queued.synced_to_qstash && queued.may_be_on_relay());
    assert!(queued.qstash_message_id.is_some());
    let events = read(&store, |read| read.events(post.id));
    assert_eq!(events.last().map(|event| event.kind), Some(EventKind::Queued));
}

#[test]
fn handing_over_twice_changes_nothing() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let queued = hand_over(&store, &post);
    let again = hand_over(&store, &queued);
    assert_eq!(again.updated_at, queued.updated_at);
    assert_eq!(read(&store, |read| read.events(post.id)).len(), 2);
    assert_eq!(read(&store, |read| read.outbox_open()), 0);
}

#[test]
fn a_post_edited_while_it_was_published_stays_pending_and_its_message_goes() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    write(&store, |tx| tx.offer(RELAY, &[(post.id, post.revision)]));
    let edited = write(&store, |tx| tx.edit_post(post.id, &retext("y"), Actor::Person));
    let late = Published { post_id: post.id, revision: FIRST, message_id: "msg_old".into() };
    assert_eq!(write(&store, |tx| tx.mark_queued(&[late])), [post.id]);
    assert_eq!(get(&store, post.id), edited);
    assert!(edited.may_be_on_relay(), "the offer is not forgotten");
    let outbox = read(&store, |read| read.outbox_of(post.id));
    assert_eq!(outbox.len(), 1);
    assert_eq!(
        (outbox[0].kind, &outbox[0].payload),
        (OutboxKind::DeleteMessage, &"msg_old".into())
    );
}

#[test]
fn what_moved_on_is_not_offered() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    write(&store, |tx| tx.edit_post(post.id, &retext("y"), Actor::Person));
    assert_eq!(write(&store, |tx| tx.offer(RELAY, &[(post.id, FIRST)])), []);
    assert!(!get(&store, post.id).may_be_on_relay());
}

#[test]
fn an_edit_of_a_queued_post_takes_a_fresh_revision_and_lets_the_message_go() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let queued = hand_over(&store, &post);
    let edited = write(&store, |tx| tx.edit_post(post.id, &retext("y"), Actor::Person));
    assert_eq!((edited.status, edited.revision), (Status::Pending, Revision(2)));
    assert!(!edited.synced_to_qstash && edited.may_be_on_relay());
    let outbox = read(&store, |read| read.outbox_of(post.id));
    assert_eq!(outbox[0].payload, serde_json::json!(queued.qstash_message_id));
    assert_eq!(read(&store, |read| read.due_for_handover(RELAY, minutes(60), 9)), [edited]);
}

#[test]
fn a_handed_over_post_is_cancelled_only_by_proof() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let queued = hand_over(&store, &post);
    let asked = write(&store, |tx| tx.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person));
    let Withdrawal::Asked(asked) = asked else { panic!("{asked:?}") };
    assert_eq!(asked.status, Status::Queued, "not cancelled before the relay says so");
    assert_eq!(asked.withdraw_to, Some(WithdrawTo::Cancelled));
    let outbox = read(&store, |read| read.outbox_of(post.id));
    assert_eq!((outbox[0].kind, outbox[0].revision), (OutboxKind::Withdraw, Some(Revision(2))));

    let done = write(&store, |tx| tx.withdrawal_proven(post.id, Revision(2), Actor::Person));
    assert_eq!((done.status, done.withdraw_to), (Status::Cancelled, None));
    assert_eq!((done.withdrawn_revision, done.synced_to_qstash), (Revision(2), false));
    assert!(!done.may_be_on_relay());
    let left = read(&store, |read| read.outbox_of(post.id));
    assert_eq!(left.len(), 1, "the withdrawal is done, the message is to be deleted");
    assert_eq!(left[0].payload, serde_json::json!(queued.qstash_message_id));
}

#[test]
fn nobody_hides_that_the_relay_may_still_send() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    write(&store, |tx| tx.offer(RELAY, &[(post.id, post.revision)]));
    let none = Reason::default();
    for (to, by) in [
        (Status::Cancelled, Actor::Person),
        (Status::Draft, Actor::Person),
        (Status::Missed, Actor::Engine),
        (Status::Failed, Actor::Engine),
    ] {
        let error = store.write("test", |tx| tx.set_status(post.id, to, by, &none));
        assert!(matches!(error, Err(Error::StillHandedOver { .. })), "{to}: {error:?}");
    }
    let error = store.write("test", |tx| tx.delete_post(post.id, Actor::Person));
    assert!(matches!(error, Err(Error::StillHandedOver { .. })), "{error:?}");
    let edit = Edit { schedule: Some(None), ..Edit::default() };
    let error = store.write("test", |tx| tx.edit_post(post.id, &edit, Actor::Person));
    assert!(matches!(error, Err(Error::StillHandedOver { .. })), "{error:?}");
}

#[test]
fn an_offer_that_the_relay_refused_stands_in_nobodys_way() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    write(&store, |tx| tx.offer(RELAY, &[(post.id, post.revision)]));
    write(&store, |tx| tx.relay_knows(post.id, Revision(0)));
    let reason = Reason { code: Some("account".into()), ..Reason::default() };
    let failed = write(&store, |tx| tx.set_status(post.id, Status::Failed, Actor::Engine, &reason));
    assert_eq!((failed.status, failed.failed_at), (Status::Failed, Some(NOW)));
}

#[test]
fn asking_twice_is_one_withdrawal_with_the_newest_goal() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    hand_over(&store, &post);
    for to in [WithdrawTo::Draft, WithdrawTo::Deleted] {
        write(&store, |tx| tx.withdraw_post(post.id, to, Actor::Person));
    }
    assert_eq!(read(&store, |read| read.outbox_of(post.id)).len(), 1);
    let gone = write(&store, |tx| tx.withdrawal_proven(post.id, Revision(2), Actor::Person));
    assert_eq!((gone.status, gone.deleted_at), (Status::Cancelled, Some(NOW)));
}

#[test]
fn a_post_moved_beyond_the_horizon_comes_back_under_a_revision_above_its_withdrawal() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    hand_over(&store, &post);
    let later = Edit { schedule: Some(Some(schedule(minutes(9_999)))), ..Edit::default() };
    write(&store, |tx| tx.edit_post(post.id, &later, Actor::Person));
    let asked = write(&store, |tx| tx.withdraw_post(post.id, WithdrawTo::Pending, Actor::Engine));
    assert_eq!(asked.post().revision, Revision(3));
    assert_eq!(read(&store, |read| read.due_for_handover(RELAY, minutes(99_999), 9)), []);
    let back = write(&store, |tx| tx.withdrawal_proven(post.id, Revision(3), Actor::Engine));
    assert_eq!((back.status, back.withdrawn_revision), (Status::Pending, Revision(3)));
    assert_eq!(back.revision, Revision(4));
    assert!(!back.may_be_on_relay());
    assert_eq!(read(&store, |read| read.due_for_handover(RELAY, minutes(99_999), 9)), [back]);
}

#[test]
fn arming_anew_takes_the_purpose_from_a_withdrawal_on_its_way() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    hand_over(&store, &post);
    write(&store, |tx| tx.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person));
    let armed = write(&store, |tx| tx.arm_post(post.id, None, Actor::Person));
    assert_eq!((armed.revision, armed.withdraw_to), (Revision(3), None));
    let kinds: Vec<_> =
        read(&store, |read| read.outbox_of(post.id)).iter().map(|row| row.kind).collect();
    assert_eq!(kinds, [OutboxKind::DeleteMessage]);
    // The proof of the old withdrawal comes late: the new arming stands.
    let proven = write(&store, |tx| tx.withdrawal_proven(post.id, Revision(2), Actor::Person));
    assert_eq!((proven.status, proven.withdrawn_revision), (Status::Pending, Revision(2)));
    let queued = hand_over(&store, &proven);
    assert!(queued.may_be_on_relay());
}

#[test]
fn too_late_to_withdraw_is_said_once_and_asked_again_when_the_post_came_back() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let queued = hand_over(&store, &post);
    write(&store, |tx| tx.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person));
    let too_late =
        |tx: &mut Tx<'_>| tx.withdrawal_too_late(post.id, NotWithdrawn::UnderWay, minutes(5));
    let kept = write(&store, too_late);
    write(&store, too_late);
    assert_eq!((kept.status, kept.withdraw_to), (Status::Queued, Some(WithdrawTo::Cancelled)));
    let events = read(&store, |read| read.events(post.id));
    let said = events.iter().filter(|event| event.kind == EventKind::WithdrawTooLate).count();
    assert_eq!(said, 1);
    let due_now = || read(&store, |read| read.outbox_due(OutboxKind::Withdraw, NOW, 9)).len();
    write(&store, |tx| tx.record_outcome(post.id, &outcome(&queued, Status::Sending)));
    assert_eq!(due_now(), 0, "it is under way");
    write(&store, |tx| tx.record_outcome(post.id, &outcome(&queued, Status::Held)));
    assert_eq!(due_now(), 1, "it came back");
}

#[test]
fn a_post_that_needs_a_check_is_let_rest_by_the_relay_s_word_and_not_asked_about_again() {
    for (goal, shown) in [(WithdrawTo::Cancelled, true), (WithdrawTo::Deleted, false)] {
        let store = memory();
        let post = hand_over(&store, &create(&store, &due("x", 10)));
        let parked = Outcome { attempts: 1, ..outcome(&post, Status::Unknown) };
        write(&store, |tx| tx.record_outcome(post.id, &parked));
        let decision = NewOutbox {
            kind: OutboxKind::Resolve,
            post_id: Some(post.id),
            revision: Some(post.revision),
            payload: "send again".into(),
            actor: Actor::Person,
        };
        write(&store, |tx| tx.intend(&decision));
        let asked = write(&store, |tx| tx.withdraw_post(post.id, goal, Actor::Person));
        assert!(matches!(asked, Withdrawal::Asked(_)), "only the relay knows what it does");
        let open = read(&store, |read| read.outbox_of(post.id));
        let kinds: Vec<_> = open.iter().map(|row| row.kind).collect();
        assert!(!kinds.contains(&OutboxKind::Resolve), "{kinds:?}");
        let rests = |tx: &mut Tx<'_>| tx.withdrawal_too_late(post.id, NotWithdrawn::Rests, NOW);
        let at_rest = write(&store, rests);
        assert_eq!((at_rest.status, at_rest.withdraw_to), (Status::Cancelled, None));
        assert_eq!(at_rest.deleted_at.is_none(), shown);
        write(&store, |tx| tx.record_outcome(post.id, &parked));
        assert_eq!(get(&store, post.id), at_rest, "the same word again");
        let sent = Outcome { attempts: 2, ..outcome(&post, Status::Posted) };
        write(&store, |tx| tx.record_outcome(post.id, &sent));
        assert_eq!(get(&store, post.id).status, Status::Posted, "what went out is told");
    }
}

#[test]
fn too_late_to_withdraw_what_is_out_is_said_and_the_goal_dropped() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    hand_over(&store, &post);
    write(&store, |tx| tx.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person));
    let post = write(&store, |tx| tx.withdrawal_too_late(post.id, NotWithdrawn::Out, NOW));
    assert_eq!((post.status, post.withdraw_to), (Status::Queued, None));
    assert_eq!(read(&store, |read| read.outbox_open()), 0);
    let events = read(&store, |read| read.events(post.id));
    assert_eq!(events.last().map(|event| event.kind), Some(EventKind::WithdrawTooLate));
}

#[test]
fn nobody_withdraws_what_is_being_sent() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let post = hand_over(&store, &post);
    write(&store, |tx| tx.record_outcome(post.id, &outcome(&post, Status::Sending)));
    let error =
        store.write("test", |tx| tx.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person));
    assert!(matches!(error, Err(Error::Refused { .. })), "{error:?}");
}

#[test]
fn arming_above_the_relays_highest_revision_ends_a_conflict() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let post = write(&store, |tx| tx.arm_above(post.id, Revision(7), Actor::Engine));
    assert_eq!((post.revision, post.status), (Revision(8), Status::Pending));
}

#[test]
fn the_lid_may_be_closed_until_the_first_post_that_is_not_safe() {
    let store = memory();
    let first_here = || read(&store, |read| read.first_here());
    assert_eq!(first_here(), None);
    let first = create(&store, &due("first", 10));
    let second = create(&store, &due("second", 20));
    create(&store, &due("third", 30));
    assert_eq!(first_here(), Some(minutes(10)));
    hand_over(&store, &first);
    hand_over(&store, &second);
    assert_eq!(first_here(), Some(minutes(30)));
    let before = |until| read(&store, |read| read.not_handed_over(until));
    assert_eq!(before(minutes(30)), Backlog::default());
    assert_eq!(before(minutes(31)), Backlog { posts: 1, first: Some(minutes(30)) });
    write(&store, |tx| tx.withdraw_post(second.id, WithdrawTo::Cancelled, Actor::Person));
    assert_eq!(first_here(), Some(minutes(20)), "its withdrawal is not acknowledged");
    save_account(&store, AccountHealth::Disconnected);
    assert_eq!(first_here(), Some(minutes(20)), "an account that can't post needs no computer");
    let coverage = read(&store, |read| read.coverage());
    assert_eq!((coverage.handed_over, coverage.waiting_here), (2, 1));
}

#[test]
fn a_post_that_was_moved_counts_from_the_time_that_the_relay_knows() {
    let store = memory();
    let schedule = |at: i64| due("x", at).schedule;
    let moved = hand_over(&store, &create(&store, &due("moved", 10)));
    let withdrawn = hand_over(&store, &create(&store, &due("moved far away", 5)));
    let first_here = || read(&store, |read| read.first_here());
    assert_eq!(first_here(), None);
    for at in [300, 480] {
        let edit = Edit { schedule: Some(schedule(at)), ..Edit::default() };
        write(&store, |tx| tx.edit_post(moved.id, &edit, Actor::Person));
    }
    assert_eq!(first_here(), Some(minutes(10)), "the relay sends the old words then");
    let before = |until| read(&store, |read| read.not_handed_over(until));
    let one = Backlog { posts: 1, first: Some(minutes(10)) };
    assert_eq!([before(minutes(10)), before(minutes(11))], [Backlog::default(), one]);
    assert_eq!(before(minutes(500)), one, "it is counted once");
    let edit = Edit { schedule: Some(schedule(50_000)), ..Edit::default() };
    write(&store, |tx| tx.edit_post(withdrawn.id, &edit, Actor::Person));
    write(&store, |tx| tx.withdraw_post(withdrawn.id, WithdrawTo::Pending, Actor::Person));
    let withdrawing = read(&store, |read| read.withdrawing());
    assert_eq!(withdrawing, Backlog { posts: 1, first: Some(minutes(5)) });
    hand_over(&store, &get(&store, moved.id));
    write(&store, |tx| tx.withdrawal_proven(withdrawn.id, Revision(9), Actor::Engine));
    assert_eq!(first_here(), Some(minutes(50_000)));
}

#[test]
fn a_post_held_on_this_computer_is_no_promise() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let ask = Reason { code: Some("late".into()), ..Reason::default() };
    write(&store, |tx| tx.set_status(post.id, Status::Held, Actor::Engine, &ask));
    let coverage = read(&store, |read| read.coverage());
    assert_eq!((coverage.handed_over, coverage.waiting_here), (0, 1));
    assert!(read(&store, |read| read.first_here()).is_some());
}

#[test]
fn overdue_posts_are_asked_for_where_they_are() {
    let store = memory();
    let here = create(&store, &due("here", -10));
    let there = create(&store, &due("there", -10));
    hand_over(&store, &there);
    let offered = create(&store, &due("offered", -5));
    write(&store, |tx| tx.offer(RELAY, &[(offered.id, offered.revision)]));
    let ids = |posts: Vec<roost_store::Post>| posts.iter().map(|p| p.id).collect::<Vec<_>>();
    assert_eq!(ids(read(&store, |read| read.overdue_here(NOW, 9))), [here.id]);
    let awaiting = read(&store, |read| read.awaiting_result(RELAY, NOW, 9));
    assert_eq!(ids(awaiting), [there.id, offered.id]);
}

#[test]
fn the_manifest_names_everything_that_ever_left_even_from_the_trash() {
    let store = memory();
    let posts: Vec<_> = (0..5).map(|n| create(&store, &due(&n.to_string(), 10))).collect();
    for post in &posts[..4] {
        hand_over(&store, post);
    }
    write(&store, |tx| tx.withdraw_post(posts[0].id, WithdrawTo::Deleted, Actor::Person));
    write(&store, |tx| tx.withdrawal_proven(posts[0].id, Revision(2), Actor::Person));
    let first = read(&store, |read| read.ever_offered(minutes(-1), 0, 3));
    let rest = read(&store, |read| read.ever_offered(minutes(-1), first[2].seq, 3));
    let ids: Vec<_> = first.iter().chain(&rest).map(|post| post.id).collect();
    assert_eq!(ids, posts[..4].iter().map(|post| post.id).collect::<Vec<_>>());
}
