//! The rhythm of everything that looks again and again while nothing happens. All of it looks at the same
//! instants, a second apart, so that an idle computer is woken once for all of them.

use std::time::Duration;

use tokio::time::Instant;

/// Between two beats.
const EVERY: Duration = Duration::from_secs(1);

/// Beats since an engine was opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beat {
    begun: Instant,
}

impl Beat {
    /// Returns beats that begin now.
    pub(crate) fn begin() -> Self {
        Self { begun: Instant::now() }
    }

    /// Waits for the next beat.
    pub(crate) async fn next(self) {
        self.nth(1).await;
    }

    /// Waits for the `count`-th beat from now on.
    pub(crate) async fn nth(self, count: u32) {
        let passed = u32::try_from(self.begun.elapsed().as_secs()).unwrap_or(u32::MAX - count);
        tokio::time::sleep_until(self.begun + EVERY * (passed + count)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_begins_at_different_moments_looks_at_the_same() {
        let beat = Beat::begin();
        tokio::time::sleep(Duration::from_millis(300)).await;
        let one = async {
            beat.next().await;
            Instant::now()
        };
        let other = async {
            tokio::time::sleep(Duration::from_millis(400)).await;
            beat.next().await;
            Instant::now()
        };
        let (one, other) = tokio::join!(one, other);
        assert_eq!(one, other);
        assert_eq!(one - beat.begun, Duration::from_secs(1));
        beat.nth(2).await;
        assert_eq!(beat.begun.elapsed(), Duration::from_secs(3));
    }
}
