//! The fenced blocks of a document.

use std::path::{Path, PathBuf};

/// A block of code, or of something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// The document, from the checkout's root.
    pub(super) file: PathBuf,
    /// The line of the document that opens the block.
    pub(super) line: usize,
    /// The words behind the opening fence.
    pub(super) tags: String,
    /// The text, with the lines that rustdoc hides.
    pub(super) text: String,
}

/// The way in which a block is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// No code.
    Text,
    /// A doctest.
    HostTest,
    /// A kernel, or the part of one that matters.
    Kernel,
    /// A kernel's `build.rs`.
    BuildScript,
    /// A kernel's `Cargo.toml`.
    Manifest,
    /// Sections for landfall's layout.
    LinkerScript,
    /// Lines of a kernel that boots.
    Excerpt,
    /// A `landfall.toml`.
    Settings,
    /// A command, and its output.
    Session,
}

impl Block {
    /// Returns the kind, or an error if no test covers such a block.
    pub(super) fn kind(&self) -> Result<Kind, String> {
        let tags: Vec<_> = self.tags.split([',', ' ']).filter(|tag| !tag.is_empty()).collect();
        let in_rust = self.file.extension().is_some_and(|extension| extension == "rs");
        let of_crate = self.file.starts_with("crates");
        match tags.as_slice() {
            // `lab/project/tests/ports.rs` compares differences, `lab/builds/tests/c.rs` boots C.
            ["text" | "diff" | "c"] => Ok(Kind::Text),
            ["ld"] => Ok(Kind::LinkerScript),
            ["console"] => Ok(Kind::Session),
            ["toml"] if self.text.contains("[dependencies]") => Ok(Kind::Manifest),
            ["toml"] => Ok(Kind::Settings),
            ["ignore"] if in_rust => Ok(Kind::Kernel),
            ["rust", "ignore"] if of_crate => Ok(Kind::Kernel),
            ["asm"] | ["rust", "ignore"] => Ok(Kind::Excerpt),
            [] | ["no_run"] if in_rust => Ok(Kind::HostTest),
            [first, ..] if in_rust && first.starts_with("compile_fail") => Ok(Kind::HostTest),
            ["rust"] | ["rust", "no_run"] if of_crate => Ok(Kind::HostTest),
            ["rust"] if self.text.contains("landfall_build::") => Ok(Kind::BuildScript),
            ["rust"] => Ok(Kind::Kernel),
            _ => Err(format!("no test knows blocks with \"{}\" behind the opening ```", self.tags)),
        }
    }
}

/// The tag of a block whose closing fence is missing.
const UNCLOSED: &str = "no closing fence: ";

/// Returns the blocks of a document.
pub(super) fn of(file: &Path, text: &str) -> Vec<Block> {
    let is_rust = file.extension().is_some_and(|extension| extension == "rs");
    let mut blocks = Vec::new();
    let mut open: Option<(Block, usize)> = None;
    for (index, line) in text.lines().enumerate() {
        let Some(line) = (if is_rust { doc_comment(line) } else { Some(line) }) else {
            open = None;
            continue;
        };
        let bare = line.trim_start();
        match (bare.strip_prefix("```"), open.take()) {
            (Some(tags), None) => {
                let (tags, text) = (tags.trim().to_owned(), String::new());
                let block = Block { file: file.to_owned(), line: index + 1, tags, text };
                open = Some((block, line.len() - bare.len()));
            }
            (Some(_), Some((block, _))) => blocks.push(block),
            (None, Some((mut block, indent))) => {
                let code = line.get(indent..).unwrap_or_default();
                let shown = code.strip_prefix("# ").filter(|_| is_rust).unwrap_or(code);
                block.text.push_str(shown);
                block.text.push('\n');
                open = Some((block, indent));
            }
            (None, None) => {}
        }
    }
    // A fence without an end hides the rest of its document. No kind has such a tag.
    blocks.extend(open.map(|(block, _)| Block { tags: UNCLOSED.to_owned(), ..block }));
    blocks
}

/// Returns the text of a line of a doc comment.
fn doc_comment(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let text = line.strip_prefix("//!").or_else(|| line.strip_prefix("///"))?;
    Some(text.strip_prefix(' ').unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_markdown_and_of_doc_comments_are_found() {
        let markdown = "a\n```rust\nfn a() {}\n```\n- b\n\n  ```text\n  b\n    c\n  ```\n";
        let found = of(Path::new("README.md"), markdown);
        let texts: Vec<_> = found.iter().map(|block| (block.line, &*block.tags, &*block.text)).collect();
        assert_eq!(texts, [(2, "rust", "fn a() {}\n"), (7, "text", "b\n  c\n")]);

        let rust = "//! ```ignore\n//! # use a::b;\n//! b();\n//! ```\nfn x() { \"```\" }\n    /// ```\n    /// 1\n    /// ```\n";
        let found = of(Path::new("crates/a/src/lib.rs"), rust);
        let texts: Vec<_> = found.iter().map(|block| (block.line, &*block.tags, &*block.text)).collect();
        assert_eq!(texts, [(1, "ignore", "use a::b;\nb();\n"), (6, "", "1\n")]);
    }

    #[test]
    fn a_fence_without_an_end_is_an_error() {
        let found = of(Path::new("docs/a.md"), "```text\na\n```\n```console\n$ b\n");
        let kinds: Vec<_> = found.iter().map(|block| block.kind().is_ok()).collect();
        assert_eq!(kinds, [true, false]);
    }

    #[test]
    fn a_block_that_nothing_tests_is_an_error() {
        let kind = |file: &str, tags: &str| {
            let (file, tags, text) = (file.into(), tags.to_owned(), String::new());
            Block { file, line: 1, tags, text }.kind()
        };
        assert_eq!(kind("crates/a/README.md", "rust"), Ok(Kind::HostTest));
        assert_eq!(kind("crates/a/README.md", "rust,ignore"), Ok(Kind::Kernel));
        assert_eq!(kind("crates/a/src/lib.rs", "compile_fail,E0080"), Ok(Kind::HostTest));
        assert_eq!(kind("README.md", "rust"), Ok(Kind::Kernel));
        assert_eq!(kind("docs/a.md", "rust,ignore"), Ok(Kind::Excerpt));
        for (file, tags) in [("docs/a.md", ""), ("docs/a.md", "python"), ("README.md", "rust,no_run")] {
            assert!(kind(file, tags).is_err(), "{file}: {tags}");
        }
    }
}
