//! No file of a crate imports itself by way of others.
//!
//! Imports are the paths in a file's code and in its `use` trees. A file may use items of the
//! modules above it, as a child that completes its parent; that is no import here. Modules of unit
//! tests are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use landfall_project::Workspace;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree};

type Module = Vec<String>;

/// The files of a crate.
#[derive(Default)]
struct Files {
    by_module: BTreeMap<Module, PathBuf>,
    parsed: BTreeMap<Module, syn::File>,
}

impl Files {
    /// Reads the file of `module` and those of the modules that it declares. Files of its modules
    /// are in `folder`.
    fn read(&mut self, module: Module, path: PathBuf, folder: &Path) {
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let declared = file.items.iter().filter_map(|item| match item {
            Item::Mod(item) if item.content.is_none() && !is_test(&item.attrs) => {
                Some(item.ident.to_string())
            }
            _ => None,
        });
        for name in declared {
            let child: Module = module.iter().cloned().chain([name.clone()]).collect();
            let folder = folder.join(&name);
            let beside = folder.with_extension("rs");
            let path = if beside.exists() { beside } else { folder.join("mod.rs") };
            if path.exists() {
                self.read(child, path, &folder);
            }
        }
        self.by_module.insert(module.clone(), path);
        self.parsed.insert(module, file);
    }

    /// Returns the innermost module of the crate that `path` passes, seen from `within`.
    fn target(&self, within: &Module, path: &[String]) -> Option<Module> {
        let (mut at, mut rest) = (within.clone(), path);
        let mut is_local = false;
        while let Some((first, others)) = rest.split_first() {
            match first.as_str() {
                "crate" => at.clear(),
                "self" => {}
                "super" => drop(at.pop()),
                _ => break,
            }
            (rest, is_local) = (others, true);
        }
        for name in rest {
            at.push(name.clone());
            if !self.by_module.contains_key(&at) {
                at.pop();
                break;
            }
            is_local = true;
        }
        while is_local && !self.by_module.contains_key(&at) {
            at.pop();
        }
        is_local.then_some(at)
    }

    /// Returns the modules that each module imports.
    fn imports(&self) -> BTreeMap<Module, BTreeSet<Module>> {
        let imports = |(module, file): (&Module, &syn::File)| {
            let mut paths = Paths { within: module.clone(), found: Vec::new() };
            paths.visit_file(file);
            let targets = paths.found.iter().filter_map(|(within, path)| self.target(within, path));
            let others = targets.filter(|target| !module.starts_with(target)).collect();
            (module.clone(), others)
        };
        self.parsed.iter().map(imports).collect()
    }
}

/// The paths of a file, each with the module that it is in.
struct Paths {
    within: Module,
    found: Vec<(Module, Vec<String>)>,
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_test(&item.attrs) {
            self.within.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.within.pop();
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let mut trees = vec![(Vec::new(), &item.tree)];
        while let Some((mut path, tree)) = trees.pop() {
            match tree {
                UseTree::Path(tree) => {
                    path.push(tree.ident.to_string());
                    trees.push((path, &tree.tree));
                    continue;
                }
                UseTree::Group(group) => {
                    trees.extend(group.items.iter().map(|tree| (path.clone(), tree)));
                    continue;
                }
                UseTree::Name(name) => path.push(name.ident.to_string()),
                UseTree::Rename(name) => path.push(name.ident.to_string()),
                UseTree::Glob(_) => {}
            }
            self.found.push((self.within.clone(), path));
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.found.push((self.within.clone(), names));
        visit::visit_path(self, path);
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && matches!(attribute.parse_args::<syn::Path>(), Ok(path) if path.is_ident("test"))
    })
}

/// Leaves the imports between modules of cycles: no other module both imports and is imported.
fn cycles(mut imports: BTreeMap<Module, BTreeSet<Module>>) -> BTreeMap<Module, BTreeSet<Module>> {
    loop {
        let before = imports.len();
        let imported: BTreeSet<Module> = imports.values().flatten().cloned().collect();
        imports.retain(|module, targets| !targets.is_empty() && imported.contains(module));
        let left: BTreeSet<Module> = imports.keys().cloned().collect();
        for targets in imports.values_mut() {
            targets.retain(|target| left.contains(target));
        }
        if imports.len() == before && imports.values().all(|targets| !targets.is_empty()) {
            return imports;
        }
    }
}

fn read(root: &Path) -> Files {
    let mut files = Files::default();
    files.read(Module::new(), root.to_owned(), root.parent().expect("a folder"));
    files
}

#[test]
fn no_file_imports_itself_by_way_of_others() {
    let workspace = Workspace::read().expect("cargo metadata");
    let mut found = Vec::new();
    for package in workspace.packages() {
        let targets = package.targets.iter().filter(|target| !target.is_test() && !target.is_custom_build());
        for target in targets {
            let files = read(target.src_path.as_std_path());
            for (module, imports) in cycles(files.imports()) {
                let imports: Vec<String> = imports.iter().map(|module| module.join("::")).collect();
                let path = files.by_module[&module].display();
                found.push(format!("{path} imports {}", imports.join(", ")));
            }
        }
    }
    assert!(found.is_empty(), "files import each other:\n{}", found.join("\n"));
}

#[test]
fn a_cycle_is_found_and_a_child_that_uses_its_parent_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    let of = |b: &str| {
        write("lib.rs", "mod a; mod b; mod c;\npub use a::A; pub struct Root;");
        write("a.rs", "use crate::b::{self, B}; pub struct A(B);");
        write("b.rs", b);
        write("c.rs", "use super::Root; #[cfg(test)] mod tests { use crate::a::A; }");
        cycles(read(&folder.path().join("lib.rs")).imports()).into_keys().collect::<Vec<_>>()
    };
    let cycle = vec![vec!["a".to_owned()], vec!["b".to_owned()]];
    assert_eq!(of("use super::a::A; pub struct B;"), cycle);
    assert_eq!(of("pub fn b() -> usize { size_of::<crate::a::A>() } pub struct B;"), cycle);
    assert_eq!(of("mod inner { fn f(_: super::super::a::A) {} } pub struct B;"), cycle);
    assert!(of("// use super::a::A;\nuse crate::c; use super::Root; pub struct B;").is_empty());
    assert!(of("#[cfg(test)] mod tests { use crate::a::A; } pub struct B;").is_empty());
}
