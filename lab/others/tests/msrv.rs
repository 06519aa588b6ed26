//! Every published crate builds with the Rust that its manifest names.
//!
//! The compiler is 1.85.1, that of Debian 13: no lasting archive has an older one. It builds a
//! crate whose manifest names 1.85 without changes. For a newer Rust it enables the features that
//! became stable from 1.85 to that version, and no other unstable feature. So a crate that passes
//! needs no newer Rust than it names.
//!
//! The compiler comes from Debian's archive, so a plain `cargo test` skips the tests that need it.
//! They run by `cargo test -p landfall-others --test msrv -- --include-ignored`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use landfall_host::build::TARGET;
use landfall_host::setup::archive::Rust;
use serde_json::Value;

/// Features that crates use and that became stable after 1.85: the version, and the feature's name.
/// From Rust's release notes.
const STABLE_SINCE: [(u32, &str); 5] = [
    (86, "trait_upcasting"),
    (87, "integer_sign_cast"),
    (87, "unsigned_is_multiple_of"),
    (88, "let_chains"),
    (88, "slice_as_chunks"),
];

/// The same in `alloc` and `std`, which kernels do not have.
const STABLE_IN_STD_SINCE: [(u32, &str); 2] = [(87, "const_vec_string_slice"), (87, "os_str_display")];

/// The versions that manifests may name: from that of the compiler to the newest with features
/// above.
const KNOWN: std::ops::RangeInclusive<u32> = 85..=88;

/// Published crates that are for kernels alone; the others build on the host.
///
/// `axplat-riscv64-landfall` is not among them: its dependency `axcpu` has naked functions, in a
/// form that 1.88 made stable and 1.85 cannot parse. The lints of kernels build it with the stable
/// compiler; this test builds only its host part.
const FOR_KERNELS: [&str; 2] = ["landfall", "landfall-rebase"];

fn scratch() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(arguments).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    cargo.env_remove("CARGO_PKG_RUST_VERSION").env_remove("RUSTFLAGS");
    cargo
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Returns a wrapper of the compiler that selects features by the version that Cargo passes from
/// the manifest.
fn compiler() -> &'static Path {
    static COMPILER: OnceLock<PathBuf> = OnceLock::new();
    COMPILER.get_or_init(make_compiler)
}

fn make_compiler() -> PathBuf {
    let rust = Rust::ready(&scratch().join("debian")).expect("Rust of Debian's archive");
    let mut script = String::from("#!/bin/sh\nfeatures=\n");
    for version in KNOWN {
        let stable = |features: &[(u32, &'static str)]| {
            let features = features.iter().filter(|(since, _)| *since <= version);
            features.map(|(_, feature)| *feature).collect::<Vec<_>>()
        };
        let core = stable(&STABLE_SINCE);
        if !core.is_empty() {
            let both = [core.clone(), stable(&STABLE_IN_STD_SINCE)].concat();
            // Every call has the version, and calls for kernels also have the target.
            let _ = writeln!(
                script,
                "case \"$CARGO_PKG_RUST_VERSION $*\" in 1.{version}[\\ .]*\\ {TARGET}\\ *) features='{}' ;; 1.{version}[\\ .]*) features='{}' ;; esac",
                core.join(", "),
                both.join(", "),
            );
        }
    }
    let _ = writeln!(
        script,
        "if [ \"$features\" ]; then export RUSTC_BOOTSTRAP=1; set -- \"$@\" -Z \"crate-attr=feature($features)\"; fi\nexec '{}' \"$@\"",
        rust.rustc.display()
    );
    let program = scratch().join("rustc-of-manifest");
    let fresh = tempfile::NamedTempFile::new_in(scratch()).expect("a file");
    fs::write(fresh.path(), script).expect("a script");
    fs::set_permissions(fresh.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
    fresh.persist(&program).expect("a script");
    program
}

fn metadata(arguments: &[&str]) -> Value {
    let output = cargo(&["metadata", "--format-version", "1", "--locked"]).args(arguments).output();
    let output = output.expect("cargo metadata");
    assert!(output.status.success(), "{}", text(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Returns the minor version that a package names, if it names one.
fn minor(package: &Value) -> Option<u32> {
    let version = package["rust_version"].as_str()?;
    let mut parts = version.split('.');
    assert_eq!(parts.next(), Some("1"), "{version}");
    Some(parts.next().and_then(|minor| minor.parse().ok()).expect("a minor version"))
}

fn published() -> Vec<Value> {
    let metadata = metadata(&["--no-deps"]);
    let packages = metadata["packages"].as_array().expect("packages").iter();
    packages.filter(|package| package["publish"].is_null()).cloned().collect()
}

fn check(arguments: &[&str]) {
    let output = cargo(&["check", "--quiet", "--locked", "--ignore-rust-version", "--target-dir"])
        .arg(scratch().join("msrv"))
        .args(arguments)
        .env("RUSTC", compiler())
        .output()
        .expect("cargo check");
    assert!(output.status.success(), "cargo check {arguments:?}:\n{}", text(&output));
}

#[test]
#[ignore = "needs Debian's archive"]
fn every_published_crate_builds_with_the_rust_of_its_manifest() {
    let published = published();
    let names: Vec<_> = published.iter().filter_map(|package| package["name"].as_str()).collect();
    assert!(names.len() >= 6, "{names:?}");
    for package in &published {
        let version = minor(package).expect("every published crate names its Rust");
        assert!(
            KNOWN.contains(&version),
            "{} names 1.{version}, whose features this test does not list",
            package["name"]
        );
    }
    let (kernels, host): (Vec<&str>, _) = names.iter().partition(|name| FOR_KERNELS.contains(name));
    let host: Vec<_> = host.iter().flat_map(|name| ["--package", name]).collect();
    let kernels: Vec<_> = kernels.iter().flat_map(|name| ["--package", name]).collect();
    check(&host);
    check(&[&["--target", TARGET], kernels.as_slice()].concat());
}

#[test]
fn no_published_crate_depends_on_one_that_needs_a_newer_rust() {
    let metadata = metadata(&["--filter-platform", "x86_64-unknown-linux-gnu"]);
    let packages: BTreeMap<_, _> = metadata["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .map(|package| (package["id"].as_str().expect("an id"), package))
        .collect();
    let mut needs = BTreeMap::<&str, BTreeSet<&str>>::new();
    for node in metadata["resolve"]["nodes"].as_array().expect("nodes") {
        let id = node["id"].as_str().expect("an id");
        for dependency in node["deps"].as_array().expect("dependencies") {
            let kinds = dependency["dep_kinds"].as_array().expect("kinds");
            // A user of a crate does not build its tests.
            if kinds.iter().any(|kind| kind["kind"] != "dev") {
                needs.entry(id).or_default().insert(dependency["pkg"].as_str().expect("an id"));
            }
        }
    }
    let mut pairs = 0;
    for package in packages.values().filter(|package| package["source"].is_null()) {
        let own = minor(package).expect("every crate of ours names its Rust");
        for needed in needs.get(package["id"].as_str().expect("an id")).into_iter().flatten() {
            let needed = packages[needed];
            let other = minor(needed).unwrap_or(0);
            let names = (&package["name"], &needed["name"]);
            assert!(other <= own, "{names:?}: the first names Rust 1.{own}, the second 1.{other}");
            pairs += 1;
        }
    }
    assert!(pairs > 20, "only {pairs} pairs were seen");
}

/// Each line is built once with a version that supports it, and once with one that does not.
#[test]
#[ignore = "needs Debian's archive"]
fn what_is_newer_than_the_manifest_says_does_not_build() {
    let compiler = compiler();
    let builds = |version: &str, line: &str| {
        let directory = landfall_host::private::folder("landfall-").expect("a directory");
        let source = directory.path().join("it.rs");
        fs::write(&source, format!("pub fn it(a: u32, b: Option<u32>) -> bool {{ {line} }}\n"))
            .expect("a file");
        let output = Command::new(compiler)
            .args(["--crate-type", "rlib", "--edition", "2024", "--emit", "metadata", "--out-dir"])
            .arg(directory.path())
            .arg(&source)
            .env("CARGO_PKG_RUST_VERSION", version)
            .output()
            .expect("the compiler");
        output.status.success()
    };
    for (line, since) in [
        ("if let Some(b) = b { a < b } else { false }", 85),
        ("a.is_multiple_of(4) || b.is_none()", 87),
        ("if let Some(b) = b && a < b { true } else { false }", 88),
        // Stable since 1.89.
        ("Ok::<Result<u32, u32>, u32>(Ok(a)).flatten().is_ok() || b.is_none()", 89),
    ] {
        for version in KNOWN {
            assert_eq!(builds(&format!("1.{version}"), line), version >= since, "1.{version}: {line}");
        }
        assert_eq!(builds("1.88.1", line), since <= 88, "{line}");
    }
}
