//! The code in documents: each block is extracted and tested, or it must not be there.
//!
//! ```text
//! blocks     the blocks of a document, Markdown or Rust
//! packages   kernels in documents, each built and booted
//! shapes     commands with their output, run and compared but for numbers
//! ```
//!
//! Blocks that compile on the host are doctests, which `cargo test` runs; here it is checked that
//! nothing keeps it from that.

mod blocks;
mod packages;
mod shapes;

use std::fs;
use std::path::{Path, PathBuf};

use blocks::{Block, Kind};

use super::check::{Check, Outcome};

/// Returns a test for each block, from the root of the checkout.
pub(super) fn checks() -> Result<Vec<Check>, String> {
    let blocks = documents(Path::new("."))?;
    let mut checks = packages::checks(&blocks)?;
    checks.extend(blocks.into_iter().filter_map(check));
    Ok(checks)
}

fn check(block: Block) -> Option<Check> {
    let test: fn(&Block) -> Outcome = match block.kind() {
        // They are in a package, or are no code.
        Ok(Kind::Text | Kind::Kernel | Kind::Manifest | Kind::BuildScript | Kind::LinkerScript) => {
            return None;
        }
        Ok(Kind::HostTest) => is_doctest,
        Ok(Kind::Excerpt) => is_in_a_kernel,
        Ok(Kind::Settings) => |block| landfall_host::check::settings::is_understood(&block.text),
        Ok(Kind::Session) => return Some(Check::new(name(&block), move || shapes::check(&block))),
        Err(_) => |block| block.kind().map(drop),
    };
    Some(Check::new(name(&block), move || test(&block)).always())
}

fn name(block: &Block) -> String {
    format!("document/{}:{}", block.file.display(), block.line)
}

/// Reads the blocks of all documents below `root`.
fn documents(root: &Path) -> Result<Vec<Block>, String> {
    let mut files = vec![root.join("README.md")];
    for (folder, deep) in [("docs", Depth::Book), ("crates", Depth::Crates)] {
        collect(&root.join(folder), deep, &mut files)?;
    }
    files.sort();
    let mut blocks = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        blocks.append(&mut blocks::of(file.strip_prefix(root).unwrap_or(&file), &text));
    }
    Ok(blocks)
}

/// The files of a folder that are documents.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// Markdown files in it, and in folders below it.
    Book,
    /// The README of each crate in it, and all of its Rust.
    Crates,
}

fn collect(folder: &Path, depth: Depth, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let extension = path.extension().and_then(|extension| extension.to_str());
        match depth {
            Depth::Book if path.is_dir() => collect(&path, depth, files)?,
            Depth::Book if extension == Some("md") => files.push(path),
            Depth::Crates if path.is_dir() => {
                files.extend(Some(path.join("README.md")).filter(|readme| readme.is_file()));
                rust_files(&path.join("src"), files)?;
            }
            Depth::Book | Depth::Crates => {}
        }
    }
    Ok(())
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            rust_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// `cargo test` runs the blocks of a README only if its crate includes it.
fn is_doctest(block: &Block) -> Result<(), String> {
    if block.file.extension().is_some_and(|extension| extension == "rs") {
        return Ok(());
    }
    let library = block.file.with_file_name("src").join("lib.rs");
    let text = fs::read_to_string(&library).map_err(|error| format!("{}: {error}", library.display()))?;
    if text.contains("include_str!(\"../README.md\")") {
        Ok(())
    } else {
        Err(format!("{} does not include the README, so no doctest runs this block", library.display()))
    }
}

/// These kernels are booted in every mode.
fn is_in_a_kernel(block: &Block) -> Result<(), String> {
    const SOURCES: [&str; 3] = [
        "kernels/own-start/src/start.s",
        "kernels/wrapped-rust/src/start.s",
        "kernels/wrapped-rust/src/harts.rs",
    ];
    let wanted = bare_lines(&block.text);
    for file in SOURCES {
        let source = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        if bare_lines(&source).contains(&wanted) {
            return Ok(());
        }
    }
    Err(format!("these lines do not follow each other in one of {}, which are booted", SOURCES.join(", ")))
}

/// Returns the lines up to a `#`, each with single spaces.
fn bare_lines(text: &str) -> String {
    let bare = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let words = bare.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    words.filter(|line| !line.is_empty()).fold(String::new(), |all, line| all + &line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_of_this_checkout_has_a_test() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let blocks = documents(&root).expect("documents");
        let without: Vec<_> =
            blocks.iter().filter_map(|block| Some((name(block), block.kind().err()?))).collect();
        assert!(without.is_empty(), "{without:#?}");
        let kernels = blocks.iter().filter(|block| block.kind() == Ok(Kind::Kernel)).count();
        assert!(kernels > 4, "{kernels} kernels are found");
    }

    #[test]
    fn lines_are_compared_without_comments() {
        assert_eq!(bare_lines("  lla  a0, x   # why\n\n# all\n\tret\n"), "lla a0, x\nret\n");
    }
}
