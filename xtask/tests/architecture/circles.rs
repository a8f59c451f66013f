//! Which files of a crate know each other in a circle.
//!
//! A path leads to the file that defines what it names, through re-exports. A child may use what its
//! parents declare: to the outside they are one module, so that is no arrow. Tests are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::Visit;
use syn::{Attribute, Item, Meta, UseTree};

type ModulePath = Vec<String>;

/// Re-exports of re-exports that are followed.
const HOPS_MAX: usize = 16;

/// A module: its file, what it imports under which name, and the paths that it uses.
#[derive(Debug, Default)]
struct Module {
    file: PathBuf,
    imports: BTreeMap<String, Vec<String>>,
    paths: BTreeSet<Vec<String>>,
}

/// The modules of one crate, by their paths; the root's is empty.
#[derive(Debug, Default)]
pub(crate) struct Modules(BTreeMap<ModulePath, Module>);

impl Modules {
    /// Returns the modules of the crate whose root is `file`.
    pub(crate) fn of(file: &Path) -> Self {
        let mut modules = Self::default();
        let folder = file.parent().expect("a root lies in a folder");
        modules.read(file, folder, Vec::new());
        modules
    }

    fn read(&mut self, file: &Path, folder: &Path, path: ModulePath) {
        let text = std::fs::read_to_string(file).expect("a module's file");
        let parsed = syn::parse_file(&text).expect("Rust that compiles");
        self.take(&parsed.items, file, folder, path);
    }

    fn take(&mut self, items: &[Item], file: &Path, folder: &Path, path: ModulePath) {
        let mut module = Module { file: file.to_owned(), ..Module::default() };
        for item in items.iter().filter(|item| !is_for_tests(attributes(item))) {
            match item {
                Item::Mod(inner) => {
                    let name = inner.ident.to_string();
                    let child: ModulePath = [path.clone(), vec![name.clone()]].concat();
                    match &inner.content {
                        Some((_, items)) => self.take(items, file, &folder.join(&name), child),
                        None => {
                            let beside = folder.join(format!("{name}.rs"));
                            let within = folder.join(&name).join("mod.rs");
                            let file = if beside.exists() { beside } else { within };
                            if file.exists() {
                                self.read(&file, &folder.join(&name), child);
                            }
                        }
                    }
                }
                Item::Use(import) => module.import(&import.tree, &mut Vec::new()),
                other => module.visit_item(other),
            }
        }
        self.0.insert(path, module);
    }

    /// Returns the module that defines what `path` names where it stands in `from`; none when that is
    /// not of this crate.
    fn definer(&self, from: &[String], path: &[String], hops: usize) -> Option<ModulePath> {
        let (mut at, mut rest) = match path.first()?.as_str() {
            "crate" => (Vec::new(), &path[1..]),
            "self" | "super" => (from.to_vec(), path),
            first => {
                let child = [from, &[first.to_owned()]].concat();
                if self.0.contains_key(&child) {
                    (child, &path[1..])
                } else {
                    let import = self.0.get(from)?.imports.get(first)?;
                    // An import of a name from itself is one of another crate.
                    if hops == 0 || import.first().is_some_and(|it| it == first) {
                        return None;
                    }
                    return self.definer(from, &[import, &path[1..]].concat(), hops - 1);
                }
            }
        };
        while let Some(next) = rest.first() {
            match next.as_str() {
                "self" => {}
                "super" => drop(at.pop()),
                name => {
                    let child = [at.as_slice(), &[name.to_owned()]].concat();
                    if !self.0.contains_key(&child) {
                        let through = self.0.get(&at).and_then(|it| it.imports.get(name));
                        return match through {
                            Some(import) if hops > 0 => {
                                let further = [import, &rest[1..]].concat();
                                self.definer(&at, &further, hops - 1)
                            }
                            _ => Some(at),
                        };
                    }
                    at = child;
                }
            }
            rest = &rest[1..];
        }
        Some(at)
    }

    /// Returns the arrows between files; those to a parent are left out.
    fn arrows(&self) -> BTreeMap<&ModulePath, BTreeSet<&ModulePath>> {
        // A module within a file is known by the first module of that file.
        let of_file: BTreeMap<&Path, &ModulePath> =
            self.0.iter().rev().map(|(path, module)| (module.file.as_path(), path)).collect();
        let node = |path: &ModulePath| of_file[self.0[path].file.as_path()];
        let mut arrows: BTreeMap<&ModulePath, BTreeSet<&ModulePath>> = BTreeMap::new();
        for (path, module) in &self.0 {
            let from = node(path);
            for used in module.paths.iter().chain(module.imports.values()) {
                let Some(definer) = self.definer(path, used, HOPS_MAX) else { continue };
                let Some((definer, _)) = self.0.get_key_value(&definer) else { continue };
                let to = node(definer);
                if !from.starts_with(to) {
                    arrows.entry(from).or_default().insert(to);
                }
            }
        }
        arrows
    }

    /// Returns the circles, each as the names of its modules.
    pub(crate) fn circles(&self) -> Vec<BTreeSet<String>> {
        let arrows = self.arrows();
        let reached: BTreeMap<&ModulePath, BTreeSet<&ModulePath>> =
            arrows.keys().map(|from| (*from, reached_from(from, &arrows))).collect();
        let is_back = |from: &ModulePath, to| reached.get(to).is_some_and(|it| it.contains(from));
        let circles: BTreeSet<BTreeSet<String>> = reached
            .iter()
            .filter(|(from, to)| to.contains(*from))
            .map(|(from, to)| {
                to.iter().filter(|to| is_back(from, **to)).map(|path| path.join("::")).collect()
            })
            .collect();
        circles.into_iter().collect()
    }
}

fn reached_from<'a>(
    from: &ModulePath,
    arrows: &BTreeMap<&'a ModulePath, BTreeSet<&'a ModulePath>>,
) -> BTreeSet<&'a ModulePath> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&ModulePath> = vec![from];
    while let Some(next) = open.pop() {
        for to in arrows.get(next).into_iter().flatten() {
            if reached.insert(*to) {
                open.push(to);
            }
        }
    }
    reached
}

impl Module {
    fn import(&mut self, tree: &UseTree, prefix: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.import(&path.tree, prefix);
                prefix.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, prefix)),
            UseTree::Name(name) if name.ident == "self" => {
                let last = prefix.last().cloned().unwrap_or_default();
                self.imports.insert(last, prefix.clone());
            }
            UseTree::Name(name) => {
                self.note(name.ident.to_string(), name.ident.to_string(), prefix);
            }
            UseTree::Rename(name) => {
                self.note(name.rename.to_string(), name.ident.to_string(), prefix);
            }
            UseTree::Glob(_) => drop(self.paths.insert(prefix.clone())),
        }
    }

    fn note(&mut self, alias: String, name: String, prefix: &[String]) {
        let full = [prefix, &[name]].concat();
        self.paths.insert(full.clone());
        self.imports.insert(alias, full);
    }
}

impl<'ast> Visit<'ast> for Module {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 && path.leading_colon.is_none() {
            self.paths.insert(path.segments.iter().map(|it| it.ident.to_string()).collect());
        }
        syn::visit::visit_path(self, path);
    }

    /// What stands in a macro is not parsed: its paths are found by their colons.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let tokens = call.tokens.to_string();
        let mut path: Vec<String> = Vec::new();
        let mut is_open = false;
        for token in tokens.split_whitespace().chain([""]) {
            let is_name = token.chars().all(|c| c.is_alphanumeric() || c == '_');
            match token {
                "::" => is_open = true,
                name if is_name && !name.is_empty() => {
                    if !is_open {
                        self.note_path(&mut path);
                    }
                    path.push(name.to_owned());
                    is_open = false;
                }
                _ => {
                    self.note_path(&mut path);
                    is_open = false;
                }
            }
        }
        self.visit_path(&call.path);
    }
}

impl Module {
    fn note_path(&mut self, path: &mut Vec<String>) {
        let path = std::mem::take(path);
        if path.len() > 1 {
            self.paths.insert(path);
        }
    }
}

const fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Mod(it) => it.attrs.as_slice(),
        Item::Use(it) => it.attrs.as_slice(),
        Item::Fn(it) => it.attrs.as_slice(),
        Item::Impl(it) => it.attrs.as_slice(),
        _ => &[],
    }
}

/// Whether an item is compiled for tests alone.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

#[test]
fn a_circle_is_found_through_a_re_export_and_a_child_that_uses_its_parent_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    write("lib.rs", "mod first; mod second; mod outer; pub use first::One;");
    write("first.rs", "pub struct One; fn it() { println!(\"{}\", crate::second::two()); }");
    write("second.rs", "use crate::One; pub fn two() -> u8 { 2 }");
    write("outer/mod.rs", "mod inner; pub struct Whole; use inner::Part;");
    write(
        "outer/inner.rs",
        "use super::Whole; pub struct Part(Whole); #[cfg(test)] mod tests { use crate::first::One; }",
    );
    let circles = Modules::of(&folder.path().join("lib.rs")).circles();
    let expected: BTreeSet<String> = ["first", "second"].map(str::to_owned).into();
    assert_eq!(circles, [expected]);
}
