//! A rule as it is written: RFC 5545's `FREQ=WEEKLY;BYDAY=MO`, or words such as `every week on mon`. It is
//! kept in the former.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::words;
use crate::zone::WallTime;

/// The parts of a rule that Roost follows, in the order in which they are written.
const PARTS: [&str; 13] = [
    "FREQ",
    "INTERVAL",
    "BYMONTH",
    "BYWEEKNO",
    "BYYEARDAY",
    "BYMONTHDAY",
    "BYDAY",
    "BYHOUR",
    "BYMINUTE",
    "BYSETPOS",
    "WKST",
    "COUNT",
    "UNTIL",
];
/// Characters that a rule may have.
const RULE_LENGTH_MAX: usize = 500;
/// How often a rule may say that it repeats.
const COUNT_MAX: u32 = 10_000;
/// How many days, weeks, months or years may lie between two times.
const INTERVAL_MAX: u32 = 1_000;

/// A text that is no rule, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The rule can't be followed: {reason}.")]
pub struct InvalidRule {
    reason: String,
}

impl InvalidRule {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into().trim_end_matches('.').to_owned() }
    }
}

/// When a rule ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// Never.
    Never,
    /// After so many times.
    Count(u32),
    /// With the last time that is not later than this.
    Until(WallTime),
}

/// A rule by which times repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecurrenceRule {
    /// Names and values in the order of [`PARTS`], the end aside.
    parts: Vec<(&'static str, String)>,
    ends: Ends,
}

impl RecurrenceRule {
    /// Returns when it ends.
    #[must_use]
    pub const fn ends(&self) -> Ends {
        self.ends
    }

    /// Returns the rule with another end.
    ///
    /// # Errors
    /// When the number of times is none or too large.
    pub fn ending(mut self, ends: Ends) -> Result<Self, InvalidRule> {
        if let Ends::Count(count) = ends
            && !(1..=COUNT_MAX).contains(&count)
        {
            return Err(InvalidRule::new(format!("it can repeat 1 to {COUNT_MAX} times")));
        }
        self.ends = ends;
        Ok(self)
    }

    /// Returns whether several of its times can lie on one day.
    #[must_use]
    pub fn is_within_days(&self) -> bool {
        self.parts.iter().any(|(name, _)| matches!(*name, "BYHOUR" | "BYMINUTE"))
    }

    /// Returns the rule in words: `every week on Monday and Thursday, 10 times`.
    #[must_use]
    pub fn describe(&self) -> String {
        let said = words::describe(&self.parts)
            .unwrap_or_else(|| Self { parts: self.parts.clone(), ends: Ends::Never }.to_string());
        match self.ends {
            Ends::Never => said,
            Ends::Count(1) => format!("{said}, once"),
            Ends::Count(count) => format!("{said}, {count} times"),
            Ends::Until(until) => format!("{said}, until {}", until.date()),
        }
    }

    /// Returns the rule for a series whose times are UTC's.
    pub(super) fn for_expansion(&self) -> String {
        let zone = if matches!(self.ends, Ends::Until(_)) { "Z" } else { "" };
        format!("{self}{zone}")
    }

    fn of_parts(text: &str) -> Result<Self, InvalidRule> {
        let text = text.trim();
        let text = text.strip_prefix("RRULE:").unwrap_or(text);
        let mut parts: Vec<(&'static str, String)> = Vec::new();
        let mut ends = Ends::Never;
        for part in text.split(';').filter(|part| !part.trim().is_empty()) {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| InvalidRule::new(format!("\"{}\" has no value", clip(part))))?;
            let name = known(name.trim())?;
            let value = value.trim();
            let is_end = matches!(name, "COUNT" | "UNTIL");
            if parts.iter().any(|(other, _)| *other == name) || (is_end && ends != Ends::Never) {
                return Err(InvalidRule::new(match is_end {
                    true => "it has two ends; COUNT or UNTIL is enough".to_owned(),
                    false => format!("it has {name} twice"),
                }));
            }
            match name {
                "COUNT" => ends = Ends::Count(number(name, value, COUNT_MAX)?),
                "UNTIL" => ends = Ends::Until(until(value)?),
                "INTERVAL" => match number(name, value, INTERVAL_MAX)? {
                    1 => {}
                    several => parts.push((name, several.to_string())),
                },
                _ => parts.push((name, value.to_owned())),
            }
        }
        parts.sort_by_key(|(name, _)| PARTS.iter().position(|part| part == name));
        match parts.first() {
            Some(("FREQ", frequency)) => check_frequency(frequency)?,
            _ => return Err(InvalidRule::new("FREQ is missing, such as FREQ=WEEKLY")),
        }
        Ok(Self { parts, ends })
    }
}

fn clip(text: &str) -> String {
    crate::failure::clip(text, 40)
}

fn known(name: &str) -> Result<&'static str, InvalidRule> {
    PARTS
        .into_iter()
        .find(|part| *part == name)
        .ok_or_else(|| InvalidRule::new(format!("{} is no part that Roost follows", clip(name))))
}

fn check_frequency(frequency: &str) -> Result<(), InvalidRule> {
    match frequency {
        "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY" => Ok(()),
        "HOURLY" | "MINUTELY" | "SECONDLY" => Err(InvalidRule::new(
            "posts repeat by days, weeks, months or years; BYHOUR=9,17 gives two a day",
        )),
        other => Err(InvalidRule::new(format!("there is no FREQ={}", clip(other)))),
    }
}

fn number(name: &str, value: &str, most: u32) -> Result<u32, InvalidRule> {
    let number = value.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| {
        InvalidRule::new(format!("{name}={} is no number from 1 to {most}", clip(value)))
    })
}

/// Reads `20270303`, `20270303T090000`, either with `Z`, and `2027-03-03`; a day is meant whole.
fn until(value: &str) -> Result<WallTime, InvalidRule> {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let is_known = value.chars().all(|it| it.is_ascii_digit() || "-:TZ ".contains(it));
    let read = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    let date = format!("{}-{}-{}", read(0, 4), read(4, 6), read(6, 8));
    let time = match digits.len() {
        8 => "23:59:59".to_owned(),
        12 => format!("{}:{}", read(8, 10), read(10, 12)),
        14 => format!("{}:{}:{}", read(8, 10), read(10, 12), read(12, 14)),
        _ => String::new(),
    };
    WallTime::parse(&format!("{date} {time}")).ok().filter(|_| is_known).ok_or_else(|| {
        InvalidRule::new(format!("UNTIL={} is no day, such as 2027-06-01", clip(value)))
    })
}

impl FromStr for RecurrenceRule {
    type Err = InvalidRule;

    fn from_str(text: &str) -> Result<Self, InvalidRule> {
        if text.len() > RULE_LENGTH_MAX {
            return Err(InvalidRule::new("it is too long"));
        }
        let upper = text.to_ascii_uppercase();
        if upper.contains("FREQ") || upper.contains('=') {
            return Self::of_parts(&upper);
        }
        let read = words::read(text).ok_or_else(|| InvalidRule::new(words::EXAMPLES))?;
        Self::of_parts(&read)
    }
}

impl fmt::Display for RecurrenceRule {
    /// As RFC 5545 writes it; the end of a rule has no zone, like its times.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.parts.iter().enumerate() {
            let between = if index == 0 { "" } else { ";" };
            write!(formatter, "{between}{name}={value}")?;
        }
        match self.ends {
            Ends::Never => Ok(()),
            Ends::Count(count) => write!(formatter, ";COUNT={count}"),
            Ends::Until(until) => write!(
                formatter,
                ";UNTIL={:04}{:02}{:02}T{:02}{:02}{:02}",
                until.year(),
                until.month(),
                until.day(),
                until.hour(),
                until.minute(),
                until.second()
            ),
        }
    }
}

impl Serialize for RecurrenceRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RecurrenceRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> String {
        text.parse::<RecurrenceRule>().map_or_else(|error| error.to_string(), |it| it.to_string())
    }

    #[test]
    fn a_rule_is_kept_in_one_spelling_and_reads_back() {
        for (text, rule) in [
            ("RRULE:byday=mo,th;freq=weekly;interval=1", "FREQ=WEEKLY;BYDAY=MO,TH"),
            ("FREQ=DAILY;INTERVAL=2;COUNT=5", "FREQ=DAILY;INTERVAL=2;COUNT=5"),
            ("FREQ=DAILY;UNTIL=20270601T070000Z", "FREQ=DAILY;UNTIL=20270601T070000"),
            ("FREQ=DAILY;UNTIL=2027-06-01", "FREQ=DAILY;UNTIL=20270601T235959"),
        ] {
            assert_eq!(kept(text), rule);
            assert_eq!(kept(rule), rule);
        }
    }

    #[test]
    fn what_is_no_rule_says_why() {
        for (text, why) in [
            ("BYDAY=MO", "FREQ is missing"),
            ("FREQ=HOURLY", "BYHOUR=9,17 gives two a day"),
            ("FREQ=OFTEN", "there is no FREQ=OFTEN"),
            ("FREQ=DAILY;BYSECOND=1", "BYSECOND is no part"),
            ("FREQ=DAILY;COUNT=0", "COUNT=0 is no number"),
            ("FREQ=DAILY;COUNT=3;UNTIL=20270601", "two ends"),
            ("FREQ=DAILY;UNTIL=soon", "is no day"),
            ("FREQ=DAILY;BYMONTH=1;BYMONTH=2", "BYMONTH twice"),
            ("FREQ", "has no value"),
        ] {
            let said = kept(text);
            assert!(said.contains(why), "{text}: {said}");
        }
    }

    #[test]
    fn words_are_read_and_a_rule_says_them() {
        for (words, rule, said) in [
            ("every day", "FREQ=DAILY", "every day"),
            ("daily", "FREQ=DAILY", "every day"),
            ("every 3 days", "FREQ=DAILY;INTERVAL=3", "every 3 days"),
            ("Every weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
            ("every monday", "FREQ=WEEKLY;BYDAY=MO", "every week on Monday"),
            (
                "every week on mon, thu",
                "FREQ=WEEKLY;BYDAY=MO,TH",
                "every week on Monday and Thursday",
            ),
            ("every 2 weeks on fri", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "every 2 weeks on Friday"),
            (
                "every month on 1 and 15",
                "FREQ=MONTHLY;BYMONTHDAY=1,15",
                "every month on days 1 and 15",
            ),
            ("every month on the 31st", "FREQ=MONTHLY;BYMONTHDAY=31", "every month on day 31"),
            (
                "every month on the last day",
                "FREQ=MONTHLY;BYMONTHDAY=-1",
                "every month on the last day",
            ),
            (
                "every month on the last fri",
                "FREQ=MONTHLY;BYDAY=-1FR",
                "every month on the last Friday",
            ),
            ("every year", "FREQ=YEARLY", "every year"),
        ] {
            let read: RecurrenceRule = words.parse().unwrap();
            assert_eq!((read.to_string().as_str(), read.describe().as_str()), (rule, said));
        }
    }

    #[test]
    fn an_end_is_said_and_what_has_no_words_is_told_as_it_is_written() {
        let said = |rule: &str| rule.parse::<RecurrenceRule>().unwrap().describe();
        assert_eq!(said("FREQ=DAILY;COUNT=10"), "every day, 10 times");
        assert_eq!(said("FREQ=DAILY;UNTIL=20270601"), "every day, until 2027-06-01");
        assert_eq!(said("FREQ=DAILY;BYHOUR=9,17"), "FREQ=DAILY;BYHOUR=9,17");
    }

    #[test]
    fn other_words_are_refused_with_examples() {
        for words in [
            "",
            "often",
            "every now and then",
            "every week on 3",
            "every 2 weekday",
            "every day on mon",
        ] {
            let refused = words.parse::<RecurrenceRule>().unwrap_err().to_string();
            assert!(refused.contains("every weekday"), "{words}: {refused}");
        }
    }
}
