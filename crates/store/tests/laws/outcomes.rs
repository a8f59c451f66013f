//! What the relay tells: twice, late, about older revisions, out of the blue.

use crate::common::*;
use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, Revision};
use roost_core::post::Content;
use roost_core::status::{Actor, Status};
use roost_store::{
    Edit, EventKind, NotWithdrawn, OutboxKind, Outcome, Post, Recorded, Store, WithdrawTo,
};

fn tell(store: &Store, post: &Post, outcome: &Outcome) -> Recorded {
    write(store, |tx| tx.record_outcome(post.id, outcome))
}

#[test]
fn a_posted_post_keeps_its_id_and_its_moment() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let post = hand_over(&store, &post);
    for status in [Status::Held, Status::Sending, Status::Posted] {
        let recorded = tell(&store, &post, &outcome(&post, status));
        assert!(matches!(recorded, Recorded::Changed { .. }), "{status}: {recorded:?}");
    }
    let posted = get(&store, post.id);
    assert_eq!((posted.status, posted.posted_at), (Status::Posted, Some(minutes(1))));
    assert!(posted.tweet_id.is_some());
    assert_eq!(posted.list_at(), minutes(1));
}

#[test]
fn the_same_word_twice_is_one_event() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let post = hand_over(&store, &post);
    let word = outcome(&post, Status::Failed);
    tell(&store, &post, &word);
    let events = read(&store, |read| read.events(post.id)).len();
    assert_eq!(tell(&store, &post, &word), Recorded::Unchanged);
    assert_eq!(read(&store, |read| read.events(post.id)).len(), events);
}

#[test]
fn a_relay_that_lost_its_ledger_takes_no_reason_of_a_failure_away() {
    for status in [Status::Failed, Status::Missed] {
        let store = memory();
        let post = create(&store, &due("x", 10));
        let post = hand_over(&store, &post);
        let said = Some("You are over your daily limit.".to_owned());
        let code = Some("daily_limit".to_owned());
        let word = Outcome { code, message: said, ..outcome(&post, status) };
        tell(&store, &post, &word);
        let failed = get(&store, post.id);
        // It heard of the failure from this store, and was never told why.
        tell(&store, &post, &outcome(&post, status));
        assert_eq!(get(&store, post.id), failed, "{status}");
        // Another reason is news.
        let other = Outcome { code: Some("forbidden".to_owned()), ..outcome(&post, status) };
        tell(&store, &post, &other);
        assert_eq!(get(&store, post.id).error_code.as_deref(), Some("forbidden"), "{status}");
    }
}

#[test]
fn a_stale_word_never_revives_a_withdrawn_post() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let post = hand_over(&store, &post);
    write(&store, |tx| tx.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person));
    write(&store, |tx| tx.withdrawal_proven(post.id, Revision(2), Actor::Person));
    for status in [Status::Queued, Status::Held, Status::Missed, Status::Failed] {
        assert_eq!(tell(&store, &post, &outcome(&post, status)), Recorded::Unchanged, "{status}");
    }
    assert_eq!(get(&store, post.id).status, Status::Cancelled);
}

#[test]
fn a_post_that_the_relay_decided_leaves_no_withdrawal_open() {
    for decided in Status::ALL.into_iter().filter(|status| status.is_decided()) {
        let store = memory();
        let post = create(&store, &due("x", 10));
        let post = hand_over(&store, &post);
        write(&store, |tx| tx.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person));
        // What was under way when the wish came is told under the older revision, unless it is
        // withdrawn.
        let revision = if decided == Status::Cancelled { post.revision.next() } else { FIRST };
        tell(&store, &post, &Outcome { revision, ..outcome(&post, decided) });
        let told = get(&store, post.id);
        let open = read(&store, |read| read.outbox_of(post.id))
            .into_iter()
            .filter(|it| it.kind == OutboxKind::Withdraw)
            .count();
        assert_eq!(open, usize::from(told.withdraw_to.is_some()), "{decided}: {told:?}");
    }
}

#[test]
fn what_came_to_need_a_check_before_its_withdrawal_was_told_is_withdrawn_by_one_request() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let post = hand_over(&store, &post);
    write(&store, |tx| tx.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person));
    let raised = get(&store, post.id);
    tell(&store, &raised, &outcome(&raised, Status::Unknown));
    write(&store, |tx| tx.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person));
    let open = read(&store, |read| read.outbox_of(post.id));
    let open: Vec<_> = open.iter().filter(|it| it.kind == OutboxKind::Withdraw).collect();
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(open[0].revision, Some(get(&store, post.id).revision), "the newest wish");
}

#[test]
fn what_went_out_counts_under_any_revision() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let post = hand_over(&store, &post);
    let edit = Edit { schedule: Some(Some(schedule(minutes(90)))), ..Edit::default() };
    write(&store, |tx| tx.edit_post(post.id, &edit, Actor::Person));
    tell(&store, &post, &outcome(&post, Status::Posted));
    let posted = get(&store, post.id);
    assert_eq!((posted.status, posted.revision), (Status::Posted, Revision(2)));
    assert_eq!(read(&store, |read| read.due_for_handover(RELAY, minutes(999), 9)), []);
}

#[test]
fn staged_alone_is_not_queued() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    write(&store, |tx| tx.offer(RELAY, &[(post.id, post.revision)]));
    assert_eq!(tell(&store, &post, &outcome(&post, Status::Queued)), Recorded::Unchanged);
    assert_eq!(get(&store, post.id).status, Status::Pending);
}

#[test]
fn a_message_that_comes_after_the_result_is_kept_for_the_receipt() {
    let store = memory();
    let post = create(&store, &due("x", 0));
    write(&store, |tx| tx.offer(RELAY, &[(post.id, post.revision)]));
    tell(&store, &post, &outcome(&post, Status::Posted));
    let post = hand_over_late(&store, &post);
    assert_eq!(post.status, Status::Posted);
    assert!(post.synced_to_qstash);
    assert_eq!(read(&store, |read| read.outbox_open()), 0);
}

fn hand_over_late(store: &Store, post: &Post) -> Post {
    let published = roost_store::Published {
        post_id: post.id,
        revision: post.revision,
        message_id: "msg_late".into(),
    };
    assert_eq!(write(store, |tx| tx.mark_queued(&[published])), []);
    get(store, post.id)
}

#[test]
fn the_relays_withdrawn_proves_a_withdrawal() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let post = hand_over(&store, &post);
    let asked = write(&store, |tx| tx.withdraw_post(post.id, WithdrawTo::Draft, Actor::Person));
    let asked = asked.post().clone();
    tell(&store, &asked, &outcome(&asked, Status::Cancelled));
    let draft = get(&store, post.id);
    assert_eq!((draft.status, draft.withdraw_to), (Status::Draft, None));
}

#[test]
fn a_withdrawal_proven_after_the_relay_had_begun_still_reaches_its_goal() {
    for (to, status) in [
        (WithdrawTo::Cancelled, Status::Cancelled),
        (WithdrawTo::Draft, Status::Draft),
        (WithdrawTo::Pending, Status::Pending),
    ] {
        let store = memory();
        let post = create(&store, &due("x", 10));
        let post = hand_over(&store, &post);
        let asked = write(&store, |tx| tx.withdraw_post(post.id, to, Actor::Person));
        let revision = asked.post().revision;
        // X refused for now: the relay went back to waiting, and heard of the withdrawal there.
        let mut sending = outcome(&post, Status::Sending);
        sending.revision = FIRST;
        tell(&store, &post, &sending);
        let done = write(&store, |tx| tx.withdrawal_proven(post.id, revision, Actor::Person));
        assert_eq!(done.status, status, "{to}");
    }
}

/// The relay's feed was not read for an hour, and tells then what happened before the cancellation.
#[test]
fn calls_that_are_told_after_a_proven_withdrawal_never_arm_what_was_withdrawn() {
    for (to, status) in [
        (WithdrawTo::Cancelled, Status::Cancelled),
        (WithdrawTo::Draft, Status::Draft),
        (WithdrawTo::Pending, Status::Pending),
    ] {
        let store = memory();
        let first = hand_over(&store, &create(&store, &due("as it was", 10)));
        let edited = reworded(&store, &first, "as it was meant");
        let asked = write(&store, |tx| tx.withdraw_post(edited.id, to, Actor::Person));
        let revision = asked.post().revision;
        write(&store, |tx| tx.withdrawal_proven(first.id, revision, Actor::Person));
        for told in [Status::Sending, Status::Held] {
            tell(&store, &first, &outcome(&first, told));
            write(&store, |tx| tx.edit_after_all(first.id));
        }
        let post = get(&store, first.id);
        assert_eq!(post.status, status, "{to}");
        assert_eq!(read(&store, |read| read.content(&post)).first_text(), "as it was meant");
        // What went out counts under any revision.
        if status != Status::Draft {
            tell(&store, &first, &outcome(&first, Status::Posted));
            assert_eq!(get(&store, first.id).status, Status::Posted);
        }
    }
}

#[test]
fn what_went_out_after_all_leaves_the_trash() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let post = hand_over(&store, &post);
    write(&store, |tx| tx.withdraw_post(post.id, WithdrawTo::Deleted, Actor::Person));
    write(&store, |tx| tx.withdrawal_proven(post.id, Revision(2), Actor::Person));
    tell(&store, &post, &outcome(&post, Status::Posted));
    let posted = get(&store, post.id);
    assert_eq!((posted.status, posted.deleted_at), (Status::Posted, None));
}

#[test]
fn what_the_relay_may_still_send_leaves_the_trash() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let post = hand_over(&store, &post);
    tell(&store, &post, &outcome(&post, Status::Failed));
    write(&store, |tx| tx.delete_post(post.id, Actor::Person));
    tell(&store, &post, &outcome(&post, Status::Held));
    let held = get(&store, post.id);
    assert_eq!((held.status, held.deleted_at), (Status::Held, None));
}

#[test]
fn a_word_that_contradicts_a_posted_post_is_refused() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let post = hand_over(&store, &post);
    tell(&store, &post, &outcome(&post, Status::Posted));
    let refused = tell(&store, &post, &outcome(&post, Status::Failed));
    assert_eq!(refused, Recorded::Refused { from: Status::Posted, to: Status::Failed });
    assert_eq!(get(&store, post.id).status, Status::Posted);
}

#[test]
fn a_word_about_a_stranger_is_told_apart() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let word = outcome(&post, Status::Posted);
    let recorded = write(&store, |tx| tx.record_outcome(PostId::new(NOW), &word));
    assert_eq!(recorded, Recorded::NotOurs);
}

#[test]
fn a_failure_keeps_code_words_and_moment_until_it_is_armed_anew() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let post = hand_over(&store, &post);
    let mut word = outcome(&post, Status::Failed);
    word.code = Some("duplicate".into());
    word.message = Some("X refused it as a duplicate.".into());
    tell(&store, &post, &word);
    let failed = get(&store, post.id);
    assert_eq!(
        (failed.failed_at, failed.error_code.as_deref()),
        (Some(word.at), Some("duplicate"))
    );
    assert_eq!(failed.retry_count, 1);
    let armed = write(&store, |tx| tx.arm_post(post.id, None, Actor::Person));
    assert_eq!((armed.error_code, armed.failed_at), (None, None));
    assert_eq!((armed.status, armed.revision), (Status::Pending, Revision(2)));
}

/// A post that the relay was sending when an edit of it was offered: the edit came too late.
fn edited_too_late(store: &Store) -> (Post, Post) {
    let first = hand_over(store, &create(store, &due("what went out", 10)));
    let edit = Edit {
        content: Some(Content::of_texts(["what was meant", "a second part"])),
        schedule: Some(Some(schedule(minutes(90)))),
        ..Edit::default()
    };
    let edited = write(store, |tx| tx.edit_post(first.id, &edit, Actor::Person));
    write(store, |tx| tx.offer(RELAY, &[(edited.id, edited.revision)]));
    (first, edited)
}

#[test]
fn the_word_that_ends_a_sending_counts_after_an_edit_that_came_too_late() {
    for status in [Status::Failed, Status::Held, Status::Missed, Status::Posted, Status::Unknown] {
        let store = memory();
        let (first, _) = edited_too_late(&store);
        tell(&store, &first, &outcome(&first, Status::Sending));
        tell(&store, &first, &outcome(&first, status));
        assert_eq!(get(&store, first.id).status, status);
    }
}

#[test]
fn an_edit_that_came_too_late_leaves_the_text_that_goes_out() {
    let store = memory();
    let (first, edited) = edited_too_late(&store);
    tell(&store, &first, &outcome(&first, Status::Sending));
    let sending = get(&store, first.id);
    let sent = content(&store, &sending);
    assert_eq!((sent.to_texts(), sending.cost_micros), (vec!["what went out".into()], 15_000));
    assert_eq!(sending.schedule, first.schedule);
    assert!(sending.is_intact(&sent));
    assert_eq!(sending.revision, edited.revision, "revisions never fall");
}

#[test]
fn a_thread_whose_edit_came_too_late_has_the_hashes_of_all_its_parts() {
    let store = memory();
    let first = hand_over(&store, &create(&store, &thread(&["one", "two: example.com"], 10)));
    let edit = Edit { content: Some(Content::of_texts(["uno", "due"])), ..Edit::default() };
    write(&store, |tx| tx.edit_post(first.id, &edit, Actor::Person));
    tell(&store, &first, &outcome(&first, Status::Sending));
    let sending = get(&store, first.id);
    let sent = content(&store, &sending);
    assert_eq!(sent.to_texts(), ["one", "two: example.com"]);
    assert_eq!(sending.duplicate_key, first.duplicate_key);
    assert!(sending.is_intact(&sent) && sending.has_link);
    assert_eq!(sending.cost_micros, first.cost_micros);
}

#[test]
fn the_word_that_ends_a_sending_counts_after_a_withdrawal_that_came_too_late() {
    for status in [Status::Failed, Status::Held, Status::Missed] {
        // The relay may have moved on before it was asked: then no "sending" is heard.
        for (why, words) in [
            (NotWithdrawn::UnderWay, &[Status::Sending, status][..]),
            (NotWithdrawn::Out, &[Status::Sending, status]),
            (NotWithdrawn::Out, &[status]),
        ] {
            let store = memory();
            let post = hand_over(&store, &create(&store, &due("x", 10)));
            write(&store, |tx| tx.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person));
            write(&store, |tx| tx.withdrawal_too_late(post.id, why, NOW));
            for word in words {
                tell(&store, &post, &outcome(&post, *word));
            }
            assert_eq!(get(&store, post.id).status, status, "{words:?}");
        }
    }
}

fn reworded(store: &Store, post: &Post, text: &str) -> Post {
    write(store, |tx| tx.edit_post(post.id, &retext(text), Actor::Person))
}

#[test]
fn an_edit_that_came_too_late_is_kept_as_a_draft_that_names_its_post() {
    for status in [Status::Sending, Status::Posted, Status::Partial, Status::Unknown] {
        let store = memory();
        let (first, edited) = edited_too_late(&store);
        let recorded = tell(&store, &first, &outcome(&first, status));
        let Recorded::Changed { late: Some(late), .. } = recorded else { panic!("{recorded:?}") };
        let draft = get(&store, late.draft.expect("a draft"));
        assert_eq!(draft.late_edit_of, Some(first.id));
        assert_eq!((draft.status, draft.content.as_str()), (Status::Draft, "what was meant"));
        assert_eq!(draft.schedule, edited.schedule);
        assert_eq!(draft.account, edited.account);
        assert_eq!(draft.duplicate_key, edited.duplicate_key);
        let texts = content(&store, &draft).to_texts();
        assert_eq!(texts, ["what was meant", "a second part"]);
        assert_eq!(read(&store, |read| read.late_edit(first.id)), Some(*late));
        // Told again, it is no other loss.
        tell(&store, &first, &outcome(&first, Status::Posted));
        let kinds = [EventKind::EditTooLate];
        let told = read(&store, |read| read.events(first.id));
        assert_eq!(told.iter().filter(|event| kinds.contains(&event.kind)).count(), 1);
    }
}

#[test]
fn of_several_late_edits_the_last_is_kept_and_the_receipt_has_those_in_between() {
    let store = memory();
    let first = hand_over(&store, &create(&store, &due("what went out", 10)));
    for text in ["the second try", "the third try"] {
        reworded(&store, &first, text);
    }
    tell(&store, &first, &outcome(&first, Status::Posted));
    let late = read(&store, |read| read.late_edit(first.id)).expect("a late edit");
    assert_eq!(
        (late.meant.content.first_text(), late.sent.content.first_text()),
        ("the third try", "what went out")
    );
    let said: Vec<String> = read(&store, |read| read.events(first.id))
        .into_iter()
        .filter(|event| event.kind == EventKind::Edited)
        .filter_map(|event| event.change.after.content)
        .collect();
    assert_eq!(said, ["the second try", "the third try"]);
}

#[test]
fn a_move_that_came_too_late_is_told_and_leaves_no_draft() {
    let store = memory();
    let first = hand_over(&store, &create(&store, &due("moved", 10)));
    let edit = Edit { schedule: Some(Some(schedule(minutes(90)))), ..Edit::default() };
    write(&store, |tx| tx.edit_post(first.id, &edit, Actor::Person));
    tell(&store, &first, &outcome(&first, Status::Posted));
    let late = read(&store, |read| read.late_edit(first.id)).expect("a late edit");
    assert_eq!(late.draft, None);
    assert_eq!(late.meant.schedule.map(|it| it.at), Some(minutes(90)));
    assert_eq!(late.sent.schedule.map(|it| it.at), Some(minutes(10)));
}

/// A relay that lost its ledger finds under the newest revision what went out under an older one.
#[test]
fn what_a_relay_finds_that_went_out_before_the_time_it_was_moved_to_has_its_former_time() {
    for (posted_at, shown) in [(minutes(11), 10), (minutes(89), 10), (minutes(90), 90)] {
        let store = memory();
        let first = hand_over(&store, &create(&store, &due("moved", 10)));
        let edit = Edit { schedule: Some(Some(schedule(minutes(90)))), ..Edit::default() };
        let moved = write(&store, |tx| tx.edit_post(first.id, &edit, Actor::Person));
        let moved = hand_over(&store, &moved);
        let found = Outcome {
            posted_at: Some(UnixMillis(posted_at.0 - 30_000)),
            ..outcome(&moved, Status::Posted)
        };
        tell(&store, &moved, &found);
        let post = get(&store, moved.id);
        assert_eq!(post.schedule.map(|it| it.at), Some(minutes(shown)), "posted {posted_at:?}");
        let late = read(&store, |read| read.late_edit(first.id));
        assert_eq!(late.is_some(), shown == 10);
        assert_eq!(late.and_then(|late| late.draft), None);
    }
}

#[test]
fn an_edit_that_was_taken_back_before_it_came_too_late_is_no_loss() {
    let store = memory();
    let first = hand_over(&store, &create(&store, &due("as it was", 10)));
    let there = reworded(&store, &first, "another thought");
    reworded(&store, &there, "as it was");
    tell(&store, &first, &outcome(&first, Status::Posted));
    assert_eq!(read(&store, |read| read.late_edit(first.id)), None);
}

#[test]
fn a_late_edit_counts_after_all_when_its_call_came_to_nothing() {
    let store = memory();
    let (first, _) = edited_too_late(&store);
    tell(&store, &first, &outcome(&first, Status::Sending));
    let draft = read(&store, |read| read.late_edit(first.id)).and_then(|late| late.draft);
    tell(&store, &first, &outcome(&first, Status::Held));
    let edited = write(&store, |tx| tx.edit_after_all(first.id)).expect("the edit counts");
    assert_eq!((edited.status, edited.content.as_str()), (Status::Pending, "what was meant"));
    assert_eq!(edited.schedule.map(|it| it.at), Some(minutes(90)));
    assert!(get(&store, draft.expect("a draft")).deleted_at.is_some());
    assert_eq!(read(&store, |read| read.late_edit(first.id)), None);
}

#[test]
fn a_late_edit_whose_draft_the_person_took_up_is_theirs() {
    let store = memory();
    let (first, _) = edited_too_late(&store);
    tell(&store, &first, &outcome(&first, Status::Sending));
    let draft = read(&store, |read| read.late_edit(first.id)).and_then(|late| late.draft);
    write(&store, |tx| tx.arm_post(draft.expect("a draft"), None, Actor::Person));
    tell(&store, &first, &outcome(&first, Status::Held));
    assert_eq!(write(&store, |tx| tx.edit_after_all(first.id)), None);
    assert_eq!(get(&store, first.id).content, "what went out");
}

#[test]
fn a_step_that_is_heard_after_what_followed_it_stands_at_its_own_time_and_once() {
    let store = memory();
    let post = hand_over(&store, &create(&store, &due("x", 10)));
    let word = |status: Status, state: &str, after| Outcome {
        state: state.to_owned(),
        at: minutes(after),
        ..outcome(&post, status)
    };
    // Asked for, the result came first; the feed tells the whole story then.
    tell(&store, &post, &word(Status::Posted, "posted", 13));
    for _ in 0..2 {
        tell(&store, &post, &word(Status::Queued, "claimed", 10));
        tell(&store, &post, &word(Status::Sending, "sending", 11));
        tell(&store, &post, &word(Status::Posted, "posted", 13));
    }
    let mut told: Vec<_> = read(&store, |read| read.events(post.id))
        .into_iter()
        .filter(|event| event.kind == EventKind::Outcome)
        .map(|event| (event.happened_at, event.change.state.expect("a word")))
        .collect();
    told.sort_by_key(|(at, _)| *at);
    let at = |after| Some(minutes(after));
    let expected =
        [(at(10), "claimed".into()), (at(11), "sending".into()), (at(13), "posted".into())];
    assert_eq!(told, expected);
    assert_eq!(get(&store, post.id).status, Status::Posted);
}

#[test]
fn the_id_of_each_part_that_is_on_x_is_kept() {
    let store = memory();
    let post = hand_over(&store, &create(&store, &thread(&["one", "two", "three"], 10)));
    let id = |id: &str| roost_core::id::TweetId(id.to_owned());
    let live = vec![id("1900000000000000001"), id("1900000000000000002")];
    let word = Outcome { live: live.clone(), ..outcome(&post, Status::Unknown) };
    tell(&store, &post, &word);
    let known = read(&store, |read| read.live_parts(post.id));
    assert_eq!(known, [(0, live[0].clone()), (1, live[1].clone())]);
    assert_eq!(read(&store, |read| read.part_count(post.id)), 3);
}

#[test]
fn a_late_edit_is_found_behind_steps_of_the_relay_that_are_heard_after_it() {
    let store = memory();
    let (first, _) = edited_too_late(&store);
    let taken_up = Outcome { state: "claimed".into(), ..outcome(&first, Status::Queued) };
    tell(&store, &first, &taken_up);
    tell(&store, &first, &outcome(&first, Status::Posted));
    assert_eq!(get(&store, first.id).content, "what went out");
    assert!(read(&store, |read| read.late_edit(first.id)).is_some());
}
