//! Every link of the documents, and every path of the checkout that prose names.
//!
//! The book in `docs` stands alone: its links lead to its own pages and pictures. Addresses of
//! other sites are on one page, [`REFERENCES`]. Files of the checkout are named by their path in
//! code font.

mod anchors;
mod document;

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use document::Document;

use crate::files::{self, Kind};
use crate::{comments, markdown};

/// The folder of the book.
pub const BOOK: &str = "docs";

/// The list of the book's pages.
pub const SUMMARY: &str = "docs/SUMMARY.md";

/// The only page of the book with addresses of other sites.
pub const REFERENCES: &str = "docs/references.md";

/// Folders of the checkout; a span of code that begins with one is a path.
const FOLDERS: [&str; 7] = [".ci/", "crates/", "docs/", "examples/", "fuzz/", "kernels/", "lab/"];

/// The Markdown documents of a checkout.
#[derive(Debug)]
pub struct Documents {
    root: PathBuf,
    documents: BTreeMap<PathBuf, Document>,
}

impl Documents {
    /// Reads all Markdown below `root`.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be read.
    pub fn of_checkout(root: &Path) -> io::Result<Self> {
        let mut documents = BTreeMap::new();
        for file in files::of_checkout(root)? {
            if Kind::of(&file) == Some(Kind::Markdown) {
                let text = fs::read_to_string(root.join(&file))?;
                documents.insert(file, Document::read(&text));
            }
        }
        Ok(Self { root: root.to_owned(), documents })
    }

    /// Returns the links that lead nowhere, or out of the book.
    #[must_use]
    pub fn link_faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (file, document) in &self.documents {
            for link in &document.links {
                if let Some(fault) = self.fault(file, &link.target) {
                    faults.push(format!("{}:{}: `{}` {fault}", file.display(), link.line, link.target));
                }
            }
        }
        faults
    }

    fn fault(&self, file: &Path, target: &str) -> Option<String> {
        let in_book = file.starts_with(BOOK);
        if target.contains("://") || target.starts_with("mailto:") {
            let is_permitted = !in_book || file == Path::new(REFERENCES);
            return (!is_permitted).then(|| format!("leads to another site; name it in {REFERENCES}"));
        }
        let (path, anchor) = target.split_once('#').map_or((target, None), |(path, id)| (path, Some(id)));
        let found = if path.is_empty() { Some(file.to_owned()) } else { normal(file, path) };
        let Some(found) = found else { return Some("leads out of the checkout".to_owned()) };
        if in_book && !found.starts_with(BOOK) {
            return Some("leads out of the book; name the path in code font".to_owned());
        }
        if !self.root.join(&found).exists() {
            return Some("does not exist".to_owned());
        }
        let anchor = anchor?;
        let document = self.documents.get(&found);
        let has = document.is_some_and(|document| document.anchors.iter().any(|found| found == anchor));
        (!has).then(|| format!("names no heading of {}", found.display()))
    }

    /// Returns the pages that the book's list lacks or names twice.
    #[must_use]
    pub fn page_faults(&self) -> Vec<String> {
        let Some(summary) = self.documents.get(Path::new(SUMMARY)) else {
            return vec![format!("{SUMMARY} does not exist")];
        };
        let listed: Vec<PathBuf> =
            summary.links.iter().filter_map(|link| normal(Path::new(SUMMARY), &link.target)).collect();
        let pages =
            self.documents.keys().filter(|file| file.starts_with(BOOK) && *file != Path::new(SUMMARY));
        pages
            .filter_map(|page| {
                let count = listed.iter().filter(|listed| *listed == page).count();
                (count != 1).then(|| format!("{SUMMARY} names {} {count} times", page.display()))
            })
            .collect()
    }

    /// Returns the paths in code font that do not exist, in documents and in comments.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be read.
    pub fn path_faults(&self) -> io::Result<Vec<String>> {
        let mut faults = Vec::new();
        for file in files::of_checkout(&self.root)? {
            let text = fs::read_to_string(self.root.join(&file))?;
            for passage in passages(&file, &text) {
                for code in passage.code.iter().filter(|code| is_path(code) && !self.has_path(code)) {
                    faults.push(format!("{}:{}: `{code}` does not exist", file.display(), passage.line));
                }
            }
        }
        Ok(faults)
    }

    fn has_path(&self, code: &str) -> bool {
        let path = code.split(['#', ':']).next().unwrap_or(code);
        self.root.join(path).exists()
    }
}

fn passages(file: &Path, text: &str) -> Vec<markdown::Passage> {
    match Kind::of(file) {
        None => Vec::new(),
        Some(Kind::Markdown) => {
            let lines: Vec<usize> = (1..=text.lines().count()).collect();
            markdown::passages(text, &lines)
        }
        Some(Kind::Code(language)) => {
            comments::of(language, text).iter().flat_map(comments::Comment::passages).collect()
        }
    }
}

/// A span of code is a path if it begins with a folder and has no placeholder.
fn is_path(code: &str) -> bool {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "/._-:#".contains(character);
    FOLDERS.iter().any(|folder| code.starts_with(folder)) && code.chars().all(is_plain)
}

/// Returns the path from the root that `target` names in `file`, or `None` if it leads above.
#[must_use]
pub fn normal(file: &Path, target: &str) -> Option<PathBuf> {
    let mut path = file.parent()?.to_owned();
    for component in Path::new(target).components() {
        match component {
            Component::Normal(name) => path.push(name),
            Component::ParentDir => path.pop().then_some(())?,
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a checkout with a book of two pages.
    fn documents(page: &str) -> Documents {
        let read = |(file, text): (&str, &str)| (PathBuf::from(file), Document::read(text));
        let files = [
            ("README.md", "[a](docs/a.md#the-end)\n"),
            (SUMMARY, "- [A](a.md)\n- [B](b.md)\n"),
            ("docs/a.md", "# The end\n"),
            ("docs/b.md", page),
        ];
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        Documents { root, documents: files.map(read).into_iter().collect() }
    }

    /// Returns the fault of a link in the page `docs/boot-contract.md`, which exists.
    fn fault(target: &str) -> Option<String> {
        let mut documents = documents("");
        let page = Document::read("# Rules, and `code` of them\n\n# A\n\n# A\n");
        documents.documents.insert("docs/boot-contract.md".into(), page);
        documents.fault(Path::new("docs/boot-contract.md"), target)
    }

    #[test]
    fn links_within_the_book_lead_to_files_and_headings_that_exist() {
        for target in ["landing.md", "boot-contract.md#rules-and-code-of-them", "#a", "#a-1"] {
            assert_eq!(fault(target), None, "{target}");
        }
        for target in ["gone.md", "boot-contract.md#gone", "#a-2"] {
            assert!(fault(target).is_some(), "{target}");
        }
    }

    #[test]
    fn no_link_leaves_the_book() {
        for target in ["../README.md", "https://example.org", "mailto:a@example.org", "../../../etc", "/etc"]
        {
            assert!(fault(target).is_some(), "{target}");
        }
    }

    #[test]
    fn each_page_is_in_the_list_once() {
        assert_eq!(documents("").page_faults(), Vec::<String>::new());
        let mut documents = documents("");
        documents.documents.insert("docs/c.md".into(), Document::read(""));
        documents.documents.insert(SUMMARY.into(), Document::read("- [A](a.md)\n- [A](a.md)\n- [C](c.md)\n"));
        let faults = documents.page_faults();
        assert_eq!(faults.len(), 2, "{faults:?}");
    }

    #[test]
    fn only_whole_paths_are_looked_up() {
        for code in ["crates/landfall", "docs/landing.md#traps", ".ci/run", "lab/prose/src/main.rs:7"] {
            assert!(is_path(code), "{code}");
        }
        for code in ["crates/*", "kernels/NAME extra", "head.s", "examples", "docs/<page>"] {
            assert!(!is_path(code), "{code}");
        }
    }
}
