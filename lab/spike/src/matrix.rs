//! The boots, by name.

use landfall_predict::units::Seed;

use crate::boot::{Boot, Watch};
use crate::machine::Size;

const MODES: [&str; 3] = ["sv39", "sv48", "sv57"];
const HARTS: [u32; 4] = [1, 2, 4, 8];

/// Firmware's own target; an odd page; the last pages of 1 GiB.
const PLACES: [u64; 3] = [0x8020_0000, 0x9a3c_5000, 0xbff8_0000];

/// RAM of the machines, in MiB.
const MEMORY: [u64; 3] = [128, 2048, 16384];

/// The usual machine: an odd page, a seed, and no words on the command line.
const USUAL: Boot = Boot {
    kernel: "hello",
    mode: "sv57",
    size: Size { harts: 2, mebibytes: 1024 },
    at: 0x9a3c_5000,
    seed: Some(Seed(0x0123_4567_89ab_cdef)),
    command_line: "",
    watch: Watch::Console,
};

/// Returns all boots, with their names.
#[must_use]
pub fn all() -> Vec<(String, Boot)> {
    let mut boots = Vec::new();
    for mode in MODES {
        for harts in HARTS {
            boots.extend(PLACES.map(|at| Boot { mode, at, size: Size { harts, ..USUAL.size }, ..USUAL }));
        }
        boots.extend(MEMORY.map(|mebibytes| Boot {
            mode,
            at: 0x8030_0000,
            size: Size { mebibytes, ..USUAL.size },
            ..USUAL
        }));
        boots.push(Boot { mode, seed: None, ..USUAL });
        boots.push(Boot { mode, at: 0x8020_5004, ..USUAL });
        boots.push(Boot { mode, kernel: "rules", command_line: "entropy", ..USUAL });
        boots.extend(["hello", "own-tables"].map(|kernel| Boot { mode, kernel, watch: Watch::Log, ..USUAL }));
    }
    seeded(boots).into_iter().map(|boot| (name(&boot), boot)).collect()
}

/// Gives each boot that has a seed another one, the same every time.
fn seeded(boots: Vec<Boot>) -> Vec<Boot> {
    let seed = |index: usize| Seed((index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let give = |(index, boot): (usize, Boot)| Boot { seed: boot.seed.map(|_| seed(index)), ..boot };
    boots.into_iter().enumerate().map(give).collect()
}

fn name(boot: &Boot) -> String {
    let Boot { kernel, mode, size: Size { harts, mebibytes }, at, .. } = boot;
    let seed = boot.seed.map_or("/no-seed", |_| "");
    let watch = if boot.watch == Watch::Log { "/log" } else { "" };
    format!("{kernel}/{mode}/{harts}-harts/{mebibytes}M/{at:#x}{seed}{watch}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_boot_has_a_name_of_its_own() {
        let boots = all();
        let names: BTreeSet<_> = boots.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), boots.len());
    }
}
