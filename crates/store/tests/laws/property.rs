//! Any sequence of what person, engine and relay may do keeps the invariants.

use crate::common::*;
use proptest::prelude::*;
use roost_core::id::{PostId, Revision};
use roost_core::status::{Actor, Status};
use roost_store::{
    Edit, Error, Filter, List, NotWithdrawn, Order, Outcome, Post, Published, Reason, Store,
    WithdrawTo,
};

#[derive(Debug, Clone)]
enum Step {
    Create { armed: bool },
    Edit { post: usize, text: u8 },
    Reschedule { post: usize, after: Option<i64> },
    Arm { post: usize },
    Offer { post: usize },
    Publish { post: usize, back: i64 },
    Withdraw { post: usize, to: WithdrawTo },
    Proven { post: usize, back: i64 },
    TooLate { post: usize, why: NotWithdrawn },
    Tell { post: usize, status: Status, back: i64 },
    Move { post: usize, status: Status, by: Actor },
    Delete { post: usize },
    Restore { post: usize },
}

fn steps() -> impl Strategy<Value = Step> {
    let post = 0_usize..4;
    let status = prop::sample::select(Status::ALL.to_vec());
    let goal = prop::sample::select(WithdrawTo::ALL.to_vec());
    let by = prop::sample::select(vec![Actor::Person, Actor::Engine, Actor::Relay]);
    let why =
        prop::sample::select(vec![NotWithdrawn::UnderWay, NotWithdrawn::Rests, NotWithdrawn::Out]);
    let after = prop::option::of(-100_i64..1_000);
    prop_oneof![
        2 => any::<bool>().prop_map(|armed| Step::Create { armed }),
        2 => (post.clone(), any::<u8>()).prop_map(|(post, text)| Step::Edit { post, text }),
        1 => (post.clone(), after).prop_map(|(post, after)| Step::Reschedule { post, after }),
        2 => post.clone().prop_map(|post| Step::Arm { post }),
        4 => post.clone().prop_map(|post| Step::Offer { post }),
        4 => (post.clone(), 0_i64..2).prop_map(|(post, back)| Step::Publish { post, back }),
        2 => (post.clone(), goal).prop_map(|(post, to)| Step::Withdraw { post, to }),
        2 => (post.clone(), 0_i64..2).prop_map(|(post, back)| Step::Proven { post, back }),
        2 => (post.clone(), why).prop_map(|(post, why)| Step::TooLate { post, why }),
        4 => (post.clone(), status.clone(), 0_i64..2)
            .prop_map(|(post, status, back)| Step::Tell { post, status, back }),
        2 => (post.clone(), status, by)
            .prop_map(|(post, status, by)| Step::Move { post, status, by }),
        1 => post.clone().prop_map(|post| Step::Delete { post }),
        1 => post.prop_map(|post| Step::Restore { post }),
    ]
}

fn take(store: &Store, ids: &mut Vec<PostId>, step: &Step) -> Result<(), Error> {
    let id = |post: &usize| ids.get(*post).copied();
    let older = |id, back: &i64| {
        let post = store.read(|read| read.expect_post(id))?;
        Ok::<_, Error>((Revision((post.revision.0 - back).max(1)), post))
    };
    match step {
        Step::Create { armed } if ids.len() < 4 => {
            let new = if *armed { due("armed", 10) } else { draft("draft") };
            store.write("create", |tx| tx.create_post(&new, Actor::Person))?;
            ids.push(new.id);
        }
        Step::Create { .. } => {}
        Step::Edit { post, text } => {
            let Some(id) = id(post) else { return Ok(()) };
            let edit = retext(&format!("text {text}"));
            store.write("edit", |tx| tx.edit_post(id, &edit, Actor::Person))?;
        }
        Step::Reschedule { post, after } => {
            let Some(id) = id(post) else { return Ok(()) };
            let at = after.map(|after| schedule(minutes(after)));
            let edit = Edit { schedule: Some(at), ..Edit::default() };
            store.write("edit", |tx| tx.edit_post(id, &edit, Actor::Person))?;
        }
        Step::Arm { post } => {
            let Some(id) = id(post) else { return Ok(()) };
            store.write("arm", |tx| tx.arm_post(id, None, Actor::Person))?;
        }
        Step::Offer { post } => {
            let Some(id) = id(post) else { return Ok(()) };
            let revision = store.read(|read| read.expect_post(id))?.revision;
            store.write("offer", |tx| tx.offer(RELAY, &[(id, revision)]))?;
        }
        Step::Publish { post, back } => {
            let Some(id) = id(post) else { return Ok(()) };
            let (revision, post) = older(id, back)?;
            // Who publishes has staged, and who has staged has an account.
            if post.account.is_none() || post.offered_revision < revision {
                return Ok(());
            }
            let message_id = format!("msg-{id}-{revision}");
            let published = [Published { post_id: id, revision, message_id }];
            store.write("publish", |tx| tx.mark_queued(&published))?;
        }
        Step::Withdraw { post, to } => {
            let Some(id) = id(post) else { return Ok(()) };
            store.write("withdraw", |tx| tx.withdraw_post(id, *to, Actor::Person))?;
        }
        Step::Proven { post, back } => {
            let Some(id) = id(post) else { return Ok(()) };
            let (revision, post) = older(id, back)?;
            if post.withdraw_to.is_some() {
                store.write("proven", |tx| tx.withdrawal_proven(id, revision, Actor::Engine))?;
            }
        }
        Step::TooLate { post, why } => {
            let Some(id) = id(post) else { return Ok(()) };
            store.write("too-late", |tx| tx.withdrawal_too_late(id, *why, NOW))?;
        }
        Step::Tell { post, status, back } => {
            let Some(id) = id(post) else { return Ok(()) };
            let (revision, post) = older(id, back)?;
            // The relay speaks of what was offered to it.
            if post.offered_revision >= revision {
                let word = Outcome { revision, ..outcome(&post, *status) };
                store.write("tell", |tx| tx.record_outcome(id, &word))?;
            }
        }
        Step::Move { post, status, by } => {
            let Some(id) = id(post) else { return Ok(()) };
            store.write("move", |tx| tx.set_status(id, *status, *by, &Reason::default()))?;
        }
        Step::Delete { post } => {
            let Some(id) = id(post) else { return Ok(()) };
            store.write("delete", |tx| tx.delete_post(id, Actor::Person))?;
        }
        Step::Restore { post } => {
            let Some(id) = id(post) else { return Ok(()) };
            store.write("restore", |tx| tx.restore_post(id, Actor::Person))?;
        }
    }
    Ok(())
}

/// What must hold between two moments of one post.
fn check_change(store: &Store, told_before: i64, before: &Post, after: &Post, step: &Step) {
    assert!(after.revision >= before.revision, "revisions never fall: {step:?}");
    assert!(after.version >= before.version, "versions never fall: {step:?}");
    if before.content != after.content || before.deleted_at != after.deleted_at {
        assert!(after.version > before.version, "a change that is seen: {step:?}");
    }
    if before.status == Status::Posted {
        assert_eq!(after.status, Status::Posted, "a posted post never changes: {step:?}");
    }
    // Only the relay's word ends what the relay may still send.
    if before.may_be_on_relay() && !after.may_be_on_relay() {
        let told = matches!(
            step,
            Step::Tell { .. } | Step::Proven { .. } | Step::TooLate { .. } | Step::Move { .. }
        );
        assert!(told, "hidden from the relay by {step:?}: {before:?} → {after:?}");
    }
    // The events tell every step from the one status to the other, and who took it.
    let mut status = before.status;
    for event in read(store, |read| read.events_after(told_before, 1_000)) {
        let was = event.change.before.as_ref().and_then(|old| old.status);
        let Some(was) = was.filter(|_| event.post_id == after.id) else { continue };
        let next = event.change.after.status.expect("a status");
        assert_eq!(was, status, "{step:?}");
        assert!(status.allows(next, event.actor), "{:?} made {status} {next}", event.actor);
        status = next;
    }
    assert_eq!(status, after.status, "a change without an event: {step:?}");
}

/// What must hold at any moment.
fn check_moment(store: &Store, ids: &[PostId]) {
    let counts = read(store, |read| read.status_counts(None));
    let coverage = read(store, |read| read.coverage());
    let upcoming: Vec<Post> = ids
        .iter()
        .map(|id| get(store, *id))
        .filter(|post| post.deleted_at.is_none() && List::of(post.status) == List::Upcoming)
        .collect();
    let is_handed = |post: &&Post| {
        post.status != Status::Pending && post.offered_revision > post.withdrawn_revision
    };
    let handed = upcoming.iter().filter(is_handed).count();
    let kept = (coverage.handed_over, coverage.waiting_here);
    assert_eq!(kept, (handed as u64, (upcoming.len() - handed) as u64));
    let pending = |post: &&Post| post.status == Status::Pending;
    let beyond = upcoming.iter().filter(pending).filter(|post| post.list_at() >= minutes(100));
    assert_eq!(read(store, |read| read.posts_beyond(minutes(100))), beyond.count() as u64);
    let mut shown = 0;
    for list in List::ALL {
        let filter = Filter { list: Some(*list), ..Filter::default() };
        let rows = read(store, |read| read.post_ids(&filter, Order::Ascending, 99));
        assert_eq!(rows.len() as u64, counts.in_list(*list), "{list}");
        shown += rows.len();
    }
    let trash = read(store, |read| read.trash(99)).len();
    // An edit that came too late is kept as a draft of its own.
    let kept: usize = ids
        .iter()
        .map(|id| read(store, |read| read.events(*id)))
        .map(|events| {
            let kept = |event: &&roost_store::PostEvent| {
                event.change.late.as_ref().is_some_and(|late| late.draft.is_some())
            };
            events.iter().filter(kept).count()
        })
        .sum();
    assert_eq!(shown + trash, ids.len() + kept, "every post is in one list or in the trash");
    for id in ids {
        let post = get(store, *id);
        assert_eq!(post.synced_to_qstash, post.qstash_message_id.is_some());
        assert!(post.status != Status::Queued || post.synced_to_qstash);
        if post.deleted_at.is_some() {
            assert!(!post.may_be_on_relay(), "in the trash, and the relay may send it");
        }
        let open = read(store, |read| read.outbox_of(*id));
        let withdrawals =
            open.iter().filter(|row| row.kind == roost_store::OutboxKind::Withdraw).count();
        let wished = usize::from(post.withdraw_to.is_some());
        assert_eq!(withdrawals, wished, "a request for each wish, and none without: {post:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_sequence_of_steps_keeps_the_invariants(steps in prop::collection::vec(steps(), 1..60)) {
        let store = memory();
        let mut ids = Vec::new();
        for step in steps {
            let before: Vec<_> = ids.iter().map(|id| get(&store, *id)).collect();
            let told = read(&store, |read| read.events_after(0, 10_000));
            let told_before = told.last().map_or(0, |event| event.seq);
            let refused = take(&store, &mut ids, &step);
            let after: Vec<_> = ids.iter().map(|id| get(&store, *id)).collect();
            match refused {
                Ok(()) => {}
                Err(
                    Error::Refused { .. }
                    | Error::NotEditable { .. }
                    | Error::StillHandedOver { .. }
                    | Error::Deleted { .. }
                    | Error::Constraint { .. },
                ) => assert_eq!(before, after, "a refused step left a trace: {step:?}"),
                Err(other) => panic!("{step:?}: {other:?}"),
            }
            for (before, after) in before.iter().zip(&after) {
                check_change(&store, told_before, before, after, &step);
            }
            check_moment(&store, &ids);
        }
    }
}
