//! The files of a checkout that hold prose.

use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::comments::Language;

/// The form of a file's prose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The whole file is Markdown.
    Markdown,
    /// The prose is in the comments of source code.
    Code(Language),
}

impl Kind {
    /// Returns the kind of a file by its extension, or `None` if it holds no prose.
    #[must_use]
    pub fn of(file: &Path) -> Option<Self> {
        match file.extension()?.to_str()? {
            "md" => Some(Self::Markdown),
            "rs" => Some(Self::Code(Language::Rust)),
            "s" | "S" => Some(Self::Code(Language::Assembly)),
            "ld" => Some(Self::Code(Language::LinkerScript)),
            "js" | "ts" => Some(Self::Code(Language::Script)),
            _ => None,
        }
    }
}

/// Returns all files below `root` that hold prose, relative to it and sorted.
///
/// Hidden folders and those of built or installed files are skipped.
///
/// # Errors
///
/// Fails if a folder cannot be read.
pub fn of_checkout(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(is_ours) {
        let entry = entry?;
        if entry.file_type().is_file() && Kind::of(entry.path()).is_some() {
            files.push(entry.path().strip_prefix(root).map_err(io::Error::other)?.to_owned());
        }
    }
    Ok(files)
}

fn is_ours(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    entry.depth() == 0 || !(entry.file_type().is_dir() && (is_made(&name) || is_hidden(&name)))
}

/// Folders of what tools have built or installed.
fn is_made(name: &str) -> bool {
    matches!(name, "target" | "node_modules" | "dist")
}

/// Hidden folders hold version control and caches; `.github` holds documents.
fn is_hidden(name: &str) -> bool {
    name.starts_with('.') && name != ".github"
}
