//! The RAM and ROM of a machine, by the monitor's `info mtree -f`.
//!
//! QEMU prints flat views, each a list of ranges with their kinds. The view of an address space
//! `cpu-memory-0` or `memory` is that of the first hart.

use landfall_audit::{Phys, Span};

/// Kinds of memory that can be read without an effect.
const READABLE: [&str; 2] = ["ram", "rom"];

/// Returns the ranges of RAM and ROM, in ascending order. Neighbors are joined.
pub(crate) fn memory(text: &str) -> Vec<Span<Phys>> {
    let views = text.split("FlatView #");
    let is_system = |view: &&str| view.lines().any(|line| line.trim_start().starts_with("AS \"memory\""));
    let view = views.clone().find(is_system).or_else(|| views.clone().nth(1)).unwrap_or_default();
    let mut spans: Vec<_> = view.lines().filter_map(range).collect();
    spans.sort_unstable();
    let mut joined: Vec<Span<Phys>> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if last.end() == u128::from(span.start.0) => last.size += span.size,
            _ => joined.push(span),
        }
    }
    joined
}

/// `  0000000080000000-00000000bfffffff (prio 0, ram): riscv_virt_board.ram`
fn range(line: &str) -> Option<Span<Phys>> {
    let (range, rest) = line.trim_start().split_once(" (prio ")?;
    let (first, last) = range.split_once('-')?;
    let kind = rest.split_once(", ")?.1.split_once("):")?.0;
    if !READABLE.contains(&kind) {
        return None;
    }
    let number = |text: &str| u64::from_str_radix(text, 16).ok();
    let (first, last) = (number(first)?, number(last)?);
    let size = last.checked_sub(first)?.checked_add(1)?;
    Some(Span::new(Phys(first), size))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) const TEXT: &str = "\
FlatView #0
 AS \"I/O\", root: io
 Root memory region: io
  0000000000000000-000000000000ffff (prio 0, ram): io

FlatView #1
 AS \"memory\", root: system
 AS \"cpu-memory-0\", root: system
 Root memory region: system
  0000000000001000-000000000000ffff (prio 0, rom): riscv_virt_board.mrom
  0000000010000000-0000000010000007 (prio 0, i/o): serial
  0000000020000000-0000000021ffffff (prio 0, romd): virt.flash0
  0000000080000000-000000008fffffff (prio 0, ram): riscv_virt_board.ram
  0000000090000000-000000009fffffff (prio 0, ram): riscv_virt_board.ram @0000000010000000
";

    #[test]
    fn only_ram_and_rom_of_the_harts_are_memory() {
        let right = [Span::new(Phys(0x1000), 0xf000), Span::new(Phys(0x8000_0000), 0x2000_0000)];
        assert_eq!(memory(TEXT), right);
    }

    #[test]
    fn hostile_text_has_no_memory() {
        for text in [
            "",
            "unknown command: 'info mtree'",
            "FlatView #0\n  1-0 (prio 0, ram): x",
            "FlatView #0\n  0000000000000000-ffffffffffffffff (prio 0, ram): x",
            "FlatView #0\n  ä-0 (prio 0, ram): x\n (prio , ram): \n-(prio 0, ram)",
        ] {
            assert_eq!(memory(text), [], "{text}");
        }
    }
}
