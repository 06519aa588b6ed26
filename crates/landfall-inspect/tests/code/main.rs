//! Code with deliberate faults. Each file of `wrong/` is compiled, linked and checked. It gives the
//! findings that its first line names, and no other. Files of `good/` are correct in its place.
//!
//! Early code is what runs from `_start` until `relocate`. They are compiled with Rust alone, for
//! the kernels' target: `cargo boots set-up` installs it.

mod compile;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use landfall_inspect::finding::Area;
use landfall_inspect::{Code, Hints, Subject, inspect};

/// The files of a folder beside this one.
fn sources(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/code").join(folder);
    let mut sources: Vec<_> =
        fs::read_dir(folder).expect("sources").map(|entry| entry.expect("a file").path()).collect();
    sources.sort();
    sources
}

/// `# expect: early-slot-read, early-indirect-jump`, or with `//`.
fn expected(source: &Path) -> BTreeSet<Code> {
    let text = fs::read_to_string(source).expect("a source");
    let line = text.lines().next().and_then(|line| line.split_once("expect:")).expect("what to expect").1;
    line.split(',').map(|code| code.trim().parse().expect("a code")).collect()
}

/// Returns the findings in the kernel of a source.
fn found(source: &Path) -> (BTreeSet<Code>, String) {
    let elf = compile::kernel(source);
    let subject = Subject::read(&elf).expect("an ELF");
    let hints = Hints { early_until: Some("relocate".to_owned()), ..Hints::default() };
    let inspection = inspect(&subject, &hints);
    let places = inspection.findings().iter().map(|finding| {
        let chain: Vec<_> = finding.chain.iter().filter_map(|at| subject.symbols().describe(*at)).collect();
        format!("  {} {}: {} {chain:?}\n", finding.code, subject.place(&finding.at), finding.found)
    });
    (inspection.findings().iter().map(|finding| finding.code).collect(), places.collect())
}

#[test]
#[ignore = "needs the kernels' Rust target: cargo test -- --include-ignored"]
fn wrong_code_gives_its_finding_and_no_other() {
    let mut wrong = Vec::new();
    for source in sources("wrong") {
        let (codes, places) = found(&source);
        let expected = expected(&source);
        if codes != expected {
            wrong.push(format!("{}: expected {expected:?}, found\n{places}", source.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs the kernels' Rust target: cargo test -- --include-ignored"]
fn good_code_gives_no_finding() {
    for source in sources("good") {
        let (_, places) = found(&source);
        assert!(places.is_empty(), "{}:\n{places}", source.display());
    }
}

#[test]
fn every_code_about_instructions_has_a_source() {
    let proven: BTreeSet<Code> = sources("wrong").iter().flat_map(|source| expected(source)).collect();
    for code in Code::ALL {
        // Only a landfall kernel has stacks with guards: `frames.rs` tests its code by itself, and
        // the matrix a kernel.
        if matches!(code.area(), Area::Code | Area::Early | Area::Got) && code != Code::CodeFrame {
            assert!(proven.contains(&code), "{code}");
        }
    }
}
