//! 1 TiB of RAM in leaves of 4 KiB: 2 GiB of tables, from a file. The audit takes less than 3 GiB.
//!
//! `cargo test -p landfall-audit --test large -- --ignored --nocapture` prints the figures. It
//! writes a file of 2 GiB twice, and removes it.

#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::time::Instant;

use landfall_audit::memory::Raw;
use landfall_audit::{Audit, LeafSize, Mode, Origin, PAGE, Phys, Request, Root, audit};

/// RAM.
const RAM: u64 = 1 << 40;
const BASE: u64 = 0x8000_0000;
/// Tables of the levels 0, 1, 2 and 3, which lie in this order.
const TABLES: [u64; 4] = [RAM >> 21, RAM >> 30, RAM >> 39, 1];
const KERNEL: u64 = 0xe7;

fn pointer(table: u64) -> u64 {
    (BASE / PAGE + table) << 10 | 1
}

/// Writes tables that map the page `frame(n)` at the `n`th page of the linear map, and audits them.
fn measure(name: &str, frame: impl Fn(u64) -> u64) -> (Audit, u64) {
    let mut file = tempfile::tempfile_in(env!("CARGO_TARGET_TMPDIR")).expect("a file");
    let mut writer = BufWriter::with_capacity(1 << 20, &mut file);
    let mut word = |word: u64| writer.write_all(&word.to_le_bytes()).expect("room for 2 GiB");
    (0..RAM / PAGE).for_each(|page| word(frame(page) << 10 | KERNEL));
    (0..TABLES[0] + TABLES[1]).for_each(|table| word(pointer(table)));
    // The table of level 3 maps the upper half's first terabyte.
    let first = TABLES[0] + TABLES[1];
    let root = (0..512).map(|index| match index {
        256..258 => pointer(first + index - 256),
        _ => 0,
    });
    root.for_each(&mut word);
    writer.flush().expect("room for 2 GiB");
    drop(writer);
    let size = TABLES.iter().sum::<u64>() * PAGE;
    assert_eq!(file.metadata().expect("the file").len(), size);

    let mut memory = Raw::<File>::new(file, Phys(BASE)).expect("the file");
    let table = Phys(BASE + size - PAGE);
    let roots = vec![(Root { mode: Mode::Sv48, table }, Origin::Given)];
    let start = Instant::now();
    let audit = audit(&mut memory, &Request { roots, ..Request::default() });
    let time = start.elapsed();
    let status = fs::read_to_string("/proc/self/status").expect("the process");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the peak");
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().expect("KiB");
    println!("{name}: {:?}, {} s, peak {peak} KiB", audit.cost, time.as_secs_f64());
    assert_eq!(audit.cost.tables, TABLES.iter().sum::<u64>());
    (audit, peak)
}

#[test]
#[ignore = "writes files of 2 GiB"]
fn a_tebibyte_in_small_leaves_takes_less_than_3_gib() {
    let (linear, peak) = measure("one offset", |page| BASE / PAGE + page);
    let region = &linear.roots[0].regions[0];
    assert_eq!((linear.roots[0].runs.len(), region.leaves[LeafSize::K4]), (1, RAM / PAGE));
    assert!(linear.findings.kept().is_empty());
    // Each of the larger leaves could be there: 64K, 2M, 1G, and 512G but for the offset.
    assert_eq!(region.splits.free, (RAM >> 16) + (RAM >> 21) + (RAM >> 30));
    assert!(peak < 256 << 10, "{peak} KiB");
    drop(linear);
    // The worst: no leaf goes on in the next one.
    let (scattered, peak) = measure("scattered", |page| BASE / PAGE + (page ^ 1));
    assert_eq!(scattered.roots[0].runs.len(), 1 << 25);
    assert!(scattered.findings.count(landfall_audit::Code::WalkLimit) == 1);
    assert!(peak < 3 << 20, "{peak} KiB");
}
