//! User address spaces of one hart.

use core::sync::atomic::{AtomicU64, Ordering};

use landfall::HartIndex;
use landfall::Landing;
use landfall::address::{LinearAddr, PAGE_SIZE, PhysAddr, VirtAddr, VirtRange};
use landfall::paging::{Access, Translation};
use landfall::space::{SpaceError, UserSpace};

use crate::machine::{Live, Space};
use crate::random::Random;
use crate::store;
use crate::user_mode::{self, PROGRAM};

/// Address spaces of each hart.
pub(crate) const EACH: usize = 2;
const PARTS: usize = 3;
const HARTS: usize = 8;

/// The roots of all address spaces, for the judge; 0 for none.
#[unsafe(no_mangle)]
static space_roots: [AtomicU64; EACH * HARTS] = [const { AtomicU64::new(0) }; EACH * HARTS];

/// An address space, and its memory.
#[derive(Debug)]
pub(crate) struct User {
    space: UserSpace<'static, Live>,
    root: &'static AtomicU64,
    entry: u64,
    parts: [Option<Part>; PARTS],
    pages: u64,
}

/// A part of user memory.
#[derive(Debug)]
struct Part {
    range: VirtRange,
    phys: PhysAddr,
    word: u64,
    access: Access,
}

impl User {
    /// Makes an address space with the program. `None` if there is no memory or no ASID at this
    /// moment.
    pub(crate) fn new(space: &'static Space, random: &mut Random, place: usize) -> Option<Self> {
        let memory = store::take(random, 1..=3)?;
        let code = LinearAddr::from_phys(memory.range().start()).as_ptr::<[u32; 4]>();
        // SAFETY: the memory is this hart's.
        unsafe { code.write_volatile(PROGRAM) };
        let user = match space.user_space() {
            Ok(user) => user,
            Err(SpaceError::OutOfAsids) => {
                store::give_back(memory);
                return None;
            }
            Err(error) => panic!("{error}"),
        };
        let entry = VirtAddr::new((1 + random.below(1 << 20)) * PAGE_SIZE);
        let pages = memory.range().size() / PAGE_SIZE;
        user.map(entry, memory, Access::ReadExecute).unwrap_or_else(|refused| panic!("{refused}"));
        let root = &space_roots[place];
        root.store(user.root().get(), Ordering::Release);
        Some(Self { space: user, root, entry: entry.get(), parts: [const { None }; PARTS], pages })
    }

    /// Does one operation at random.
    pub(crate) fn step(&mut self, landing: &'static Landing, hart: HartIndex, random: &mut Random) {
        let index = random.below(PARTS as u64) as usize;
        match (self.parts[index].take(), random.below(4)) {
            (None, _) => self.parts[index] = self.map(landing, random),
            (Some(part), 0) => self.unmap(&part),
            (Some(part), 1) => self.parts[index] = Some(self.protect(part)),
            (Some(part), _) => self.parts[index] = Some(self.run(landing, hart, part, random)),
        }
    }

    fn map(&mut self, landing: &'static Landing, random: &mut Random) -> Option<Part> {
        let memory = store::take(random, 1..=600)?;
        let (size, phys) = (memory.range().size(), memory.range().start());
        // Each part has a range of its own, over the half, with the residue for large leaves.
        let slots = landing.mode().half_size() >> 26;
        let slot = 1 + random.below(slots - 1);
        let virt = VirtAddr::new((slot << 26) + (phys.get() & ((2 << 20) - 1)) + (8 << 20));
        let taken = |part: &Part| part.range.overlaps(VirtRange::new(virt, size));
        if self.parts.iter().flatten().any(taken) {
            store::give_back(memory);
            return None;
        }
        let word = random.next();
        // SAFETY: the memory is this hart's.
        unsafe { LinearAddr::from_phys(phys).as_ptr::<u64>().write_volatile(word) };
        self.space.map(virt, memory, Access::ReadWrite).unwrap_or_else(|refused| panic!("{refused}"));
        self.pages += size / PAGE_SIZE;
        Some(Part { range: VirtRange::new(virt, size), phys, word, access: Access::ReadWrite })
    }

    fn protect(&self, mut part: Part) -> Part {
        part.access = match part.access {
            Access::ReadWrite => Access::ReadExecute,
            Access::ReadExecute => Access::ReadOnly,
            Access::ReadOnly => Access::ReadWrite,
        };
        self.space.protect(part.range, part.access).unwrap_or_else(|error| panic!("{error}"));
        self.check(&part);
        part
    }

    fn unmap(&mut self, part: &Part) {
        self.check(part);
        let mut returned = 0;
        let each = |memory: landfall::space::Memory| {
            returned += memory.range().size();
            store::give_back(memory);
        };
        self.space.unmap(part.range, each).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(returned, part.range.size(), "memory of user mode is lost");
        self.pages -= returned / PAGE_SIZE;
        assert_eq!(self.space.translate(part.range.start()), Translation::Unmapped);
    }

    fn check(&self, part: &Part) {
        let found = self.space.translate(part.range.start());
        let is_right = matches!(
            found,
            Translation::Mapped { physical, access, .. } if (physical, access) == (part.phys, part.access)
        );
        assert!(is_right, "{part:?} leads to {found:?}");
    }

    /// Runs the program on a part, in user mode.
    fn run(&self, landing: &'static Landing, hart: HartIndex, part: Part, random: &mut Random) -> Part {
        if part.access != Access::ReadWrite {
            return part;
        }
        let stored = random.next();
        let entered = self.space.enter();
        // SAFETY: the hart is in the address space, which has the program there.
        let loaded = unsafe { user_mode::run(landing, hart, self.entry, part.range.start().get(), stored) };
        drop(entered);
        assert_eq!(loaded, part.word, "user mode finds another word in {part:?}");
        // SAFETY: the linear map holds the memory, which user mode has left.
        let found = unsafe { LinearAddr::from_phys(part.phys).as_ptr::<u64>().add(1).read_volatile() };
        assert_eq!(found, stored, "user mode has stored elsewhere");
        part
    }

    /// Makes the hart translate through this address space, then through another, while `work`
    /// runs.
    pub(crate) fn between(&self, other: &Self, mut work: impl FnMut()) {
        let entered = self.space.enter();
        work();
        let entered = entered.switch(&other.space);
        work();
        drop(entered);
    }

    /// Ends the address space, and checks that all of its memory is returned.
    pub(crate) fn end(self) {
        self.root.store(0, Ordering::Release);
        let mut returned = 0;
        let each = |memory: landfall::space::Memory| {
            returned += memory.range().size() / PAGE_SIZE;
            store::give_back(memory);
        };
        if let Err(refused) = self.space.destroy(each) {
            panic!("{refused}");
        }
        assert_eq!(returned, self.pages, "memory of an address space is lost");
    }
}
