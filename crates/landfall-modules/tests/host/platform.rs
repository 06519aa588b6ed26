//! A platform with the bytes of memory. It judges each store and each call.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use landfall_judge::translation_cache::{Access, Outcome};
use landfall_modules::{Pages, Part, Platform, Table};
use landfall_paging::{PAGE_SIZE, VirtAddr};
use landfall_space::Memory;

use crate::machine::{Double, HARTS, POOL, POOL_SIZE, memory};

const PAGE: u64 = PAGE_SIZE;

/// A way to lose stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// The store of this number does not happen.
    Drop(usize),
    /// Each store happens when the next one does.
    Delay,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Initialize(VirtAddr),
    Exit(VirtAddr),
}

/// Memory, and what was done to it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) double: &'static Double,
    pub(crate) table: Table,
    /// Virtual minus physical addresses of the linear map.
    pub(crate) linear_offset: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
pub(crate) struct State {
    /// The bytes of the pool.
    pub(crate) bytes: Vec<u8>,
    /// The pages that modules have, by address.
    pub(crate) taken: BTreeSet<u64>,
    /// Pages are given out in multiples of this number.
    pub(crate) unit: u64,
    /// Pages that may be taken still.
    pub(crate) left: u64,
    pub(crate) calls: Vec<Call>,
    /// The answer of `landfall_init`.
    pub(crate) answer: i32,
    /// Fences fail from the call of `landfall_init` on.
    pub(crate) fails_in_init: bool,
    pub(crate) fault: Fault,
    pub(crate) stores: usize,
    waiting: Option<(u64, Vec<u8>)>,
}

impl World {
    /// Returns memory full of garbage, none of which is taken.
    pub(crate) fn new(double: &'static Double, linear_offset: u64, garbage: u8) -> Self {
        let state = State {
            bytes: vec![garbage; usize::try_from(POOL_SIZE).expect("64 bits")],
            taken: BTreeSet::new(),
            unit: 1,
            left: POOL_SIZE / PAGE,
            calls: Vec::new(),
            answer: 0,
            fails_in_init: false,
            fault: Fault::None,
            stores: 0,
            waiting: None,
        };
        Self { double, table: Table::new(), linear_offset, state: Mutex::new(state) }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the physical address that the current hart reaches, whatever it keeps.
    pub(crate) fn translate(&self, virt: VirtAddr, access: Access) -> u64 {
        let inner = self.double.lock();
        let hart = inner.current;
        let mut found = BTreeSet::new();
        for outcome in inner.harts.outcomes(hart, virt.get()) {
            match outcome {
                Outcome::Reaches(reached) if access.is_permitted_by(reached.flags) => {
                    found.insert(reached.phys);
                }
                _ => panic!("hart {hart} lacks {access:?} at {virt}: {outcome}"),
            }
        }
        assert_eq!(found.len(), 1, "hart {hart} may reach several places at {virt}");
        found.pop_first().expect("one place")
    }

    /// Returns bytes of the pool.
    pub(crate) fn read(&self, virt: VirtAddr, size: usize) -> Vec<u8> {
        let mut bytes = vec![0; size];
        self.for_each_piece(virt, size, Access::Load, |phys, piece| {
            bytes[piece.clone()].copy_from_slice(&self.lock().bytes[offset(phys, piece.len())]);
        });
        bytes
    }

    fn for_each_piece(
        &self,
        virt: VirtAddr,
        size: usize,
        access: Access,
        mut f: impl FnMut(u64, std::ops::Range<usize>),
    ) {
        let mut done = 0;
        while done < size {
            let at = virt.wrapping_add(done as u64);
            let in_page = usize::try_from(PAGE - at.get() % PAGE).expect("small");
            let end = size.min(done + in_page);
            f(self.translate(at, access), done..end);
            done = end;
        }
    }

    /// A page that is stored to is executable for no hart, and of no module that is published.
    fn judge_store(&self, page: u64) {
        let mut inner = self.double.lock();
        for reach in inner.harts.reaching(page..page + PAGE) {
            assert!(!reach.translation.flags.x(), "a page that is stored to is executable: {reach:x?}");
            let module = self.table.what_is(VirtAddr::new(reach.virt));
            assert_eq!(module, None, "a page of a published module is stored to");
        }
        inner.change_code(page);
    }

    fn put(&self, phys: u64, bytes: &[u8]) {
        let mut state = self.lock();
        state.stores += 1;
        let now = match state.fault {
            Fault::None => Some((phys, bytes.to_vec())),
            Fault::Drop(number) => (number != state.stores).then(|| (phys, bytes.to_vec())),
            Fault::Delay => state.waiting.replace((phys, bytes.to_vec())),
        };
        if let Some((phys, bytes)) = now {
            state.bytes[offset(phys, bytes.len())].copy_from_slice(&bytes);
        }
    }

    /// Every hart sees all of the modules that are published, and can change no code or constant.
    pub(crate) fn judge_modules(&self) {
        let taken = self.lock().taken.clone();
        let inner = self.double.lock();
        for page in taken {
            let reaches = inner.harts.reaching(page..page + PAGE);
            let module = reaches
                .iter()
                .find_map(|reach| Some((reach.virt, self.table.what_is(VirtAddr::new(reach.virt))?)));
            let Some((virt, module)) = module else { continue };
            if module.part != Part::Data {
                let writable = reaches.iter().find(|reach| reach.translation.flags.w());
                assert_eq!(writable, None, "{module} is writable");
            }
            let access = match module.part {
                Part::Text => Access::Fetch,
                Part::Constants => Access::Load,
                Part::Data => Access::Store,
            };
            for hart in 0..HARTS {
                if let Some(witness) = inner.harts.may_fault(hart, virt) {
                    panic!("{module} may fault: {witness}");
                }
                assert!(
                    inner.harts.may(hart, virt, access).is_some(),
                    "hart {hart} lacks {access:?}: {module}"
                );
                let executes_old = module.part == Part::Text && inner.is_stale(hart, page);
                assert!(!executes_old, "hart {hart} may execute what was in {module} before");
            }
        }
    }

    /// Memory that is given back holds zeros, and is reached at its linear address alone.
    fn judge_end(&self, page: u64) {
        let inner = self.double.lock();
        let is_linear = |reach: &landfall_judge::translation_cache::Reach| {
            reach.virt.wrapping_sub(reach.translation.phys) == self.linear_offset
        };
        if let Some(witness) = inner.harts.may_reach(page..page + PAGE, is_linear) {
            panic!("memory that was given back is in use: {witness}");
        }
        drop(inner);
        let state = self.lock();
        let size = usize::try_from(PAGE).expect("small");
        assert!(state.bytes[offset(page, size)].iter().all(|byte| *byte == 0), "a page is not wiped");
    }
}

fn offset(phys: u64, size: usize) -> std::ops::Range<usize> {
    let start = usize::try_from(phys.checked_sub(POOL).expect("in the pool")).expect("64 bits");
    start..start + size
}

/// The platform as modules have it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judge(pub(crate) &'static World);

// SAFETY: it is a model; no memory of this process depends on it.
unsafe impl Platform for Judge {
    unsafe fn store(&self, at: VirtAddr, bytes: &[u8]) {
        self.0.for_each_piece(at, bytes.len(), Access::Store, |phys, piece| {
            self.0.judge_store(phys & !(PAGE - 1));
            self.0.put(phys, &bytes[piece]);
        });
    }

    unsafe fn load(&self, at: VirtAddr, bytes: &mut [u8]) {
        bytes.copy_from_slice(&self.0.read(at, bytes.len()));
    }

    unsafe fn initialize(&self, function: VirtAddr) -> i32 {
        self.0.translate(function, Access::Fetch);
        self.0.judge_modules();
        let mut state = self.0.lock();
        state.calls.push(Call::Initialize(function));
        if state.fails_in_init {
            self.0.double.lock().failing = true;
        }
        state.answer
    }

    unsafe fn exit(&self, function: VirtAddr) {
        self.0.translate(function, Access::Fetch);
        self.0.judge_modules();
        self.0.lock().calls.push(Call::Exit(function));
    }
}

/// The pages of the pool: the first that are free.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pool(pub(crate) &'static World);

impl Pages for Pool {
    fn take(&mut self, pages: u64) -> Option<Memory> {
        let mut state = self.0.lock();
        let pages = pages.next_multiple_of(state.unit);
        state.left = state.left.checked_sub(pages)?;
        let is_free = |start: &u64| (0..pages).all(|page| !state.taken.contains(&(start + page * PAGE)));
        let starts = (0..=(POOL_SIZE / PAGE).checked_sub(pages)?).map(|page| POOL + page * PAGE);
        let start = starts.into_iter().find(is_free)?;
        state.taken.extend((0..pages).map(|page| start + page * PAGE));
        Some(memory(start, pages * PAGE))
    }

    fn give_back(&mut self, memory: Memory) {
        let range = memory.into_range();
        for page in (range.start().get()..range.end().get()).step_by(4096) {
            self.0.judge_end(page);
            let mut state = self.0.lock();
            assert!(state.taken.remove(&page), "{page:#x} was not taken");
            state.left += 1;
        }
    }
}
