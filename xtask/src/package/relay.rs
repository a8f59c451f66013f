//! The relay's package with its unit, and its tarball for systems without `.deb`.

use std::path::PathBuf;

use anyhow::Result;

use super::deb::{self, Control};
use super::tree::Tree;
use super::{Build, deploy, documents, read, text};
use crate::command::{self, command};
use crate::project;

const RELAY: &str = "/usr/bin/roost-relay";
/// What stands beside a relay: proxies in front of it, and what watches it.
const EXAMPLES: [&str; 4] =
    ["Caddyfile", "nginx.conf", "prometheus-rules.yml", "grafana-dashboard.json"];
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

/// Makes the package. Returns the file.
pub(crate) fn package(build: &Build) -> Result<PathBuf> {
    let tree = Tree::new()?;
    let program = build.program("roost-relay");
    tree.program(RELAY, &program)?;
    documents::of_program(&tree, &program, "roost-relay")?;
    documents::licence(&tree, "roost-relay")?;
    let unit = unit(build, RELAY)?;
    tree.write("/usr/lib/systemd/system/roost-relay.service", unit)?;
    let example = read(&project::root().join("relay/roost-relay.example.toml"))?;
    tree.write("/usr/share/doc/roost-relay/relay.example.toml", example)?;
    for file in EXAMPLES {
        tree.copy(&format!("/usr/share/doc/roost-relay/examples/{file}"), &deploy(file))?;
    }
    for script in SCRIPTS {
        let words = read(&deploy(&format!("deb/relay.{script}")))?;
        tree.write_script(&format!("/DEBIAN/{script}"), words)?;
    }
    deb::pack(
        &tree,
        build,
        &Control {
            package: "roost-relay",
            section: "net",
            summary: "posts to X what Roost handed over to it",
            description: "The relay is called when a post is due, checks that it is still wanted, and posts \
                          it to\nX, each exactly once. It runs on a server of your own, as a user of its \
                          own.",
            depends: &["ca-certificates", "passwd"],
            recommends: &["systemd"],
            programs: &[RELAY],
        },
    )
}

/// Makes the tarball. Returns the file.
pub(crate) fn tarball(build: &Build) -> Result<PathBuf> {
    let name = format!("roost-relay-{}-{}", build.version, std::env::consts::ARCH);
    let tree = Tree::new()?;
    let program = build.program("roost-relay");
    tree.program(&format!("{name}/roost-relay"), &program)?;
    tree.write(&format!("{name}/roost-relay.service"), unit(build, "/usr/local/bin/roost-relay")?)?;
    for (file, from) in [
        ("relay.example.toml", "relay/roost-relay.example.toml"),
        ("LICENSE-MIT", "LICENSE-MIT"),
        ("LICENSE-APACHE", "LICENSE-APACHE"),
        ("deploy.md", "docs/deploy.md"),
    ] {
        tree.copy(&format!("{name}/{file}"), &project::root().join(from))?;
    }
    let file = build.out.join(format!("{name}.tar.xz"));
    let arguments = ["--create", "--xz", "--owner=0", "--group=0", "--numeric-owner", "--file"];
    let mut pack = command("tar", &arguments, tree.root());
    pack.env("XZ_OPT", build.xz_level.replace("-z", "-"));
    command::output(pack.arg(&file).arg(&name))?;
    Ok(file)
}

fn unit(build: &Build, installed: &str) -> Result<String> {
    let config = ["--config", "/var/lib/roost-relay/relay.toml", "systemd", "--program", installed];
    let mut print = std::process::Command::new(build.program("roost-relay"));
    Ok(text(print.args(config))? + "\n")
}
