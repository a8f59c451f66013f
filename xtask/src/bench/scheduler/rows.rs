//! The figures as rows.

use super::waiting::Waiting;
use super::{Figures, Late, PUBLISHES, TOGETHER};
use crate::bench::load::median;
use crate::bench::{Better, Goal, Row};

pub(super) fn of(mut figures: Figures, mut waiting: Waiting) -> Vec<Row> {
    let mut rows = Vec::new();
    for (place, publish) in PUBLISHES.iter().enumerate() {
        rows.push(Row {
            floor: Some(median(&mut figures.commits[place])),
            peer: Some(median(&mut figures.peer.accepted[place])),
            ..row(
                format!("accepted publishes, {}", publish.name),
                "1/s",
                Better::Higher,
                median(&mut figures.ours.accepted[place]),
            )
        });
    }
    let delivered =
        row("deliveries".to_owned(), "1/s", Better::Higher, median(&mut figures.ours.delivered));
    rows.push(Row {
        floor: Some(median(&mut figures.posts)),
        peer: Some(median(&mut figures.peer.delivered)),
        goal: Some(Goal::TimesPeer(3.0)),
        ..delivered.clone()
    });
    rows.push(Row {
        name: "deliveries, peer as durable as ours".to_owned(),
        peer: Some(median(&mut figures.durable_peer)),
        ..delivered
    });
    let (ours, peer) = (&mut figures.ours, &mut figures.peer);
    rows.extend(late("1", &mut ours.late_of_few, Some(&mut peer.late_of_few)));
    rows.extend(late("1000", &mut ours.late_of_many, Some(&mut peer.late_of_many)));
    rows.extend(late(&waiting.count.to_string(), &mut waiting.late, None));
    rows.extend(memory(&waiting));
    rows
}

fn row(name: String, unit: &'static str, better: Better, ours: f64) -> Row {
    Row { name, unit, better, ours, floor: None, peer: None, goal: None }
}

fn late(others: &str, ours: &mut Late, peer: Option<&mut Late>) -> [Row; 2] {
    let name = |share| format!("late, {share} % of {TOGETHER} due at once, {others} waiting");
    let (half, most) = peer.map(|peer| (median(&mut peer.median), median(&mut peer.slow))).unzip();
    let middle = row(name(50), "ms", Better::Lower, median(&mut ours.median));
    let slow = row(name(99), "ms", Better::Lower, median(&mut ours.slow));
    [Row { peer: half, ..middle }, Row { peer: most, goal: Some(Goal::AtMost(250.0)), ..slow }]
}

fn memory(waiting: &Waiting) -> [Row; 4] {
    let name = |what| format!("{what}, {} waiting", waiting.count);
    let lower = |what, unit, ours| row(name(what), unit, Better::Lower, ours);
    let most = waiting.peak.max(waiting.resident_after_start).max(waiting.resident);
    [
        Row {
            peer: Some(waiting.each_of_peer),
            ..lower("memory of each message", "bytes", waiting.each)
        },
        lower("resident memory, at rest after a start", "MB", waiting.resident_after_start),
        Row { goal: Some(Goal::AtMost(256.0)), ..lower("resident memory, the most", "MB", most) },
        Row {
            goal: Some(Goal::AtMost(2.0)),
            ..lower("start to the first answer", "s", waiting.start.as_secs_f64())
        },
    ]
}
