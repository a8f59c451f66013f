//! Writes the TypeScript types of the window's commands anew.

use anyhow::Result;

use crate::command::{self, command};
use crate::project;

/// The shell's own test writes the file when it is asked to.
pub(crate) fn main() -> Result<()> {
    let arguments = ["test", "--package", "roost-desktop", "--lib", "bindings"];
    command::run(command("cargo", &arguments, project::root()).env("ROOST_WRITE_BINDINGS", "1"))
}
