//! The relay's ledger is lost, or an older one is put in its place, while the desktop is off: what
//! went out just before is remembered by nobody but X, and X's timeline lags.

use std::time::Duration;

use anyhow::Result;

use super::random::Dice;
use super::world::World;

/// The longest time for which the desktop is off before the loss, and for which the backup is older,
/// in milliseconds.
const OFF_MS: u64 = 1_500;
/// The longest time between the relay's new start and the desktop's, in milliseconds.
const BACK_MS: u64 = 500;
/// One loss in so many leaves no ledger at all.
const GONE_IN: u64 = 2;

/// Loses the ledger once.
pub(crate) fn lose(world: &mut World, number: usize, dice: &mut Dice) -> Result<()> {
    let backup = world.folder.join(format!("backup-{number}.sqlite"));
    let backup = backup.to_string_lossy().into_owned();
    let is_gone = dice.below(GONE_IN) == 0;
    if !is_gone {
        world.relay_command(&["backup", &backup])?;
    }
    pass(world, dice.below(OFF_MS))?;
    world.engine.stop()?;
    pass(world, dice.below(OFF_MS))?;
    world.relay.stop()?;
    if is_gone {
        for name in ["relay.sqlite", "relay.sqlite-wal", "relay.sqlite-shm"] {
            let _gone = std::fs::remove_file(world.folder.join("relay").join(name));
        }
        world.add_device()?;
    } else {
        world.relay_command(&["restore", &backup])?;
    }
    world.relay.start()?;
    world.wait_for_relay()?;
    if is_gone {
        world.pair()?;
    }
    // The account is unknown, or its grant was refreshed since.
    world.sign_in()?;
    pass(world, dice.below(BACK_MS))?;
    world.engine.start()
}

fn pass(world: &mut World, millis: u64) -> Result<()> {
    world.until(Duration::from_millis(millis), |_| Ok(false)).map(drop)
}
