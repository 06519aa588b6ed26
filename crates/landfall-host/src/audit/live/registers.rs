//! The harts of a machine, by the monitor's `info registers -a`.
//!
//! One command prints all registers of all harts, CSRs included: ` satp     8000000000087fff`.

use super::super::harts::{HartState, World};

/// Returns the state of each hart. One without `mhartid` has the number by which QEMU counts it.
pub(in super::super) fn harts(text: &str) -> Vec<HartState> {
    let harts = text.split("CPU#").skip(1);
    harts.filter_map(hart).collect()
}

fn hart(text: &str) -> Option<HartState> {
    let (number, registers) = text.split_once('\n')?;
    let mut state = HartState { id: number.trim().parse().ok()?, satp: None, sp: 0, world: World::Host };
    let words: Vec<_> = registers.split_ascii_whitespace().collect();
    for pair in words.windows(2) {
        let value = || u64::from_str_radix(pair[1], 16).ok();
        match pair[0] {
            "mhartid" => state.id = value()?,
            "satp" => state.satp = value(),
            "x2/sp" => state.sp = value()?,
            "=" if pair[1] == "1" && registers.trim_start().starts_with("V ") => state.world = World::Guest,
            _ => {}
        }
    }
    Some(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
CPU#0
 V      =   0
 pc       ffb47ca60000822a
 mhartid  0000000000000004
 satp     a0000000000851b3
 x0/zero  0000000000000000 x1/ra    ffb47ca600008206 x2/sp    ffd91bfd50a196c0 x3/gp    0000000000000000

CPU#1
 V      =   1
 pc       ffb47ca60001fed4
 mhartid  0000000000000001
 vstvec   0000000000000001
 satp     8000000000080200
 x0/zero  0000000000000000 x1/ra    ffb47ca60001fe66 x2/sp    ffd91bfd50a3eff0 x3/gp    0000000000000000

CPU#2
 pc       0000000000001000
 x2/sp    0000000000000000
";

    #[test]
    fn every_hart_has_its_satp_and_its_world() {
        let harts = harts(TEXT);
        let right = [
            (4, Some(0xa000_0000_0008_51b3), 0xffd9_1bfd_50a1_96c0, World::Host),
            (1, Some(0x8000_0000_0008_0200), 0xffd9_1bfd_50a3_eff0, World::Guest),
            (2, None, 0, World::Host),
        ];
        assert_eq!(harts, right.map(|(id, satp, sp, world)| HartState { id, satp, sp, world }));
    }

    #[test]
    fn hostile_text_has_no_harts() {
        for text in ["", "CPU#", "CPU#x\n satp 1", "CPU#1 satp", "CPU#0\n mhartid ä"] {
            assert_eq!(harts(text), [], "{text}");
        }
    }
}
