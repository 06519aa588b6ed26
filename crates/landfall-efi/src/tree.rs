//! The tree of a kernel under EFI: the firmware's, with the memory of the memory map and a loader's
//! data.
//!
//! Only the memory map counts for memory (Linux, `Documentation/arch/arm/uefi.rst`). The firmware's
//! memory nodes and the header's reservations are left out. One memory node is written, and header
//! reservations for RAM that must stay untouched. `/reserved-memory` stays: it names memory that
//! must not be mapped.

use landfall_paging::{PhysAddr, PhysRange};
use landfall_tree::Tree;
use landfall_tree::tokens::{Token, Tokens, TreeWriter, WriteError};

use crate::boot::Boot;
use crate::memory::MemoryUse;
use crate::{chosen, names};

/// Writes the tree, and returns its bytes.
///
/// # Errors
/// [`WriteError::TooSmall`]: it does not fit; the content of `into` then means nothing.
pub fn write_tree(tree: Tree<'_>, boot: &Boot<'_>, into: &mut [u8]) -> Result<usize, WriteError> {
    let old = Tokens::of(tree);
    let framebuffer = boot.framebuffer.filter(|_| !chosen::has_framebuffer(tree));
    let boot = Boot { framebuffer, ..*boot };
    let by_acpi = boot.acpi_root.is_some() || boot.harts.is_some();
    let names = if by_acpi { names::ALL } else { names::usual() };
    let kept = boot.map.ranges(&[MemoryUse::Kept]).chain(handed_on(tree, &boot));
    let mut out = TreeWriter::new(into, old.strings(), names, kept);
    copy(tree, &boot, &mut out);
    out.finish(u32::try_from(boot.hart).unwrap_or_default())
}

/// Returns the reservations in the header of a tree that another kernel handed on.
fn handed_on(tree: Tree<'_>, boot: &Boot<'_>) -> impl Iterator<Item = PhysRange> {
    let own = boot.handed_on;
    Tokens::reservations(tree)
        .filter(move |range| own.is_some_and(|own| range.pages_touched() != own.pages_touched()))
}

/// The cells of addresses and sizes of the root's children.
#[derive(Clone, Copy)]
struct Cells {
    address: u32,
    size: u32,
}

/// Copies the nodes.
fn copy(tree: Tree<'_>, boot: &Boot<'_>, out: &mut TreeWriter<'_>) {
    let mut cells = Cells { address: 2, size: 1 };
    let (mut depth, mut in_chosen, mut had_chosen) = (0, false, false);
    let mut tokens = Tokens::of(tree);
    while let Some(token) = tokens.next() {
        match token {
            Token::Begin { .. } if depth == 1 && is_memory(&tokens) => tokens.skip_node(),
            // Without harts, or the tables would not be there.
            Token::Begin { name: "cpus" } if depth == 1 && boot.harts.is_some() => tokens.skip_node(),
            Token::Begin { name } => {
                out.copy(token);
                depth += 1;
                if depth == 2 && !had_chosen && name == "chosen" {
                    (in_chosen, had_chosen) = (true, true);
                    chosen::write_properties(out, tree, boot);
                }
            }
            Token::Property { name, value } => {
                match (depth, name) {
                    (1, "#address-cells") => cells.address = cell(value),
                    (1, "#size-cells") => cells.size = cell(value),
                    _ => {}
                }
                if !(in_chosen && depth == 2 && chosen::is_replaced(name, boot)) {
                    out.copy(token);
                }
            }
            Token::End => {
                if in_chosen && depth == 2 {
                    in_chosen = false;
                    write_framebuffer(out, boot);
                }
                if depth == 1 {
                    if !had_chosen {
                        out.begin("chosen");
                        chosen::write_properties(out, tree, boot);
                        write_framebuffer(out, boot);
                        out.end();
                    }
                    if let Some(acpi) = boot.harts {
                        acpi.write_cpus(out);
                    }
                    write_memory(out, cells, boot);
                }
                out.copy(token);
                depth -= 1;
            }
        }
    }
}

/// Returns true if a node is memory by its `device_type`. `node` stands at its first token.
fn is_memory(node: &Tokens<'_>) -> bool {
    let kind = node.property("device_type").unwrap_or_default();
    kind.split(|byte| *byte == 0).next() == Some(b"memory")
}

fn cell(value: &[u8]) -> u32 {
    value.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

fn write_framebuffer(out: &mut TreeWriter<'_>, boot: &Boot<'_>) {
    if let Some(framebuffer) = &boot.framebuffer {
        chosen::write_framebuffer(out, framebuffer);
    }
}

/// Writes the memory node. Values beyond the root's cells are left out: on a machine with 64 bits
/// there are two of each.
fn write_memory(out: &mut TreeWriter<'_>, cells: Cells, boot: &Boot<'_>) {
    let most = if cells.size == 2 { u64::MAX } else { 0xffff_f000 };
    let reachable = PhysAddr::new(if cells.address == 2 { u64::MAX } else { 1 << 32 });
    let ranges = boot.map.ranges(&[MemoryUse::Free, MemoryUse::Kept]);
    let ranges = ranges.map(move |range| PhysRange::between(range.start(), range.end().min(reachable)));
    let count: u64 = ranges.clone().map(|range| range.size().div_ceil(most)).sum();
    let size = usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(narrow_cells(cells) * 4);
    out.begin("memory");
    out.text("device_type", "memory");
    out.begin_property("reg");
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
    out.end_property();
    out.end();
}

const fn narrow_cells(cells: Cells) -> usize {
    (if cells.address == 2 { 2 } else { 1 }) + (if cells.size == 2 { 2 } else { 1 })
}
