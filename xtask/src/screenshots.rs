//! Takes the window's screenshots.

use anyhow::Result;

use crate::command::{self, command};
use crate::{project, setup};

/// The window's own tests take them when they are asked to.
pub(crate) fn main() -> Result<()> {
    setup::everything()?;
    let arguments = ["test", "--package", "roost-desktop", "--test", "window"];
    command::run(
        command("cargo", &arguments, project::root())
            .env("ROOST_SCREENSHOTS", "1")
            .env("ROOST_REQUIRE_TOOLS", "1"),
    )
}
