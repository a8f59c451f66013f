//! From settings to a spec. Settings are laid over an existing spec, so that a publish (over
//! nothing) and a retry of a dead letter (over the old message) read alike.

use sha2::{Digest, Sha256};

use super::{Call, Flow, Settings, Spec, Target, check_name};
use crate::header::{Redaction, canonical};
use crate::secret::hex;
use crate::{duration, retry_expression};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// Headers that belong to one connection, or to QStash itself; never passed on.
const NOT_FORWARDED: [&str; 14] = [
    "authorization",
    "connection",
    "content-length",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-forwarded-for",
    "x-real-ip",
];

impl Spec {
    /// Lays `settings` over this spec.
    pub(crate) fn apply(&mut self, settings: &Settings) -> Result<(), String> {
        apply_call(&mut self.call, settings, "upstash-")?;
        if let Some(content_type) = settings.get("content-type") {
            set_header(&mut self.call, "Content-Type", content_type)?;
        }
        if settings.is_on("upstash-header-forward") {
            forward_all(&mut self.call, settings)?;
        }
        apply_callback(&mut self.callback, settings, "upstash-callback")?;
        apply_callback(&mut self.failure_callback, settings, "upstash-failure-callback")?;
        if let Some(labels) = settings.get("upstash-label") {
            let labels = labels.split(',').map(str::trim).filter(|label| !label.is_empty());
            self.labels.clear();
            for label in labels {
                if !self.labels.iter().any(|known| known == label) {
                    self.labels.push(label.to_owned());
                }
            }
        }
        if let Some(key) = settings.get("upstash-flow-control-key") {
            self.flow = Some(Flow::parse(key, settings.get("upstash-flow-control-value"))?);
        }
        if let Some(fields) = settings.get("upstash-redact-fields") {
            self.redaction = Redaction::parse(fields)?;
        }
        Ok(())
    }

    /// Sends the message through a queue. A time or a key of its own it keeps: it waits for them
    /// in its place in the queue.
    pub(crate) fn enter(&mut self, queue: &str) -> Result<(), String> {
        check_name("queue name", queue)?;
        self.queue_name = Some(queue.to_owned());
        Ok(())
    }
}

fn apply_callback(
    target: &mut Option<Target>,
    settings: &Settings,
    name: &str,
) -> Result<(), String> {
    if let Some(url) = settings.get(name) {
        let fresh = Target { url: url.to_owned(), call: Call::default(), delay_seconds: None };
        *target = Some(fresh);
    }
    let Some(target) = target else { return Ok(()) };
    let prefix = format!("{name}-");
    apply_call(&mut target.call, settings, &prefix)?;
    if let Some(text) = settings.get(&format!("{prefix}delay")) {
        target.delay_seconds = Some(delay(text)?);
    }
    Ok(())
}

/// Method, retries, retry delay, timeout and forwarded headers, whose settings begin with
/// `prefix`.
fn apply_call(call: &mut Call, settings: &Settings, prefix: &str) -> Result<(), String> {
    let get = |name: &str| settings.get(&format!("{prefix}{name}"));
    if let Some(method) = get("method") {
        let method = method.to_ascii_uppercase();
        if !METHODS.contains(&method.as_str()) {
            return Err(format!("invalid method: {method}"));
        }
        call.method = method;
    }
    if let Some(retries) = get("retries") {
        let count = retries.parse().map_err(|_| format!("invalid retries: {retries}"))?;
        call.retries = Some(count);
    }
    if let Some(text) = get("retry-delay") {
        retry_expression::evaluate(text, 0).map_err(|why| format!("invalid retry delay: {why}"))?;
        call.retry_delay = Some(text.to_owned());
    }
    if let Some(text) = get("timeout") {
        let seconds = text.parse().ok().or_else(|| duration::upstash_seconds(text));
        let seconds = seconds.filter(|seconds| *seconds > 0);
        call.timeout_seconds = Some(seconds.ok_or_else(|| format!("invalid timeout: {text}"))?);
    }
    for (name, value) in settings.under(&format!("{prefix}forward-")) {
        set_header(call, name, value)?;
    }
    Ok(())
}

fn forward_all(call: &mut Call, settings: &Settings) -> Result<(), String> {
    for (name, value) in settings.under("") {
        let own = name.starts_with("upstash-") || NOT_FORWARDED.contains(&name);
        if !own && !call.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            set_header(call, name, value)?;
        }
    }
    Ok(())
}

fn set_header(call: &mut Call, name: &str, value: &str) -> Result<(), String> {
    let sound = http::HeaderName::from_bytes(name.as_bytes()).is_ok()
        && http::HeaderValue::from_str(value).is_ok();
    if !sound {
        return Err(format!("the header {name} can't be forwarded"));
    }
    let name = canonical(name);
    call.headers.retain(|(known, _)| *known != name);
    call.headers.push((name, value.to_owned()));
    Ok(())
}

fn delay(text: &str) -> Result<u64, String> {
    duration::upstash_seconds(text).ok_or_else(|| wrong_delay(text))
}

/// In QStash's words, which are those of Go's `time.ParseDuration`.
fn wrong_delay(text: &str) -> String {
    let bare = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let why = if bare { "missing unit in duration" } else { "invalid duration" };
    format!("invalid Upstash-Delay header: time: {why} {text:?}")
}

/// When a message is due, Unix milliseconds: reads `Upstash-Not-Before`, which wins, and
/// `Upstash-Delay`; a past instant means now.
pub(crate) fn due_at(
    settings: &Settings,
    now: i64,
    max_delay_seconds: Option<u64>,
) -> Result<i64, String> {
    let due_at = if let Some(text) = settings.get("upstash-not-before") {
        let seconds: i64 = text.parse().map_err(|_| format!("invalid not before: {text}"))?;
        let due_at = seconds.checked_mul(1000).ok_or(format!("invalid not before: {text}"))?;
        due_at.max(now)
    } else if let Some(text) = settings.get("upstash-delay") {
        let millis = i64::try_from(delay(text)?).ok().and_then(|n| n.checked_mul(1000));
        let due_at = millis.and_then(|millis| now.checked_add(millis));
        due_at.ok_or_else(|| wrong_delay(text))?
    } else {
        now
    };
    if let Some(limit) = max_delay_seconds
        && due_at.saturating_sub(now)
            > i64::try_from(limit).unwrap_or(i64::MAX).saturating_mul(1000)
    {
        return Err(format!("quota maxDelay exceeded, current limit: {limit}"));
    }
    Ok(due_at)
}

/// By what a repeated message is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deduplication(pub(crate) String);

impl Deduplication {
    /// The id that was given, else the hash of destination, body and forwarded headers when the
    /// settings ask for it.
    pub(crate) fn of(
        settings: &Settings,
        spec: &Spec,
        body: &[u8],
    ) -> Result<Option<Self>, String> {
        if let Some(id) = settings.get("upstash-deduplication-id") {
            if id.contains(':') {
                return Err("DeduplicationId cannot contain ':'".into());
            }
            // To a URL group it goes to each endpoint once.
            let endpoint = spec.topic_name.as_ref().map_or("", |_| spec.url.as_str());
            return Ok(Some(Self(format!("id:{id}{endpoint}"))));
        }
        if !settings.is_on("upstash-content-based-deduplication") {
            return Ok(None);
        }
        let mut headers = spec.call.headers.clone();
        headers.sort();
        let mut hash = Sha256::new();
        let parts = headers.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
        for part in [spec.url.as_bytes(), body].into_iter().chain(parts) {
            // With its length, so that no two lists of parts read alike.
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        Ok(Some(Self(format!("content:{}", hex(&hash.finalize())))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::default();
        for (name, value) in pairs {
            settings.add(name, value);
        }
        settings
    }

    #[test]
    fn not_before_is_in_seconds_and_wins_over_delay() {
        let read = |pairs: &[(&str, &str)]| due_at(&settings(pairs), 5_000, None);
        let both = [("Upstash-Delay", "1h"), ("Upstash-Not-Before", "60")];
        assert_eq!(read(&both).unwrap(), 60_000);
        assert_eq!(read(&[("Upstash-Delay", "1h")]).unwrap(), 3_605_000);
        assert_eq!(read(&[("Upstash-Not-Before", "1")]).unwrap(), 5_000);
        assert_eq!(read(&[]).unwrap(), 5_000);
        for wrong in ["x", "1.5", "9223372036854775807"] {
            assert!(read(&[("Upstash-Not-Before", wrong)]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_delay_beyond_the_limit_is_refused_in_qstashs_words() {
        let delayed = settings(&[("Upstash-Delay", "8d")]);
        let error = due_at(&delayed, 0, Some(604_800)).unwrap_err();
        assert_eq!(error, "quota maxDelay exceeded, current limit: 604800");
    }

    #[test]
    fn callbacks_have_settings_of_their_own() {
        let mut spec = Spec::new("https://a.example".into(), String::new());
        spec.apply(&settings(&[
            ("Upstash-Callback", "https://b.example"),
            ("Upstash-Callback-Method", "put"),
            ("Upstash-Callback-Forward-X-A", "1"),
            ("Upstash-Failure-Callback", "https://c.example"),
            ("Upstash-Failure-Callback-Retries", "7"),
            ("Upstash-Failure-Callback-Delay", "5s"),
            ("Upstash-Retries", "2"),
        ]))
        .unwrap();
        let (callback, failure) = (spec.callback.unwrap(), spec.failure_callback.unwrap());
        assert_eq!(callback.call.method, "PUT");
        assert_eq!(callback.call.headers, [("X-A".to_owned(), "1".to_owned())]);
        assert_eq!((failure.call.retries, failure.delay_seconds), (Some(7), Some(5)));
        assert_eq!(spec.call.retries, Some(2));
        assert!(spec.call.headers.is_empty());
    }

    #[test]
    fn what_is_refused_is_refused_in_words() {
        for (name, value) in [
            ("Upstash-Method", "TRACE"),
            ("Upstash-Retries", "-1"),
            ("Upstash-Retry-Delay", "system()"),
            ("Upstash-Timeout", "0s"),
            ("Upstash-Redact-Fields", "everything"),
        ] {
            let mut spec = Spec::new(String::new(), String::new());
            assert!(spec.apply(&settings(&[(name, value)])).is_err(), "{name}");
        }
    }
}
