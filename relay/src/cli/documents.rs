//! What a shell and `man` know of the commands.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;

use super::arguments::Arguments;

/// Prints the completions of a shell.
pub(super) fn completions(shell: Shell, out: &mut impl Write) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "roost-relay", &mut script);
    Ok(out.write_all(&script)?)
}

/// Prints the manual page, or writes the pages of all commands into a folder.
pub(super) fn man(folder: Option<&Path>, out: &mut impl Write) -> anyhow::Result<()> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Arguments::command()).render(&mut page)?;
        return Ok(out.write_all(&page)?);
    };
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), folder))
        .with_context(|| format!("{} can't be written", folder.display()))?;
    Ok(writeln!(out, "Wrote the manual to {}.", folder.display())?)
}
