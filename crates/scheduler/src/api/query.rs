//! Query strings: filters, counts, cursors.

use url::form_urlencoded;

use super::refusal::Refusal;
use crate::store::Filter;

/// Filters that every list takes.
pub(super) const COMMON: [&str; 16] = [
    "api",
    "topicName",
    "queueName",
    "url",
    "label",
    "flowControlKey",
    "scheduleId",
    "callerIp",
    "callerIP",
    "fromDate",
    "toDate",
    "count",
    "cursor",
    "messageIds",
    "messageId",
    "qstash_token",
];

/// A decoded query string.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(raw: &str) -> Self {
        Self(form_urlencoded::parse(raw.as_bytes()).into_owned().collect())
    }

    /// The first value of a name; empty counts as absent.
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// All values of a name, repeated or separated by commas.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let values = self.0.iter().filter(|(known, _)| known == name);
        let parts = values.flat_map(|(_, value)| value.split(','));
        parts.map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// All values of a name, repeated; commas belong to the value.
    fn repeated(&self, name: &str) -> Vec<String> {
        let values = self.0.iter().filter(|(known, _)| known == name);
        values.map(|(_, value)| value.clone()).filter(|value| !value.is_empty()).collect()
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let parse = |text: &str| {
            text.parse().map_err(|_| Refusal::invalid(format!("{name} is not a number: {text}")))
        };
        self.first(name).map(parse).transpose()
    }

    /// `count`, at most `most`.
    pub(super) fn count(&self, otherwise: usize, most: usize) -> Result<usize, Refusal> {
        let Some(count) = self.number("count")? else { return Ok(otherwise) };
        match usize::try_from(count) {
            Ok(count) if (1..=most).contains(&count) => Ok(count),
            _ => Err(Refusal::invalid(format!("count must be between 1 and {most}"))),
        }
    }

    /// Refuses names that are none of `known`: a typo in a filter must not widen it to all.
    pub(super) fn only(&self, known: &[&[&str]]) -> Result<(), Refusal> {
        let strange =
            self.0.iter().find(|(name, _)| !known.iter().any(|names| names.contains(&&**name)));
        match strange {
            None => Ok(()),
            Some((name, _)) => Err(Refusal::invalid(format!("unknown filter: {name}"))),
        }
    }

    /// Refuses a filter without a value: whoever forgot the value must not change all there is.
    pub(super) fn none_empty(&self) -> Result<(), Refusal> {
        const NO_FILTERS: [&str; 3] = ["count", "cursor", "qstash_token"];
        let empty = self
            .0
            .iter()
            .find(|(name, _)| !NO_FILTERS.contains(&name.as_str()) && self.list(name).is_empty());
        match empty {
            None => Ok(()),
            Some((name, _)) => Err(Refusal::invalid(format!(
                "the filter {name} is empty; leave it out to mean all"
            ))),
        }
    }

    /// The filters that messages, dead letters and events share. `at_or_after` and
    /// `at_or_before` compare the list's own time.
    pub(super) fn filter(
        &self,
        at_or_after: &'static str,
        at_or_before: &'static str,
    ) -> Result<Filter, Refusal> {
        let mut filter = Filter::default();
        for (name, column) in [
            ("messageId", "message.id"),
            ("messageIds", "message.id"),
            ("topicName", "message.topic_name"),
            ("queueName", "message.queue_name"),
            ("host", "message.host"),
            ("flowControlKey", "message.flow_key"),
            ("scheduleId", "message.schedule_id"),
            ("callerIp", "message.caller_ip"),
            ("callerIP", "message.caller_ip"),
        ] {
            let texts = self.list(name);
            if !texts.is_empty() {
                filter.any_text(column, &texts);
            }
        }
        for (name, column) in [("url", "message.url"), ("path", "message.path")] {
            let texts = self.repeated(name);
            if !texts.is_empty() {
                filter.any_text(column, &texts);
            }
        }
        let apis = self.list("api");
        if !apis.is_empty() {
            // Nothing here was sent to one of QStash's own APIs.
            filter.any_text("''", &apis);
        }
        let labels = self.list("label");
        if !labels.is_empty() {
            filter.any_label(&labels);
        }
        for (name, condition) in [("fromDate", at_or_after), ("toDate", at_or_before)] {
            if let Some(time) = self.number(name)? {
                filter.number(condition, time);
            }
        }
        Ok(filter)
    }
}
