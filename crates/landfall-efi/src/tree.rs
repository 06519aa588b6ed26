//! The tree of a kernel under EFI: the firmware's, with the memory of the memory map and a loader's
//! data.
//!
//! Only the memory map counts for memory (Linux, `Documentation/arch/arm/uefi.rst`). The firmware's
//! memory nodes and the header's reservations are left out. One memory node is written, and header
//! reservations for RAM that must stay untouched. `/reserved-memory` stays: it names memory that
//! must not be mapped.

use landfall_paging::{PhysAddr, PhysRange};
use landfall_tree::Tree;

use crate::boot::Boot;
use crate::chosen;
use crate::memory::MemoryUse;
use crate::source::Source;
use crate::writer::{BEGIN_NODE, END, END_NODE, Names, PROP, TooSmall, Writer};

/// Writes the tree, and says how many bytes it has.
///
/// # Errors
/// [`TooSmall`]: it does not fit; what is in `into` then means nothing.
pub fn write_tree(tree: Tree<'_>, boot: &Boot<'_>, into: &mut [u8]) -> Result<usize, TooSmall> {
    let source = Source::of(tree);
    let boot = Boot { framebuffer: boot.framebuffer.filter(|_| !source.has_framebuffer()), ..*boot };
    let mut out = Writer::new(into, source.strings.len());
    out.reservations(boot.map.ranges(&[MemoryUse::Kept]));
    source.copy(&boot, &mut out);
    let names = if boot.acpi_root.is_some() { Names::WithAcpi } else { Names::Usual };
    out.finish(source.strings, names, usize::try_from(boot.hart).unwrap_or_default())
}

/// The cells of addresses and sizes of the root's children.
#[derive(Clone, Copy)]
struct Cells {
    address: u32,
    size: u32,
}

impl Source<'_> {
    /// Copies the structure block.
    fn copy(&self, boot: &Boot<'_>, out: &mut Writer<'_>) {
        let mut cells = Cells { address: 2, size: 1 };
        let (mut at, mut depth, mut in_chosen, mut had_chosen) = (0, 0, false, false);
        while at < self.structure.len() {
            let next = self.after(at);
            let token = self.structure.get(at..next).unwrap_or_default();
            match self.word(at) {
                BEGIN_NODE if depth == 1 && self.is_memory(at) => {
                    at = self.after_node(at);
                    continue;
                }
                BEGIN_NODE => {
                    out.bytes(token);
                    depth += 1;
                    if depth == 2 && !had_chosen && self.node_name(at) == "chosen" {
                        (in_chosen, had_chosen) = (true, true);
                        chosen::write_properties(out, self, boot);
                    }
                }
                PROP => {
                    let name = self.name(self.word(at + 8));
                    match (depth, name) {
                        (1, "#address-cells") => cells.address = self.word(at + 12),
                        (1, "#size-cells") => cells.size = self.word(at + 12),
                        _ => {}
                    }
                    if !(in_chosen && depth == 2 && chosen::is_replaced(name, boot)) {
                        out.bytes(token);
                    }
                }
                END_NODE => {
                    if in_chosen && depth == 2 {
                        in_chosen = false;
                        write_framebuffer(out, boot);
                    }
                    if depth == 1 {
                        if !had_chosen {
                            out.begin("chosen");
                            chosen::write_properties(out, self, boot);
                            write_framebuffer(out, boot);
                            out.end();
                        }
                        write_memory(out, cells, boot);
                    }
                    out.bytes(token);
                    depth -= 1;
                }
                END => {
                    out.bytes(token);
                    return;
                }
                _ => {}
            }
            at = next;
        }
    }
}

fn write_framebuffer(out: &mut Writer<'_>, boot: &Boot<'_>) {
    if let Some(framebuffer) = &boot.framebuffer {
        chosen::write_framebuffer(out, framebuffer);
    }
}

/// Writes the memory node. Values beyond the root's cells are left out: on a machine with 64 bits
/// there are two of each.
fn write_memory(out: &mut Writer<'_>, cells: Cells, boot: &Boot<'_>) {
    let most = if cells.size == 2 { u64::MAX } else { 0xffff_f000 };
    let reachable = PhysAddr::new(if cells.address == 2 { u64::MAX } else { 1 << 32 });
    let ranges = boot.map.ranges(&[MemoryUse::Free, MemoryUse::Kept]);
    let ranges = ranges.map(move |range| PhysRange::between(range.start(), range.end().min(reachable)));
    let count: u64 = ranges.clone().map(|range| range.size().div_ceil(most)).sum();
    let size = usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(narrow_cells(cells) * 4);
    out.begin("memory");
    out.text("device_type", "memory");
    out.property_of("reg", size);
    if size > Tree::MAX_SIZE {
        // No kernel reads it, and a range of 2^63 bytes in pieces of 4 GiB takes too long.
        out.skip(size);
    } else {
        for range in ranges {
            for index in 0..range.size().div_ceil(most) {
                let start = range.start().wrapping_add(index * most);
                let size = range.end().wrapping_offset_from(start).min(most);
                for (number, cells) in [(start.get(), cells.address), (size, cells.size)] {
                    let bytes = number.to_be_bytes();
                    out.bytes(if cells == 2 {
                        &bytes
                    } else {
                        bytes.last_chunk::<4>().map_or(&[], |low| low)
                    });
                }
            }
        }
    }
    out.pad();
    out.end();
}

const fn narrow_cells(cells: Cells) -> usize {
    (if cells.address == 2 { 2 } else { 1 }) + (if cells.size == 2 { 2 } else { 1 })
}
