//! `run --simulator` as its user meets it.
//!
//! Most build a kernel, so a plain `cargo test` passes them over:
//! `cargo test -p cargo-landfall --test simulator -- --ignored`. They need no QEMU.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use landfall_host::simulator::Liberty;
use object::read::elf::ElfFile64;
use object::{LittleEndian, Object, ObjectSection, ObjectSymbol, SymbolKind};

/// The output and the end of a command.
#[derive(Debug)]
struct Ended {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Runs the command in the checkout.
fn landfall(arguments: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    command.args(arguments).stdin(Stdio::null()).current_dir(checkout());
    let Output { status, stdout, stderr } = command.output().expect("the command runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ended { status: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Boots a kernel on a machine of four harts.
fn run(kernel: &str, preset: &str, seed: u32, more: &[&str]) -> Ended {
    let seed = seed.to_string();
    let mut arguments = vec!["run", kernel, "--simulator", preset, "--seed", &seed, "--harts", "4"];
    arguments.extend(more);
    landfall(&arguments)
}

#[test]
fn the_list_and_the_page_have_each_liberty_with_its_section() {
    let page = fs::read_to_string(checkout().join("docs/simulator.md")).expect("the page");
    let list = landfall(&["run", "--liberties", "help"]);
    assert_eq!(list.status, Some(0), "{list:#?}");
    for liberty in Liberty::ALL {
        let (name, about, section) = (liberty.name(), liberty.about(), liberty.section());
        assert!(page.contains(&format!("\n| `{name}` | {about} | {section} |\n")), "{name}");
        assert!(list.stdout.contains(name) && list.stdout.contains(section), "{name}: {list:#?}");
    }
    let rows = page.lines().skip_while(|line| *line != "## Liberties").skip(1);
    let rows = rows.take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with("| `"));
    assert_eq!(rows.count(), Liberty::ALL.len());
}

#[test]
fn an_option_of_the_other_machine_is_a_usage_error() {
    for arguments in [["--limit", "5M"], ["--without", "old-load"]] {
        let ended = landfall(&[&["run", "no-such-kernel"][..], &arguments].concat());
        assert_eq!(ended.status, Some(2), "{ended:#?}");
        assert!(ended.stderr.contains("applies to the simulator; add --simulator"), "{ended:#?}");
    }
    let ended = run("no-such-kernel", "worst", 1, &["--firmware", "u-boot"]);
    assert_eq!(ended.status, Some(2), "{ended:#?}");
    assert!(ended.stderr.contains("--firmware conflicts with --simulator"), "{ended:#?}");
}

#[test]
#[ignore = "builds a kernel"]
fn a_kernel_lands_on_twenty_worst_machines() {
    for seed in 1..=20 {
        let ended = run("hello", "worst", seed, &[]);
        assert_eq!(ended.status, Some(0), "seed {seed}: {ended:#?}");
        assert!(ended.stderr.contains(&format!("simulator: worst, seed {seed}\n")), "{ended:#?}");
    }
}

#[test]
#[ignore = "builds a kernel"]
fn the_same_seed_prints_the_same_report() {
    let report = |seed| run("hello", "worst", seed, &["--format", "json"]).stdout;
    let first = report(7);
    assert!(first.starts_with('{') && first == report(7), "{first}");
    assert_ne!(first, report(8));
}

#[test]
#[ignore = "builds a kernel"]
fn a_kernel_without_fences_fails_and_the_place_has_its_name() {
    let built = landfall(&["build", "hello", "--format", "elf"]);
    assert_eq!(built.status, Some(0), "{built:#?}");
    let mut elf = fs::read(checkout().join(built.stdout.trim())).expect("the ELF");
    assert!(remove_fences(&mut elf) > 5, "the kernel has fences");
    let folder = landfall_host::private::folder("landfall-unfenced-").expect("a folder");
    let path = folder.path().join("unfenced.elf");
    fs::write(&path, elf).expect("a written file");
    let path = path.display().to_string();
    // A landing takes less. Without a fence a hart may trap for ever, in each run of the search.
    let limit = ["--limit", "2M"];
    let plain = run(&path, "plain", 1, &limit);
    assert_eq!(plain.status, Some(0), "{plain:#?}");
    for seed in 1..=6 {
        assert_eq!(run("hello", "worst", seed, &limit).status, Some(0), "seed {seed} needs more");
    }
    let failed: Vec<_> = (1..=6)
        .map(|seed| run(&path, "worst", seed, &limit))
        .filter(|ended| ended.status == Some(1))
        .collect();
    assert!(failed.len() >= 4, "{} of 6 runs failed", failed.len());
    for ended in &failed {
        assert!(ended.stderr.contains("again: cargo landfall run"), "{ended:#?}");
    }
    let has_name = |ended: &&Ended| {
        let mut lines = ended.stderr.lines().skip_while(|line| !line.contains("  stale use: hart "));
        lines.next().is_some()
            && lines.next().is_some_and(|line| line.starts_with("    0x") && line.contains(" = "))
    };
    assert!(failed.iter().any(|ended| has_name(&ended)), "{failed:#?}");
}

#[test]
#[ignore = "builds a kernel"]
fn an_order_that_is_missing_is_named_on_the_hart_that_stores() {
    let example = ["--example", "missing_order", "--package", "landfall-examples"];
    let target = ["--release", "--target", landfall_host::build::TARGET];
    let mut cargo = landfall_host::kernel::cargo();
    let built = cargo.current_dir(checkout()).arg("build").args(example).args(target).output();
    assert!(built.expect("cargo").status.success());
    let folder = format!("target/{}/release/examples/missing_order", landfall_host::build::TARGET);
    let run = |seed: u32| {
        landfall(&["run", &folder, "--simulator", "worst", "--seed", &seed.to_string(), "--harts", "2"])
    };
    let explained = (1..=200).map(run).filter(|ended| ended.status == Some(1)).any(|ended| {
        let words = ["fence w, w or a release on hart ", "inlined into publish", "missing_order::second"];
        words.iter().all(|words| ended.stderr.contains(words))
    });
    assert!(explained, "200 seeds do not explain the missing order");
}

/// Replaces each `fence`, `fence.i` and `sfence.vma` by a `nop`, and returns their number.
fn remove_fences(elf: &mut [u8]) -> usize {
    let places: Vec<_> = instructions(elf).into_iter().filter(|at| is_fence(word(elf, *at))).collect();
    for at in &places {
        elf[*at..at + 4].copy_from_slice(&0x0000_0013_u32.to_le_bytes());
    }
    places.len()
}

fn word(elf: &[u8], at: usize) -> u32 {
    elf.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn is_fence(word: u32) -> bool {
    // A fence with no predecessors or no successors is a hint.
    let orders = word & 0xf00f_ffff == 0xf && word >> 20 & 0xf != 0 && word >> 24 & 0xf != 0;
    orders || word == 0x100f || word & 0xfe00_7fff == 0x1200_0073
}

/// Returns the offsets in the file of all instructions: from each symbol of code on, up to the next
/// symbol.
fn instructions(elf: &[u8]) -> Vec<usize> {
    let file = ElfFile64::<LittleEndian>::parse(elf).expect("an ELF");
    let text = file.section_by_name(".text").expect("code");
    let (offset, _) = text.file_range().expect("bytes");
    let mut starts: Vec<(u64, bool)> = file
        .symbols()
        .filter(|symbol| symbol.section_index() == Some(text.index()))
        .filter_map(|symbol| {
            let name = symbol.name().ok()?;
            let is_code = name.starts_with("$x") || symbol.kind() == SymbolKind::Text;
            (is_code || name.starts_with("$d")).then(|| (symbol.address() - text.address() + offset, is_code))
        })
        .collect();
    starts.sort_unstable();
    let mut found = Vec::new();
    for (index, (start, is_code)) in starts.iter().enumerate().filter(|(_, (_, is_code))| *is_code) {
        let end = starts.get(index + 1).map_or(offset + text.size(), |(next, _)| *next);
        let [mut at, end] = [*start, end].map(|at| usize::try_from(at).expect("an offset"));
        while *is_code && at < end {
            found.push(at);
            at += if word(elf, at) & 3 == 3 { 4 } else { 2 };
        }
    }
    found
}
