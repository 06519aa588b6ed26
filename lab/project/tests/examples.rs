//! Each public module shows an example that another test builds and runs, or boots.
//!
//! Doctests run by `cargo test`. Kernels (`ignore`) and instructions (`asm`) are built and booted
//! by `lab/boots`.

use std::fs;
use std::path::{Path, PathBuf};

use landfall_project::root;

/// The crates whose modules all have one, and the words behind the opening fence of an example.
const MODULES: [(&str, &[&str]); 11] = [
    ("landfall", &["ignore"]),
    ("landfall-build", &["no_run"]),
    ("landfall-efi", &[""]),
    ("landfall-image", &[""]),
    ("landfall-judge", &[""]),
    ("landfall-paging", &[""]),
    ("landfall-plan", &[""]),
    ("landfall-predict", &[""]),
    ("landfall-rebase", &["asm"]),
    ("landfall-tree", &[""]),
    ("axplat-riscv64-landfall", &["", "rust,ignore"]),
];

/// The crates for tools, which have an example at their root.
const ROOTS: [&str; 3] = ["landfall-audit", "landfall-host", "landfall-inspect"];

#[test]
fn every_public_module_has_an_example() {
    for (name, tags) in MODULES {
        let source = root().join("crates").join(name).join("src");
        rust_files(&source).iter().flat_map(|file| public_modules(file)).for_each(|(module, docs)| {
            assert!(has_example(&docs, tags), "{} has no example that is tested", module.display());
        });
    }
}

#[test]
fn every_library_has_an_example_at_its_root() {
    for (name, tags) in MODULES.into_iter().chain(ROOTS.map(|name| (name, [""].as_slice()))) {
        let library = read(&root().join("crates").join(name).join("src/lib.rs"));
        assert!(has_example(&inner_docs(&library), tags), "{name} has no example that is tested");
    }
}

/// Fences come in pairs. The second of each closes a block.
fn has_example(docs: &str, tags: &[&str]) -> bool {
    docs.lines().filter_map(|line| line.strip_prefix("```")).step_by(2).any(|tag| tags.contains(&tag))
}

/// Returns the public modules that `file` declares, each with its documentation.
fn public_modules(file: &Path) -> Vec<(PathBuf, String)> {
    let text = read(file);
    let lines: Vec<_> = text.lines().map(str::trim_start).collect();
    let mut modules = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(declared) = line.strip_prefix("pub mod ") else { continue };
        let above = || lines[..index].iter().rev().take_while(|line| line.starts_with(['#', '/']));
        if above().any(|line| *line == "#[doc(hidden)]") {
            continue;
        }
        let name = declared.trim_end_matches([';', '{', ' ']);
        let outer: Vec<_> = above().filter_map(|line| line.strip_prefix("///")).map(bare).collect();
        let mut docs: String = outer.into_iter().rev().map(|line| line.to_owned() + "\n").collect();
        if declared.ends_with(';') {
            docs.push_str(&inner_docs(&read(&file_of(file, name))));
        }
        modules.push((file.with_extension("").join(name), docs));
    }
    modules
}

/// Returns the file of the module `name`, which `parent` declares.
fn file_of(parent: &Path, name: &str) -> PathBuf {
    let is_folder = parent.ends_with("lib.rs") || parent.ends_with("mod.rs");
    let folder = if is_folder { parent.with_file_name("") } else { parent.with_extension("") };
    let [file, deep] = [folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")];
    if file.is_file() { file } else { deep }
}

/// Returns the documentation at the top of a module, or the README that it includes there.
fn inner_docs(text: &str) -> String {
    if text.starts_with("#![doc = include_str!(\"../README.md\")]") {
        return read(&root().join("crates/axplat-riscv64-landfall/README.md"));
    }
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| bare(line).to_owned() + "\n").collect()
}

fn bare(line: &str) -> &str {
    line.strip_prefix(' ').unwrap_or(line)
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let files = paths.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The examples of the live address space are short, with one idea each.
#[test]
fn examples_of_the_live_address_space_are_under_60_lines() {
    for name in ["vmalloc", "device", "user", "shootdown"] {
        let lines = read(&root().join("examples").join(name).with_extension("rs")).lines().count();
        assert!(lines < 60, "examples/{name}.rs has {lines} lines");
    }
}
