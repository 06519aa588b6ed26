//! A machine for the space: the judge's harts, and frames that are counted.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use landfall_judge::translation_cache::Harts;
use landfall_paging::{
    Entry, Fence, Frames, Mapper, Mode, PAGE_SIZE, PhysAddr, PhysRange, Satp, TableMemory, TableReader,
    VirtRange,
};
use landfall_plan::facts::ImageFacts;
use landfall_plan::harts::{Extension, Extensions, Hart, HartIndex, HartSet, Mmu};
use landfall_plan::randomness::{Seed, SeedSource};
use landfall_plan::{Draws, Facts, Plan, Policy};
use landfall_space::{FenceFailed, FenceRequest, KernelSpace, Machine, Memory, Options, Placing, Svpbmt};

pub(crate) const HARTS: usize = 3;

/// The lowest RAM. The last GiB is a root entry of the linear map in sv39.
const RAM: u64 = 0x8000_0000;
const RAM_SIZE: u64 = 2 << 30;
/// Memory that may become code.
pub(crate) const POOL: u64 = 0xc040_0000;
pub(crate) const POOL_SIZE: u64 = 4 << 20;
/// Memory for mappings.
pub(crate) const DATA: u64 = 0x9000_0000;
/// Frames for tables.
const TABLES: u64 = 0xa000_0000;

/// A way to leave fences out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// All fences are executed.
    None,
    /// No fence is executed.
    Fences,
    /// The hart that changes the tables executes none.
    Here,
    /// Other harts execute none.
    There,
    /// One hart is left out.
    OneHart,
    /// The last page of a range is left out.
    LastPage,
    /// A fence for all addresses is one for a page.
    OnePage,
    /// A fence for user mode has another ASID.
    OtherAsid,
    /// A table is not ordered before the entry that points to it.
    Publish,
    /// The stores are not ordered before the other harts' fences.
    DataFence,
    /// A fence for the kernel's half has an ASID: global translations stay.
    NotGlobal,
    /// The hart that changes code executes no `fence.i`.
    FenceIHere,
    /// Other harts execute no `fence.i`.
    FenceIThere,
    /// One hart executes no `fence.i`.
    FenceIOneHart,
}

/// The machine, shared by the harts.
#[derive(Debug)]
pub(crate) struct Double {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) harts: Harts,
    pub(crate) current: usize,
    pub(crate) free_tables: BTreeSet<u64>,
    pub(crate) taken_tables: BTreeSet<u64>,
    pub(crate) fences: u64,
    /// Frames that were written to since stores were last ordered.
    unpublished: BTreeSet<u64>,
    pub(crate) mutant: Mutant,
    /// Remote fences fail.
    pub(crate) failing: bool,
    pub(crate) asid_bits: u32,
    /// No hart can flush its cache.
    pub(crate) without_zicbom: bool,
    pub(crate) flushed: Vec<VirtRange>,
    /// The pages of which each hart may have fetched instructions before a store changed them.
    stale: [BTreeSet<u64>; HARTS],
}

impl Double {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The machine as the space has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Live(pub(crate) &'static Double);

impl TableReader for Live {
    fn read(&self, at: PhysAddr) -> Entry {
        Entry::from_bits(self.0.lock().harts.load(at.get()).unwrap_or(0xdead_dead_dead_dead))
    }
}

impl TableMemory for Live {
    fn write_run(&mut self, at: PhysAddr, first: Entry, step: u64, count: usize) {
        let mut inner = self.0.lock();
        let hart = inner.current;
        let table = at.get() & !(PAGE_SIZE - 1);
        // No hart finds a table that is new itself.
        let is_found = !inner.unpublished.contains(&table);
        for index in 0..count as u64 {
            let entry = Entry::from_bits(first.bits().wrapping_add(index * step));
            let is_pointer = entry.is_valid() && !entry.is_leaf();
            // RVWMO: a walk may find the pointer before the words that were stored in front of it.
            assert!(
                !(is_pointer && is_found && inner.unpublished.contains(&entry.target().get())),
                "a table is found before its entries arrive"
            );
            inner.harts.store_by(hart, at.get() + index * 8, entry.bits());
        }
        inner.unpublished.insert(table);
    }

    fn publish(&mut self) {
        let mut inner = self.0.lock();
        let hart = inner.current;
        if inner.mutant != Mutant::Publish {
            inner.harts.fence(hart);
            inner.unpublished.clear();
        }
    }
}

// SAFETY: the frames are no memory of this process, and each is given out once.
unsafe impl Frames for Live {
    fn take(&mut self) -> Option<PhysAddr> {
        let mut inner = self.0.lock();
        let frame = inner.free_tables.pop_first()?;
        inner.taken_tables.insert(frame);
        Some(PhysAddr::new(frame))
    }

    fn give_back(&mut self, frame: PhysAddr) {
        let mut inner = self.0.lock();
        let frame = frame.get();
        assert!(inner.taken_tables.remove(&frame), "{frame:#x} was not taken");
        inner.free_tables.insert(frame);
        assert_eq!(inner.harts.walks_table_in(frame..frame + PAGE_SIZE), None, "a freed table is walked");
        inner.harts.discard(frame..frame + PAGE_SIZE);
    }
}

thread_local! {
    static NESTED: Cell<u32> = const { Cell::new(0) };
}

// SAFETY: it is a model; no memory of this process depends on it.
unsafe impl Machine for Live {
    type Tables = Self;
    type Frames = Self;

    fn tables(&self) -> Self {
        *self
    }

    fn current_hart(&self) -> HartIndex {
        HartIndex::new(self.0.lock().current as u64)
    }

    fn without_interrupts<R>(&self, f: impl FnOnce() -> R) -> R {
        NESTED.set(NESTED.get() + 1);
        let result = f();
        NESTED.set(NESTED.get() - 1);
        result
    }

    fn fence_here(&self, request: FenceRequest) {
        let mut inner = self.0.lock();
        inner.fences += 1;
        let hart = inner.current;
        let is_left_out = match request {
            FenceRequest::Instructions => matches!(inner.mutant, Mutant::Fences | Mutant::FenceIHere),
            _ => matches!(inner.mutant, Mutant::Fences | Mutant::Here),
        };
        if !is_left_out {
            inner.execute(hart, request);
        }
    }

    fn fence_there(&self, harts: &HartSet, request: FenceRequest) -> Result<(), FenceFailed> {
        let mut inner = self.0.lock();
        assert!(
            !harts.contains(HartIndex::new(inner.current as u64)),
            "the calling hart is not among others"
        );
        inner.fences += 1;
        if inner.failing {
            return Err(FenceFailed::of_sbi(-3));
        }
        let (hart, mutant) = (inner.current, inner.mutant);
        if mutant != Mutant::DataFence {
            inner.harts.fence(hart);
            inner.unpublished.clear();
        }
        let left_out = match (request, mutant) {
            (_, Mutant::Fences)
            | (FenceRequest::Instructions, Mutant::FenceIThere)
            | (FenceRequest::Kernel(_) | FenceRequest::User(..), Mutant::There) => HARTS,
            (FenceRequest::Instructions, Mutant::FenceIOneHart)
            | (FenceRequest::Kernel(_) | FenceRequest::User(..), Mutant::OneHart) => 1,
            _ => 0,
        };
        for other in harts.iter().skip(left_out) {
            inner.execute(usize::try_from(other.get()).expect("few harts"), request);
        }
        Ok(())
    }

    fn write_satp(&self, satp: Satp) {
        let mut inner = self.0.lock();
        let hart = inner.current;
        inner.harts.write_satp(hart, satp.bits());
    }

    fn asid_bits(&self) -> u32 {
        self.0.lock().asid_bits
    }

    fn flush_data(&self, range: VirtRange) -> Option<()> {
        let mut inner = self.0.lock();
        inner.flushed.push(range);
        (!inner.without_zicbom).then_some(())
    }
}

impl Inner {
    /// Notes a store of bytes to a page of memory, by which each hart's fetched instructions are
    /// stale.
    pub(crate) fn change_code(&mut self, page: u64) {
        self.stale.iter_mut().for_each(|pages| {
            pages.insert(page);
        });
    }

    /// Returns true if a hart may execute what was in a page before.
    pub(crate) fn is_stale(&self, hart: usize, page: u64) -> bool {
        self.stale[hart].contains(&page)
    }

    /// Executes a fence, as far as the mutant lets it.
    fn execute(&mut self, hart: usize, request: FenceRequest) {
        let (fence, asid) = match request {
            FenceRequest::Kernel(fence) => (fence, (self.mutant == Mutant::NotGlobal).then_some(0)),
            FenceRequest::User(fence, asid) => {
                (fence, Some(asid.get() ^ u16::from(self.mutant == Mutant::OtherAsid)))
            }
            FenceRequest::Instructions => return self.stale[hart].clear(),
            _ => unreachable!("no other fence exists"),
        };
        let range = match fence {
            Fence::All if self.mutant == Mutant::OnePage => {
                return self.harts.sfence_vma(hart, Some(0), asid);
            }
            Fence::All => return self.harts.sfence_vma(hart, None, asid),
            Fence::Leaves(range) => range,
        };
        let pages = range.size() / PAGE_SIZE - u64::from(self.mutant == Mutant::LastPage);
        for page in 0..pages {
            let virt = range.start().wrapping_add(page * PAGE_SIZE);
            self.harts.sfence_vma(hart, Some(virt.get()), asid);
        }
    }
}

/// A machine that has landed, with a space.
pub(crate) struct Landed {
    pub(crate) double: &'static Double,
    pub(crate) space: &'static KernelSpace<Live>,
    pub(crate) plan: &'static Plan,
}

/// Choices of a test.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) mode: Mode,
    pub(crate) mutant: Mutant,
    pub(crate) placing: Placing,
    pub(crate) napot: bool,
    pub(crate) asid_bits: u32,
    pub(crate) frames: u64,
    pub(crate) policy: Policy,
}

impl Setup {
    pub(crate) const fn of(mode: Mode) -> Self {
        Self {
            mode,
            mutant: Mutant::None,
            placing: Placing::FirstFit,
            napot: false,
            asid_bits: 16,
            frames: 1024,
            policy: Policy::new(),
        }
    }
}

pub(crate) fn phys(start: u64, size: u64) -> PhysRange {
    PhysRange::new(PhysAddr::new(start), size)
}

/// Memory of the test's pools.
pub(crate) fn memory(start: u64, size: u64) -> Memory {
    // SAFETY: it is no memory of this process; the tests count its uses.
    unsafe { Memory::new(phys(start, size)) }
}

fn facts(setup: &Setup) -> Facts {
    let mut facts = Facts::UNKNOWN;
    facts.ram.insert(phys(RAM, RAM_SIZE)).expect("one range");
    facts.image = ImageFacts { text: 0x8000, constants: 0x3000, early: 0x5000, data: 0x1_0000 };
    facts.loaded = PhysAddr::new(0x8420_3000);
    facts.tree = phys(0x87e0_0000, 0x1a2b);
    let extensions = if setup.napot { Extensions::NONE.with(Extension::Svnapot) } else { Extensions::NONE };
    for id in 0..HARTS as u64 {
        facts.harts.push(Hart { id, mmu: Mmu::Upto(setup.mode), extensions });
    }
    facts
}

impl Landed {
    pub(crate) fn new(setup: &Setup) -> Self {
        let facts: &'static Facts = Box::leak(Box::new(facts(setup)));
        let seed = Seed { source: SeedSource::KASLR_SEED, bits: 64 };
        let draws = Draws::from_words([0x1234_5678_9abc_def0; 8], seed);
        let plan = Plan::new(facts, &setup.policy, setup.mode, Some(&draws)).expect("the machine lands");
        let plan: &'static Plan = Box::leak(Box::new(plan));
        let free_tables = (0..setup.frames).map(|frame| TABLES + frame * PAGE_SIZE).collect();
        let mut harts = Harts::new(HARTS).with_svpbmt().with_asid_bits(setup.asid_bits);
        if setup.napot {
            harts = harts.with_svnapot();
        }
        let inner = Inner {
            harts,
            current: 0,
            free_tables,
            taken_tables: BTreeSet::new(),
            fences: 0,
            unpublished: BTreeSet::new(),
            mutant: Mutant::None,
            failing: false,
            asid_bits: setup.asid_bits,
            without_zicbom: false,
            flushed: Vec::new(),
            stale: [const { BTreeSet::new() }; HARTS],
        };
        let double: &'static Double = Box::leak(Box::new(Double { inner: Mutex::new(inner) }));
        let live = Live(double);
        let mut mapper = Mapper::new(plan.mode, plan.format, live, plan.block.start(), plan.table_pages)
            .expect("there is room for the root");
        plan.mappings(facts).for_each(|mapping| mapper.map(mapping).expect("the plan can be mapped"));
        let root = mapper.finish().root;
        {
            let mut inner = double.lock();
            inner.harts.fence(0);
            inner.unpublished.clear();
            for hart in 0..HARTS {
                inner.harts.write_satp(hart, Satp::new(plan.mode, root).bits());
                inner.harts.sfence_vma(hart, None, None);
            }
            inner.mutant = setup.mutant;
        }
        let online: HartSet = (0..HARTS as u64).map(HartIndex::new).collect();
        let options = Options {
            online: &online,
            placing: setup.placing.clone(),
            pools: &[phys(POOL, POOL_SIZE)],
            svpbmt: Svpbmt::Present,
        };
        // SAFETY: these are the tables of this landing, and nothing else changes them.
        let space = unsafe { KernelSpace::new(live, plan, facts, live, &options) };
        let space = Box::leak(Box::new(space.expect("there are frames")));
        Self { double, space, plan }
    }

    /// Goes on as another hart, which has synchronized with the one before.
    pub(crate) fn on(&self, hart: usize) {
        let mut inner = self.double.lock();
        let before = inner.current;
        inner.harts.fence(before);
        inner.unpublished.clear();
        inner.current = hart;
    }
}
