//! The permitted licenses and sources of crates in `deny.toml`. `cargo deny` checks more
//! (duplicates, advisories), and takes minutes to build. This test runs every time.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use spdx::{Expression, LicenseReq, Licensee};

/// The source of every foreign crate.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Why a package may not be used; `None` if it may.
fn objection(package: &Value, allowed: &[Licensee]) -> Option<String> {
    let text = |key: &str| package[key].as_str();
    let name = text("name").unwrap_or("a package without a name");
    if let Some(source) = text("source").filter(|&source| source != REGISTRY) {
        return Some(format!("{name} comes from {source}"));
    }
    let Some(licence) = text("license") else { return Some(format!("{name} names no licence")) };
    // Older manifests have a slash for OR.
    let expression = match Expression::parse(&licence.replace('/', " OR ")) {
        Ok(expression) => expression,
        Err(error) => return Some(format!("{name}: {error}")),
    };
    let is_allowed = |wanted: &LicenseReq| allowed.iter().any(|licence| licence.satisfies(wanted));
    (!expression.evaluate(is_allowed)).then(|| format!("{name} is under {licence}"))
}

/// `deny.toml`.
fn rules() -> toml::Table {
    let text = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml");
    text.parse().expect("TOML")
}

/// Returns the licenses of `deny.toml`.
fn allowed(rules: &toml::Table) -> Vec<Licensee> {
    let names = rules["licenses"]["allow"].as_array().expect("a list of licences");
    let name = |value: &toml::Value| value.as_str().and_then(|name| Licensee::parse(name).ok());
    names.iter().map(|value| name(value).expect("the name of a licence")).collect()
}

/// The packages that `deny.toml` exempts.
fn exempt(rules: &toml::Table) -> Vec<String> {
    let exceptions = rules["licenses"]["exceptions"].as_array().expect("a list of exceptions");
    exceptions.iter().map(|exception| exception["name"].as_str().expect("a name").to_owned()).collect()
}

/// Every package of the workspace, and all that they depend on.
fn packages() -> Vec<Value> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--locked"]).current_dir(root());
    let output = cargo.output().expect("cargo metadata");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

#[test]
fn every_dependency_is_permitted() {
    let (packages, rules) = (packages(), rules());
    assert!(packages.len() > 50, "only {} packages", packages.len());
    let (allowed, exempt) = (allowed(&rules), exempt(&rules));
    let is_exempt = |package: &&Value| exempt.iter().any(|name| package["name"] == name.as_str());
    let objections: Vec<_> = packages
        .iter()
        .filter(|package| !is_exempt(package))
        .filter_map(|package| objection(package, &allowed))
        .collect();
    assert!(objections.is_empty(), "{objections:#?}");
}

#[test]
fn an_exempt_package_is_for_tests_alone() {
    let (packages, exempt) = (packages(), exempt(&rules()));
    for name in &exempt {
        assert!(packages.iter().any(|package| package["name"] == *name), "nothing depends on {name}");
        // An exempt package may use another one: both come in by the first.
        let others = packages.iter().filter(|package| !exempt.iter().any(|name| package["name"] == *name));
        let uses = others.flat_map(|package| package["dependencies"].as_array().into_iter().flatten());
        let kinds: Vec<_> =
            uses.filter(|used| used["name"] == name.as_str()).map(|used| &used["kind"]).collect();
        assert!(kinds.iter().all(|kind| **kind == "dev"), "{name} is more than a dev-dependency");
    }
}

#[test]
fn what_is_not_permitted_is_told() {
    let allowed = [Licensee::parse("MIT").expect("a licence")];
    let package = |licence: Option<&str>, source: &str| serde_json::json!({ "name": "x", "license": licence, "source": source });
    let objection = |licence, source| objection(&package(licence, source), &allowed);
    assert_eq!(objection(Some("GPL-3.0-only OR MIT"), REGISTRY), None);
    assert_eq!(objection(Some("GPL-3.0-only/MIT"), REGISTRY), None);
    assert_eq!(
        objection(Some("GPL-3.0-only AND MIT"), REGISTRY).as_deref(),
        Some("x is under GPL-3.0-only AND MIT")
    );
    assert_eq!(objection(None, REGISTRY).as_deref(), Some("x names no licence"));
    let elsewhere = "git+https://example.org/x";
    assert_eq!(objection(Some("MIT"), elsewhere).as_deref(), Some("x comes from git+https://example.org/x"));
}
