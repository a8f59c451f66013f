//! Laws of the timer.

use proptest::prelude::*;

use super::*;
use crate::flow_rule::FlowRule;
use crate::spec::Flow;

fn due(at: i64, seq: i64, lane: Option<&str>) -> Due {
    Due { at, seq, lane: lane.map(Into::into) }
}

/// With everything in memory.
fn all_seeing(parallelism: usize) -> Timer {
    let timer = Timer::new(parallelism);
    timer.change().see(PrefetchResult { due: Vec::new(), until: Horizon { at: i64::MAX, seq: 0 } });
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
    assert_eq!(started(&timer, 0), [1, 3]);
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
fn what_was_cancelled_leaves_its_list_and_uses_nothing_of_the_rate() {
    let timer = all_seeing(10);
    timer.change().configure(&flow(None, Some(1)));
    timer.change().arm((1..=24).map(|seq| due(0, seq, Some("k"))));
    assert_eq!(started(&timer, 0), [1]);
    for seq in 2..24 {
        assert!(timer.withdraw(seq));
        let mut change = timer.change();
        change.withdrawn([seq]);
        change.disarm(&due(0, seq, Some("k")));
    }
    assert_eq!(timer.lane("k", 0).unwrap().waiting, 1);
    assert_eq!(started(&timer, 10_000), [24]);
}

#[test]
fn a_start_without_an_attempt_uses_nothing_of_the_rate() {
    let timer = all_seeing(10);
    timer.change().configure(&flow(Some(1), Some(1)));
    timer.change().arm([due(0, 1, Some("k")), due(0, 2, Some("k"))]);
    assert_eq!(started(&timer, 0), [1]);
    timer.change().abort_start(1);
    assert_eq!(started(&timer, 0), [2]);
    timer.change().finish(1);
    let lane = timer.lane("k", 0).unwrap();
    assert_eq!((lane.active, lane.passed), (1, 1), "it ends once");
}

#[test]
fn keys_and_what_has_none_share_the_slots_in_the_order_of_time() {
    let timer = all_seeing(1);
    for key in ["a", "b"] {
        timer.change().configure(&Flow { key: key.into(), ..flow(Some(9), None) });
    }
    let lanes = [None, Some("b"), Some("a")];
    timer.change().arm((0..9).map(|n| due(n, n, lanes[usize::try_from(n).unwrap() % 3])));
    for seq in 0..9 {
        assert_eq!(started(&timer, 100), [seq]);
        timer.change().finish(seq);
    }
}

#[test]
fn a_period_that_is_over_counts_nothing() {
    let timer = all_seeing(10);
    timer.change().configure(&flow(None, Some(2)));
    timer.change().arm([due(1_000, 1, Some("k"))]);
    assert_eq!(started(&timer, 1_000), [1]);
    assert_eq!(timer.lane("k", 10_999).unwrap().passed, 1);
    assert_eq!(timer.lane("k", 11_000).unwrap().passed, 0);
}

#[test]
fn a_key_is_idle_when_nothing_of_it_is_left() {
    let timer = all_seeing(10);
    timer.change().configure(&flow(Some(1), Some(5)));
    let is_idle = |now| !timer.idle_flow_keys(None, now).0.is_empty();
    timer.change().arm([due(0, 1, Some("k")), due(0, 2, Some("k"))]);
    assert_eq!(started(&timer, 0), [1]);
    assert!(!is_idle(99_000), "one is under way, one waits");
    timer.change().finish(1);
    assert_eq!(started(&timer, 0), [2]);
    timer.change().finish(2);
    assert!(!is_idle(9_999), "its rate still counts");
    assert!(is_idle(10_000));
    let paused = FlowRule { key: "k".into(), paused: true, ..FlowRule::default() };
    timer.change().decide(&paused);
    assert!(!is_idle(10_000), "it is paused");
    timer.change().forget_flow_keys(&["k".into()], 10_000);
    timer.change().decide(&FlowRule { paused: false, ..paused });
    assert!(timer.lane("k", 10_000).is_some());
    timer.change().forget_flow_keys(&["k".into()], 10_000);
    assert!(timer.lane("k", 10_000).is_none());
}

#[test]
fn a_clock_that_is_set_back_opens_what_its_rate_held() {
    let timer = all_seeing(10);
    timer.change().configure(&flow(None, Some(1)));
    timer.change().arm([due(0, 1, Some("k")), due(0, 2, Some("k"))]);
    assert_eq!(started(&timer, 900_000), [1]);
    assert_eq!(started(&timer, 1_000), [2]);
}

#[test]
fn an_answer_frees_the_slot_and_its_record_frees_the_message() {
    let timer = all_seeing(1);
    timer.change().arm((1..=10).map(|seq| due(0, seq, None)));
    for seq in 1..=8 {
        assert_eq!(started(&timer, 0), [seq]);
        timer.change().arm([due(1, seq, None)]);
        timer.change().answered(seq);
        timer.change().answered(seq);
    }
    assert!(started(&timer, 0).is_empty(), "what waits for the disk is bounded");
    timer.change().finish(1);
    assert_eq!(started(&timer, 0), [9]);
    timer.change().finish(9);
    assert_eq!(started(&timer, 0), [10]);
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
    assert_eq!(timer.prefetch_from(0), Some(Horizon::NOWHERE));
    assert_eq!(timer.prefetch_from(0), None, "one look at a time");
    let until = Horizon { at: 100_000, seq: 5 };
    timer.change().see(PrefetchResult { due: vec![due(10, 1, None)], until });
    assert_eq!(timer.prefetch_from(0), None, "it is far away");
    timer.change().arm([due(100_000, 4, None), due(100_000, 5, None), due(100_001, 2, None)]);
    assert_eq!(started(&timer, 200_000), [1, 4]);
    assert_eq!(timer.prefetch_from(200_000), Some(until));
    timer.prefetch_failed();
    assert_eq!(timer.prefetch_from(200_000), Some(until));
}

/// What may happen to a timer, with the number of a message.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Accepted, or planned again: due so many milliseconds from now.
    Arm(i64, i64),
    Withdraw(i64),
    /// The cancelling transaction failed: the message is armed as it was.
    Restore(i64),
    Answer(i64),
    Finish(i64),
    Wait(i64),
    Limit(Option<u32>),
    Look,
    CutOff,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let seq = 1..12_i64;
    let step = prop_oneof![
        4 => (seq.clone(), 0..40_i64).prop_map(|(seq, wait)| Step::Arm(seq, wait)),
        1 => seq.clone().prop_map(Step::Withdraw),
        1 => seq.clone().prop_map(Step::Restore),
        3 => seq.clone().prop_map(Step::Answer),
        3 => seq.prop_map(Step::Finish),
        3 => (0..30_i64).prop_map(Step::Wait),
        1 => proptest::option::of(1..3_u32).prop_map(Step::Limit),
        1 => Just(Step::Look),
        1 => Just(Step::CutOff),
    ];
    proptest::collection::vec(step, 0..80)
}

/// The rest of the scheduler, beside the timer: the database's plan of each message, and what is
/// delivered.
#[derive(Default)]
struct World {
    plans: HashMap<i64, Due>,
    flying: HashMap<i64, Due>,
}

impl World {
    fn start(&mut self, timer: &Timer, now: i64) {
        for entry in timer.start(now).0 {
            // Only the entry that belongs to the row counts.
            if self.plans.get(&entry.seq) == Some(&entry) {
                self.plans.remove(&entry.seq);
            }
            assert!(self.flying.insert(entry.seq, entry).is_none(), "started twice");
        }
    }

    fn look(&self, timer: &Timer, now: i64) {
        let Some(from) = timer.prefetch_from(now) else { return };
        let until = Horizon { at: now + 20, seq: i64::MIN }.max(from);
        let due = self.plans.values().filter(|due| !from.covers(due) && until.covers(due));
        timer.change().see(PrefetchResult { due: due.cloned().collect(), until });
    }

    fn apply(&mut self, timer: &Timer, step: Step, now: i64) {
        match step {
            // A message in flight is planned anew; one that waits keeps its plan.
            Step::Arm(seq, wait) if !self.plans.contains_key(&seq) => {
                let plan = planned(now + wait, seq);
                self.plans.insert(seq, plan.clone());
                timer.change().arm([plan]);
            }
            Step::Withdraw(seq) if timer.withdraw(seq) => {
                self.start(timer, now);
                assert!(!self.flying.contains_key(&seq), "withdrawn, and started");
                let mut change = timer.change();
                change.withdrawn([seq]);
                self.plans.remove(&seq).iter().for_each(|plan| change.disarm(plan));
            }
            Step::Restore(seq) if timer.withdraw(seq) => {
                self.start(timer, now);
                let mut change = timer.change();
                change.withdrawn([seq]);
                change.arm(self.plans.get(&seq).cloned());
            }
            Step::Answer(seq) => timer.change().answered(seq),
            Step::Finish(seq) => {
                self.flying.remove(&seq);
                timer.change().finish(seq);
            }
            Step::Limit(parallelism) => timer.change().configure(&flow(parallelism, None)),
            Step::Look => self.look(timer, now),
            Step::CutOff => {
                timer.change().take_back();
                for (seq, due) in self.flying.drain() {
                    self.plans.entry(seq).or_insert(due);
                }
            }
            _ => {}
        }
        self.start(timer, now);
    }
}

/// Odd messages have a flow control key.
fn planned(at: i64, seq: i64) -> Due {
    due(at, seq, (seq % 2 == 1).then_some("k"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// Whatever happened before: once everything under way ends, each message starts by its plan.
    #[test]
    fn no_plan_is_forgotten(slots in 1..4_usize, steps in steps()) {
        let (timer, mut world, mut now) = (Timer::new(slots), World::default(), 1_000_i64);
        timer.change().configure(&flow(None, None));
        for step in steps {
            if let Step::Wait(time) = step {
                now += time;
            }
            world.apply(&timer, step, now);
        }
        for _ in 0..50 {
            now += 50;
            let landing: Vec<i64> = world.flying.keys().copied().collect();
            landing.into_iter().for_each(|seq| world.apply(&timer, Step::Finish(seq), now));
            world.apply(&timer, Step::Look, now);
        }
        prop_assert!(world.plans.is_empty(), "forgotten: {:?}", world.plans);
    }
}
