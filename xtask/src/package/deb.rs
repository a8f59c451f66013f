//! A `.deb`: the tree with what Debian has to know of it.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use super::tree::Tree;
use super::{Build, text};
use crate::command::{self, command};

/// What Debian has to know.
pub(crate) struct Control<'a> {
    pub(crate) package: &'a str,
    pub(crate) section: &'a str,
    pub(crate) summary: &'a str,
    /// Lines of at most 78 characters.
    pub(crate) description: &'a str,
    /// Further packages, beside the libraries that the programs are linked against.
    pub(crate) depends: &'a [&'a str],
    pub(crate) recommends: &'a [&'a str],
    /// The programs in the tree.
    pub(crate) programs: &'a [&'a str],
}

/// Packs the tree. Returns the file.
pub(crate) fn pack(tree: &Tree, build: &Build, control: &Control<'_>) -> Result<PathBuf> {
    let libraries = libraries(tree, control.programs)?;
    let depends: Vec<&str> =
        libraries.iter().map(String::as_str).chain(control.depends.iter().copied()).collect();
    let size = text(command("du", &["--summarize", "--block-size=1024"], tree.root()).arg("."))?;
    let kilobytes = size.split_whitespace().next().unwrap_or("0").to_owned();
    let description = control.description.lines().map(|line| format!(" {line}\n"));
    let recommends = match control.recommends {
        [] => String::new(),
        some => format!("Recommends: {}\n", some.join(", ")),
    };
    let words = format!(
        "Package: {}\nVersion: {}\nArchitecture: {}\nMaintainer: The Roost contributors \
         <maintainers@roost.invalid>\nInstalled-Size: {kilobytes}\nDepends: {}\n{recommends}Section: \
         {}\nPriority: optional\nDescription: {}\n{}",
        control.package,
        build.version,
        build.architecture,
        depends.join(", "),
        control.section,
        control.summary,
        description.collect::<String>()
    );
    tree.write("/DEBIAN/control", words)?;
    let file = format!("{}_{}_{}.deb", control.package, build.version, build.architecture);
    let file = build.out.join(file);
    let arguments = ["--root-owner-group", "-Zxz", build.xz_level, "--build"];
    let mut pack = command("dpkg-deb", &arguments, tree.root());
    command::output(pack.arg(tree.root()).arg(&file))?;
    Ok(file)
}

/// Returns the packages of the libraries that the programs are linked against, each with the version that it
/// has to have at least.
fn libraries(tree: &Tree, programs: &[&str]) -> Result<Vec<String>> {
    // The tool reads the names of packages from a source tree.
    let source = tempfile::tempdir()?;
    fs::create_dir(source.path().join("debian"))?;
    fs::write(
        source.path().join("debian/control"),
        "Source: roost\n\nPackage: roost\nArchitecture: any\n",
    )?;
    let mut ask = command("dpkg-shlibdeps", &["-O", "--ignore-missing-info"], source.path());
    for program in programs {
        ask.arg("-e").arg(tree.place(program)?);
    }
    let answer = text(&mut ask)?;
    let list = answer.strip_prefix("shlibs:Depends=").unwrap_or_default();
    Ok(list.split(", ").filter(|it| !it.is_empty()).map(str::to_owned).collect())
}
