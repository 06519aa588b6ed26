//! The files that a build depends on, as Cargo states them.
//!
//! - sources: Cargo's dep-info file beside the ELF names those of all local packages;
//! - files that build scripts watch: `rerun-if-changed` in their output;
//! - manifests, the lock file, and the folders in which Cargo looks for targets;
//! - configuration of Cargo, of rustup and of this command, in each folder where one may appear;
//! - the toolchain, and the first `cargo` and `rustc` of the search path.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

use toml::Table;

use crate::build::{Compiled, TARGET, Unit};
use crate::kernel::Workspace;

/// The most files below a folder that a build script watches.
const MOST: usize = 10_000;

/// Files that set something in the folder that they lie in, and below it.
const SETTINGS: [&str; 6] = [
    ".cargo/config",
    ".cargo/config.toml",
    "Cargo.toml",
    "landfall.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
];

/// A build that has succeeded.
#[derive(Debug)]
pub(crate) struct Build<'a> {
    pub(crate) compiled: &'a Compiled,
    pub(crate) workspace: &'a Workspace,
    /// The folder of the toolchain.
    pub(crate) sysroot: &'a Path,
}

impl Build<'_> {
    /// Returns all inputs, of which some may be absent. `None` if they cannot be known.
    pub(crate) fn inputs(&self) -> Option<Vec<PathBuf>> {
        let Compiled { linked, units, .. } = self.compiled;
        let mut paths = BTreeSet::from([linked.clone()]);
        paths.extend(sources(&fs::read_to_string(linked.with_extension("d")).ok()?)?);
        let manifests: BTreeMap<_, _> =
            units.iter().filter_map(|unit| Some((unit.package(), unit.manifest()?))).collect();
        for (package, manifest) in &manifests {
            if is_local(package) {
                let folder = manifest.parent()?;
                paths.extend(manifest.ancestors().skip(1).map(|above| above.join("Cargo.toml")));
                paths.extend([folder.to_owned(), folder.join("src")]);
                for targets in ["src/bin", "examples"].map(|name| folder.join(name)) {
                    paths.extend(folders(&targets));
                    paths.insert(targets);
                }
            }
        }
        for unit in units {
            if let Unit::Script { package, output } = unit {
                let output = fs::read_to_string(output).ok()?;
                paths.extend(watched(
                    &output,
                    manifests.get(package.as_str())?.parent()?,
                    is_local(package),
                )?);
            }
        }
        // An error in the manifest of any member fails each build.
        paths.extend(self.workspace.manifests().map(Path::to_owned));
        paths.extend(["Cargo.toml", "Cargo.lock"].map(|name| self.workspace.root.join(name)));
        paths.extend(settings()?);
        paths.extend(toolchain(self.sysroot));
        paths.iter().all(|path| path.is_absolute()).then(|| paths.into_iter().collect())
    }
}

/// Returns true for a package whose files may change. Those of registries and of git stay.
fn is_local(package: &str) -> bool {
    package.starts_with("path+")
}

/// Returns the files behind the colon of Cargo's dep-info, in the format of `make`: a space in a
/// name has a backslash before it.
fn sources(text: &str) -> Option<Vec<PathBuf>> {
    let (_, names) = text.lines().next()?.split_once(": ")?;
    let names = names.replace("\\ ", "\0");
    Some(
        names.split(' ').filter(|name| !name.is_empty()).map(|name| name.replace('\0', " ").into()).collect(),
    )
}

/// Returns the folders in `folder`: each may get the source of one more target.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()).collect()
}

/// Returns the files that a build script watches by its output. `None` if it states none, and its
/// package may change: then Cargo watches all files of the package.
fn watched(output: &str, folder: &Path, is_local: bool) -> Option<Vec<PathBuf>> {
    let values = |key: &str| {
        let key = format!("{key}=");
        output
            .lines()
            .filter_map(|line| line.strip_prefix("cargo::").or_else(|| line.strip_prefix("cargo:")))
            .filter_map(|line| line.strip_prefix(&key).map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let paths = values("rerun-if-changed");
    if is_local && paths.is_empty() && values("rerun-if-env-changed").is_empty() {
        return None;
    }
    let mut found = Vec::new();
    let mut left: Vec<PathBuf> = paths.into_iter().map(|path| folder.join(path)).collect();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).ok()?;
            left.extend(entries.map(|entry| Some(entry.ok()?.path())).collect::<Option<Vec<_>>>()?);
        }
        found.push(path);
        if found.len() > MOST {
            return None;
        }
    }
    Some(found)
}

/// Returns the files that may hold settings for builds in the current folder. `None` if a file of
/// Cargo includes another one, or names another compiler.
fn settings() -> Option<Vec<PathBuf>> {
    let current = env::current_dir().ok()?;
    let mut files: Vec<PathBuf> =
        current.ancestors().flat_map(|folder| SETTINGS.map(|name| folder.join(name))).collect();
    let home = env::home_dir()?;
    let folder = |variable, name| env::var_os(variable).map_or_else(|| home.join(name), PathBuf::from);
    let cargo = folder("CARGO_HOME", ".cargo");
    files.extend(["config", "config.toml"].map(|name| cargo.join(name)));
    files.push(folder("RUSTUP_HOME", ".rustup").join("settings.toml"));
    let cargos = files.iter().filter(|path| path.file_stem().is_some_and(|stem| stem == "config"));
    cargos.clone().all(|path| fs::read_to_string(path).map_or(true, |text| is_plain(&text))).then_some(files)
}

/// Returns true if the text of a file of Cargo includes no other one, and names no compiler.
fn is_plain(text: &str) -> bool {
    let Ok(table) = text.parse::<Table>() else { return false };
    let build = table.get("build").and_then(|build| build.as_table());
    !table.contains_key("include")
        && build.is_none_or(|build| build.keys().all(|key| !key.starts_with("rustc")))
}

/// Returns the files by which the toolchain is known, and those by which a shell finds it.
fn toolchain(sysroot: &Path) -> Vec<PathBuf> {
    let library = format!("lib/rustlib/{TARGET}/lib");
    let mut files = ["bin/cargo", "bin/rustc", &library].map(|name| sysroot.join(name)).to_vec();
    let path = env::var_os("PATH").unwrap_or_default();
    for program in ["cargo", "rustc"] {
        for file in env::split_paths(&path).map(|folder| folder.join(program)) {
            let is_it = file.is_file();
            files.push(file);
            if is_it {
                break;
            }
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{Age, Words};

    /// A package at `k` that depends on one at `dependency` and on one of a registry.
    fn compiled(at: &Path) -> Compiled {
        let artifact = |package: &str, folder: &str| Unit::Artifact {
            package: package.into(),
            manifest: at.join(folder).join("Cargo.toml"),
            age: Age::Before,
        };
        let output = at.join("output");
        let units = vec![
            artifact("path+file:///k", "k"),
            artifact("path+file:///dependency", "dependency"),
            artifact("registry+https://example.com#r@1.0.0", "registry"),
            Unit::Script { package: "path+file:///k".into(), output },
        ];
        Compiled { linked: at.join("t/k"), units, words: Words::End }
    }

    fn inputs(at: &Path) -> Option<Vec<String>> {
        let metadata = serde_json::json!({ "workspace_root": at, "packages": [
            { "name": "other", "id": "other", "manifest_path": at.join("other/Cargo.toml") },
        ] });
        let workspace = Workspace::parse(&metadata);
        let compiled = compiled(at);
        let build = Build { compiled: &compiled, workspace: &workspace, sysroot: &at.join("rust") };
        let names = build.inputs()?.into_iter().map(|path| match path.strip_prefix(at) {
            Ok(inner) => inner.display().to_string(),
            Err(_) => path.display().to_string(),
        });
        Some(names.collect())
    }

    #[test]
    fn a_build_depends_on_sources_manifests_folders_settings_and_the_toolchain() {
        let folder = crate::private::folder("landfall-").expect("a folder");
        let at = folder.path();
        for folder in ["t", "k/src/bin/second", "k/examples"] {
            fs::create_dir_all(at.join(folder)).expect("folders");
        }
        assert_eq!(inputs(at), None, "Cargo states no source");
        fs::write(at.join("t/k.d"), format!("{0}/t/k: {0}/k/src/a.s\n", at.display())).expect("a file");
        assert_eq!(inputs(at), None, "a build script has no output");
        fs::write(at.join("output"), "cargo::rerun-if-changed=b.ld\n").expect("a file");
        let inputs = inputs(at).expect("inputs");
        for name in [
            "t/k",
            "k/src/a.s",
            "k/b.ld",
            "k",
            "k/Cargo.toml",
            "k/src",
            "k/src/bin",
            "k/src/bin/second",
            "k/examples",
            "dependency",
            "dependency/Cargo.toml",
            "dependency/src",
            "other/Cargo.toml",
            "Cargo.toml",
            "Cargo.lock",
            "rust/bin/rustc",
            "rust/bin/cargo",
            "rust/lib/rustlib/riscv64gc-unknown-none-elf/lib",
            "/Cargo.toml",
        ] {
            assert!(inputs.iter().any(|input| input == name), "{name}");
        }
        for name in SETTINGS {
            let file = env::current_dir().expect("a folder").join(name).display().to_string();
            assert!(inputs.contains(&file), "{file}");
        }
        for file in ["config.toml", "settings.toml", "cargo", "rustc"] {
            assert!(inputs.iter().any(|input| input.ends_with(&format!("/{file}"))), "{file}");
        }
        assert!(!inputs.iter().any(|input| input.starts_with("registry/")), "a registry's package stays");
    }

    #[test]
    fn dep_info_names_sources_with_spaces() {
        let paths = |paths: &[&str]| Some(paths.iter().map(PathBuf::from).collect::<Vec<_>>());
        assert_eq!(sources("/t/k: /k/a.rs /k/b\\ c.rs\n"), paths(&["/k/a.rs", "/k/b c.rs"]));
        assert_eq!(sources("/t/k:\n"), None);
        assert_eq!(sources(""), None);
    }

    #[test]
    fn a_build_script_watches_what_it_prints_and_folders_with_all_in_them() {
        let folder = crate::private::folder("landfall-").expect("a folder");
        fs::create_dir_all(folder.path().join("data/deep")).expect("folders");
        fs::write(folder.path().join("data/deep/file"), "").expect("a file");
        let found = |output: &str, is_local| {
            watched(output, folder.path(), is_local).map(|mut paths| {
                paths.sort();
                let names = paths.iter().map(|path| path.strip_prefix(folder.path()).unwrap_or(path));
                names.map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ")
            })
        };
        let text = "cargo:rerun-if-changed=data\ncargo::rerun-if-changed=/a/b\nrerun-if-changed=no\n";
        assert_eq!(found(text, true).as_deref(), Some("/a/b data data/deep data/deep/file"));
        assert_eq!(found("cargo::rerun-if-env-changed=V\n", true).as_deref(), Some(""));
        assert_eq!(found("cargo::rustc-link-arg=-x\n", true), None, "Cargo watches the whole package");
        assert_eq!(found("cargo::rustc-link-arg=-x\n", false).as_deref(), Some(""));
    }

    #[test]
    fn configuration_that_leads_elsewhere_is_not_plain() {
        for text in ["", "[build]\ntarget-dir = \"t\"", "[alias]\nb = \"test -- --include-ignored\""] {
            assert!(is_plain(text), "{text}");
        }
        for text in [
            "include = \"other.toml\"",
            "[build]\nrustc-wrapper = \"sccache\"",
            "[build]\nrustc = \"r\"",
            "=",
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }
}
