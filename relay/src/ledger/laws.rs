//! The table's laws, over every state and every event.

use roost_core::id::Revision;
use roost_relay_api::DeliveryState::{
    self, Claimed, Expired, Parked, Partial, Posted, Refused, Sending, Staged, Unknown, Waiting,
    Withdrawn,
};

use super::{Decision, Event, Standing, Timing, Why, decide};

const HERE: Revision = Revision(5);

/// Every event, from the side of a post at revision 5.
pub(super) fn events() -> Vec<Event> {
    let mut events = vec![
        Event::Hold,
        Event::Send,
        Event::Refuse,
        Event::Defer,
        Event::Lose,
        Event::Deadline,
        Event::Abandon,
        Event::Restart,
        Event::Verify,
        Event::SendAgain,
    ];
    for flag in [false, true] {
        events.push(Event::Created { last: flag });
        events.push(Event::Found { last: flag });
        events.push(Event::NotFound { looks_left: flag });
        events.push(Event::WentOut { last: flag });
    }
    for revision in [4, 5, 6].map(Revision) {
        events.push(Event::Withdraw { revision });
        for same_body in [false, true] {
            events.push(Event::Stage { revision, same_body });
        }
        for timing in [Timing::Early, Timing::Due, Timing::Late] {
            events.push(Event::Deliver { revision, timing });
        }
    }
    events
}

/// The kinds of events, counted: a new one does not compile before it is counted here.
const fn kind(event: Event) -> usize {
    match event {
        Event::Stage { .. } => 0,
        Event::Withdraw { .. } => 1,
        Event::Deliver { .. } => 2,
        Event::Hold => 3,
        Event::Send => 4,
        Event::Created { .. } => 5,
        Event::Refuse => 6,
        Event::Defer => 7,
        Event::Lose => 8,
        Event::Found { .. } => 9,
        Event::NotFound { .. } => 10,
        Event::Deadline => 11,
        Event::Restart => 12,
        Event::Verify => 13,
        Event::WentOut { .. } => 14,
        Event::SendAgain => 15,
        Event::Abandon => 16,
    }
}

#[test]
fn every_kind_of_event_is_tried() {
    let mut kinds: Vec<usize> = events().into_iter().map(kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds, (0..17).collect::<Vec<_>>());
}

fn each(mut check: impl FnMut(Standing, Event, Decision)) {
    for state in DeliveryState::ALL {
        for live in [false, true] {
            for event in events() {
                let standing = Standing { state, revision: HERE, live };
                check(standing, event, decide(&standing, event));
            }
        }
    }
}

#[test]
fn only_the_intent_leads_to_sending_and_only_from_what_was_taken_up() {
    each(|standing, event, decision| {
        if decision == Decision::Become(Sending) {
            assert_eq!(event, Event::Send);
            assert!(matches!(standing.state, Claimed | Waiting), "{standing:?}");
        }
    });
}

#[test]
fn a_posted_post_never_changes() {
    each(|standing, event, decision| {
        if standing.state == Posted {
            assert!(matches!(decision, Decision::Stay(_)), "{event:?} → {decision:?}");
        }
    });
}

#[test]
fn what_may_be_on_x_is_neither_rearmed_nor_withdrawn() {
    each(|standing, event, decision| {
        let out = standing.live
            || matches!(standing.state, Sending | Unknown | Parked | Posted | Partial);
        let rewrites = matches!(event, Event::Stage { .. } | Event::Withdraw { .. });
        if out && rewrites {
            assert!(matches!(decision, Decision::Stay(_)), "{standing:?} {event:?}");
        }
    });
}

#[test]
fn an_unknown_outcome_ends_only_by_reading_the_timeline_or_by_a_person() {
    each(|standing, event, decision| {
        let Decision::Become(to) = decision else { return };
        if standing.state == Unknown {
            let read = matches!(event, Event::Found { .. } | Event::NotFound { .. });
            assert!(read, "{event:?} → {to:?}");
        }
        if standing.state == Parked {
            let person = matches!(event, Event::Verify | Event::WentOut { .. } | Event::SendAgain);
            assert!(person, "{event:?} → {to:?}");
        }
    });
}

#[test]
fn a_decided_post_is_moved_by_nothing_but_the_desktop_or_a_person() {
    each(|standing, event, decision| {
        if !matches!(standing.state, Refused | Withdrawn | Expired | Partial | Parked) {
            return;
        }
        if let Decision::Become(_) = decision {
            let allowed = matches!(
                event,
                Event::Stage { .. }
                    | Event::Withdraw { .. }
                    | Event::Verify
                    | Event::WentOut { .. }
                    | Event::SendAgain
            );
            assert!(allowed, "{standing:?} {event:?} → {decision:?}");
        }
    });
}

#[test]
fn a_revision_never_falls() {
    each(|_, event, decision| {
        let revision = match event {
            Event::Stage { revision, .. } | Event::Withdraw { revision } => revision,
            _ => return,
        };
        if let Decision::Become(_) = decision {
            assert!(revision >= HERE, "{event:?}");
        }
    });
}

#[test]
fn a_withdrawn_post_never_goes_out() {
    each(|standing, event, decision| {
        if standing.state != Withdrawn {
            return;
        }
        if let Decision::Become(to) = decision {
            let armed_anew = matches!(event, Event::Stage { revision, .. } if revision > HERE);
            let again = matches!(event, Event::Withdraw { revision } if revision > HERE);
            assert!(armed_anew && to == Staged || again && to == Withdrawn, "{event:?} → {to:?}");
        }
    });
}

#[test]
fn an_old_revision_is_superseded_and_one_that_never_came_is_not_found() {
    each(|_, event, decision| match event {
        Event::Deliver { revision: Revision(4), .. } => {
            assert_eq!(decision, Decision::Stay(Why::Superseded));
        }
        Event::Deliver { revision: Revision(6), .. } => {
            assert_eq!(decision, Decision::Stay(Why::NeverStaged));
        }
        _ => {}
    });
}

#[test]
fn a_delivery_takes_up_only_what_is_staged() {
    for state in DeliveryState::ALL {
        for (timing, to) in
            [(Timing::Early, Waiting), (Timing::Due, Claimed), (Timing::Late, Expired)]
        {
            let standing = Standing { state, revision: HERE, live: false };
            let decision = decide(&standing, Event::Deliver { revision: HERE, timing });
            if state == Staged {
                assert_eq!(decision, Decision::Become(to));
            } else {
                assert!(matches!(decision, Decision::Stay(Why::InHand | Why::Decided)));
            }
        }
    }
}

#[test]
fn the_same_stage_again_answers_the_same() {
    for state in DeliveryState::ALL {
        for live in [false, true] {
            let standing = Standing { state, revision: HERE, live };
            let again = decide(&standing, Event::Stage { revision: HERE, same_body: true });
            if state == Withdrawn {
                assert_ne!(again, Decision::Become(Staged));
            } else {
                assert_eq!(again, Decision::Stay(Why::Same), "{state:?}");
            }
        }
    }
}

#[test]
fn a_thread_that_is_half_out_ends_partial_and_never_refused_or_expired() {
    each(|standing, event, decision| {
        if standing.live && matches!(standing.state, Claimed | Waiting | Sending | Unknown) {
            let lost = matches!(decision, Decision::Become(Refused | Expired | Withdrawn | Staged));
            assert!(!lost, "{standing:?} {event:?} → {decision:?}");
        }
    });
}

#[test]
fn whatever_was_being_sent_is_unknown_after_a_start() {
    let standing = Standing { state: Sending, revision: HERE, live: false };
    assert_eq!(decide(&standing, Event::Restart), Decision::Become(Unknown));
}
