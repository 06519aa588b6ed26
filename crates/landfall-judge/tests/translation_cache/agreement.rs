//! Random stores and fences: the model answers as one that reads and keeps everything at each step.

use std::collections::BTreeSet;

use super::eager::{Eager, VIRTS, plain};
use super::machine::{GLOBAL, clear, leaf, page, pointer, satp};
use super::random::Random;
use landfall_judge::translation_cache::Harts;

const TABLES: [u64; 6] = [0x1000, 0x2000, 0x3000, 0x4000, 0x5000, 0x6000];
/// Multiples of 1 GiB, so that a leaf of each level may map them.
const FRAMES: [u64; 2] = [0x8000_0000, 0xc000_0000];
const N: u64 = 1 << 63;

/// Returns a random entry.
fn word(random: &mut Random) -> u64 {
    let global = if random.below(4) == 0 { GLOBAL } else { 0 };
    match random.below(8) {
        0 => 0,
        1 | 2 => leaf(random.pick(&FRAMES), 0xc7 | global),
        3 => N | leaf(random.pick(&FRAMES) | 0x8000, 0xc6 | random.below(2) | global),
        _ => pointer(random.pick(&TABLES)) | global,
    }
}

struct Both {
    harts: Harts,
    eager: Eager,
}

impl Both {
    fn new() -> Self {
        let mut harts = Harts::new(2).with_svnapot();
        for table in TABLES {
            clear(&mut harts, table);
        }
        let mut both = Self { harts, eager: Eager::default() };
        (0..2).for_each(|hart| both.write_satp(hart, TABLES[0], 1));
        both
    }

    fn write_satp(&mut self, hart: usize, root: u64, asid: u16) {
        self.harts.write_satp(hart, satp(root, asid));
        self.eager.write_satp(hart, (root, asid));
    }

    fn step(&mut self, random: &mut Random) -> String {
        let hart = usize::from(random.chance());
        match random.below(16) {
            0 | 1 => {
                let (root, asid) = (random.pick(&TABLES[..3]), random.pick(&[1, 2]));
                self.write_satp(hart, root, asid);
                format!("hart {hart}: satp = {root:#x}, ASID {asid}")
            }
            2 => {
                self.harts.fence(hart);
                self.eager.fence(hart);
                format!("hart {hart}: fence")
            }
            3..7 => {
                let virt = random.chance().then(|| random.pick(&VIRTS));
                let asid = (random.below(3) > 0).then(|| random.pick(&[1, 2]));
                self.harts.sfence_vma(hart, virt, asid);
                self.eager.sfence(hart, virt, asid);
                format!("hart {hart}: sfence.vma {virt:x?}, {asid:?}")
            }
            _ => {
                let (at, bits) = (random.pick(&TABLES) + 8 * random.below(2), word(random));
                let by = random.chance().then_some(hart);
                match by {
                    Some(hart) => self.harts.store_by(hart, at, bits),
                    None => self.harts.store(at, bits),
                }
                self.eager.store(by, at, bits);
                format!("{by:?} stores {bits:#x} at {at:#x}")
            }
        }
    }

    fn compare(&self, log: &[String]) {
        let log = || log.join("\n");
        let mut tables = BTreeSet::new();
        let mut reached = BTreeSet::new();
        for (hart, virt) in (0..2).flat_map(|hart| VIRTS.map(|virt| (hart, virt))) {
            let found = self.harts.outcomes(hart, virt).into_iter().map(plain).collect::<BTreeSet<_>>();
            assert_eq!(found, self.eager.outcomes(hart, virt), "hart {hart}, {virt:#x}:\n{}", log());
            let all = self.eager.translate(hart, virt);
            tables.extend(all.tables);
            reached.extend(all.results.into_iter().filter_map(|(_, phys)| phys));
        }
        for table in TABLES {
            let walked = self.harts.walks_table_in(page(table)).is_some();
            assert_eq!(walked, tables.contains(&table), "table {table:#x}:\n{}", log());
        }
        for frame in FRAMES {
            let witness = self.harts.may_reach(page(frame), |_| false);
            assert_eq!(witness.is_some(), reached.contains(&frame), "frame {frame:#x}:\n{}", log());
            assert!(
                witness.is_none_or(|witness| !witness.path.is_empty()),
                "no way to {frame:#x}:\n{}",
                log()
            );
        }
    }
}

#[test]
fn random_steps_have_the_outcomes_of_a_model_that_keeps_everything() {
    for seed in 1..=100 {
        let mut random = Random(seed);
        let mut both = Both::new();
        let mut log = Vec::new();
        for _ in 0..40 {
            log.push(both.step(&mut random));
            both.compare(&log);
        }
    }
}
