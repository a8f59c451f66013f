//! What X says about its rate windows, in the headers of an answer.

use http::HeaderMap;

/// One window: how many calls it allows, how many are left, when it starts anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateWindow {
    /// Calls per window. Seen wrong in the wild for posts; trust `remaining`.
    pub limit: Option<i64>,
    /// Calls left in this window.
    pub remaining: i64,
    /// When the window starts anew: Unix seconds.
    pub reset: i64,
}

/// Which window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WindowKind {
    /// The account's window of 15 minutes (`x-rate-limit-*`).
    Short,
    /// The whole app's day (`x-app-limit-24hour-*`): concerns every account of the app.
    AppDay,
    /// The account's day (`x-user-limit-24hour-*`).
    UserDay,
}

/// The three windows that X may report, and `Retry-After`. Some plans send none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RateHeaders {
    /// The account's 15 minutes.
    pub short: Option<RateWindow>,
    /// The app's day.
    pub app_day: Option<RateWindow>,
    /// The account's day.
    pub user_day: Option<RateWindow>,
    /// Seconds to wait, when X says so.
    pub retry_after: Option<u64>,
}

impl RateHeaders {
    /// Returns what the headers tell; what is absent or no number is left out.
    #[must_use]
    pub fn read(headers: &HeaderMap) -> Self {
        Self {
            short: window(headers, "x-rate-limit"),
            app_day: window(headers, "x-app-limit-24hour"),
            user_day: window(headers, "x-user-limit-24hour"),
            retry_after: number(headers, "retry-after").and_then(|n| u64::try_from(n).ok()),
        }
    }

    /// Returns the windows reported, with their kinds.
    pub fn windows(&self) -> impl Iterator<Item = (WindowKind, RateWindow)> {
        [
            (WindowKind::Short, self.short),
            (WindowKind::AppDay, self.app_day),
            (WindowKind::UserDay, self.user_day),
        ]
        .into_iter()
        .filter_map(|(kind, window)| window.map(|window| (kind, window)))
    }

    /// Returns the windows in which nothing is left.
    #[must_use]
    pub fn exhausted(&self) -> Vec<WindowKind> {
        self.windows().filter(|(_, window)| window.remaining <= 0).map(|(kind, _)| kind).collect()
    }

    /// Returns when a refused call may be tried again: the latest reset among the empty windows,
    /// and otherwise the short window's. Unix seconds.
    #[must_use]
    pub fn until(&self) -> Option<i64> {
        self.windows()
            .filter(|(_, window)| window.remaining <= 0)
            .map(|(_, window)| window.reset)
            .max()
            .or_else(|| self.short.map(|window| window.reset))
    }
}

fn window(headers: &HeaderMap, prefix: &str) -> Option<RateWindow> {
    Some(RateWindow {
        limit: number(headers, &format!("{prefix}-limit")),
        remaining: number(headers, &format!("{prefix}-remaining"))?,
        reset: number(headers, &format!("{prefix}-reset"))?,
    })
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.insert(*name, http::HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn the_wait_lasts_until_the_latest_empty_window() {
        let read = RateHeaders::read(&headers(&[
            ("x-rate-limit-limit", "100"),
            ("x-rate-limit-remaining", "0"),
            ("x-rate-limit-reset", "1000"),
            ("x-app-limit-24hour-remaining", "12"),
            ("x-app-limit-24hour-reset", "9000"),
            ("x-user-limit-24hour-remaining", "0"),
            ("x-user-limit-24hour-reset", "5000"),
        ]));
        assert_eq!(read.exhausted(), [WindowKind::Short, WindowKind::UserDay]);
        assert_eq!(read.until(), Some(5000));
        assert_eq!(read.short.and_then(|window| window.limit), Some(100));
    }

    #[test]
    fn absent_and_garbled_headers_are_no_windows() {
        let read = RateHeaders::read(&headers(&[
            ("x-rate-limit-remaining", "many"),
            ("x-rate-limit-reset", "1000"),
            ("retry-after", "7"),
        ]));
        assert_eq!(read.windows().count(), 0);
        assert_eq!(read.until(), None);
        assert_eq!(read.retry_after, Some(7));
    }
}
