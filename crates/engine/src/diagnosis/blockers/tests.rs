use super::*;
use crate::diagnosis::safe_to_close::safe_to_close;
use crate::view::SafeToClose;

const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

fn calm() -> Facts {
    Facts {
        mode: Mode::Server,
        now: NOW,
        trouble: None,
        relay: Reach::Reached { at: NOW, latency_ms: 1 },
        relay_refusal: None,
        relay_knows_store: true,
        relay_not_ready: Vec::new(),
        clocks: Clocks::default(),
        scheduler: None,
        paused: false,
        paused_accounts: Vec::new(),
        open: 18,
        handed_over: 18,
        not_handed_over: Backlog::default(),
        withdrawing: Backlog::default(),
        without_account: Backlog::default(),
        accounts: Vec::new(),
        waiting: Vec::new(),
        outgrown: Backlog::default(),
        moved_by_rules: Backlog::default(),
        turns_too_late: Backlog::default(),
        first_gap: None,
    }
}

fn judged(facts: &Facts) -> (Vec<BlockerKind>, SafeToClose) {
    let found = blockers(facts);
    for blocker in &found {
        assert!(blocker.message.ends_with('.'), "{blocker:?}");
        assert!(blocker.remedy.is_empty() || blocker.remedy.ends_with('.'), "{blocker:?}");
    }
    let safe = safe_to_close(facts, &found);
    (found.into_iter().map(|blocker| blocker.kind).collect(), safe)
}

#[test]
fn where_nothing_is_in_the_way_it_is_safe_to_close() {
    assert_eq!(judged(&calm()), (vec![], SafeToClose::Everything));
    let later = UnixMillis(NOW.0 + 1);
    let facts = Facts { first_gap: Some(later), ..calm() };
    assert_eq!(judged(&facts), (vec![], SafeToClose::Until { at: later }));
    let due = Facts { first_gap: Some(NOW), ..calm() };
    assert_eq!(judged(&due).1, SafeToClose::NotNow);
    let here = Facts { mode: Mode::ThisComputer, ..calm() };
    assert_eq!(judged(&here).1, SafeToClose::OnlyWhileAwake);
}

#[test]
fn a_relay_that_refuses_the_key_holds_nothing_for_sure() {
    let refusal = Trouble::new(Code::RelayUnauthorized, "no such device");
    let facts = Facts { relay_refusal: Some(refusal), ..calm() };
    assert_eq!(
        judged(&facts),
        (vec![BlockerKind::RelayRefuses], SafeToClose::Blocked { until: None })
    );
    assert_eq!(blockers(&facts)[0].next_steps, [NextStep::Pair]);
}

#[test]
fn a_relay_with_another_database_needs_this_computer() {
    let facts = Facts { relay_knows_store: false, ..calm() };
    assert_eq!(judged(&facts), (vec![BlockerKind::RelayLostStore], SafeToClose::NotNow));
    let nothing = Facts { relay_knows_store: false, handed_over: 0, open: 0, ..calm() };
    assert_eq!(judged(&nothing), (vec![], SafeToClose::Everything));
}

#[test]
fn a_sick_account_is_no_post_that_only_this_computer_has() {
    let backlog = Backlog { posts: 18, first: Some(NOW) };
    let unwell = |name: &str, code| Unwell { username: name.into(), code, backlog };
    let accounts = vec![unwell("ada", Code::AccountSuspended), unwell("bob", Code::SignInNeeded)];
    let facts = Facts { accounts, ..calm() };
    let kinds = vec![BlockerKind::AccountSuspended, BlockerKind::AccountSignedOut];
    assert_eq!(judged(&facts), (kinds, SafeToClose::Blocked { until: None }));
    let found = blockers(&facts);
    assert!(found.iter().all(|blocker| !blocker.needs_this_computer && blocker.posts == 18));
    assert_eq!(found[0].next_steps, [NextStep::TryNow]);
    let sign_in = NextStep::SignIn { username: Some("bob".to_owned()) };
    assert_eq!(found[1].next_steps, [sign_in]);
}

#[test]
fn what_only_this_computer_has_needs_this_computer() {
    let backlog = Backlog { posts: 1, first: Some(NOW) };
    for (facts, kind) in [
        (Facts { not_handed_over: backlog, ..calm() }, BlockerKind::NotHandedOver),
        (Facts { withdrawing: backlog, ..calm() }, BlockerKind::Withdrawing),
    ] {
        assert_eq!(judged(&facts), (vec![kind], SafeToClose::NotNow));
    }
    let orphans = Facts { without_account: backlog, ..calm() };
    assert_eq!(
        judged(&orphans),
        (vec![BlockerKind::WithoutAccount], SafeToClose::Blocked { until: None })
    );
}

#[test]
fn what_holds_every_post_is_one_state_of_the_whole_with_its_next_try() {
    let waiting = |code: Code, posts| WaitingCount {
        code,
        message: code.text().to_owned(),
        posts,
        next_try: Some(UnixMillis(NOW.0 + 60_000)),
        said: None,
    };
    let credits = waiting(Code::CreditsDepleted, 9);
    let facts = Facts { waiting: vec![credits, waiting(Code::RateLimited, 3)], ..calm() };
    assert_eq!(judged(&facts), (vec![BlockerKind::AppHeld], SafeToClose::Blocked { until: None }));
    let found = &blockers(&facts)[0];
    assert_eq!((found.posts, found.next_try.is_some()), (9, true));
    assert_eq!(found.next_steps, [NextStep::TryNow]);
    let x = Facts { waiting: vec![waiting(Code::XUnreachable, 2)], ..calm() };
    assert_eq!(judged(&x), (vec![BlockerKind::XUnreachable], SafeToClose::Everything));
    // X that renews no sign-ins holds every account too, and each code has a remedy of its own.
    let again = "signing in again heals it";
    for (code, heals) in [(Code::SignInDoubtful, true), (Code::RefreshRefused, false)] {
        let facts = Facts { waiting: vec![waiting(code, 4)], ..calm() };
        assert_eq!(judged(&facts), (vec![BlockerKind::SignInsHeld], SafeToClose::Everything));
        let found = &blockers(&facts)[0];
        assert_eq!((found.posts, found.code, found.needs_person), (4, code, false));
        assert_eq!(found.remedy.contains(again), heals, "{found:?}");
        assert!(found.message.ends_with("4 posts wait for it."), "{found:?}");
    }
}

#[test]
fn what_will_be_missed_needs_the_person_now() {
    let backlog = Backlog { posts: 3, first: Some(NOW) };
    let facts = Facts { turns_too_late: backlog, ..calm() };
    assert_eq!(
        judged(&facts),
        (vec![BlockerKind::WillBeMissed], SafeToClose::Blocked { until: None })
    );
}

#[test]
fn a_wrong_clock_is_told_as_the_one_that_is_wrong() {
    let clocks = |x, scheduler, ours| Clocks {
        relay_minus_x: x,
        relay_minus_scheduler: scheduler,
        relay_minus_ours: ours,
    };
    let late = Facts { clocks: clocks(Some(-600_000), None, Some(-600_000)), ..calm() };
    assert_eq!(
        judged(&late),
        (vec![BlockerKind::RelayClock], SafeToClose::Blocked { until: None })
    );
    assert_eq!(
        blockers(&late)[0].message,
        "The relay's clock is 10 minutes behind X's. Posts go out late by as much."
    );
    let ours = Facts { clocks: clocks(Some(0), Some(0), Some(600_000)), ..calm() };
    assert_eq!(judged(&ours).0, [BlockerKind::OwnClock]);
    assert!(blockers(&ours)[0].message.contains("10 minutes behind the relay's"));
    let fine = Facts { clocks: clocks(Some(900), Some(-1200), Some(20_000)), ..calm() };
    assert_eq!(judged(&fine), (vec![], SafeToClose::Everything));
}

#[test]
fn a_scheduler_that_refuses_says_what_when_and_what_then() {
    let trouble = SchedulerTrouble {
        scheduler: "https://qstash.upstash.io".into(),
        code: Code::SchedulerQuota,
        message: "the QStash plan's messages for today are used up".into(),
        since: NOW,
        next_try: UnixMillis(NOW.0 + 3_600_000),
        posts: 9,
        passes: false,
    };
    let facts = Facts { scheduler: Some(trouble), ..calm() };
    assert_eq!(
        judged(&facts),
        (vec![BlockerKind::SchedulerRefuses], SafeToClose::Blocked { until: None })
    );
    let blocker = &blockers(&facts)[0];
    assert_eq!(blocker.next_try, Some(UnixMillis(NOW.0 + 3_600_000)));
    assert_eq!(blocker.posts, 9);
}

#[test]
fn what_needs_the_person_hides_no_post_that_needs_this_computer_later() {
    let later = UnixMillis(NOW.0 + 3_600_000);
    let accounts = vec![Unwell {
        username: "idle".to_owned(),
        code: Code::SignInNeeded,
        backlog: Backlog::default(),
    }];
    let facts = Facts { accounts, first_gap: Some(later), ..calm() };
    let until = Some(later);
    assert_eq!(
        judged(&facts),
        (vec![BlockerKind::AccountSignedOut], SafeToClose::Blocked { until })
    );
}

#[test]
fn a_relay_that_would_deliver_nothing_is_in_the_way_of_every_post() {
    let relay_not_ready = vec!["The database can't be written: disk full.".to_owned()];
    let facts = Facts { relay_not_ready, ..calm() };
    let found = blockers(&facts);
    assert_eq!(found[0].posts, 18);
    assert!(found[0].message.contains("disk full"), "{found:?}");
    let blocked = SafeToClose::Blocked { until: None };
    assert_eq!(judged(&facts), (vec![BlockerKind::RelayNotReady], blocked));
}
