//! The words for a row that says nearly what another row or a post says.

use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Problem, clip};
use roost_core::zone::{Zone, wall_time_of};

use crate::finding::{Finding, Sink};

/// How much of the other text a message repeats, in characters.
const SHOWN_MAX: usize = 60;

/// What says nearly the same as a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearText<'n> {
    /// The row, from 1; `None` for a post that is there already.
    pub row: Option<u32>,
    /// When it went or goes out; a draft may have no time.
    pub at: Option<UnixMillis>,
    /// What it says.
    pub text: &'n str,
}

impl NearText<'_> {
    /// Tells it, with times on the clocks of `zone`.
    pub fn tell(&self, zone: &Zone, sink: &mut impl Sink) {
        sink.find(Code::NearDuplicate, || {
            let at = self.at.map(|at| wall_time_of(at, zone));
            let who = match (self.row, at) {
                (Some(row), Some(at)) => format!("Row {row}, of {at},"),
                (Some(row), None) => format!("Row {row}"),
                (None, Some(at)) => format!("The post of {at}"),
                (None, None) => "A post that is there already".to_owned(),
            };
            let text = clip(self.text, SHOWN_MAX);
            let message = format!("{who} says nearly the same: \"{text}\"");
            Finding::new(Problem::new(Code::NearDuplicate, message).in_field("content"))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_says_nearly_the_same_tells_where_the_other_is_and_what_it_says() {
        let told = |row, at| {
            let mut findings: Vec<Finding> = Vec::new();
            let near = NearText { row, at, text: "Doors open at nine." };
            near.tell(&Zone::parse("UTC").unwrap(), &mut findings);
            findings[0].problem.message.clone()
        };
        let at = Some(UnixMillis(10 * 24 * 60 * 60 * 1000));
        let says = "says nearly the same: \"Doors open at nine.\"";
        assert_eq!(told(Some(3), at), format!("Row 3, of 1970-01-11 00:00, {says}"));
        assert_eq!(told(Some(3), None), format!("Row 3 {says}"));
        assert_eq!(told(None, at), format!("The post of 1970-01-11 00:00 {says}"));
        assert_eq!(told(None, None), format!("A post that is there already {says}"));
    }
}
