//! `satp`.

use crate::config::Mode;
use crate::liberty::Liberty;
use crate::world::World;

use super::super::Hart;
use super::super::implementation::Part;

/// The position of MODE.
const MODE: u32 = 60;
/// The position of ASID.
const ASID: u32 = 44;
/// The bits of PPN.
const PPN: u64 = (1 << ASID) - 1;

/// Writes `satp`. A mode that the hart does not support makes the write void.
pub(super) fn write(hart: &mut Hart, world: &mut World, value: u64) {
    let mut mode = value >> MODE;
    if !supports(world.config.widest, mode) {
        // The part does so each time: 0 is one draw of many.
        let erratum = hart.implementation.part == Part::C910
            && world.choices.choose(hart.index, Liberty::C910Satp, u64::MAX) != 0;
        if !erratum {
            return;
        }
        mode = 0;
    }
    let asid = value >> ASID & ((1 << world.config.asid_bits) - 1);
    let old = hart.csrs.satp;
    hart.csrs.satp = mode << MODE | asid << ASID | value & PPN;
    world.translation_root_changed(hart, old);
}

/// Returns true if a hart whose widest mode is `widest` supports a value of MODE.
fn supports(widest: Mode, mode: u64) -> bool {
    let most = match widest {
        Mode::Sv39 => 8,
        Mode::Sv48 => 9,
        Mode::Sv57 => 10,
    };
    mode == 0 || (8..=most).contains(&mode)
}
