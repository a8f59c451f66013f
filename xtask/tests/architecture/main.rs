//! The arrows of the architecture: who may know whom. `ARCHITECTURE.md` draws them.

mod circles;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, MetadataCommand, Package, Target};

use circles::Modules;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn packages() -> BTreeMap<String, Package> {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec()
        .expect("cargo metadata reads the workspace");
    metadata.packages.into_iter().map(|package| (package.name.to_string(), package)).collect()
}

/// What a package ships with; its tests may use more.
fn shipped(package: &Package) -> BTreeSet<String> {
    let normal = package.dependencies.iter().filter(|dependency| {
        matches!(dependency.kind, DependencyKind::Normal | DependencyKind::Build)
    });
    normal.map(|dependency| dependency.name.clone()).collect()
}

/// The project's packages, and which others of the project each may know.
const ARROWS: &[(&str, &[&str])] = &[
    ("roost-chaos-proxy", &[]),
    ("roost-empty-window", &[]),
    ("roost-core", &[]),
    ("roost-crash-points", &[]),
    ("roost-private-files", &[]),
    ("roost-log-writer", &["roost-private-files"]),
    ("roost-listener", &["roost-private-files"]),
    ("roost-media", &["roost-private-files"]),
    ("roost-public-address", &[]),
    ("roost-media-fetch", &["roost-public-address"]),
    ("roost-qstash", &["roost-crash-points"]),
    ("roost-x-api", &["roost-crash-points"]),
    ("roost-relay-api", &["roost-core", "roost-crash-points"]),
    ("roost-sqlite", &["roost-crash-points", "roost-private-files"]),
    ("roost-import", &["roost-core"]),
    ("roost-store", &["roost-core", "roost-private-files", "roost-sqlite"]),
    (
        "roost-scheduler",
        &[
            "roost-crash-points",
            "roost-log-writer",
            "roost-private-files",
            "roost-public-address",
            "roost-qstash",
            "roost-sqlite",
        ],
    ),
    ("roost-x-sandbox", &["roost-core", "roost-log-writer", "roost-sqlite"]),
    (
        "roost-engine",
        &[
            "roost-core",
            "roost-import",
            "roost-log-writer",
            "roost-media",
            "roost-media-fetch",
            "roost-private-files",
            "roost-qstash",
            "roost-relay-api",
            "roost-store",
        ],
    ),
    (
        "roost-relay",
        &[
            "roost-core",
            "roost-crash-points",
            "roost-listener",
            "roost-log-writer",
            "roost-media",
            "roost-private-files",
            "roost-qstash",
            "roost-relay-api",
            "roost-scheduler",
            "roost-sqlite",
            "roost-x-api",
        ],
    ),
    (
        "roost-local",
        &["roost-core", "roost-qstash", "roost-relay", "roost-relay-api", "roost-scheduler"],
    ),
    ("roost-pairing", &["roost-engine", "roost-relay-api"]),
    (
        "roost-computer-move",
        &[
            "roost-core",
            "roost-engine",
            "roost-local",
            "roost-pairing",
            "roost-private-files",
            "roost-store",
        ],
    ),
    ("roost-sign-in", &["roost-core", "roost-relay-api", "roost-x-api"]),
    (
        "roost-cli",
        &[
            "roost-computer-move",
            "roost-core",
            "roost-crash-points",
            "roost-engine",
            "roost-import",
            "roost-local",
            "roost-log-writer",
            "roost-media",
            "roost-pairing",
            "roost-qstash",
            "roost-relay-api",
            "roost-sign-in",
            "roost-store",
        ],
    ),
    (
        "roost-desktop",
        &[
            "roost-computer-move",
            "roost-core",
            "roost-engine",
            "roost-local",
            "roost-log-writer",
            "roost-pairing",
            "roost-private-files",
            "roost-relay-api",
            "roost-sign-in",
            "roost-store",
        ],
    ),
    (
        "roost-ui-test-host",
        &["roost-core", "roost-engine", "roost-local", "roost-relay-api", "roost-x-sandbox"],
    ),
    ("roost-simulation", &["roost-crash-points"]),
    (
        "xtask",
        &[
            "roost-chaos-proxy",
            "roost-core",
            "roost-crash-points",
            "roost-engine",
            "roost-import",
            "roost-qstash",
            "roost-relay-api",
        ],
    ),
];

#[test]
fn arrows_point_one_way() {
    let packages = packages();
    let listed: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    let present: BTreeSet<&str> = packages.keys().map(String::as_str).collect();
    assert_eq!(present, listed, "every package has its place in the architecture");
    for (name, allowed) in ARROWS {
        for known in shipped(&packages[*name]) {
            let ours = packages.contains_key(&known);
            assert!(!ours || allowed.contains(&known.as_str()), "{name} must not know {known}");
        }
    }
}

#[test]
fn core_and_the_clients_know_no_server_and_no_window() {
    let packages = packages();
    for name in ["roost-core", "roost-store", "roost-qstash", "roost-x-api", "roost-relay-api"] {
        for known in shipped(&packages[name]) {
            let foreign = known.starts_with("tauri") || known == "axum" || known == "hyper";
            assert!(!foreign, "{name} must not know {known}");
        }
    }
    for name in ["roost-core", "roost-import"] {
        for known in shipped(&packages[name]) {
            let does_io = ["tokio", "reqwest", "rusqlite"].contains(&known.as_str());
            assert!(!does_io, "{name} is pure, but knows {known}");
        }
    }
}

#[test]
fn only_the_shell_knows_tauri() {
    for (name, package) in packages() {
        let knows = shipped(&package).iter().any(|known| known.starts_with("tauri"));
        // What the shell is measured beside is a window too.
        let may = ["roost-desktop", "roost-empty-window"].contains(&name.as_str());
        assert_eq!(knows, may, "{name}");
    }
}

#[test]
fn only_the_ipc_folder_imports_tauri_in_the_user_interface() {
    let ui = root().join("ui/src");
    let mut offenders = Vec::new();
    visit(&ui, &mut |path, text| {
        let is_ipc = path.starts_with(ui.join("lib/ipc"));
        if !is_ipc && text.contains("@tauri-apps/") {
            offenders.push(path.to_owned());
        }
    });
    assert_eq!(offenders, Vec::<PathBuf>::new());
}

#[test]
fn node_lock_files_name_no_address() {
    let mut offenders = Vec::new();
    visit(&root(), &mut |path, text| {
        let is_lock = path.file_name().is_some_and(|name| name == "package-lock.json");
        if is_lock && text.contains("\"resolved\"") {
            offenders.push(path.to_owned());
        }
    });
    assert_eq!(offenders, Vec::<PathBuf>::new());
}

#[test]
fn every_package_shares_the_workspace_lints() {
    for package in packages().values() {
        let manifest = std::fs::read_to_string(&package.manifest_path).expect("a manifest");
        let shares = manifest.contains("[lints]\nworkspace = true");
        assert!(shares, "{} has lints of its own", package.name);
    }
}

/// A circle of modules that stands: the package, the modules, and why.
type Circle = (&'static str, &'static [&'static str], &'static str);

/// One that grows, or a new one, fails; so does one named here that is gone.
const CIRCLES: &[Circle] = &[
    (
        "roost-desktop",
        &["commands", "ipc"],
        "`ipc` lists the commands, and the commands are typed by what `ipc` re-exports",
    ),
    ("roost-desktop", &["quit", "start", "tray"], "the tray shows and ends what starts it"),
];

#[test]
fn no_modules_know_each_other_in_a_circle_but_those_that_are_named_with_a_reason() {
    let found: Vec<(String, BTreeSet<String>)> = packages().values().flat_map(circles_of).collect();
    let is_of = |(of, modules, _): &Circle, (name, circle): &(String, BTreeSet<String>)| {
        of == name && circle.iter().all(|module| modules.contains(&module.as_str()))
    };
    let new: Vec<_> =
        found.iter().filter(|it| !CIRCLES.iter().any(|named| is_of(named, it))).collect();
    assert!(new.is_empty(), "let one of each circle not know the other: {new:#?}");
    let gone: Vec<_> =
        CIRCLES.iter().filter(|named| !found.iter().any(|it| is_of(named, it))).collect();
    assert!(gone.is_empty(), "these are no circles any more, strike them off: {gone:#?}");
}

/// Returns the circles of what a package ships.
fn circles_of(package: &Package) -> Vec<(String, BTreeSet<String>)> {
    let is_shipped = |target: &&Target| {
        let kinds = ["lib", "rlib", "cdylib", "staticlib", "bin"];
        target.kind.iter().any(|kind| kinds.contains(&kind.to_string().as_str()))
    };
    let shipped = package.targets.iter().filter(is_shipped);
    let circles = shipped.flat_map(|target| Modules::of(target.src_path.as_std_path()).circles());
    circles.map(|circle| (package.name.to_string(), circle)).collect()
}

/// Calls `look` with every text file below `folder`, build output left out.
fn visit(folder: &Path, look: &mut impl FnMut(&Path, &str)) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let skipped = ["target", "node_modules", ".git", "gen", "dist", ".roost"];
        if skipped.iter().any(|skip| name == *skip) {
            continue;
        }
        if path.is_dir() {
            visit(&path, look);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            look(&path, &text);
        }
    }
}
