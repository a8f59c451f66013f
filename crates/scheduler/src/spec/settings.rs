//! The configuration of a publish, from wherever it may come: headers, the query string, or an
//! element of a batch.

use http::HeaderMap;
use percent_encoding::percent_decode_str;

/// Settings by lower-case name; of a name given twice the first counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings(Vec<(String, String)>);

impl Settings {
    pub(crate) fn of_headers(headers: &HeaderMap) -> Result<Self, String> {
        let mut settings = Self::default();
        for (name, value) in headers {
            let value = std::str::from_utf8(value.as_bytes())
                .map_err(|_| format!("the header {name} is not text"))?;
            settings.add(name.as_str(), value);
        }
        Ok(settings)
    }

    pub(crate) fn add(&mut self, name: &str, value: &str) {
        self.0.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }

    /// Takes QStash's own keys out of a destination's query: they share one query string. What
    /// is left is the destination's, byte for byte.
    pub(crate) fn take_from_query(&mut self, query: &str) -> String {
        let mut left = Vec::new();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = |text: &str| {
                percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
            };
            let name = decoded(name).to_ascii_lowercase();
            if name.starts_with("upstash-") {
                self.add(&name, &decoded(value));
            } else if name != "qstash_token" {
                left.push(pair);
            }
        }
        left.join("&")
    }

    /// These settings, and the defaults for what they leave unsaid.
    pub(crate) fn over(&self, defaults: &[(String, String)]) -> Self {
        let mut settings = self.clone();
        // A message has one time: whoever says one leaves none to the defaults.
        let is_time = |name: &str| {
            ["upstash-delay", "upstash-not-before"]
                .iter()
                .any(|time| name.eq_ignore_ascii_case(time))
        };
        let timed = self.0.iter().any(|(known, _)| is_time(known));
        for (name, value) in defaults.iter().filter(|(name, _)| !(timed && is_time(name))) {
            if !self.0.iter().any(|(known, _)| name.eq_ignore_ascii_case(known)) {
                settings.add(name, value);
            }
        }
        settings
    }

    /// The value of a setting; empty counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A switch: `true`, `True`, `1`.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
    }

    /// The settings whose names begin with `prefix`, without it.
    pub(crate) fn under<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
        self.0.iter().filter_map(move |(name, value)| {
            let rest = name.strip_prefix(prefix).filter(|rest| !rest.is_empty())?;
            Some((rest, value.as_str()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qstashs_keys_leave_the_query_and_the_rest_stays_as_written() {
        let mut settings = Settings::default();
        let left = settings.take_from_query(
            "a=1&Upstash-Retries=3&b=%20x&qstash_token=t&upstash-retry-delay=1000%20*%202&c&a=2",
        );
        assert_eq!(left, "a=1&b=%20x&c&a=2");
        assert_eq!(settings.get("upstash-retries"), Some("3"));
        assert_eq!(settings.get("upstash-retry-delay"), Some("1000 * 2"));
        assert_eq!(Settings::default().take_from_query("qstash_token=t"), "");
    }
}
