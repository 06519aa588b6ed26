//! Draws the harts: their ids, and what they implement.

use super::choose;
use crate::config::{Extensions, Mode, Options};
use crate::liberty::{Choices, Liberty};

/// Ids are below this.
const IDS: u64 = 0x2000;

/// The ids of harts.
#[derive(Debug)]
pub(super) struct Ids {
    /// Of those that the machine has.
    pub(super) running: Vec<u64>,
    /// The index of the one that boots.
    pub(super) boot: usize,
    /// Of those that the tree lists as disabled.
    pub(super) disabled: Vec<u64>,
}

/// Draws the harts' ids.
pub(super) fn draw_ids(choices: &mut Choices, harts: usize) -> Ids {
    let mut pick = |options| choose(choices, Liberty::HartIds, options);
    let count = harts as u64;
    let boot = usize::try_from(pick(count)).unwrap_or_default();
    let disabled = pick(3);
    let form = pick(4);
    let mut ids: Vec<u64> = match form {
        0 => (0..count).collect(),
        1 => {
            let first = pick(IDS - count);
            (first..first + count).collect()
        }
        // The ids of a cluster follow each other; those of the next one begin at a multiple.
        2 => (0..count).map(|index| index / 2 * 0x100 % IDS + index / (IDS / 0x80) * 2 + index % 2).collect(),
        _ => Vec::new(),
    };
    let all = harts + usize::try_from(disabled).unwrap_or_default();
    while ids.len() < all {
        let mut id = if form < 2 { ids.last().map_or(0, |last| last + 1) } else { pick(IDS) };
        while ids.contains(&id) {
            id = (id + 1) % IDS;
        }
        ids.push(id);
    }
    let disabled = ids.split_off(harts);
    Ids { running: ids, boot, disabled }
}

/// Draws the widest mode of translation.
pub(super) fn draw_widest(choices: &mut Choices, options: &Options) -> Mode {
    let drawn = match choose(choices, Liberty::Modes, 3) {
        0 => Mode::Sv57,
        1 => Mode::Sv48,
        _ => Mode::Sv39,
    };
    options.widest.unwrap_or(drawn)
}

/// Draws the number of bits of ASIDs.
pub(super) fn draw_asid_bits(choices: &mut Choices, options: &Options) -> u32 {
    let missing = u32::try_from(choose(choices, Liberty::AsidLength, 17)).unwrap_or_default();
    options.asid_bits.unwrap_or(16 - missing)
}

/// Draws the extensions.
pub(super) fn draw_extensions(choices: &mut Choices, options: &Options) -> Extensions {
    let mut has = |liberty| choose(choices, liberty, 2) == 0;
    let drawn = Extensions {
        sstc: has(Liberty::AbsentExtension),
        zicbom: has(Liberty::AbsentExtension),
        zicboz: has(Liberty::AbsentExtension),
        svnapot: has(Liberty::AbsentExtension),
        svpbmt: has(Liberty::AbsentExtension),
        svinval: has(Liberty::AbsentExtension),
        svvptc: has(Liberty::AbsentExtension),
        ssdbltrp: has(Liberty::AbsentExtension),
        zkr: has(Liberty::AbsentExtension),
        svadu: has(Liberty::AccessedDirty),
        time: has(Liberty::NoTime),
        misaligned: has(Liberty::Misaligned),
    };
    // A hart without `time` has no `stimecmp`: both are behind the same bit of `mcounteren` (Sstc).
    let drawn = Extensions { sstc: drawn.sstc && drawn.time, ..drawn };
    options.extensions.unwrap_or(drawn)
}
