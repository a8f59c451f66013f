//! The relay's ledger is lost, or an older one is put in its place, while the desktop is off: what
//! went out just before is remembered by nobody but X, and X's timeline lags.

use std::time::Duration;

use anyhow::Result;

use super::harness::Harness;
use super::rng::Rng;

/// The longest time for which the desktop is off before the loss, and for which the backup is older,
/// in milliseconds.
const OFF_MS: u64 = 1_500;
/// The longest time between the relay's new start and the desktop's, in milliseconds.
const BACK_MS: u64 = 500;
/// One loss in so many leaves no ledger at all.
const GONE_IN: u64 = 2;

/// Loses the ledger once.
pub(crate) fn lose(harness: &mut Harness, number: usize, rng: &mut Rng) -> Result<()> {
    let backup = harness.folder.join(format!("backup-{number}.sqlite"));
    let backup = backup.to_string_lossy().into_owned();
    let is_gone = rng.below(GONE_IN) == 0;
    if !is_gone {
        harness.relay_command(&["backup", &backup])?;
    }
    pass(harness, rng.below(OFF_MS))?;
    harness.engine.stop()?;
    pass(harness, rng.below(OFF_MS))?;
    harness.relay.stop()?;
    if is_gone {
        for name in ["relay.sqlite", "relay.sqlite-wal", "relay.sqlite-shm"] {
            let _gone = std::fs::remove_file(harness.folder.join("relay").join(name));
        }
        harness.add_device()?;
    } else {
        harness.relay_command(&["restore", &backup])?;
    }
    harness.relay.start()?;
    harness.wait_for_relay()?;
    if is_gone {
        harness.pair()?;
    }
    // The account is unknown, or its grant was refreshed since.
    harness.sign_in()?;
    pass(harness, rng.below(BACK_MS))?;
    harness.engine.start()
}

fn pass(harness: &mut Harness, millis: u64) -> Result<()> {
    harness.until(Duration::from_millis(millis), |_| Ok(false)).map(drop)
}
