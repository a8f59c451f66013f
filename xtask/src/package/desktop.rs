//! The desktop's package: the window, and `roost` beside it.

use std::path::PathBuf;

use anyhow::Result;

use super::deb::{self, Control};
use super::tree::Tree;
use super::{Build, deploy, documents, read};
use crate::command::{self, command};
use crate::project;

/// The identifier of the application, as in `tauri.conf.json`.
const IDENTIFIER: &str = "app.roost.desktop";
const WINDOW: &str = "/usr/bin/roost-desktop";
const COMMAND_LINE: &str = "/usr/bin/roost";
/// Icons, each with the folder of its size.
const ICONS: [(&str, &str); 4] = [
    ("32x32.png", "32x32"),
    ("128x128.png", "128x128"),
    ("128x128@2x.png", "256x256"),
    ("icon.png", "512x512"),
];

/// Makes the package. Returns the file.
pub(crate) fn package(build: &Build) -> Result<PathBuf> {
    let tree = Tree::new()?;
    tree.program(WINDOW, &build.program("roost-desktop"))?;
    tree.program(COMMAND_LINE, &build.program("roost"))?;
    documents::of_program(&tree, &build.program("roost"), "roost")?;
    documents::licence(&tree, "roost")?;
    for (file, size) in ICONS {
        let place = format!("/usr/share/icons/hicolor/{size}/apps/{IDENTIFIER}.png");
        tree.copy(&place, &project::root().join("icons").join(file))?;
    }
    let scalable = format!("/usr/share/icons/hicolor/scalable/apps/{IDENTIFIER}.svg");
    tree.copy(&scalable, &project::root().join("icons/icon.svg"))?;
    entry(&tree, build)?;
    deb::pack(
        &tree,
        build,
        &Control {
            package: "roost",
            section: "net",
            summary: "schedules tweets in bulk, and posts each exactly once",
            description: "Roost keeps scheduled posts in a file on this computer, and posts each at its \
                          time:\nfrom here while the computer is awake, or from a relay on a server.\n.\n\
                          The window is roost-desktop; roost is the same on the command line.",
            // The tray's library is opened while it runs.
            depends: &["ca-certificates", "libayatana-appindicator3-1"],
            recommends: &["gnome-keyring | kwalletmanager", "xdg-utils"],
            programs: &[WINDOW, COMMAND_LINE],
        },
    )
}

/// Adds desktop entry and metainfo, and has both validated.
fn entry(tree: &Tree, build: &Build) -> Result<()> {
    let entry = format!("/usr/share/applications/{IDENTIFIER}.desktop");
    tree.copy(&entry, &deploy(&format!("desktop/{IDENTIFIER}.desktop")))?;
    command::output(command("desktop-file-validate", &[], tree.root()).arg(tree.place(&entry)?))?;
    let metainfo = format!("/usr/share/metainfo/{IDENTIFIER}.metainfo.xml");
    let words = read(&deploy(&format!("desktop/{IDENTIFIER}.metainfo.xml")))?;
    let words = words.replace("{version}", &build.version).replace("{date}", &build.date);
    tree.write(&metainfo, words)?;
    let mut validate = command("appstreamcli", &["validate", "--no-net"], tree.root());
    command::output(validate.arg(tree.place(&metainfo)?))?;
    let mut whole = command("appstreamcli", &["validate-tree", "--no-net"], tree.root());
    command::output(whole.arg(tree.root())).map(drop)
}
