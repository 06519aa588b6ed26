//! Tables that lead to each other, for the limits of repeats.
//!
//! `cargo test -p landfall-audit --test mutual -- --ignored --nocapture` prints the figures.

use std::time::Instant;

use landfall_audit::memory::Raw;
use landfall_audit::{Mode, Origin, PAGE, Phys, Request, Root, audit};

const BASE: u64 = 0x8000_0000;
const KERNEL: u64 = 0xe7;

fn pointer(table: u64) -> u64 {
    (BASE / PAGE + table) << 10 | 1
}

/// 64 MiB of tables whose every second entry leads to one of them, and the others are leaves
/// anywhere. A walk without limits would follow 2^32 ways.
#[test]
#[ignore = "takes seconds, for its figures"]
fn tables_that_lead_to_each_other_end_within_the_limits() {
    const COUNT: u64 = 1 << 14;
    let mut state = 1_u64;
    let mut random = |below: u64| {
        // The constants of Knuth's MMIX; the upper bits are the better ones.
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 24) % below
    };
    let words = (0..COUNT * 512).map(|index| match index % 2 {
        0 => pointer(random(COUNT)),
        _ => random(1 << 18) << 28 | KERNEL,
    });
    let bytes: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
    let mut memory = Raw::new(std::io::Cursor::new(bytes), Phys(BASE)).expect("bytes");
    let roots = vec![(Root { mode: Mode::Sv57, table: Phys(BASE) }, Origin::Given)];
    let start = Instant::now();
    let audit = audit(&mut memory, &Request { roots, ..Request::default() });
    let runs = audit.roots[0].runs.len();
    println!("mutual: {:?}, {runs} runs, {} s", audit.cost, start.elapsed().as_secs_f64());
    let limits = landfall_audit::Limits::default();
    assert!(audit.cost.repeats <= limits.repeats as u64, "{:?}", audit.cost);
    let by_itself = usize::try_from(audit.cost.tables * 512).expect("few");
    assert!(runs <= by_itself + limits.runs_of_repeats, "{runs}");
    assert!(audit.findings.count(landfall_audit::Code::WalkLimit) != 0);
}
