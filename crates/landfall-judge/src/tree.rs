//! The device tree that the kernel gets, read on the host by another reader than the kernel's.
//!
//! ```
//! use landfall_judge::tree::{Tree, number};
//!
//! // Two cells of a `reg` property make an address.
//! assert_eq!(number(&[0, 0, 0, 1, 0x80, 0, 0, 0]), 0x1_8000_0000);
//! assert!(Tree::read(b"no tree").is_err());
//! ```

use dtoolkit::fdt::{Fdt, FdtNode};
use dtoolkit::{Node, Property};

use crate::image::at;
use crate::intervals::{Interval, union, without};
use crate::policy::{ModePolicy, Starting};
use crate::unreadable::Unreadable;

/// A hart of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeHart {
    /// The hart id: its `reg`.
    pub id: u64,
    /// Its `mmu-type`.
    pub mmu: Option<String>,
    /// Its `riscv,isa-extensions`.
    pub extensions: Vec<String>,
}

/// A machine, by its tree.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// Memory, whole pages.
    pub ram: Vec<Interval>,
    /// Memory that must not be mapped.
    pub no_map: Vec<Interval>,
    /// Memory that may be mapped and not used.
    pub reserved: Vec<Interval>,
    /// Enabled harts.
    pub harts: Vec<TreeHart>,
    /// The values of `kaslr-seed` and `rng-seed`.
    pub seeds: Vec<Vec<u8>>,
    /// The places of those properties from the tree's start, headers included.
    pub seeds_at: Vec<Interval>,
    /// The command line; invalid UTF-8 is replaced.
    pub bootargs: String,
    /// The initrd ends before it starts.
    pub reversed_initrd: bool,
    /// Kexec has left a mark.
    pub kexec: bool,
    /// The crash memory, which [`Tree::reserve_crash_memory`] decides. It must not be mapped.
    pub crash: Option<Interval>,
    /// Bytes.
    pub size: u64,
}

/// The number in the cells of a property.
#[must_use]
pub fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

fn value(node: &FdtNode<'_>, name: &str) -> Option<Vec<u8>> {
    node.properties().find(|property| property.name() == name).map(|property| property.value().to_vec())
}

/// A property of `/chosen`.
#[must_use]
pub fn chosen(tree: &[u8], name: &str) -> Option<Vec<u8>> {
    let tree = Fdt::new(tree).ok()?;
    let chosen = tree.root().children().find(|node| node.name() == "chosen")?;
    value(&chosen, name)
}

/// Returns the ticks of a hart's clock in a second.
#[must_use]
pub fn timebase(tree: &[u8]) -> Option<u64> {
    let tree = Fdt::new(tree).ok()?;
    let cpus = tree.root().children().find(|node| node.name() == "cpus")?;
    value(&cpus, "timebase-frequency").map(|ticks| number(&ticks))
}

/// Returns true if `/chosen` has a framebuffer with all properties that the binding requires.
#[must_use]
pub fn has_framebuffer(tree: &[u8]) -> bool {
    let Ok(tree) = Fdt::new(tree) else { return false };
    let Some(chosen) = tree.root().children().find(|node| node.name() == "chosen") else { return false };
    let is_framebuffer = |node: FdtNode<'_>| {
        let says = |name| value(&node, name).is_some();
        text(&node, "compatible").as_deref() == Some("simple-framebuffer")
            && ["width", "height", "stride", "format"].into_iter().all(says)
            && reg(&node, &chosen).iter().any(|place| place.size() != 0)
    };
    chosen.children().any(is_framebuffer)
}

fn text(node: &FdtNode<'_>, name: &str) -> Option<String> {
    let value = value(node, name)?;
    Some(String::from_utf8_lossy(&value).trim_end_matches('\0').to_owned())
}

fn is_okay(node: &FdtNode<'_>) -> bool {
    text(node, "status").is_none_or(|status| status == "okay" || status == "ok")
}

/// The entries of `reg` under a parent with these numbers of cells.
fn reg(node: &FdtNode<'_>, parent: &FdtNode<'_>) -> Vec<Interval> {
    let reg = value(node, "reg").unwrap_or_default();
    // More cells than there are make no entry.
    let cells = |name, default| {
        let cells = value(parent, name).map_or(default, |value| number(&value));
        usize::try_from(cells).unwrap_or(usize::MAX).min(reg.len()) * 4
    };
    let (address, size) = (cells("#address-cells", 2), cells("#size-cells", 1));
    reg.chunks_exact((address + size).max(1))
        .map(|entry| Interval::new(number(&entry[..address]), number(&entry[address..])))
        .collect()
}

/// The levels of tables that an `mmu-type` promises.
fn levels_of(mmu: &str) -> u32 {
    match mmu {
        "riscv,sv39" => 3,
        "riscv,sv48" => 4,
        "riscv,sv57" => 5,
        _ => 0,
    }
}

fn read_hart(cpu: &FdtNode<'_>) -> Option<TreeHart> {
    let extensions = value(cpu, "riscv,isa-extensions").unwrap_or_default();
    let extensions =
        extensions.split(|byte| *byte == 0).map(|name| String::from_utf8_lossy(name).into_owned());
    let id = number(&value(cpu, "reg")?);
    Some(TreeHart { id, mmu: text(cpu, "mmu-type"), extensions: extensions.collect() })
}

impl Tree {
    /// Reads a flattened device tree.
    ///
    /// # Errors
    /// [`Unreadable`] names the input that cannot be read.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let fdt =
            Fdt::new(bytes).map_err(|error| format!("the tree is not readable on the host: {error}"))?;
        let mut tree = Self { size: bytes.len() as u64, ..Self::default() };
        let root = fdt.root();
        for reservation in fdt.memory_reservations() {
            tree.reserved.push(Interval::new(reservation.address(), reservation.size()).pages_touched());
        }
        for node in root.children() {
            let name = node.name().to_owned();
            if text(&node, "device_type").as_deref() == Some("memory") && is_okay(&node) {
                tree.ram.extend(reg(&node, &root).into_iter().map(Interval::pages_within));
            } else if name == "reserved-memory" {
                tree.read_reservations(&node);
            } else if name == "cpus" {
                let cpus = node.children().filter(|cpu| cpu.name().starts_with("cpu@") && is_okay(cpu));
                tree.harts.extend(cpus.filter_map(|cpu| read_hart(&cpu)));
            } else if name == "chosen" {
                // Its bytes may be any; the words that are text count.
                let line = value(&node, "bootargs").unwrap_or_default();
                let line = line.split(|byte| *byte == 0).next().unwrap_or_default();
                tree.bootargs = String::from_utf8_lossy(line).into_owned();
                for seed in node.properties().filter(|seed| matches!(seed.name(), "kaslr-seed" | "rng-seed"))
                {
                    let offset = seed.value().as_ptr().addr() - bytes.as_ptr().addr();
                    // A property has a header of 12 bytes, and is padded to 4.
                    let end = (offset + seed.value().len()).next_multiple_of(4);
                    tree.seeds_at.push(Interval { start: offset as u64 - 12, end: end as u64 });
                    tree.seeds.push(seed.value().to_vec());
                }
                if let (Some(start), Some(end)) =
                    (value(&node, "linux,initrd-start"), value(&node, "linux,initrd-end"))
                {
                    let initrd = Interval { start: number(&start), end: number(&end) };
                    if initrd.start < initrd.end {
                        tree.reserved.push(initrd.pages_touched());
                    }
                    tree.reversed_initrd = initrd.start > initrd.end;
                }
            }
        }
        tree.ram = union(tree.ram);
        if let Some(usable) = chosen(bytes, "linux,usable-memory-range") {
            tree.kexec = true;
            let pair = |pair: &[u8]| Interval::new(number(&pair[..8]), number(&pair[8..])).pages_within();
            let usable: Vec<Interval> = union(usable.chunks_exact(16).map(pair).collect::<Vec<_>>());
            let unusable = without(&[Interval { start: 0, end: u64::MAX }], &usable);
            tree.ram = without(&tree.ram, &unusable);
        }
        Ok(tree)
    }

    /// Returns the bytes of this tree without its seeds.
    ///
    /// The bytes behind a seed in the structure block move down, and zeros fill that block's end.
    #[must_use]
    pub fn without_seeds(&self, bytes: &[u8]) -> Vec<u8> {
        let field = |at: usize| bytes.get(at..at + 4).map_or(0, number);
        let (start, end) = (field(8), field(8) + field(36));
        let in_seed = |at: u64| self.seeds_at.iter().any(|seed| (seed.start..seed.end).contains(&at));
        let part =
            |range: std::ops::Range<u64>| bytes.get(at(range.start)..at(range.end)).unwrap_or_default();
        let mut structure: Vec<u8> =
            (start..).zip(part(start..end)).filter(|(at, _)| !in_seed(*at)).map(|(_, byte)| *byte).collect();
        let size = u32::try_from(structure.len()).unwrap_or_default();
        structure.resize(at(end - start), 0);
        let mut expected = [part(0..start), &structure, part(end..bytes.len() as u64)].concat();
        expected.splice(36..40, size.to_be_bytes());
        expected
    }

    fn read_reservations(&mut self, node: &FdtNode<'_>) {
        for child in node.children().filter(is_okay) {
            // OpenSBI 0.8 to 1.2 name their own memory so, and leave `no-map` out.
            let firmware = child.name().starts_with("mmode_resv") || child.name().starts_with("mmode_pmp");
            let set = if firmware || value(&child, "no-map").is_some() {
                &mut self.no_map
            } else {
                &mut self.reserved
            };
            set.extend(reg(&child, node).into_iter().map(Interval::pages_touched));
        }
    }

    /// The lowest memory.
    #[must_use]
    pub fn lowest(&self) -> u64 {
        self.ram.first().map_or(0, |first| first.start)
    }

    /// Returns the memory that a linear map with this reach must hold: all but the holes.
    #[must_use]
    pub fn mappable(&self, reach: u64) -> Vec<Interval> {
        let beyond = Interval { start: self.lowest().saturating_add(reach), end: u64::MAX };
        let holes: Vec<_> = self.no_map.iter().copied().chain([beyond]).collect();
        without(&self.ram, &holes)
    }

    /// Bytes of memory beyond the reach.
    pub fn beyond(&self, reach: u64) -> u64 {
        let end = self.lowest().saturating_add(reach);
        without(&self.ram, &[Interval { start: 0, end }]).into_iter().map(Interval::size).sum()
    }

    /// Returns the harts that land in a mode of this many levels, as many as the kernel wants.
    ///
    /// The boot hart comes first. In the tree's order follow those whose `mmu-type` promises the
    /// mode.
    #[must_use]
    pub fn landing_harts(&self, levels: u32, boot: u64, policy: &ModePolicy) -> Vec<u64> {
        let most = match policy.starting {
            Starting::AllHarts => at(policy.max_harts.max(1)),
            Starting::BootHart => 1,
        };
        let others = self
            .harts
            .iter()
            .filter(|hart| hart.id != boot && hart.mmu.as_deref().map_or(0, levels_of) >= levels);
        std::iter::once(boot).chain(others.map(|hart| hart.id)).take(most).collect()
    }

    /// Returns the most levels of tables that the boot hart promises and nothing forbids.
    ///
    /// Returns `None` if it promises no mode.
    #[must_use]
    pub fn promised_levels(&self, boot: u64, policy: &ModePolicy) -> Option<u32> {
        let levels = |hart: &TreeHart| hart.mmu.as_deref().map_or(0, levels_of);
        let able = self.harts.iter().map(levels).filter(|levels| *levels >= policy.fewest_levels);
        let asked = |word: &str| Some(levels_of(&format!("riscv,{}", word.strip_prefix("landfall.mode=")?)));
        let asked = self.bootargs.split_ascii_whitespace().filter_map(asked).next_back();
        let limits = able.chain([policy.most_levels]).chain(asked.filter(|levels| *levels != 0));
        let most = limits.min().unwrap_or_default();
        let boot = self.harts.iter().find(|hart| hart.id == boot).map_or(0, levels);
        (boot >= most).then_some(most)
    }

    /// Returns true if each of these harts has leaves of 64 KiB (Svnapot).
    #[must_use]
    pub fn have_svnapot(&self, harts: &[u64]) -> bool {
        let has = |id: &u64| {
            let hart = self.harts.iter().find(|hart| hart.id == *id);
            hart.is_some_and(|hart| hart.extensions.iter().any(|name| name == "svnapot"))
        };
        harts.iter().all(has)
    }
}
