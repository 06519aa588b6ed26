//! A kernel that runs, and the check of a plan.

use dtoolkit::fdt::Fdt;
use dtoolkit::{Node, Property};
use landfall_kexec::{Blob, Block, ImageKind, KexecError, KexecPlan, Next, Place, Running, Step};
use landfall_paging::{Mode, PhysAddr, PhysRange};
use landfall_plan::facts::ImageFacts;
use landfall_plan::{Facts, Plan, Policy};
use landfall_tree::Tree;
use landfall_tree::tokens::TreeWriter;

use crate::memory::Memory;
use crate::{byte, files};

pub(crate) const RAM: u64 = 0x8000_0000;
pub(crate) const SIZE: u64 = 32 << 20;
pub(crate) const BLOCK: u64 = RAM + (20 << 20);

pub(crate) fn range(start: u64, size: u64) -> PhysRange {
    PhysRange::new(PhysAddr::new(start), size)
}

/// Names of properties in the running kernel's tree.
const NAMES: &[u8] =
    b"#address-cells\0#size-cells\0device_type\0reg\0bootargs\0linux,initrd-start\0linux,initrd-end\0\
    rng-seed\0kaslr-seed\0linux,elfcorehdr\0linux,usable-memory-range\0stdout-path\0no-map\0\
    linux,uefi-system-table\0linux,uefi-mmap-desc-size\0linux,uefi-mmap-desc-ver\0landfall,efi-memory-map\0";

/// A machine, and the wish of its kernel.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) image: Vec<u8>,
    pub(crate) image_at: Vec<PhysRange>,
    pub(crate) initrd: Vec<u8>,
    pub(crate) initrd_at: Vec<PhysRange>,
    pub(crate) command_line: Vec<u8>,
    pub(crate) place: Place,
    pub(crate) reserved: Vec<PhysRange>,
    pub(crate) block: u64,
    pub(crate) steps: usize,
    /// The running kernel's tree, if it is not the usual one.
    pub(crate) tree: Option<Vec<u8>>,
    /// EFI's memory map in the usual tree.
    pub(crate) efi: Option<Vec<u8>>,
}

impl Machine {
    pub(crate) fn new(image: Vec<u8>) -> Self {
        let image_at = vec![range(RAM + (8 << 20), image.len() as u64)];
        Self {
            image,
            image_at,
            initrd: (0..0x5432).map(|at| byte((at * 7) >> 2)).collect(),
            initrd_at: vec![range(RAM + (12 << 20), 0x5432)],
            command_line: b"console=hvc0 quiet".to_vec(),
            place: Place::Lowest,
            reserved: Vec::new(),
            block: 0x1_0000,
            steps: 128,
            tree: None,
            efi: None,
        }
    }

    pub(crate) fn usual_tree(&self) -> Vec<u8> {
        let mut bytes = vec![0; 0x2000];
        let mut out = TreeWriter::new(&mut bytes, &[], NAMES, self.reserved.iter().copied());
        out.begin("");
        out.cell("#address-cells", 2);
        out.cell("#size-cells", 2);
        out.begin("chosen");
        out.text("bootargs", "old words");
        out.text("stdout-path", "/soc/serial");
        out.property("rng-seed", &[0xa7; 32]);
        out.property("kaslr-seed", &[0xa8; 8]);
        out.property("linux,elfcorehdr", &[0; 16]);
        out.cells("linux,initrd-start", 0x8111_0000);
        out.cells("linux,initrd-end", 0x8112_0000);
        if let Some(map) = &self.efi {
            out.cells("linux,uefi-system-table", RAM + 0x1018);
            out.cell("linux,uefi-mmap-desc-size", 48);
            out.cell("linux,uefi-mmap-desc-ver", 1);
            out.property("landfall,efi-memory-map", map);
        }
        out.end();
        out.begin_at("memory", RAM);
        out.text("device_type", "memory");
        out.property("reg", &[RAM, SIZE].map(u64::to_be_bytes).concat());
        out.end();
        out.begin("reserved-memory");
        out.cell("#address-cells", 2);
        out.cell("#size-cells", 2);
        out.begin_at("firmware", RAM);
        out.property("reg", &[RAM, 0x8_0000].map(u64::to_be_bytes).concat());
        out.property("no-map", &[]);
        let size = out.finish(0).expect("room");
        bytes.truncate(size);
        bytes
    }

    /// The memory of the running kernel: image, tables and stacks, tree.
    pub(crate) fn old() -> [PhysRange; 3] {
        let (facts, landed) = Self::landed();
        [landed.image.phys.all(), landed.block, facts.tree]
    }

    /// Reserves memory, as far as the running kernel does not lie there.
    pub(crate) fn reserve(&mut self, range: PhysRange) {
        if !Self::old().iter().any(|old| old.overlaps(range.pages_touched())) {
            self.reserved.push(range);
        }
    }

    /// Reserves all memory but that of the running kernel, the block, and `free`.
    pub(crate) fn reserve_all_but(&mut self, free: PhysRange) {
        let mut kept = Self::old().to_vec();
        kept.extend([free, range(BLOCK, 1 << 20), range(RAM, 0x8_0000)]);
        kept.sort_by_key(|range| range.start());
        let starts = kept.iter().map(|range| range.end()).collect::<Vec<_>>();
        let ends = kept.iter().skip(1).map(|range| range.start()).chain([PhysAddr::new(RAM + SIZE)]);
        let between = starts.into_iter().zip(ends).map(|(start, end)| PhysRange::between(start, end));
        self.reserved = between.filter(|range| !range.is_empty()).collect();
    }

    fn landed() -> (Facts, Plan) {
        let facts = Self::facts().expect("room");
        let landed = Plan::new(&facts, &Policy::new(), Mode::Sv39, None).expect("a plan");
        (facts, landed)
    }

    fn facts() -> Option<Facts> {
        let mut facts = Facts::UNKNOWN;
        facts.image = ImageFacts { text: 0x8000, constants: 0x4000, early: 0x7000, data: 0x9000 };
        facts.loaded = PhysAddr::new(RAM + 0x20_0000);
        facts.tree = range(RAM + (28 << 20), 0x2000);
        facts.ram.insert(range(RAM, SIZE)).ok()?;
        facts.no_map.insert(range(RAM, 0x8_0000)).ok()?;
        Some(facts)
    }

    /// Plans, and checks the plan: an error, or a machine in which all is where it must be.
    pub(crate) fn plan(&self) -> Result<u64, KexecError> {
        // The running kernel has landed before anything else was reserved.
        let (mut facts, landed) = Self::landed();
        for reserved in &self.reserved {
            facts.reserved.insert(reserved.pages_touched()).expect("few");
        }
        let mut memory = Memory::default();
        let put = |memory: &mut Memory, bytes: &[u8], pieces: &[PhysRange]| {
            let mut rest = bytes;
            for piece in pieces {
                let size = usize::try_from(piece.size()).expect("small").min(rest.len());
                let (now, behind) = rest.split_at(size);
                memory.write(piece.start().get(), now);
                rest = behind;
            }
        };
        put(&mut memory, &self.image, &self.image_at);
        put(&mut memory, &self.initrd, &self.initrd_at);
        // Sources may overlap. The kernel passes the bytes that its memory has.
        let get = |bytes: &[u8], pieces: &[PhysRange]| {
            let held: u64 = pieces.iter().map(|piece| piece.size()).sum();
            if held != bytes.len() as u64 {
                return bytes.to_vec();
            }
            pieces.iter().flat_map(|piece| memory.read(piece.start().get(), piece.size())).collect()
        };
        let image = get(&self.image, &self.image_at);
        let initrd = get(&self.initrd, &self.initrd_at);
        let tree = self.tree.clone().unwrap_or_else(|| self.usual_tree());
        let mut next = Next::new(Blob::scattered(&image, &self.image_at))
            .with_command_line(&self.command_line)
            .with_place(self.place);
        if !initrd.is_empty() {
            next = next.with_initrd(Blob::scattered(&initrd, &self.initrd_at));
        }
        let mut steps = vec![Step::None; self.steps];
        let mut bytes = vec![0x5a; usize::try_from(self.block).expect("small")];
        let mut block = Block { bytes: &mut bytes, at: PhysAddr::new(BLOCK) };
        let running = Running { facts: &facts, plan: &landed, tree: &tree, hart: 3 };
        let plan = KexecPlan::new(running, &next, &mut block, &mut steps)?;
        block.write_list(plan.parts, plan.steps);
        let block = block.range();
        memory.write(BLOCK, &bytes);
        for step in plan.steps {
            self.check_target(&facts, block, step.target());
            memory.step(*step);
        }
        check_image(&memory, &plan, &image);
        if let Some(at) = plan.initrd {
            assert_eq!(memory.read(at.start().get(), at.size()), initrd, "the initrd");
        }
        assert_eq!(plan.initrd.is_some(), !initrd.is_empty());
        let mut parts = vec![block];
        if plan.kind == ImageKind::Elf {
            // Between its segments another owner may lie.
            let start = plan.image.start().get();
            let segments = files::wanted(&image).0.into_iter();
            parts.extend(segments.map(|part| range(start + part.at, part.bytes.len() as u64 + part.zeros)));
        } else {
            parts.push(plan.image);
        }
        parts.extend(plan.initrd);
        for (index, part) in parts.iter().enumerate() {
            self.check_target(&facts, block, *part);
            assert!(parts[..index].iter().all(|other| !other.overlaps(*part)), "{parts:?} overlap");
        }
        let tree_parts = [plan.parts.tables, plan.parts.copier, plan.parts.list];
        assert!(block.contains(plan.tree) && tree_parts.iter().all(|part| !part.overlaps(plan.tree)));
        self.check_tree(&memory.read(plan.tree.start().get(), plan.tree.size()), &plan, &memory);
        check_wiped(&memory, &plan, &image, &Self::old());
        Ok(plan.copied())
    }

    /// Each step writes RAM that has no other owner.
    fn check_target(&self, facts: &Facts, block: PhysRange, target: PhysRange) {
        if target.is_empty() || block.contains(target) {
            return;
        }
        assert!(range(RAM, SIZE).contains(target), "{target} is no RAM");
        assert!(!target.overlaps(block), "{target} reaches into the block");
        assert!(facts.no_map.iter().all(|other| !other.overlaps(target)), "{target} is the firmware's");
        assert!(self.reserved.iter().all(|other| !other.overlaps(target)), "{target} is reserved");
    }

    fn check_tree(&self, bytes: &[u8], plan: &KexecPlan<'_>, memory: &Memory) {
        assert!(Tree::new(bytes).is_ok(), "the new tree is damaged");
        if self.tree.is_some() {
            return;
        }
        let fdt = Fdt::new(bytes).expect("a valid tree");
        let names: Vec<_> = fdt.root().children().map(|node| node.name().to_owned()).collect();
        assert_eq!(names, ["chosen", "memory@80000000", "reserved-memory"]);
        let chosen = fdt.root().children().next().expect("/chosen");
        let value = |name: &str| {
            let mut found = chosen.properties().fuse().filter(|property| property.name() == name);
            let value = found.next().map(|property| property.value().to_vec());
            assert!(found.next().is_none(), "{name} twice");
            value
        };
        let line = [&self.command_line[..], &[0]].concat();
        assert_eq!(value("bootargs"), (!self.command_line.is_empty()).then_some(line));
        let address =
            |at: fn(PhysRange) -> PhysAddr| plan.initrd.map(|range| at(range).get().to_be_bytes().to_vec());
        assert_eq!(value("linux,initrd-start"), address(PhysRange::start));
        assert_eq!(value("linux,initrd-end"), address(PhysRange::end));
        assert_eq!(value("stdout-path"), Some(b"/soc/serial\0".to_vec()));
        assert_eq!(value("linux,booted-from-kexec"), Some(vec![]));
        for gone in ["rng-seed", "kaslr-seed", "linux,elfcorehdr"] {
            assert_eq!(value(gone), None);
        }
        let number = |name: &str| {
            value(name).map(|value| value.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)))
        };
        assert_eq!(number("linux,uefi-mmap-start").is_some(), self.efi.is_some());
        if let Some((map, at)) = self.efi.as_ref().zip(number("linux,uefi-mmap-start")) {
            let size = number("linux,uefi-mmap-size").expect("the map's size");
            assert!(plan.parts.rest.contains(range(at, size)) && !plan.tree.overlaps(range(at, size)));
            let mut right = map.clone();
            for descriptor in right.chunks_exact_mut(48) {
                descriptor.copy_within(8..16, 16);
            }
            assert_eq!(memory.read(at, size), right, "virtual addresses are physical ones");
            assert_eq!(value("landfall,efi-memory-map"), Some(map.clone()));
            assert_eq!(number("linux,uefi-system-table"), Some(RAM + 0x1018));
            let form = ["size", "ver"].map(|name| number(&format!("linux,uefi-mmap-desc-{name}")));
            assert_eq!(form, [Some(48), Some(1)]);
        }
        let kept = fdt.memory_reservations().map(|kept| range(kept.address(), kept.size()));
        assert_eq!(kept.collect::<Vec<_>>(), self.reserved);
        assert!(!bytes.windows(8).any(|bytes| bytes == [0xa7; 8] || bytes == [0xa8; 8]), "an old seed");
    }
}

fn check_image(memory: &Memory, plan: &KexecPlan<'_>, file: &[u8]) {
    let (wanted, base) = files::wanted(file);
    let start = plan.image.start().get();
    for part in wanted {
        let at = start + part.at;
        assert_eq!(memory.read(at, part.bytes.len() as u64), part.bytes, "the image at {at:#x}");
        let end = at + part.bytes.len() as u64;
        assert!(end + part.zeros <= plan.image.end().get());
        if plan.kind == ImageKind::Elf {
            assert!(memory.is_zero(range(end, part.zeros)), "zeros behind {at:#x}");
        }
    }
    assert!(plan.image.contains(PhysRange::new(plan.entry, 1)), "the entry");
    if plan.kind == ImageKind::Elf {
        assert_eq!(Some(start), base);
    } else {
        assert_eq!(plan.entry.get(), start);
        assert!(start.is_multiple_of(0x1000) || plan.kind == ImageKind::BootHeader);
    }
}

/// Of the old kernel, nothing is left but what the next one's bytes have taken.
fn check_wiped(memory: &Memory, plan: &KexecPlan<'_>, file: &[u8], old: &[PhysRange]) {
    let (wanted, _) = files::wanted(file);
    let start = plan.image.start().get();
    let mut kept: Vec<_> =
        wanted.iter().map(|part| range(start + part.at, part.bytes.len() as u64)).collect();
    kept.extend(plan.initrd);
    kept.push(range(BLOCK, plan.parts.rest.end().get() - BLOCK));
    for old in old {
        let bytes = memory.read(old.start().get(), old.size());
        for (offset, byte) in bytes.into_iter().enumerate().filter(|(_, byte)| *byte != 0) {
            let at = PhysAddr::new(old.start().get() + offset as u64);
            assert!(kept.iter().any(|kept| kept.contains_address(at)), "{byte:#x} is left at {at}");
        }
    }
    assert!(memory.is_zero(plan.parts.tables) && memory.is_zero(plan.parts.list), "tables and list");
}
