//! What a program prints of itself: manual pages and completions; and the licence beside them.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::tree::Tree;
use super::{read, text};
use crate::command::{self, command};
use crate::project;

/// Where each shell looks for completions, and how the file is called.
const COMPLETIONS: [(&str, &str, &str); 3] = [
    ("bash", "/usr/share/bash-completion/completions/", ""),
    ("zsh", "/usr/share/zsh/vendor-completions/_", ""),
    ("fish", "/usr/share/fish/vendor_completions.d/", ".fish"),
];

/// Adds a program's manual pages and completions.
pub(crate) fn of_program(tree: &Tree, program: &Path, name: &str) -> Result<()> {
    for (shell, before, after) in COMPLETIONS {
        let script = text(command_of(program).args(["completions", shell]))?;
        tree.write(&format!("{before}{name}{after}"), script + "\n")?;
    }
    let pages = tempfile::tempdir()?;
    command::output(command_of(program).args(["man", "--out"]).arg(pages.path()))?;
    for page in fs::read_dir(pages.path())? {
        let page = page?;
        let file = page.file_name().to_string_lossy().into_owned();
        tree.write(&format!("/usr/share/man/man1/{file}"), fs::read(page.path())?)?;
    }
    let folder = tree.root().join("usr/share/man/man1");
    for page in fs::read_dir(&folder)? {
        let path = page?.path();
        if path.extension().is_some_and(|it| it != "gz") {
            command::output(command("gzip", &["--best", "--no-name"], &folder).arg(path))?;
        }
    }
    Ok(())
}

fn command_of(program: &Path) -> std::process::Command {
    std::process::Command::new(program)
}

/// Adds the licence, under the name at which Debian looks for it.
pub(crate) fn licence(tree: &Tree, package: &str) -> Result<()> {
    let mit = read(&project::root().join("LICENSE-MIT"))?;
    let words = "Roost is licensed under the MIT licence, or under the Apache Licence, version 2.0\n\
                 (/usr/share/common-licenses/Apache-2.0), as you choose.\n\n";
    tree.write(&format!("/usr/share/doc/{package}/copyright"), format!("{words}{mit}"))
}
