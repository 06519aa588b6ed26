//! Address spaces to draw in tests: a small machine, a large one, and one whose memory is full of
//! holes.

use std::collections::BTreeSet;

use landfall_paging::{Access, LeafCount, LeafSize, Mode};

use crate::space::{AddressSpace, Content, Kind, Memory, Part, Region, Split};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

/// Every sample.
pub(super) fn all() -> [AddressSpace; 3] {
    [small(), large(), holes()]
}

/// sv39, 1 GiB, four harts, with firmware at the start of RAM.
pub(super) fn small() -> AddressSpace {
    let ram = [hole(0x8000_0000, 0x6_0000, FIRMWARE), ram(0x8006_0000, 0x1a_0000)];
    let ram = ram.into_iter().chain([alias(0x8020_0000), ram_from(0x8021_9000, 0xc000_0000)]).collect();
    space(Mode::Sv39, 0xffff_ffd2_0000_0000, ram, 0xffff_ffea_1260_0000, 4)
}

/// sv57, 1 TiB in four ranges.
pub(super) fn large() -> AddressSpace {
    let memory = vec![
        hole(0x8000_0000, 0x8_0000, FIRMWARE),
        ram(0x8008_0000, 0x18_0000),
        alias(0x8020_0000),
        ram_from(0x8021_9000, 0x8000_0000 + 126 * GIB),
        hole(0x8000_0000 + 126 * GIB, 898 * GIB - 0x8000_0000, NO_RAM),
        ram(TIB, 256 * GIB),
        hole(TIB + 256 * GIB, 2 * TIB - 256 * GIB, NO_RAM),
        ram(3 * TIB, 512 * GIB),
        hole(3 * TIB + 512 * GIB, 61 * TIB - 512 * GIB, NO_RAM),
        ram(64 * TIB, 130 * GIB + 3 * MIB),
    ];
    space(Mode::Sv57, 0xff41_0000_0000_0000, memory, 0xffc1_2345_67a0_0000, 2)
}

/// sv48, 256 GiB with 64 holes, 128 harts.
pub(super) fn holes() -> AddressSpace {
    let mut memory = vec![ram(0x8000_0000, 2 * MIB), alias(0x8020_0000)];
    let mut from = 0x8021_9000;
    for index in 1..=64 {
        let at = 0x8000_0000 + index * 3 * GIB + index * 0x1_3000;
        memory.extend([ram_from(from, at), hole(at, 0x6_0000, &format!("no-map memory (device {index})"))]);
        from = at + 0x6_0000;
    }
    memory.push(ram_from(from, 0x8000_0000 + 256 * GIB));
    space(Mode::Sv48, 0xffff_9400_0000_0000, memory, 0xffff_d123_4560_0000, 128)
}

const FIRMWARE: &str = "no-map memory (firmware)";
const NO_RAM: &str = "no RAM";

/// A stretch of physical memory.
struct Stretch {
    physical: u64,
    size: u64,
    /// The access if it is mapped.
    access: Option<Access>,
    name: String,
}

impl Stretch {
    fn mapped(physical: u64, size: u64, access: Access, name: impl Into<String>) -> Self {
        Self { physical, size, access: Some(access), name: name.into() }
    }
}

fn ram(start: u64, size: u64) -> Stretch {
    Stretch::mapped(start, size, Access::ReadWrite, "RAM")
}

fn ram_from(start: u64, end: u64) -> Stretch {
    ram(start, end - start)
}

fn alias(start: u64) -> Stretch {
    Stretch::mapped(start, 0x1_9000, Access::ReadOnly, "alias of text and constants")
}

fn hole(start: u64, size: u64, why: &str) -> Stretch {
    Stretch { physical: start, size, access: None, name: why.to_owned() }
}

/// Returns a space whose linear map has `memory` from `linear` on, and whose kernel lies at
/// `kernel`.
fn space(mode: Mode, linear: u64, memory: Vec<Stretch>, kernel: u64, harts: u64) -> AddressSpace {
    let grain = if mode == Mode::Sv39 { GIB } else { 512 * GIB };
    let offset = linear.wrapping_sub(memory[0].physical / grain * grain);
    let parts: Vec<Part> = memory.into_iter().map(|stretch| part(mode, offset, stretch)).collect();
    // The linear map begins and ends where something is mapped.
    let first = parts.iter().position(|part| matches!(part.content, Content::Mapped { .. })).expect("memory");
    let (start, end) = (parts[first].start, parts.last().map(|part| part.start + part.size).expect("memory"));
    let splits = splits(mode, offset, &parts);
    let parts = parts[first..].to_vec();
    let linear_map = Region { kind: Kind::LinearMap, start, size: end - start, parts, splits };

    let image_offset = kernel.wrapping_sub(0x8020_0000);
    let image = [
        Stretch::mapped(0x8020_0000, 0x1_1000, Access::ReadExecute, "text"),
        Stretch::mapped(0x8021_1000, 0x8000, Access::ReadOnly, "constants"),
        hole(0x8021_9000, 0xb000, "the landing's own memory"),
        Stretch::mapped(0x8022_4000, 0xc000, Access::ReadWrite, "data"),
    ];
    let image = Region {
        parts: image.into_iter().map(|stretch| part(mode, image_offset, stretch)).collect(),
        ..region(Kind::Kernel, kernel, 0x3_0000)
    };
    let mut stacks = region(Kind::Stacks, kernel + 0x3_0000, harts * 0x2_0000);
    for hart in 0..harts {
        let (virt, phys) = (stacks.start + hart * 0x2_0000, 0x8023_0000 + hart * 0x1_0000);
        let stack = Stretch::mapped(phys, 0x1_0000, Access::ReadWrite, format!("stack {hart}"));
        stacks.parts.push(part(mode, virt - phys, hole(phys, 0x1_0000, "guard of the stack")));
        stacks.parts.push(part(mode, virt + 0x1_0000 - phys, stack));
    }

    let near = kernel - 130 * MIB;
    let above = (stacks.start + stacks.size).next_multiple_of(2 * MIB);
    let window = 0x10 * MIB;
    let zone_end = 0u64.wrapping_sub(2 * MIB);
    let dynamic = above + window + 4 * MIB;
    let regions = vec![
        linear_map,
        region(Kind::Guard, near - 2 * MIB, 2 * MIB),
        region(Kind::Near, near, 128 * MIB),
        region(Kind::Guard, kernel - 2 * MIB, 2 * MIB),
        image,
        stacks,
        region(Kind::Guard, above, 2 * MIB),
        region(Kind::Window, above + 2 * MIB, window),
        region(Kind::Guard, above + window + 2 * MIB, 2 * MIB),
        region(Kind::Dynamic, dynamic, zone_end - dynamic),
        region(Kind::Guard, zone_end, 2 * MIB),
    ];
    AddressSpace {
        mode,
        regions: fill(mode, regions),
        tables: Memory { physical: 0x8030_0000, size: 0x9000 },
    }
}

fn region(kind: Kind, start: u64, size: u64) -> Region {
    Region { kind, start, size, parts: Vec::new(), splits: Vec::new() }
}

/// Returns a part, mapped with the largest leaves that fit: found one by one, as the landing does.
fn part(mode: Mode, offset: u64, stretch: Stretch) -> Part {
    let Stretch { physical, size, access, name } = stretch;
    let start = physical.wrapping_add(offset);
    let Some(access) = access else { return Part { start, size, content: Content::Hole { why: name } } };
    let (mut leaves, mut done) = (LeafCount::NONE, 0);
    while done < size {
        let fits = |leaf: &&LeafSize| {
            let (aligned, bytes) = ((start + done) | (physical + done), leaf.bytes());
            is_level(**leaf) && **leaf <= mode.largest_leaf() && aligned % bytes == 0 && size - done >= bytes
        };
        let leaf = *LeafSize::ALL.iter().rev().find(fits).expect("whole pages");
        leaves[leaf] += 1;
        done += leaf.bytes();
    }
    Part { start, size, content: Content::Mapped { what: name, physical, access, leaves } }
}

/// Returns true if leaves of this size take one entry of a table.
fn is_level(leaf: LeafSize) -> bool {
    (leaf.bytes() >> 12).ilog2().is_multiple_of(9)
}

/// Returns a split for each leaf that a boundary of a part lies in.
fn splits(mode: Mode, offset: u64, parts: &[Part]) -> Vec<Split> {
    let mut splits = Vec::new();
    for leaf in
        LeafSize::ALL.into_iter().rev().filter(|leaf| (LeafSize::M2..=mode.largest_leaf()).contains(leaf))
    {
        let edges = parts.iter().flat_map(|part| [part.start, part.start + part.size]);
        let units: BTreeSet<u64> = edges
            .filter(|edge| edge % leaf.bytes() != 0)
            .map(|edge| edge / leaf.bytes() * leaf.bytes())
            .collect();
        for start in units {
            let within = |part: &&Part| part.start < start + leaf.bytes() && start < part.start + part.size;
            if !parts.iter().any(|part| within(&part) && matches!(part.content, Content::Mapped { .. })) {
                continue;
            }
            let cause = |part: &Part| {
                let physical = part.start.wrapping_sub(offset);
                match &part.content {
                    Content::Hole { why } => {
                        Some(format!("{why} {physical:#x}..{:#x}", physical + part.size))
                    }
                    Content::Mapped { access: Access::ReadOnly, .. } => {
                        Some("the kernel's text and constants, which are read-only".to_owned())
                    }
                    Content::Mapped { .. } => None,
                }
            };
            let mut causes: Vec<String> = parts.iter().filter(within).filter_map(cause).collect();
            if causes.is_empty() {
                causes.push("RAM ends within it".to_owned());
            }
            splits.push(Split { start, physical: start.wrapping_sub(offset), leaf, causes });
        }
    }
    splits
}

/// `regions` with nothing between them, and before them.
fn fill(mode: Mode, regions: Vec<Region>) -> Vec<Region> {
    let mut filled: Vec<Region> = Vec::new();
    let mut next = mode.upper_half().get();
    for found in regions {
        if found.start > next {
            filled.push(region(Kind::Unused, next, found.start - next));
        }
        next = found.start.wrapping_add(found.size);
        filled.push(found);
    }
    filled
}
