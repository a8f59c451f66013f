//! Supervises the loops of relay and scheduler: a loop that ends without a request to stop is logged and
//! started again. One that ends again and again stays ended, and the person is told.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// Ends further apart than this don't count together.
const TOGETHER: Duration = Duration::from_mins(10);
/// A loop that ended so often is started again; after one end more it stays where it is.
const RESTARTS: usize = 3;
/// Before a loop is started again: what made it end may pass, and no processor is kept busy.
const PAUSE: Duration = Duration::from_secs(1);

/// A service on this computer that works no more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "The {service} on this computer stopped after an error inside it, again and again. Posts stay \
     where they are. Start Roost again; if it stays so, report it with the log."
)]
pub struct Stopped {
    /// `relay` or `scheduler`.
    pub service: &'static str,
}

/// Runs a loop until `stop`, whatever happens to it. A loop must be one that may be run again.
pub(crate) async fn supervise<F: Future<Output = ()> + Send + 'static>(
    service: &'static str,
    run: impl Fn(CancellationToken) -> F,
    stop: CancellationToken,
    stopped: watch::Sender<Option<Stopped>>,
) {
    let mut ends = VecDeque::new();
    loop {
        let ended = AbortOnDropHandle::new(tokio::spawn(run(stop.clone()))).await;
        if stop.is_cancelled() && ended.is_ok() {
            return;
        }
        let why = ended.map_or_else(words, |()| "it ended by itself".to_owned());
        let now = Instant::now();
        ends.push_back(now);
        while ends.front().is_some_and(|end| now - *end > TOGETHER) {
            ends.pop_front();
        }
        if ends.len() > RESTARTS {
            tracing::error!(service, why, "the loop ended again and again; it is left");
            stopped.send_replace(Some(Stopped { service }));
            return;
        }
        tracing::error!(service, why, "the loop ended; it is started again");
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// What a panic said.
fn words(error: JoinError) -> String {
    match error.try_into_panic() {
        Ok(panic) => match panic.downcast::<String>() {
            Ok(words) => *words,
            Err(panic) => panic.downcast_ref::<&str>().copied().unwrap_or("a panic").to_owned(),
        },
        Err(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Supervises a loop whose first runs end in panics; gives how often it was started and what is said
    /// once it rests.
    async fn supervised(panics: usize) -> (usize, Option<Stopped>) {
        let (starts, stop) = (Arc::new(AtomicUsize::new(0)), CancellationToken::new());
        let (stopped, told) = watch::channel(None);
        let (count, halt) = (Arc::clone(&starts), stop.clone());
        let run = move |stop: CancellationToken| {
            let (count, halt) = (Arc::clone(&count), halt.clone());
            async move {
                assert!(count.fetch_add(1, Ordering::SeqCst) >= panics, "a bug");
                halt.cancel();
                stop.cancelled().await;
            }
        };
        supervise("relay", run, stop, stopped).await;
        let said = told.borrow().clone();
        (starts.load(Ordering::SeqCst), said)
    }

    #[tokio::test(start_paused = true)]
    async fn a_loop_that_panicked_is_started_again() {
        assert_eq!(supervised(2).await, (3, None));
    }

    #[tokio::test(start_paused = true)]
    async fn a_loop_that_panics_again_and_again_is_left_and_said() {
        let (starts, said) = supervised(usize::MAX).await;
        assert_eq!(starts, RESTARTS + 1);
        let words = said.unwrap().to_string();
        assert!(words.contains("The relay on this computer stopped"), "{words}");
        assert!(words.contains("Start Roost again"), "{words}");
    }
}
