//! Checks the English of documents and comments, and the links between documents.
//!
//! ```text
//! files      the files of a checkout that hold prose
//! comments   the comments of Rust, assembly, linker scripts and JavaScript
//! markdown   the passages of Markdown text: paragraphs, headings, cells
//! sentence   the sentences of a passage, and their words
//! rules      one module per rule
//! links      every link of the documents, and every path that prose names
//! ```
//!
//! `cargo test -p landfall-prose` checks all files. `cargo run -p landfall-prose -- FILE...` prints
//! the faults of some files.

pub mod comments;
pub mod files;
pub mod links;
pub mod markdown;
pub mod rules;
pub mod sentence;

use std::path::Path;

use files::Kind;
use rules::Fault;

/// Returns the faults of a file with this text, in the order of their lines.
#[must_use]
pub fn faults(file: &Path, text: &str) -> Vec<Fault> {
    let mut faults = match Kind::of(file) {
        None => Vec::new(),
        Some(Kind::Markdown) => {
            let lines: Vec<usize> = (1..=text.lines().count()).collect();
            rules::of_passages(&markdown::passages(text, &lines))
        }
        Some(Kind::Code(language)) => {
            let comments = comments::of(language, text);
            let passages = comments.iter().flat_map(comments::Comment::passages).collect::<Vec<_>>();
            let mut faults = rules::margin::faults(&comments);
            faults.extend(rules::of_passages(&passages));
            faults
        }
    };
    faults.sort_by_key(|fault| fault.line);
    faults
}
