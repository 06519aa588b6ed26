//! A machine of one hart, whose tables are in a list of frames.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use landfall_paging::{
    Entry, Frames, Mapper, Mode, PAGE_SIZE, PhysAddr, PhysRange, Satp, TableMemory, TableReader, VirtAddr,
    VirtRange, deciding_entry,
};
use landfall_plan::facts::ImageFacts;
use landfall_plan::harts::{Extensions, Hart, HartIndex, HartSet, Mmu};
use landfall_plan::randomness::{Seed, SeedSource};
use landfall_plan::{Draws, Facts, Plan, Policy};
use landfall_space::{FenceFailed, FenceRequest, KernelSpace, Machine, Options, Placing, Svpbmt};

/// Memory for modules.
pub(super) const POOL: u64 = 0x9000_0000;
pub(super) const POOL_SIZE: u64 = 64 * PAGE_SIZE;
const TABLES: u64 = 0xa000_0000;

/// An address that no near region reaches.
pub(super) const FAR_EXPORT: u64 = 0xffff_ffe0_1234_5678;

/// The words of each frame that holds a table.
#[derive(Debug)]
pub(super) struct Double {
    frames: Mutex<HashMap<u64, Box<[u64; 512]>>>,
    taken: Mutex<u64>,
    space: OnceLock<KernelSpace<Live>>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Live(&'static Double);

impl Live {
    fn frames(self) -> MutexGuard<'static, HashMap<u64, Box<[u64; 512]>>> {
        self.0.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn space(self) -> &'static KernelSpace<Self> {
        self.0.space.get().expect("it has landed")
    }

    /// Returns the physical address by the tables.
    pub(super) fn translate(self, virt: VirtAddr) -> Option<u64> {
        let plan = self.space().plan();
        let (entry, size) = deciding_entry(&self, plan.mode, plan.block.start(), virt);
        let inside = virt.get() & (size.bytes() - 1);
        (entry.is_valid() && entry.is_leaf()).then(|| entry.target().get() + inside)
    }
}

impl TableReader for Live {
    fn read(&self, at: PhysAddr) -> Entry {
        let (page, word) = split(at);
        Entry::from_bits(self.frames().get(&page).map_or(0, |frame| frame[word]))
    }
}

impl TableMemory for Live {
    fn write_run(&mut self, at: PhysAddr, first: Entry, step: u64, count: usize) {
        let (page, word) = split(at);
        let mut frames = self.frames();
        let frame = frames.entry(page).or_insert_with(|| Box::new([0; 512]));
        for (index, entry) in (0..).zip(&mut frame[word..word + count]) {
            *entry = first.bits().wrapping_add(index * step);
        }
    }

    fn publish(&mut self) {}
}

fn split(at: PhysAddr) -> (u64, usize) {
    let page = at.get() & !(PAGE_SIZE - 1);
    (page, usize::try_from((at.get() - page) / 8).expect("below 512"))
}

// SAFETY: the frames are no memory of this process, and each is given out once.
unsafe impl Frames for Live {
    fn take(&mut self) -> Option<PhysAddr> {
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken += 1;
        Some(PhysAddr::new(TABLES + *taken * PAGE_SIZE))
    }

    fn give_back(&mut self, _: PhysAddr) {}
}

// SAFETY: it is a model; no memory of this process depends on it.
unsafe impl Machine for Live {
    type Tables = Self;
    type Frames = Self;

    fn tables(&self) -> Self {
        *self
    }

    fn current_hart(&self) -> HartIndex {
        HartIndex::new(0)
    }

    fn without_interrupts<R>(&self, f: impl FnOnce() -> R) -> R {
        f()
    }

    fn fence_here(&self, _: FenceRequest) {}

    fn fence_there(&self, _: &HartSet, _: FenceRequest) -> Result<(), FenceFailed> {
        Ok(())
    }

    fn write_satp(&self, _: Satp) {}

    fn asid_bits(&self) -> u32 {
        0
    }

    fn flush_data(&self, _: VirtRange) -> Option<()> {
        None
    }
}

fn phys(start: u64, size: u64) -> PhysRange {
    PhysRange::new(PhysAddr::new(start), size)
}

/// Returns a machine that has landed.
pub(super) fn landed() -> Live {
    let mut facts = Facts::UNKNOWN;
    facts.ram.insert(phys(0x8000_0000, 1 << 30)).expect("one range");
    facts.image = ImageFacts { text: 0x8000, constants: 0x3000, early: 0x5000, data: 0x1_0000 };
    facts.loaded = PhysAddr::new(0x8420_3000);
    facts.tree = phys(0x87e0_0000, 0x1a2b);
    facts.harts.push(Hart { id: 0, mmu: Mmu::Upto(Mode::Sv39), extensions: Extensions::NONE });
    let facts: &'static Facts = Box::leak(Box::new(facts));
    let seed = Seed { source: SeedSource::KASLR_SEED, bits: 64 };
    let draws = Draws::from_words([0x1234_5678_9abc_def0; 8], seed);
    let plan = Plan::new(facts, &Policy::new(), Mode::Sv39, Some(&draws)).expect("the machine lands");
    let plan: &'static Plan = Box::leak(Box::new(plan));
    let double = Double { frames: Mutex::default(), taken: Mutex::default(), space: OnceLock::new() };
    let live = Live(Box::leak(Box::new(double)));
    let mut mapper = Mapper::new(plan.mode, plan.format, live, plan.block.start(), plan.table_pages)
        .expect("there is room for the root");
    plan.mappings(facts).for_each(|mapping| mapper.map(mapping).expect("the plan can be mapped"));
    let online: HartSet = [HartIndex::new(0)].into_iter().collect();
    let options = Options {
        online: &online,
        placing: Placing::FirstFit,
        pools: &[phys(POOL, POOL_SIZE)],
        svpbmt: Svpbmt::Absent,
    };
    // SAFETY: these are the tables of this landing, and nothing else changes them.
    let space = unsafe { KernelSpace::new(live, plan, facts, live, &options) };
    live.0.space.set(space.expect("there are frames")).expect("it is the first");
    live
}
