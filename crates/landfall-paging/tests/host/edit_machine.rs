//! Another machine's memory and frames, as the editor reaches them, and what can be asked of an
//! editor.

use std::cell::RefCell;
use std::collections::BTreeSet;

use landfall_judge::Permission;
use landfall_judge::memory::Memory;
use landfall_judge::walk::{Root, Walk};
use landfall_paging::{
    Access, EditError, Editor, Entry, Fence, Frames, LeafFormat, LeafSize, Levels, Mapper, Mapping, Mode,
    PhysAddr, Satp, TableMemory, TableReader, VirtAddr, VirtRange,
};

pub(crate) const PAGE: u64 = 4096;
pub(crate) const ROOT: u64 = 0x8_0000_0000;

/// Memory of frames for tables, of which some are free. A frame is full of garbage whenever it is
/// taken.
pub(crate) struct Machine {
    pub(crate) memory: Memory,
    pub(crate) free: BTreeSet<u64>,
    pub(crate) taken: BTreeSet<u64>,
    pub(crate) format: LeafFormat,
    /// The check after every single store.
    pub(crate) watch: Option<Watch>,
}

/// A permitted translation: none, or a frame with a permission.
pub(crate) type Outcomes = Vec<Option<(u64, Permission)>>;

/// Addresses, and all that they may lead to while an operation runs.
pub(crate) struct Watch {
    pub(crate) root: Root,
    pub(crate) allowed: Vec<(u64, Outcomes)>,
}

impl Machine {
    /// An empty root, and `frames` free frames.
    pub(crate) fn new(frames: u64) -> Self {
        let mut memory = Memory::poisoned(ROOT, frames + 1);
        (0..512).for_each(|index| memory.write(ROOT + index * 8, 0));
        let free = (1..=frames).map(|frame| ROOT + frame * PAGE).collect();
        Self { memory, free, taken: BTreeSet::new(), format: LeafFormat::Plain, watch: None }
    }

    /// Tables of `mappings` that the mapper has built, with the frames behind the root, and
    /// `frames` frames that are free.
    pub(crate) fn built(mode: Mode, format: LeafFormat, mappings: &[Mapping], frames: u64) -> Self {
        let machine = RefCell::new(Self { format, ..Self::new(frames) });
        let first = PhysAddr::new(ROOT);
        let mut mapper = Mapper::new(mode, format, Shared(&machine), first, frames + 1).expect("a root");
        for mapping in mappings {
            mapper.map(*mapping).expect("the mappings are sound");
        }
        let pages = mapper.finish().pages;
        let mut machine = machine.into_inner();
        machine.taken = (1..pages).map(|page| ROOT + page * PAGE).collect();
        machine.free.retain(|frame| !machine.taken.contains(frame));
        machine
    }

    /// Everything that the tables hold.
    pub(crate) fn walk(&self, root: Root) -> Walk {
        root.walk(|at| self.memory.read(at))
    }

    fn look(&self) {
        let Some(Watch { root, allowed }) = &self.watch else { return };
        for (virt, allowed) in allowed {
            let hit = root.translate(*virt, |at| self.memory.read(at)).ok();
            let found = hit.map(|hit| (hit.phys, hit.leaf.flags.permission()));
            assert!(allowed.contains(&found), "{virt:#x} leads to {found:?} in between: neither old nor new");
        }
    }
}

/// An editor's access to the machine: memory and frames at once, so they share it.
#[derive(Clone, Copy)]
pub(crate) struct Shared<'a>(&'a RefCell<Machine>);

impl<'a> Shared<'a> {
    pub(crate) const fn of(machine: &'a RefCell<Machine>) -> Self {
        Self(machine)
    }
}

impl TableReader for Shared<'_> {
    fn read(&self, at: PhysAddr) -> Entry {
        Entry::from_bits(self.0.borrow().memory.read(at.get()))
    }
}

impl TableMemory for Shared<'_> {
    fn write_run(&mut self, at: PhysAddr, first: Entry, step: u64, count: usize) {
        for index in 0..count as u64 {
            let mut machine = self.0.borrow_mut();
            machine.memory.write(at.get() + index * 8, first.bits() + step * index);
            machine.look();
        }
    }
}

// SAFETY: the frames are those of a machine that no hart runs.
unsafe impl Frames for Shared<'_> {
    fn take(&mut self) -> Option<PhysAddr> {
        let mut machine = self.0.borrow_mut();
        let frame = machine.free.pop_first()?;
        machine.taken.insert(frame);
        Some(PhysAddr::new(frame))
    }

    fn give_back(&mut self, frame: PhysAddr) {
        let mut machine = self.0.borrow_mut();
        assert!(machine.taken.remove(&frame.get()), "{frame} is given back and was not taken");
        assert!(machine.free.insert(frame.get()));
        for index in 0..512 {
            machine.memory.write(frame.get() + index * 8, 0x2000_00cf ^ index << 28);
        }
    }
}

/// A request to an editor.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operation {
    Map { virt: u64, phys: u64, size: u64, access: Access },
    Protect { virt: u64, size: u64, access: Access },
    Unmap { virt: u64, size: u64 },
}

impl Operation {
    pub(crate) fn apply<L: Levels>(self, levels: L, machine: &RefCell<Machine>) -> Result<Fence, EditError> {
        let mut editor = editor(levels, machine);
        match self {
            Self::Map { virt, phys, size, access } => {
                editor.map(Mapping { virt: VirtAddr::new(virt), phys: PhysAddr::new(phys), size, access })
            }
            Self::Protect { virt, size, access } => editor.protect(VirtAddr::new(virt), size, access),
            Self::Unmap { virt, size } => editor.unmap(VirtAddr::new(virt), size),
        }
    }

    pub(crate) fn stretch(self) -> (u64, u64) {
        match self {
            Self::Map { virt, size, .. } | Self::Protect { virt, size, .. } | Self::Unmap { virt, size } => {
                (virt, size)
            }
        }
    }
}

pub(crate) fn root(mode: Mode) -> Root {
    Root::from_satp(Satp::new(mode, PhysAddr::new(ROOT)).bits()).expect("satp has a mode")
}

/// An editor of the machine's tables that owns the upper half.
pub(crate) fn editor<L: Levels>(levels: L, machine: &RefCell<Machine>) -> Editor<L, Shared<'_>, Shared<'_>> {
    let mode = levels.mode();
    let upper = VirtRange::new(mode.upper_half(), mode.half_size());
    editor_of(levels, machine, [upper, VirtRange::EMPTY])
}

/// An editor of the machine's tables that owns `owned`.
pub(crate) fn editor_of<L: Levels>(
    levels: L,
    machine: &RefCell<Machine>,
    owned: [VirtRange; 2],
) -> Editor<L, Shared<'_>, Shared<'_>> {
    let format = machine.borrow().format;
    // SAFETY: the tables are those of a machine that no hart runs, and a test has one editor of
    // them at a time.
    unsafe { Editor::new(levels, format, Shared(machine), Shared(machine), PhysAddr::new(ROOT), owned) }
}

/// The leaves of a machine, by size.
pub(crate) fn leaves(machine: &Machine, mode: Mode, size: LeafSize) -> usize {
    machine.walk(root(mode)).leaves.iter().filter(|leaf| leaf.size == size.bytes()).count()
}
