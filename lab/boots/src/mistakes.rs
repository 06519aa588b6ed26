//! Mistakes that people make with `entry!`, policies and address types: each must be an error of the compiler, in words that say what is right.
//!
//! One mistake a file, in `crates/landfall/tests/mistakes`. Its first line has words of the one error that it must give; where there are none, it must compile.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use landfall_host::build::TARGET;
use landfall_host::kernel::cargo;

/// What came of one mistake: its name, and what is wrong.
type Outcome = (String, Result<(), String>);

/// Runs them all.
pub(super) fn run() -> Vec<Outcome> {
    match check() {
        Ok(results) => results,
        Err(error) => vec![("mistake".to_owned(), Err(error))],
    }
}

fn check() -> Result<Vec<Outcome>, String> {
    let told = |error: std::io::Error| error.to_string();
    let landfall = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/landfall");
    let files = files(&landfall.join("tests/mistakes"))?;
    let scratch = landfall_host::private::folder("landfall-mistakes-").map_err(told)?;
    let manifest = scratch.path().join("Cargo.toml");
    fs::write(&manifest, manifest_of(&landfall, &files)).map_err(told)?;
    let output = cargo()
        .args(["check", "--quiet", "--keep-going", "--bins", "--message-format=json", "--target", TARGET])
        .arg("--manifest-path")
        .arg(&manifest)
        .stdin(Stdio::null())
        .output()
        .map_err(told)?;
    let mut errors: BTreeMap<String, Vec<String>> = BTreeMap::new();
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
    let judge = |(name, path): &(String, PathBuf)| {
        (format!("mistake/{name}"), judge(path, errors.get(name).map_or(&[], Vec::as_slice)))
    };
    Ok(files.iter().map(judge).collect())
}

fn files(folder: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let named = paths.filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path)));
    let mut files: Vec<_> = named.collect();
    files.sort();
    Ok(files)
}

/// A package with one program for each mistake.
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
    let words = words.ok_or("its first line does not say which error it gives")?.trim();
    // The compiler counts its errors in the end, as an error without a place.
    let errors: Vec<_> = errors.iter().filter(|error| error.contains("-->")).collect();
    match (words, errors.as_slice()) {
        ("", []) => Ok(()),
        (words, [error]) if !words.is_empty() && error.contains(words) => Ok(()),
        (words, errors) => {
            Err(format!("one error with \"{words}\" is right, and the compiler says: {errors:#?}"))
        }
    }
}
