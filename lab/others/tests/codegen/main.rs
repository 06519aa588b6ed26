//! The output of compilers for patterns of kernels, and its fate in a kernel that relocates itself:
//! the page `docs/codegen.md`.
//!
//! Each pattern is a file in `patterns/`, in Rust, C or both. Every compiler builds it with every
//! code model, and the linker of landfall kernels links it as a kernel. The crate `object` and
//! `check` read the result. The test fails if that differs from the page: a compiler has changed,
//! or `check` has. `LANDFALL_WRITE=1` writes the page anew. Read the difference before you commit
//! it.
//!
//! ```text
//! compilers   Rust and C compilers, and the code models that they have
//! pattern     a file of patterns/
//! build       compiles and links one pattern with one compiler and one model
//! outcome     what came out
//! page        the page
//! ```
//!
//! The compilers come from Debian, so a plain `cargo test` passes it over: `cargo test -p
//! landfall-others --test codegen -- --include-ignored`.

#[path = "../support/answer.rs"]
mod answer;
mod build;
mod compilers;
mod outcome;
mod page;
mod pattern;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

use build::Bench;
use compilers::{Compiler, Model};
use outcome::Outcome;
use pattern::Pattern;

/// The path of the page.
fn page_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/codegen.md")
}

/// The outcome of one pattern, compiler and model.
type Outcomes = BTreeMap<(usize, Compiler, Model), Outcome>;

fn build_all(bench: &Bench, patterns: &[Pattern]) -> Outcomes {
    let jobs: Vec<_> = (0..patterns.len())
        .flat_map(|pattern| Compiler::ALL.map(|compiler| (pattern, compiler)))
        .filter(|(pattern, compiler)| patterns[*pattern].source(compiler.language()).is_some())
        .flat_map(|(pattern, compiler)| Model::ALL.map(|model| (pattern, compiler, model)))
        .collect();
    let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(Outcomes::new()));
    let work = || {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (pattern, compiler, model) = *job;
            let outcome = bench.build(&patterns[pattern], compiler, model);
            outcomes.lock().expect("no thread has panicked").insert(*job, outcome);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    outcomes.into_inner().expect("no thread has panicked")
}

#[test]
#[ignore = "needs compilers of Debian's archive"]
fn what_compilers_make_is_what_the_page_says() {
    let bench = Bench::new();
    let patterns = Pattern::all();
    let outcomes = build_all(&bench, &patterns);
    let page = page::text(&patterns, &outcomes, &bench.versions());
    if env::var_os("LANDFALL_WRITE").is_some() {
        fs::write(page_file(), page).expect("the page");
        return;
    }
    let before = fs::read_to_string(page_file()).expect("the page");
    let differences = page::differences(&before, &page);
    assert!(
        differences.is_empty(),
        "docs/codegen.md says (-) what does not come out (+) with {}:\n{differences}\
         Look whether kernels bear it; then: LANDFALL_WRITE=1 cargo test -p landfall-others --test codegen -- --include-ignored",
        bench.versions().join(", ")
    );
}

/// Needs no compiler: a new pattern without its row on the page fails here.
#[test]
fn every_pattern_stands_on_the_page() {
    let page = fs::read_to_string(page_file()).expect("the page");
    let patterns = Pattern::all();
    assert!(patterns.len() >= 15, "{} patterns", patterns.len());
    for pattern in &patterns {
        assert!(page.contains(&format!("\n## {}\n", pattern.name)), "{} is not on the page", pattern.name);
    }
}

#[test]
fn a_page_that_differs_is_seen_but_for_versions() {
    let page = format!("{}rustc 1\n| a | b |\n", page::VERSIONS);
    assert_eq!(page::differences(&page, &page.replace("rustc 1", "rustc 2")), "");
    assert_eq!(page::differences(&page, &page.replace('b', "c")), "- | a | b |\n+ | a | c |\n");
}
