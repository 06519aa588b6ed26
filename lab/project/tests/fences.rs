//! `docs/fences.md` has a row for each fence in code that runs on the machine, and no other row.
//!
//! A fence is a `fence`, `fence.i` or `sfence.vma` in assembly, or an access with `.aq` or `.rl`. A
//! fence of `core::sync::atomic` and a call of the crate `riscv` that executes one count too.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Crates whose code runs on the host alone.
const HOST_ONLY: [&str; 6] = [
    "cargo-landfall",
    "landfall-hart",
    "landfall-host",
    "landfall-inspect",
    "landfall-judge",
    "landfall-predict",
];

/// Calls that execute a fence.
const CALLS: [&str; 4] = ["sfence_vma_all", "sfence_vma(", "fence_i(", "remote_sfence"];

/// A file, the label or function in it, and the fence, with how many there are.
type Fences = BTreeMap<(String, String, String), usize>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files of Rust and assembly below `folder`.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "s") {
            found.push(path);
        }
    }
}

/// The code that runs on the machine.
fn on_the_machine() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for parent in ["crates", "kernels", "lab/kernels"] {
        for entry in fs::read_dir(root().join(parent)).expect("packages") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
            if path.join("src").is_dir() && !HOST_ONLY.contains(&name.as_str()) {
                sources(&path.join("src"), &mut found);
            }
        }
    }
    sources(&root().join("examples"), &mut found);
    found
}

/// The label that a line of assembly defines, or the function that a line of Rust begins. Numeric
/// labels are local.
fn place(line: &str, is_assembly: bool) -> Option<&str> {
    if is_assembly {
        let label = line.split_once(':')?.0.trim();
        let is_name = label.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        return (is_name && !label.contains(' ')).then_some(label);
    }
    let rest = line.split("fn ").nth(1).filter(|_| !line.contains("let "))?;
    let name = rest.split(|end: char| !end.is_alphanumeric() && end != '_').next()?;
    (!name.is_empty()).then_some(name)
}

/// The fences of a line without its comment.
fn fences(line: &str, is_assembly: bool) -> Vec<String> {
    // In Rust, instructions are strings.
    let instructions: Vec<_> =
        if is_assembly { vec![line] } else { line.split('"').skip(1).step_by(2).collect() };
    let mut found: Vec<String> = instructions.into_iter().filter_map(instruction).collect();
    if !is_assembly {
        if let Some(order) = line.split("fence(Ordering::").nth(1).and_then(|rest| rest.split(')').next()) {
            found.push(format!("fence({order})"));
        }
        let calls = CALLS.iter().filter(|call| line.contains(**call) && line.contains("::"));
        found.extend(calls.map(|call| call.trim_end_matches('(').to_owned()));
    }
    found
}

/// The fence that an instruction is, or has.
fn instruction(text: &str) -> Option<String> {
    let text = text.rsplit_once(':').map_or(text, |(_, rest)| rest);
    let mut words = text.split_whitespace();
    let name = words.next()?;
    let is_ordered = [".aq", ".rl", ".aqrl"].iter().any(|order| name.ends_with(order));
    match name {
        "fence" => Some(std::iter::once(name).chain(words).collect::<Vec<_>>().join(" ")),
        "fence.i" | "fence.tso" | "sfence.vma" => Some(name.to_owned()),
        _ if is_ordered || name.starts_with("sfence.") || name.starts_with("sinval.") => {
            Some(name.to_owned())
        }
        _ => None,
    }
}

fn in_sources() -> Fences {
    let mut found = Fences::new();
    for path in on_the_machine() {
        let is_assembly = path.extension().is_some_and(|extension| extension == "s");
        let file = path.strip_prefix(root()).expect("below the root").display().to_string();
        let mut at = String::new();
        for line in fs::read_to_string(&path).expect("a source").lines() {
            let comment = if is_assembly { "#" } else { "//" };
            let line = line.split(comment).next().unwrap_or_default();
            if let Some(place) = place(line, is_assembly) {
                place.clone_into(&mut at);
            }
            for fence in fences(line, is_assembly) {
                *found.entry((file.clone(), at.clone(), fence)).or_default() += 1;
            }
        }
    }
    found
}

/// The rows of the page: a file, a place and a fence in backticks, a reason, and a consequence.
fn in_page() -> Fences {
    let page = fs::read_to_string(root().join("docs/fences.md")).expect("the page");
    let mut found = Fences::new();
    for row in page.lines() {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        if !cells.first().is_some_and(|file| file.starts_with('`') && file.contains('/')) {
            continue;
        }
        let [file, place, fence, reason, consequence] = cells.as_slice() else {
            panic!("a row has five cells: {row}")
        };
        assert!(reason.len() > 10 && consequence.len() > 10, "a row gives a reason and a consequence: {row}");
        let key = [file, place, fence].map(|cell| cell.trim_matches('`').to_owned());
        let [file, place, fence] = key;
        *found.entry((file, place, fence)).or_default() += 1;
    }
    found
}

/// Returns the rows of one side that the other lacks.
fn beyond(one: &Fences, other: &Fences) -> Vec<String> {
    let more = |(key, count): (&(String, String, String), &usize)| {
        let left = count.saturating_sub(other.get(key).copied().unwrap_or_default());
        (left != 0).then(|| format!("| `{}` | `{}` | `{}` | ({left})", key.0, key.1, key.2))
    };
    one.iter().filter_map(more).collect()
}

#[test]
fn each_fence_has_a_row_and_each_row_a_fence() {
    let (sources, page) = (in_sources(), in_page());
    assert!(sources.values().sum::<usize>() > 20, "the sources have fences: {sources:?}");
    let (without_row, without_fence) = (beyond(&sources, &page), beyond(&page, &sources));
    assert!(
        without_row.is_empty() && without_fence.is_empty(),
        "fences without a row: {without_row:#?}; rows without a fence: {without_fence:#?}"
    );
}

#[test]
fn fences_are_found_in_assembly_and_in_rust() {
    assert_eq!(fences("1:  fence   r, rw", true), ["fence r, rw"]);
    assert_eq!(fences("3:  sfence.vma zero, zero", true), ["sfence.vma"]);
    assert_eq!(fences("    amoswap.w.rl zero, t0, (a1)", true), ["amoswap.w.rl"]);
    assert_eq!(fences("    amoadd.w t1, t1, (t0)", true), [""; 0]);
    let two = r#"asm!("sfence.vma", "csrw satp, {}", "sfence.vma", in(reg) satp)"#;
    assert_eq!(fences(two, false), ["sfence.vma", "sfence.vma"]);
    assert_eq!(fences("    fence(Ordering::Release);", false), ["fence(Release)"]);
    assert_eq!(fences("    riscv::asm::sfence_vma_all();", false), ["sfence_vma_all"]);
    assert_eq!(fences("    let fence = Fence::All;", false), [""; 0]);
    assert_eq!(place("landfall_landed:", true), Some("landfall_landed"));
    assert_eq!(place("1:  lw t1, 0(t0)", true), None);
    assert_eq!(place("    pub(super) fn split(&mut self) {", false), Some("split"));
}
