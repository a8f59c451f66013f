//! One figure, beside its limit and its peer.

use std::fmt;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

/// Which of two figures is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Better {
    /// Throughput.
    Higher,
    /// Time, memory, size.
    Lower,
}

/// What a figure is to reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    /// Ours, in the row's unit.
    AtMost(f64),
    /// How many times as good as the peer.
    TimesPeer(f64),
}

/// One figure. Ratios say how many times better ours is, whichever way "better" points: 2 is
/// twice as good, 0.5 half as good.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// What was measured, under which load.
    pub(crate) name: String,
    /// The unit of all three figures.
    pub(crate) unit: &'static str,
    /// Which way is better.
    pub(crate) better: Better,
    /// Ours.
    pub(crate) ours: f64,
    /// The limit that nothing can pass on this machine, where one was measured.
    pub(crate) floor: Option<f64>,
    /// What a person would run otherwise, where it does the same.
    pub(crate) peer: Option<f64>,
    /// What it is to reach, where that was set. Shown to people only.
    pub(crate) goal: Option<Goal>,
}

impl Row {
    /// Whether the goal is reached, if there is one.
    pub(crate) fn is_reached(&self) -> Option<bool> {
        Some(match self.goal? {
            Goal::AtMost(most) => self.ours <= most,
            Goal::TimesPeer(times) => self.ratio_peer().is_some_and(|ratio| ratio >= times),
        })
    }

    fn ratio(&self, other: Option<f64>) -> Option<f64> {
        let other = other?;
        let (above, below) = match self.better {
            Better::Higher => (self.ours, other),
            Better::Lower => (other, self.ours),
        };
        (below > 0.0).then(|| above / below)
    }

    /// The goal, and whether it is reached; nothing without a goal.
    fn verdict(&self) -> String {
        let goal = match self.goal {
            None => return String::new(),
            Some(Goal::AtMost(most)) => format!("≤ {most}"),
            Some(Goal::TimesPeer(least)) => format!("≥ {least}×"),
        };
        let word = if self.is_reached() == Some(true) { "reached" } else { "**missed**" };
        format!("{goal} {word}")
    }

    /// As a line of a table: name, unit, ours, limit, peer, times the peer, goal.
    pub(crate) fn markdown(&self) -> String {
        format!(
            "| {} | {} | {} | {} | {} | {} | {} |",
            self.name,
            self.unit,
            figure(Some(self.ours)),
            figure(self.floor),
            figure(self.peer),
            times(self.ratio_peer()),
            self.verdict(),
        )
    }

    /// How many times as good as the limit; 1 is the limit itself.
    pub(crate) fn ratio_floor(&self) -> Option<f64> {
        self.ratio(self.floor)
    }

    /// How many times as good as the peer.
    pub(crate) fn ratio_peer(&self) -> Option<f64> {
        self.ratio(self.peer)
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_struct("Row", 7)?;
        row.serialize_field("name", &self.name)?;
        row.serialize_field("unit", self.unit)?;
        row.serialize_field("ours", &self.ours)?;
        row.serialize_field("floor", &self.floor)?;
        row.serialize_field("peer", &self.peer)?;
        row.serialize_field("ratio_floor", &self.ratio_floor())?;
        row.serialize_field("ratio_peer", &self.ratio_peer())?;
        row.end()
    }
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:<58} {:>12} {:<14} limit {:>12} ({:>7})  peer {:>12} ({:>7})",
            self.name,
            figure(Some(self.ours)),
            self.unit,
            figure(self.floor),
            times(self.ratio_floor()),
            figure(self.peer),
            times(self.ratio_peer()),
        )?;
        let verdict = self.verdict();
        if verdict.is_empty() { Ok(()) } else { write!(formatter, "  goal {verdict}") }
    }
}

fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.*}", decimals(value)))
}

fn times(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}×"))
}

/// As many decimals as tell two small figures apart.
fn decimals(value: f64) -> usize {
    if value >= 100.0 { 0 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_above_one_is_better_whichever_way_better_points() {
        let row = |better, ours| Row {
            name: "deliveries".to_owned(),
            unit: "1/s",
            better,
            ours,
            floor: None,
            peer: Some(10.0),
            goal: None,
        };
        assert_eq!(row(Better::Higher, 50.0).ratio_peer(), Some(5.0));
        assert_eq!(row(Better::Lower, 5.0).ratio_peer(), Some(2.0));
        assert_eq!(row(Better::Lower, 5.0).ratio_floor(), None);
    }

    #[test]
    fn a_goal_is_reached_at_its_bound() {
        let row = |goal| Row {
            name: "memory".to_owned(),
            unit: "MiB",
            better: Better::Lower,
            ours: 5.0,
            floor: None,
            peer: Some(10.0),
            goal,
        };
        assert_eq!(row(Some(Goal::AtMost(5.0))).is_reached(), Some(true));
        assert_eq!(row(Some(Goal::AtMost(4.9))).is_reached(), Some(false));
        assert_eq!(row(Some(Goal::TimesPeer(2.0))).is_reached(), Some(true));
        assert_eq!(row(None).is_reached(), None);
    }
}
