//! Work on several runs at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;

/// Does `work` for every number below `count`, `jobs` at a time, until one says that it is enough
/// (`false`) or fails.
pub(crate) fn for_each_number(
    jobs: usize,
    count: usize,
    work: impl Fn(usize) -> Result<bool> + Sync,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let failure = Mutex::new(None);
    let stop = || next.store(count, Ordering::Relaxed);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    match work(number) {
                        Ok(true) => {}
                        Ok(false) => stop(),
                        Err(error) => {
                            stop();
                            let mut first = failure.lock().unwrap_or_else(PoisonError::into_inner);
                            first.get_or_insert(error);
                        }
                    }
                }
            });
        }
    });
    failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}
