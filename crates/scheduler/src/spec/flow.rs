//! Flow control: a key whose deliveries are paced together.

use serde::{Deserialize, Serialize};

use crate::duration;

/// The longest period: a week.
const LONGEST_PERIOD_SECONDS: u64 = 604_800;

/// A key with its limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flow {
    pub(crate) key: String,
    pub(crate) parallelism: Option<u32>,
    pub(crate) rate: Option<u32>,
    pub(crate) period_seconds: u64,
}

impl Flow {
    /// Reads `parallelism=2, rate=10, period=1h30m3s`, any subset.
    pub(crate) fn parse(key: &str, value: Option<&str>) -> Result<Self, String> {
        let mut flow =
            Self { key: key.to_owned(), parallelism: None, rate: None, period_seconds: 1 };
        let wrong = || {
            "Upstash-Flow-Control-Value should be either rate=X or parallelism=Y, or both as \
             comma-separated values"
                .to_owned()
        };
        for part in value.ok_or_else(wrong)?.split(',') {
            let (name, value) = part.split_once('=').ok_or_else(wrong)?;
            let value = value.trim();
            let number = || value.parse().ok().filter(|n| *n > 0).ok_or_else(wrong);
            match name.trim().to_ascii_lowercase().as_str() {
                "parallelism" => flow.parallelism = Some(number()?),
                "rate" => flow.rate = Some(number()?),
                "period" => flow.period_seconds = period(value)?,
                _ => return Err(wrong()),
            }
        }
        if flow.parallelism.is_none() && flow.rate.is_none() {
            return Err(wrong());
        }
        Ok(flow)
    }
}

fn period(text: &str) -> Result<u64, String> {
    // Official clients write a bare number of seconds when given a number.
    let seconds = text.parse().ok().or_else(|| duration::upstash_seconds(text));
    seconds
        .filter(|seconds| (1..=LONGEST_PERIOD_SECONDS).contains(seconds))
        .ok_or_else(|| format!("invalid flow control period: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_subset_of_the_limits_may_be_given() {
        let read = |value| Flow::parse("k", Some(value));
        let flow = read("parallelism=2,rate=10, period=1h30m3s").unwrap();
        assert_eq!((flow.parallelism, flow.rate, flow.period_seconds), (Some(2), Some(10), 5403));
        let flow = read("parallelism=2").unwrap();
        assert_eq!((flow.parallelism, flow.rate, flow.period_seconds), (Some(2), None, 1));
        for wrong in ["", "rate", "rate=0", "rate=x", "period=1s", "burst=1", "rate=1,period=8d"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(Flow::parse("k", None).is_err());
    }
}
