//! The network between the systems: a bridge that leads nowhere else.

use anyhow::{Result, ensure};

use crate::command::{self, command};
use crate::project;

/// The bridge; it is gone with the value.
#[derive(Debug)]
pub(super) struct Bridge(String);

impl Bridge {
    pub(super) fn new() -> Result<Self> {
        // The kernel takes 15 characters.
        let name = format!("roost{}", std::process::id() % 1_000_000);
        ip(&["link", "add", &name, "type", "bridge"])?;
        let bridge = Self(name);
        ip(&["link", "set", &bridge.0, "up"])?;
        Ok(bridge)
    }

    pub(super) fn name(&self) -> &str {
        &self.0
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        // One that is left behind does no harm.
        let _ = ip(&["link", "del", &self.0]);
    }
}

fn ip(arguments: &[&str]) -> Result<()> {
    let answer = command::output(&mut command("ip", arguments, project::root()))?;
    ensure!(answer.status.success(), "ip {arguments:?} failed");
    Ok(())
}
