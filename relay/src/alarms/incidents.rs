//! Troubles from their begin to the moment when everybody was told that they are over.

use std::collections::HashMap;
use std::time::Duration;

use roost_core::alarm::Said;
use roost_core::clock::UnixMillis;

use super::look::{Found, Looked, is_of_ledger};
use crate::alarm_settings::Alarms;
use crate::rows::alarm::Incident;

/// What is over for longer than this and could not be told is not told any more.
const TELL_WITHIN: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// Every trouble that is open, or that somebody is still to be told of.
#[derive(Debug, Default)]
pub(super) struct Incidents {
    all: Vec<Incident>,
    /// Since when an open one was not seen: one look without it is no end.
    unseen_since: HashMap<i64, UnixMillis>,
    last_id: i64,
    /// Changed since they were kept.
    unkept: Vec<i64>,
}

/// What a channel is to be told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Due {
    /// What began, by number.
    pub(super) began: Vec<i64>,
    /// What is over.
    pub(super) over: Vec<i64>,
}

impl Incidents {
    /// Goes on with what an earlier process kept.
    pub(super) fn of(all: Vec<Incident>, last_id: i64) -> Self {
        Self { all, last_id, ..Self::default() }
    }

    /// Takes a look in: troubles begin, and end when they were not seen for `alarms.digest_after`.
    pub(super) fn take(&mut self, looked: Looked, alarms: &Alarms, now: UnixMillis) {
        let ledger_was_read = looked.ledger_error.is_none();
        let found: HashMap<String, Found> = looked
            .found
            .into_iter()
            .filter(|found| alarms.kinds.contains(&found.condition.kind()))
            .map(|found| (found.key.clone(), found))
            .collect();
        for incident in self.all.iter_mut().filter(|incident| incident.over_at.is_none()) {
            let is_unknown = is_of_ledger(incident.kind) && !ledger_was_read;
            if found.contains_key(&incident.key) || is_unknown {
                self.unseen_since.remove(&incident.id);
                continue;
            }
            let since = *self.unseen_since.entry(incident.id).or_insert(now);
            if now.since(since) >= alarms.digest_after {
                incident.over_at = Some(now);
                self.unseen_since.remove(&incident.id);
                self.unkept.push(incident.id);
            }
        }
        let mut new: Vec<&Found> =
            found.values().filter(|found| !self.is_open(&found.key)).collect();
        new.sort_by(|one, other| one.key.cmp(&other.key));
        for Found { key, condition } in new {
            self.last_id += 1;
            self.unkept.push(self.last_id);
            let (kind, line) = (condition.kind(), condition.line(&alarms.zone));
            tracing::warn!(kind = kind.as_str(), "an alarm began: {}", line_for_log(&line));
            self.all.push(Incident {
                id: self.last_id,
                key: key.clone(),
                kind,
                line,
                began_at: now,
                over_at: None,
                told: HashMap::new(),
            });
        }
    }

    fn is_open(&self, key: &str) -> bool {
        self.all.iter().any(|incident| incident.over_at.is_none() && incident.key == key)
    }

    /// Returns what a channel is to be told, once the oldest of it has waited for others long enough.
    pub(super) fn due(&self, channel: &str, alarms: &Alarms, now: UnixMillis) -> Due {
        let mut due = Due::default();
        let mut since: Option<UnixMillis> = None;
        for incident in &self.all {
            let list = match (incident.told.get(channel), incident.over_at) {
                (None, None) => &mut due.began,
                // It came and went while nothing could be sent: said once, as what it was.
                (None, Some(_)) if incident.kind.has_end() => &mut due.over,
                (None, Some(_)) => &mut due.began,
                (Some(false), Some(_)) if incident.kind.has_end() => &mut due.over,
                _ => continue,
            };
            list.push(incident.id);
            let at = incident.over_at.unwrap_or(incident.began_at);
            since = Some(since.map_or(at, |since| since.min(at)));
        }
        let waited =
            since.is_some_and(|since| now < since || now.since(since) >= alarms.digest_after);
        if waited { due } else { Due::default() }
    }

    /// Returns what was said of troubles when they began.
    pub(super) fn said(&self, ids: &[i64]) -> Vec<Said> {
        let of = |incident: &&Incident| ids.contains(&incident.id);
        let said = |incident: &Incident| Said { kind: incident.kind, line: incident.line.clone() };
        self.all.iter().filter(of).map(said).collect()
    }

    /// Returns the troubles with these numbers.
    pub(super) fn get(&self, ids: &[i64]) -> Vec<&Incident> {
        self.all.iter().filter(|incident| ids.contains(&incident.id)).collect()
    }

    /// Notes that a channel was told.
    pub(super) fn note_told(&mut self, channel: &str, due: &Due) {
        for incident in &mut self.all {
            let over = due.over.contains(&incident.id);
            if over || due.began.contains(&incident.id) {
                incident.told.insert(channel.to_owned(), over);
                self.unkept.push(incident.id);
            }
        }
    }

    /// Returns what changed since it was kept.
    pub(super) fn unkept(&self) -> Vec<Incident> {
        let is_unkept = |incident: &&Incident| self.unkept.contains(&incident.id);
        self.all.iter().filter(is_unkept).cloned().collect()
    }

    /// Notes that everything is on disk, and forgets what nobody is to be told of any more.
    pub(super) fn note_kept(&mut self, alarms: &Alarms, now: UnixMillis) {
        self.unkept.clear();
        let is_told = |incident: &Incident| {
            alarms.channels.iter().all(|channel| match incident.told.get(&channel.name) {
                Some(over) => *over || !incident.kind.has_end(),
                None => false,
            })
        };
        self.all.retain(|incident| match incident.over_at {
            None => true,
            Some(over_at) => !is_told(incident) && now.since(over_at) < TELL_WITHIN,
        });
    }

    /// Returns the troubles that stand now.
    pub(super) fn open(&self) -> impl Iterator<Item = &Incident> {
        self.all.iter().filter(|incident| incident.over_at.is_none())
    }
}

/// A post's words are for those that the person chose, and the log is none of them.
fn line_for_log(line: &str) -> String {
    match (line.find(", \""), line.rfind('"')) {
        (Some(from), Some(until)) if from + 2 < until => {
            format!("{}{}", &line[..from], &line[until + 1..])
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use roost_core::alarm::Condition;

    use super::*;
    use crate::alarm_settings::{Channel, Way, Webhook, WebhookShape};

    const MINUTE: Duration = Duration::from_secs(60);

    fn alarms() -> Alarms {
        let way = |name: &str| Channel {
            name: name.to_owned(),
            way: Way::Webhook(Webhook {
                url: "http://127.0.0.1".parse().expect("an address"),
                shape: WebhookShape::Json,
                secret: None,
            }),
        };
        Alarms { channels: vec![way("one"), way("two")], ..Alarms::none() }
    }

    fn looked(conditions: Vec<Condition>) -> Looked {
        let found = |condition: Condition| Found { key: condition.kind().to_string(), condition };
        Looked { found: conditions.into_iter().map(found).collect(), ledger_error: None }
    }

    fn clock() -> Condition {
        Condition::ClockWrong { ahead_s: 600 }
    }

    #[test]
    fn a_trouble_is_told_once_to_each_channel_and_its_end_once() {
        let (alarms, mut incidents) = (alarms(), Incidents::default());
        let mut now = UnixMillis(1_000_000);
        let mut told = Vec::new();
        for minute in 0..20 {
            // It stands for ten minutes, and is missed by one look in between.
            let stands = minute < 10 && minute != 5;
            incidents.take(looked(stands.then(clock).into_iter().collect()), &alarms, now);
            for channel in ["one", "two"] {
                let due = incidents.due(channel, &alarms, now);
                if due != Due::default() {
                    told.push((channel, due.began.len(), due.over.len()));
                    incidents.note_told(channel, &due);
                }
            }
            now = now.plus(MINUTE / 2);
        }
        assert_eq!(told, [("one", 1, 0), ("two", 1, 0), ("one", 0, 1), ("two", 0, 1)]);
        incidents.note_kept(&alarms, now);
        assert!(incidents.all.is_empty(), "nobody is to be told any more: {incidents:?}");
    }

    #[test]
    fn what_came_and_went_unheard_is_told_once_and_what_has_no_end_is_told_all_the_same() {
        let (alarms, mut incidents) = (alarms(), Incidents::default());
        let missed = Condition::PostMissed(roost_core::alarm::PostFacts {
            username: "ada".to_owned(),
            due_at: None,
            why: String::new(),
            text: None,
        });
        let mut now = UnixMillis(1_000_000);
        incidents.take(looked(vec![clock(), missed]), &alarms, now);
        for _ in 0..3 {
            now = now.plus(MINUTE);
            incidents.take(looked(Vec::new()), &alarms, now);
        }
        now = now.plus(MINUTE);
        let due = incidents.due("one", &alarms, now);
        assert_eq!((due.began.len(), due.over.len()), (1, 1));
        incidents.note_told("one", &due);
        assert_eq!(incidents.due("one", &alarms, now), Due::default());
    }

    #[test]
    fn a_ledger_that_can_not_be_read_ends_no_trouble_of_it() {
        let (alarms, mut incidents) = (alarms(), Incidents::default());
        let mut now = UnixMillis(1_000_000);
        incidents.take(looked(vec![Condition::GivenUp { posts: 1 }, clock()]), &alarms, now);
        for _ in 0..5 {
            now = now.plus(MINUTE);
            let unread = Some("no".to_owned());
            incidents.take(Looked { found: Vec::new(), ledger_error: unread }, &alarms, now);
        }
        let open: Vec<_> = incidents.open().map(|incident| incident.kind.as_str()).collect();
        assert_eq!(open, ["given_up"]);
    }

    #[test]
    fn a_post_s_words_are_in_no_line_of_the_log() {
        let line = "@ada, due 2027-01-01 09:00, \"my \"secret\" words\": X refused it.";
        assert_eq!(line_for_log(line), "@ada, due 2027-01-01 09:00: X refused it.");
    }
}
