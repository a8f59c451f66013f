//! Hears X's time on each of its answers.

use std::sync::Arc;

use http::HeaderMap;
use http::header::{AGE, DATE};
use roost_x_api::transport::{Exchange, Request, Transport};

use super::{ClockSkew, describe_skew};
use crate::metrics::Metrics;

/// The network, and who listens.
#[derive(Debug)]
pub(crate) struct DateObserver {
    network: Arc<dyn Transport>,
    clock_skew: Arc<ClockSkew>,
    metrics: Arc<Metrics>,
}

impl DateObserver {
    pub(crate) fn new(
        network: Arc<dyn Transport>,
        clock_skew: Arc<ClockSkew>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { network, clock_skew, metrics }
    }
}

impl Transport for DateObserver {
    fn exchange(&self, request: Request) -> Exchange<'_> {
        Box::pin(async move {
            let asked = self.clock_skew.clock.now();
            let answer = self.network.exchange(request).await?;
            let answered = self.clock_skew.clock.now();
            if let Some(date) = date(&answer.headers)
                && self.clock_skew.observe(asked, answered, date)
                && let Some(ahead_ms) = self.clock_skew.excessive_ms()
            {
                self.metrics.clock_alarms.add(1);
                tracing::error!(
                    ahead_ms,
                    "{} Set it by NTP; until then nothing is taken up or missed by it",
                    describe_skew(ahead_ms)
                );
            }
            Ok(answer)
        })
    }
}

/// When the answer was made, in Unix seconds; nothing for one that lay in a cache.
fn date(headers: &HeaderMap) -> Option<i64> {
    if headers.contains_key(AGE) {
        return None;
    }
    let text = headers.get(DATE)?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(date.as_second())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_date_is_read_unless_it_is_garbled_or_lay_in_a_cache() {
        let mut headers = HeaderMap::new();
        assert_eq!(date(&headers), None);
        headers.insert(DATE, HeaderValue::from_static("Fri, 15 Jan 2027 08:00:00 GMT"));
        assert_eq!(date(&headers), Some(1_800_000_000));
        headers.insert(AGE, HeaderValue::from_static("7200"));
        assert_eq!(date(&headers), None);
        headers.remove(AGE);
        headers.insert(DATE, HeaderValue::from_static("yesterday"));
        assert_eq!(date(&headers), None);
    }
}
