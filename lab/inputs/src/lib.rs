//! The sources of the explorer's built page, by their hashes.
//!
//! `crates/landfall-explorer/dist` holds the built page with its engine, so an installed command
//! needs neither Node.js nor the compiler's WebAssembly target. The build tool writes this list
//! beside them, and a test compares it with the sources. Comments and unit tests do not count.

mod code;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use sha2::{Digest, Sha256};
use walkdir::WalkDir;

/// The place of the list.
pub const LIST: &str = "crates/landfall-explorer/dist/inputs.txt";

/// The crates that the engine consists of: the planner, and the simulator of a boot with its audit.
const ENGINE: [&str; 3] = ["landfall-explorer", "landfall-hart", "landfall-audit"];
/// Files and folders of the engine and the page, besides the engine's crates.
const MORE: [&str; 5] = [
    "crates/landfall-explorer/page",
    "lab/explorer/boot",
    "lab/explorer/Cargo.lock",
    "lab/explorer/Cargo.toml",
    "lab/explorer/wasm",
];
/// Folders that no build reads.
const LEFT_OUT: [&str; 3] = ["node_modules", "target", "tests"];

/// Returns the list for the sources in `checkout`, one line each: a hash and a path.
///
/// # Errors
/// The system's error for a file that cannot be read.
pub fn list(checkout: &Path) -> io::Result<String> {
    let mut found = BTreeMap::new();
    for name in crates(checkout)? {
        let folder = Path::new("crates").join(name);
        for part in ["Cargo.toml", "src", "recorded"] {
            add(checkout, &folder.join(part), &mut found)?;
        }
    }
    for path in MORE {
        add(checkout, Path::new(path), &mut found)?;
    }
    Ok(found.iter().fold(String::new(), |list, (path, hash)| list + hash + " " + path + "\n"))
}

/// Returns the engine's crates of this project.
fn crates(checkout: &Path) -> io::Result<Vec<String>> {
    let mut names = ENGINE.map(str::to_owned).to_vec();
    let mut next = 0;
    while let Some(name) = names.get(next) {
        let manifest = fs::read_to_string(checkout.join("crates").join(name).join("Cargo.toml"))?;
        let manifest: toml::Table = toml::from_str(&manifest).map_err(io::Error::other)?;
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
        let ours =
            dependencies.into_iter().flat_map(toml::Table::keys).filter(|key| key.starts_with("landfall-"));
        let new: Vec<_> = ours.filter(|key| !names.contains(key)).cloned().collect();
        names.extend(new);
        next += 1;
    }
    Ok(names)
}

fn add(checkout: &Path, path: &Path, found: &mut BTreeMap<String, String>) -> io::Result<()> {
    let top = checkout.join(path);
    if !top.exists() {
        return Ok(());
    }
    let wanted = |name: &str| !LEFT_OUT.contains(&name) && name != "tests.rs" && !name.starts_with('.');
    let entries =
        WalkDir::new(top).into_iter().filter_entry(|entry| wanted(&entry.file_name().to_string_lossy()));
    for entry in entries {
        let entry = entry.map_err(io::Error::other)?;
        let kind = entry.path().extension().unwrap_or_default();
        if entry.file_type().is_file() && kind != "md" {
            let path: PathBuf = entry.path().strip_prefix(checkout).unwrap_or(entry.path()).into();
            found.insert(path.to_string_lossy().into_owned(), hash(entry.path())?);
        }
    }
    Ok(())
}

fn hash(path: &Path) -> io::Result<String> {
    let bytes = fs::read(path)?;
    let digest = match (path.extension(), std::str::from_utf8(&bytes)) {
        (Some(kind), Ok(text)) if kind == "rs" => Sha256::digest(code::of(text)),
        _ => Sha256::digest(&bytes),
    };
    let first = digest.first_chunk().copied().unwrap_or_default();
    Ok(format!("{:016x}", u64::from_be_bytes(first)))
}
