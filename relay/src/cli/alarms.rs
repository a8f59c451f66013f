//! `roost-relay test-alarms`

use std::io::Write;
use std::path::Path;

use anyhow::bail;
use roost_core::clock::{Clock, SystemClock};

use super::maintain;

pub(super) fn test(path: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let config = maintain::read(path)?;
    if config.alarms.channels.is_empty() {
        bail!(
            "{} names nobody to tell: put a [[alarms.mail]] or [[alarms.webhook]] into it; \
             `roost-relay example` shows how",
            path.display()
        );
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let sent = runtime.block_on(roost_relay::send_test_of(&config, SystemClock.now()));
    let mut refused = 0;
    for (channel, sent) in sent {
        match sent {
            Ok(()) => writeln!(out, "ok    {channel}: it took the test; look whether it arrived")?,
            Err(why) => {
                refused += 1;
                writeln!(out, "BAD   {channel}: {why}")?;
            }
        }
    }
    if refused > 0 {
        bail!("{refused} did not take the test");
    }
    Ok(())
}
