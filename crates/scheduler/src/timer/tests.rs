//! Laws of the timer.

use super::*;
use crate::spec::Flow;

fn due(at: i64, seq: i64, lane: Option<&str>) -> Due {
    Due { at, seq, lane: lane.map(Into::into) }
}

/// With everything in memory.
fn all_seeing(parallelism: usize) -> Timer {
    let timer = Timer::new(parallelism);
    timer.change().see(Sight { due: Vec::new(), until: Horizon { at: i64::MAX, seq: 0 } });
    timer
}

fn flow(parallelism: Option<u32>, rate: Option<u32>) -> Flow {
    Flow { key: "k".into(), parallelism, rate, period_seconds: 10 }
}

fn started(timer: &Timer, now: i64) -> Vec<i64> {
    timer.start(now).0.into_iter().map(|due| due.seq).collect()
}

#[test]
fn nothing_starts_before_its_time_and_order_is_by_time() {
    let timer = all_seeing(10);
    timer.change().arm([due(300, 1, None), due(100, 2, None), due(200, 3, None)]);
    assert_eq!(timer.start(99), (vec![], Some(100)));
    assert_eq!(started(&timer, 200), [2, 3]);
    assert_eq!(timer.start(299), (vec![], Some(300)));
    assert_eq!(started(&timer, 300), [1]);
}

#[test]
fn no_more_run_than_there_are_slots() {
    let timer = all_seeing(2);
    timer.change().arm((1..=5).map(|seq| due(0, seq, None)));
    assert_eq!(started(&timer, 0), [1, 2]);
    assert!(started(&timer, 0).is_empty());
    timer.change().finish(1);
    assert_eq!(started(&timer, 0), [3]);
    assert_eq!(timer.parallelism(), (2, 2));
}

#[test]
fn what_is_due_again_while_in_flight_starts_when_that_ends() {
    let timer = all_seeing(10);
    timer.change().arm([due(0, 1, None)]);
    assert_eq!(started(&timer, 0), [1]);
    timer.change().arm([due(5, 1, None)]);
    assert!(started(&timer, 5).is_empty());
    timer.change().finish(1);
    assert_eq!(started(&timer, 5), [1]);
}

#[test]
fn what_was_cut_off_starts_again() {
    let timer = all_seeing(10);
    timer.change().configure(&flow(Some(1), None));
    timer.change().arm([due(0, 1, Some("k"))]);
    assert_eq!(started(&timer, 0), [1]);
    timer.change().take_back();
    assert_eq!(started(&timer, 0), [1]);
}

#[test]
fn a_lane_keeps_its_parallelism_and_its_order() {
    let timer = all_seeing(10);
    timer.change().configure(&flow(Some(1), None));
    timer.change().arm([due(0, 1, Some("k")), due(0, 2, Some("k")), due(0, 3, None)]);
    assert_eq!(started(&timer, 0), [3, 1]);
    timer.change().finish(1);
    assert_eq!(started(&timer, 0), [2]);
}

#[test]
fn a_lane_keeps_its_rate_and_tells_when_it_opens() {
    let timer = all_seeing(10);
    timer.change().configure(&flow(None, Some(2)));
    timer.change().arm((1..=3).map(|seq| due(1_000, seq, Some("k"))));
    let (first, opens_at) = timer.start(1_000);
    assert_eq!(first.len(), 2);
    assert_eq!(opens_at, Some(11_000));
    assert!(started(&timer, 10_999).is_empty());
    assert_eq!(started(&timer, 11_000), [3]);
}

#[test]
fn what_is_withdrawn_does_not_start_and_what_started_is_not_withdrawn() {
    let timer = all_seeing(10);
    timer.change().arm([due(0, 1, None), due(0, 2, None)]);
    assert!(timer.withdraw(1));
    assert_eq!(started(&timer, 0), [2]);
    assert!(!timer.withdraw(2));
}

#[test]
fn a_withdrawn_message_gives_its_place_in_the_lane_back() {
    let timer = all_seeing(10);
    timer.change().configure(&flow(Some(1), None));
    timer.change().arm([due(0, 1, Some("k")), due(0, 2, Some("k"))]);
    assert!(timer.withdraw(1));
    assert_eq!(started(&timer, 0), [2]);
}

#[test]
fn an_answer_frees_the_slot_and_its_record_frees_the_message() {
    let timer = all_seeing(1);
    timer.change().arm((1..=6).map(|seq| due(0, seq, None)));
    for seq in 1..=4 {
        assert_eq!(started(&timer, 0), [seq]);
        timer.change().arm([due(1, seq, None)]);
        timer.change().answered(seq);
        timer.change().answered(seq);
    }
    assert!(started(&timer, 0).is_empty(), "what waits for the disk is bounded");
    timer.change().finish(1);
    assert_eq!(started(&timer, 0), [5]);
    timer.change().finish(5);
    assert_eq!(started(&timer, 0), [6]);
}

#[test]
fn of_two_plans_for_a_message_in_flight_the_later_is_kept() {
    let timer = all_seeing(10);
    timer.change().arm([due(0, 1, None)]);
    assert_eq!(started(&timer, 0), [1]);
    timer.change().arm([due(7, 1, None)]);
    assert!(started(&timer, 7).is_empty());
    timer.change().arm([due(3, 1, None)]);
    assert!(started(&timer, 7).is_empty());
    timer.change().finish(1);
    assert_eq!(timer.start(7).0, [due(7, 1, None)]);
}

#[test]
fn beyond_the_horizon_nothing_is_kept_and_in_time_it_is_looked_for() {
    let timer = Timer::new(10);
    assert_eq!(timer.look_ahead(0), Some(Horizon::NOWHERE));
    assert_eq!(timer.look_ahead(0), None, "one look at a time");
    let until = Horizon { at: 100_000, seq: 5 };
    timer.change().see(Sight { due: vec![due(10, 1, None)], until });
    assert_eq!(timer.look_ahead(0), None, "it is far away");
    timer.change().arm([due(100_000, 4, None), due(100_000, 5, None), due(100_001, 2, None)]);
    assert_eq!(started(&timer, 200_000), [1, 4]);
    assert_eq!(timer.look_ahead(200_000), Some(until));
    timer.look_failed();
    assert_eq!(timer.look_ahead(200_000), Some(until));
}
