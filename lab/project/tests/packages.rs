//! The contents that a registry, docs.rs and a lawyer need in each published package.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use cargo_metadata::Package;
use landfall_project::{Workspace, folder, is_published, root};

/// The target of kernels.
const KERNEL_TARGET: &str = "riscv64gc-unknown-none-elf";

/// The target of tools: docs.rs builds them once.
const HOST_TARGET: &str = "x86_64-unknown-linux-gnu";

/// The files that a package carries so that its user has the licenses.
const LICENSES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Folders whose packages exist for this project alone.
const UNPUBLISHED: [&str; 3] = ["lab", "kernels", "examples"];

fn workspace() -> Workspace {
    let workspace = Workspace::read().expect("cargo metadata");
    assert!(workspace.published().len() >= 12, "only {} published packages", workspace.published().len());
    workspace
}

/// Collects the objections to each published package, and fails if there is one.
fn no_objections(objections: impl Fn(&Package) -> Vec<String>) {
    let workspace = workspace();
    let of = |package: &Package| {
        let name = package.name.clone();
        objections(package).into_iter().map(move |objection| format!("{name}: {objection}"))
    };
    let all: Vec<_> = workspace.published().into_iter().flat_map(of).collect();
    assert!(all.is_empty(), "{all:#?}");
}

/// Returns the names of the files that would be published.
fn files(package: &Package) -> BTreeSet<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["package", "--list", "--allow-dirty", "--offline", "--package"]);
    let output = cargo.arg(package.name.as_str()).current_dir(root()).output().expect("cargo package");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {stderr}", package.name);
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn every_published_package_carries_both_license_texts() {
    no_objections(|package| {
        let files = files(package);
        let folder = root().join(folder(package));
        let is_the_text = |name: &str| fs::read(folder.join(name)).ok() == fs::read(root().join(name)).ok();
        let lacks = |name: &&&str| !files.contains(**name) || !is_the_text(name);
        LICENSES.iter().filter(lacks).map(|name| format!("the package has no {name}")).collect()
    });
}

#[test]
fn every_published_package_has_what_a_registry_shows() {
    no_objections(|package| {
        let limit = |what: &str, list: &[String]| {
            (!(1..=5).contains(&list.len())).then(|| format!("1 to 5 {what} are right, not {}", list.len()))
        };
        let lacks = |what: &str, found: bool| (!found).then(|| format!("it has no {what}"));
        let readme = package.readme().is_some_and(|path| path.as_std_path().is_file());
        let long = package.keywords.iter().find(|keyword| keyword.len() > 20);
        [
            lacks("description", package.description.is_some()),
            lacks("license", package.license.as_deref() == Some("MIT OR Apache-2.0")),
            lacks("rust-version", package.rust_version.is_some()),
            lacks("readme", readme),
            limit("keywords", &package.keywords),
            limit("categories", &package.categories),
            long.map(|keyword| format!("the keyword {keyword} has more than 20 characters")),
        ]
        .into_iter()
        .flatten()
        .collect()
    });
}

#[test]
fn all_published_packages_name_the_one_repository_of_the_workspace() {
    let text = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace's manifest");
    let line = text.lines().find_map(|line| line.strip_prefix("repository = "));
    let repository = line.expect("a repository in [workspace.package]").trim_matches('"');
    no_objections(|package| {
        let found = package.repository.as_deref();
        let own = fs::read_to_string(&package.manifest_path).expect("a manifest");
        let inherits = own.lines().any(|line| line == "repository.workspace = true");
        let right = found == Some(repository) && inherits;
        (!right)
            .then(|| format!("its repository is {found:?}; write `repository.workspace = true`"))
            .into_iter()
            .collect()
    });
}

#[test]
fn documentation_is_built_for_the_target_on_which_the_code_runs() {
    let in_kernels = workspace().run_in_kernels();
    no_objections(|package| {
        let docs = &package.metadata["docs"]["rs"];
        let targets = docs["targets"].as_array().into_iter().flatten();
        let targets: Vec<_> = targets.filter_map(|target| target.as_str()).collect();
        let right = if in_kernels.contains(package.name.as_str()) { [KERNEL_TARGET] } else { [HOST_TARGET] };
        let mut objections = Vec::new();
        if targets != right {
            objections.push(format!("docs.rs has the targets {targets:?}, not {right:?}"));
        }
        if docs["rustdoc-args"].as_array().is_none_or(Vec::is_empty) {
            objections.push("docs.rs has no rustdoc-args".to_owned());
        }
        objections
    });
}

#[test]
fn an_installation_has_one_program() {
    let workspace = workspace();
    let programs: Vec<_> = workspace
        .published()
        .into_iter()
        .flat_map(|package| package.targets.iter().filter(|target| target.is_bin()))
        .map(|target| target.name.clone())
        .collect();
    assert_eq!(programs, ["cargo-landfall"]);
}

#[test]
fn packages_of_the_lab_and_kernels_are_not_published() {
    let workspace = workspace();
    let is_ours_alone = |package: &&&Package| UNPUBLISHED.iter().any(|top| folder(package).starts_with(top));
    let packages = workspace.packages();
    let ours: Vec<_> = packages.iter().filter(is_ours_alone).collect();
    assert!(ours.len() > 20, "only {} packages", ours.len());
    let published: Vec<_> =
        ours.iter().filter(|package| is_published(package)).map(|package| &package.name).collect();
    assert!(published.is_empty(), "`publish = false` is missing: {published:?}");
}

#[test]
fn a_published_package_depends_on_published_packages_alone() {
    let workspace = workspace();
    let published: BTreeSet<_> =
        workspace.published().iter().map(|package| package.name.to_string()).collect();
    no_objections(|package| {
        let ours = package.dependencies.iter().filter(|used| used.path.is_some());
        let unpublished = ours.filter(|used| !published.contains(&used.name));
        unpublished.map(|used| format!("it depends on {}, which is not published", used.name)).collect()
    });
}

#[test]
#[ignore = "packs every package"]
fn the_packed_licenses_are_files_and_the_texts() {
    let target = tempfile::tempdir().expect("a folder");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["package", "--no-verify", "--allow-dirty", "--quiet", "--target-dir"]).arg(target.path());
    let workspace = workspace();
    for package in workspace.published() {
        cargo.args(["--package", package.name.as_str()]);
    }
    let output = cargo.current_dir(root()).output().expect("cargo package");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for package in workspace.published() {
        let stem = format!("{}-{}", package.name, package.version);
        let archive = target.path().join("package").join(format!("{stem}.crate"));
        for license in LICENSES {
            let text = unpack(&archive, &format!("{stem}/{license}"));
            assert_eq!(text, fs::read(root().join(license)).expect("a license"), "{stem}: {license}");
        }
    }
}

/// Returns the bytes of one file in an archive; none for a link.
fn unpack(archive: &Path, name: &str) -> Vec<u8> {
    let mut tar = Command::new("tar");
    tar.args(["--extract", "--to-stdout", "--file"]).arg(archive).arg(name);
    tar.output().expect("tar").stdout
}
