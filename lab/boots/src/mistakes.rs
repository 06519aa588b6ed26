//! Mistakes of users with `entry!`, policies and address types: the compiler must reject each, with
//! words that name the correct code.
//!
//! Each file in `crates/landfall/tests/mistakes` has one mistake. Its first line has words of the
//! one error that it must cause; a file without words must compile.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;

use serde_json::Value;

use super::check::Check;
use super::session::as_text;
use super::{set_up, workshop};
use landfall_host::build::TARGET;
use landfall_host::kernel::cargo;

/// The compiler's errors, by the name of the mistake.
type Errors = BTreeMap<String, Vec<String>>;

/// Returns a test for each mistake. One compilation serves all.
pub(super) fn checks() -> Result<Vec<Check>, String> {
    let check = |(name, path): (String, PathBuf)| {
        Check::new(format!("mistake/{name}"), move || {
            judge(&path, errors()?.get(&name).map_or(&[], Vec::as_slice))
        })
    };
    Ok(files(Path::new(MISTAKES))?.into_iter().map(check).collect())
}

/// The folder of the mistakes, from the root of the checkout.
const MISTAKES: &str = "crates/landfall/tests/mistakes";

fn errors() -> Result<&'static Errors, String> {
    static ERRORS: OnceLock<Result<Errors, String>> = OnceLock::new();
    ERRORS.get_or_init(compile).as_ref().map_err(Clone::clone)
}

fn compile() -> Result<Errors, String> {
    set_up::rust_target()?;
    let root = as_text(std::env::current_dir())?;
    let files = files(&root.join(MISTAKES))?;
    let folder = workshop::folder("mistakes")?;
    let _alone = workshop::lock(&folder)?;
    let manifest = folder.join("Cargo.toml");
    as_text(fs::write(&manifest, manifest_of(&root.join("crates/landfall"), &files)))?;
    let output = cargo()
        .args(["check", "--quiet", "--keep-going", "--bins", "--message-format=json", "--target", TARGET])
        .arg("--manifest-path")
        .arg(&manifest)
        .stdin(Stdio::null())
        .output();
    let output = as_text(output)?;
    let mut errors = Errors::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
        let (target, error) = (&message["target"]["name"], &message["message"]);
        if let (Some(target), Some("error"), Some(text)) =
            (target.as_str(), error["level"].as_str(), error["rendered"].as_str())
        {
            errors.entry(target.to_owned()).or_default().push(text.to_owned());
        }
    }
    if errors.is_empty() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(errors)
}

fn files(folder: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let named = paths.filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path)));
    let mut files: Vec<_> = named.collect();
    files.sort();
    Ok(files)
}

/// Returns the manifest of a package with one program for each mistake.
fn manifest_of(landfall: &Path, files: &[(String, PathBuf)]) -> String {
    let mut manifest = format!(
        "[workspace]\n[package]\nname = \"mistakes\"\nedition = \"2024\"\n[dependencies]\nlandfall.path = {:?}\n",
        landfall.display().to_string()
    );
    for (name, path) in files {
        let path = path.display().to_string();
        let _ = write!(manifest, "[[bin]]\nname = {name:?}\npath = {path:?}\ntest = false\n");
    }
    manifest
}

fn judge(path: &Path, errors: &[String]) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let words = text.lines().next().and_then(|line| line.strip_prefix("//! error:"));
    let words = words.ok_or("its first line does not name its error")?.trim();
    // The compiler prints its number of errors last, as an error without a place.
    let errors: Vec<_> = errors.iter().filter(|error| error.contains("-->")).collect();
    match (words, errors.as_slice()) {
        ("", []) => Ok(()),
        (words, [error]) if !words.is_empty() && error.contains(words) => Ok(()),
        (words, errors) => {
            Err(format!("expected one error with \"{words}\"; the compiler reports: {errors:#?}"))
        }
    }
}
