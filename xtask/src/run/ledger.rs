//! What the sandbox's ledger of create requests says of a run. Not what Roost believes.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use crate::http;

/// The longest page of the ledger that is read.
const PAGE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// One create request, as the sandbox wrote it down.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Create {
    /// Its number in the ledger: they rise.
    id: i64,
    /// When it arrived, Unix milliseconds.
    pub(crate) arrived_at: i64,
    /// The text that was asked for; empty where the body could not be read.
    #[serde(default, deserialize_with = "or_empty")]
    pub(crate) text: String,
    /// The id of the post, where one was made.
    #[serde(default)]
    pub(crate) tweet_id: Option<String>,
    /// The whole body.
    #[serde(default)]
    body: String,
    /// Whether a post was made.
    pub(crate) accepted: bool,
    /// What became of it: `accepted`, `refused` for a reason that was told, or something unsure.
    outcome: String,
    /// Whether the caller was told.
    answered: bool,
}

impl Create {
    /// Whether it was refused for certain: such a request created nothing, and who asked knows it.
    pub(crate) fn refused(&self) -> bool {
        self.is_refused_by_x() && self.answered
    }

    /// Whether X created nothing, be it that who asked was told so or not.
    pub(crate) fn is_refused_by_x(&self) -> bool {
        self.outcome == "refused"
    }

    /// Returns the id of the post that it was to answer.
    pub(crate) fn reply_to(&self) -> Option<String> {
        let body: serde_json::Value = serde_json::from_str(&self.body).ok()?;
        Some(body["reply"]["in_reply_to_tweet_id"].as_str()?.to_owned())
    }

    /// Whether the sandbox has decided it.
    pub(crate) fn is_decided(&self) -> bool {
        self.outcome != "arrived"
    }
}

fn or_empty<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.unwrap_or_default())
}

/// How late posts were, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Lateness {
    /// Half of the posts were at most this late.
    pub(crate) p50: i64,
    /// 99 of 100 posts were at most this late.
    pub(crate) p99: i64,
    /// The latest.
    pub(crate) max: i64,
}

/// The run's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Summary {
    /// Parts asked for: a tweet is one, a thread as many as it has.
    pub(crate) posts: usize,
    /// Parts that stand on X.
    pub(crate) posted: usize,
    /// Parts that X refused and never took.
    pub(crate) failed: usize,
    /// Parts for which X was never asked.
    pub(crate) missed: usize,
    /// Create requests beyond one per part, accepted or not; definite refusals excepted.
    pub(crate) duplicates: usize,
    /// From a part's time to the arrival of its accepted request.
    pub(crate) lateness_ms: Lateness,
    /// The run's own duration.
    pub(crate) elapsed_ms: u128,
}

impl Summary {
    /// Whether every post went out exactly once.
    pub(crate) fn is_perfect(&self) -> bool {
        self.posted == self.posts && self.duplicates == 0
    }
}

/// The sandbox's ledger, read as it grows.
#[derive(Debug)]
pub(crate) struct Ledger {
    sandbox: String,
    /// All that was read, oldest first.
    pub(crate) creates: Vec<Create>,
}

impl Ledger {
    /// The ledger of the sandbox at this address; nothing is read yet.
    pub(crate) const fn of(sandbox: String) -> Self {
        Self { sandbox, creates: Vec::new() }
    }

    /// Reads what came or was decided since the last time.
    pub(crate) fn refresh(&mut self) -> Result<()> {
        let settled = self.creates.iter().take_while(|create| create.is_decided()).count();
        self.creates.truncate(settled);
        loop {
            let since = self.creates.last().map_or(0, |create| create.id);
            let page = self.page(since)?;
            if page.is_empty() {
                return Ok(());
            }
            self.creates.extend(page);
        }
    }

    fn page(&self, since: i64) -> Result<Vec<Create>> {
        let address = format!("{}/_sandbox/ledger?since={since}", self.sandbox);
        let text =
            http::text(&address, PAGE_BYTES_MAX).context("the sandbox's ledger cannot be read")?;
        serde_json::from_str(&text).context("the sandbox's ledger is garbled")
    }
}

/// Holds the ledger against the plan.
pub(crate) fn summarise(calendar: &Calendar, creates: &[Create], elapsed_ms: u128) -> Summary {
    let mut by_text: HashMap<&str, Vec<&Create>> = HashMap::new();
    for create in creates {
        by_text.entry(&create.text).or_default().push(create);
    }
    let mut planned: HashMap<&str, Vec<i64>> = HashMap::new();
    for (text, due_at) in calendar.parts() {
        planned.entry(text).or_default().push(due_at);
    }
    let mut summary = Summary {
        posts: 0,
        posted: 0,
        failed: 0,
        missed: 0,
        duplicates: 0,
        lateness_ms: Lateness::default(),
        elapsed_ms,
    };
    let mut lateness = Vec::new();
    for (text, dues) in &mut planned {
        let requests = by_text.remove(text).unwrap_or_default();
        count_text(&mut summary, &mut lateness, dues, &requests);
    }
    // A request for a text that nobody planned is one too many as well.
    summary.duplicates += by_text.values().flatten().filter(|create| !create.refused()).count();
    summary.lateness_ms = percentiles(lateness);
    summary
}

/// Counts one text: as many posts may be made of it as were planned.
fn count_text(
    summary: &mut Summary,
    lateness: &mut Vec<i64>,
    dues: &mut [i64],
    requests: &[&Create],
) {
    dues.sort_unstable();
    let mut accepted: Vec<i64> =
        requests.iter().filter(|create| create.accepted).map(|create| create.arrived_at).collect();
    accepted.sort_unstable();
    let posted = accepted.len().min(dues.len());
    let open = dues.len() - posted;
    let refused = requests.iter().filter(|create| create.refused()).count();
    summary.posts += dues.len();
    summary.posted += posted;
    summary.failed += open.min(refused);
    summary.missed += open - open.min(refused);
    let possibly_made = requests.iter().filter(|create| !create.refused()).count();
    summary.duplicates += possibly_made.saturating_sub(dues.len());
    lateness.extend(accepted.iter().zip(dues.iter()).map(|(arrived, due)| arrived - due));
}

/// Nearest-rank percentiles.
fn percentiles(mut values: Vec<i64>) -> Lateness {
    values.sort_unstable();
    let rank = |percent: usize| {
        let place = (values.len() * percent).div_ceil(100).max(1) - 1;
        values.get(place).copied().unwrap_or(0)
    };
    Lateness { p50: rank(50), p99: rank(99), max: rank(100) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::calendar::Entry;

    fn create(text: &str, arrived_at: i64, accepted: bool, refused: bool) -> Create {
        let outcome = if refused { "refused" } else { "arrived" };
        Create {
            id: arrived_at,
            arrived_at,
            text: text.to_owned(),
            tweet_id: None,
            body: String::new(),
            accepted,
            outcome: outcome.to_owned(),
            answered: true,
        }
    }

    fn calendar(entries: &[(&str, i64)]) -> Calendar {
        let entry = |&(text, due_at): &(&str, i64)| Entry { parts: vec![text.to_owned()], due_at };
        Calendar { entries: entries.iter().map(entry).collect() }
    }

    #[test]
    fn a_second_request_is_a_duplicate_even_when_its_answer_was_lost() {
        let plan = calendar(&[("a", 1_000)]);
        let twice = [create("a", 1_010, true, false), create("a", 2_000, false, false)];
        let summary = summarise(&plan, &twice, 0);
        assert_eq!((summary.posted, summary.duplicates), (1, 1));
    }

    #[test]
    fn a_definite_refusal_is_no_duplicate() {
        let plan = calendar(&[("a", 1_000)]);
        let refused_first = [create("a", 1_010, false, true), create("a", 2_000, true, false)];
        let summary = summarise(&plan, &refused_first, 0);
        assert_eq!((summary.posted, summary.failed, summary.duplicates), (1, 0, 0));
    }

    #[test]
    fn every_planned_post_is_counted_once() {
        let plan = calendar(&[("a", 1_000), ("b", 2_000), ("c", 3_000), ("a", 4_000)]);
        let creates = [create("a", 1_005, true, false), create("b", 2_000, false, true)];
        let summary = summarise(&plan, &creates, 0);
        assert_eq!((summary.posts, summary.posted, summary.failed, summary.missed), (4, 1, 1, 2));
        assert!(!summary.is_perfect());
    }

    #[test]
    fn a_post_that_nobody_planned_counts_as_duplicate() {
        let summary = summarise(&calendar(&[]), &[create("x", 1, true, false)], 0);
        assert_eq!(summary.duplicates, 1);
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let lateness = percentiles((1..=200).collect());
        assert_eq!((lateness.p50, lateness.p99, lateness.max), (100, 198, 200));
    }
}
