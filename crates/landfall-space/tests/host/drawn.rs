//! Random sequences by several harts. After each step, what must hold is judged by all
//! translations that any hart may use.

use std::mem;
use std::rc::Rc;

use landfall_judge::translation_cache::{Access, Holder};
use landfall_paging::{Access as Permission, Mode, PAGE_SIZE, PhysRange, VirtAddr, VirtRange};
use landfall_space::{
    Area, Code, DataAccess, Draft, Entered, KernelSpace, Memory, Placing, Region, Uncached, UserSpace,
    Withdrawal,
};

use crate::machine::{DATA, HARTS, Landed, Live, POOL, Setup, memory};

const PAGE: u64 = PAGE_SIZE;
/// Sizes of the blocks that are mapped, in pages. Some hold leaves of 64 KiB, one a leaf of 2 MiB.
const BLOCKS: [u64; 8] = [1, 2, 3, 5, 16, 40, 1, 513];

type User = Rc<UserSpace<'static, Live>>;

/// Random numbers (`SplitMix64`).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ mixed >> 31) % limit as u64).expect("below a usize")
    }
}

/// A mapping of the kernel, and the permission of all of it.
struct Mapped {
    area: Area,
    access: DataAccess,
}

/// A mapping of user mode.
struct UserPages {
    range: VirtRange,
    memory: PhysRange,
    access: Permission,
}

struct Process {
    user: User,
    pages: Vec<UserPages>,
}

/// A machine on which harts do what a random number says.
struct Run {
    random: Random,
    landed: Landed,
    data: Vec<Memory>,
    pool: Vec<Memory>,
    areas: Vec<Mapped>,
    withdrawn: Vec<Withdrawal<'static, Live>>,
    drafts: Vec<Draft>,
    codes: Vec<Code>,
    uncached: Vec<Uncached>,
    processes: Vec<Process>,
    entered: [Option<Entered<'static, Live>>; HARTS],
}

impl Run {
    fn new(setup: &Setup, seed: u64) -> Self {
        let mut at = DATA;
        let mut data = Vec::new();
        for pages in BLOCKS.into_iter().chain(BLOCKS) {
            data.push(memory(at, pages * PAGE));
            // The next begins at a multiple of 64 KiB.
            at = (at + pages * PAGE).next_multiple_of(0x1_0000);
        }
        let pool = (0..4).map(|block| memory(POOL + block * 0x1_0000, (1 + block) * PAGE)).collect();
        Self {
            random: Random(seed),
            landed: Landed::new(setup),
            data,
            pool,
            areas: Vec::new(),
            withdrawn: Vec::new(),
            drafts: Vec::new(),
            codes: Vec::new(),
            uncached: Vec::new(),
            processes: Vec::new(),
            entered: [const { None }; HARTS],
        }
    }

    fn space(&self) -> &'static KernelSpace<Live> {
        self.landed.space
    }

    /// Takes one of a list, or returns `None` if it is empty.
    fn take<T>(random: &mut Random, list: &mut Vec<T>) -> Option<T> {
        (!list.is_empty()).then(|| list.swap_remove(random.below(list.len())))
    }

    fn data_access(&mut self) -> DataAccess {
        [DataAccess::ReadOnly, DataAccess::ReadWrite][self.random.below(2)]
    }

    /// Carries one operation out, on a random hart, and judges what it touched.
    fn step(&mut self) {
        let hart = self.random.below(HARTS);
        self.landed.on(hart);
        match self.random.below(14) {
            0 | 1 => self.map(),
            2 => self.protect(),
            3 => self.withdraw(),
            4 => self.complete(),
            5 => self.draft(),
            6 => self.execute(),
            7 => self.write_again(),
            8 => self.uncached(),
            9 => self.start_process(),
            10 => self.map_user(),
            11 => self.change_user(),
            12 => self.switch(hart),
            _ => self.end_process(),
        }
    }

    fn map(&mut self) {
        let access = self.data_access();
        let region = [Region::Dynamic, Region::Dynamic, Region::Near][self.random.below(3)];
        let Some(memory) = Self::take(&mut self.random, &mut self.data) else { return };
        let (range, is_stack) = (memory.range(), self.random.below(4) == 0);
        let mapped =
            if is_stack { self.space().map_stack(memory) } else { self.space().map(memory, access, region) };
        let area = mapped.expect("there is room, and there are frames");
        let access = if is_stack { DataAccess::ReadWrite } else { access };
        self.landed.assert_mapped(area.range(), range, needed(access));
        self.areas.push(Mapped { area, access });
    }

    fn protect(&mut self) {
        let access = self.data_access();
        let Some(mut mapped) = Self::take(&mut self.random, &mut self.areas) else { return };
        let range = mapped.area.range();
        let pages = usize::try_from(range.size() / PAGE).expect("few pages");
        // A part first, so that leaves are split.
        let first = self.random.below(pages) as u64;
        let part = VirtRange::new(range.start().wrapping_add(first * PAGE), PAGE);
        let flush = self.space().protect(&mut mapped.area, part, access).expect("mapped");
        if self.random.below(2) == 0 {
            flush.complete().expect("fences work");
        } else {
            drop(flush);
        }
        self.landed.assert_access(part, access);
        let flush = self.space().protect(&mut mapped.area, range, access).expect("mapped");
        flush.complete().expect("fences work");
        mapped.access = access;
        self.landed.assert_access(VirtRange::new(range.start(), PAGE), access);
        self.areas.push(mapped);
    }

    fn withdraw(&mut self) {
        let Some(mapped) = Self::take(&mut self.random, &mut self.areas) else { return };
        self.withdrawn.push(self.space().unmap(mapped.area).expect("mapped"));
    }

    fn complete(&mut self) {
        let Some(withdrawal) = Self::take(&mut self.random, &mut self.withdrawn) else { return };
        let memory = withdrawal.complete().expect("fences work");
        self.landed.assert_unused(memory.range());
        self.data.push(memory);
    }

    fn draft(&mut self) {
        let Some(memory) = Self::take(&mut self.random, &mut self.pool) else { return };
        self.drafts.push(self.space().draft(memory, Region::Near).expect("there is room"));
    }

    fn execute(&mut self) {
        let Some(draft) = Self::take(&mut self.random, &mut self.drafts) else { return };
        let linear = draft.writable();
        let code = self.space().make_executable(draft).expect("there are frames");
        let memory = PhysRange::new(self.phys(linear), linear.size());
        self.landed.assert_never_both(memory);
        self.landed.assert_mapped(code.range(), memory, Access::Fetch);
        self.codes.push(code);
    }

    fn write_again(&mut self) {
        let Some(code) = Self::take(&mut self.random, &mut self.codes) else { return };
        // SAFETY: it is no code of this process.
        let draft = unsafe { self.space().make_writable(code) }.expect("there are frames");
        let memory = PhysRange::new(self.phys(draft.writable()), draft.writable().size());
        self.landed.assert_never_both(memory);
        if self.random.below(2) == 0 {
            self.drafts.push(draft);
        } else {
            self.pool.push(self.space().discard(draft));
            self.landed.assert_unused(memory);
        }
    }

    fn uncached(&mut self) {
        if let Some(uncached) = Self::take(&mut self.random, &mut self.uncached) {
            let memory = self.space().unmap_uncached(uncached).expect("there are frames");
            self.landed.assert_unused(memory.range());
            self.pool.push(memory);
        } else if let Some(memory) = Self::take(&mut self.random, &mut self.pool) {
            let range = memory.range();
            let uncached = self.space().map_uncached(memory).expect("there is room");
            let reaches = self.landed.double.lock().harts.reaching(crate::judged::bytes(range));
            assert!(reaches.iter().all(|reach| reach.translation.memory == 1), "a cached address is left");
            self.uncached.push(uncached);
        }
    }

    fn start_process(&mut self) {
        if self.processes.len() < 3 {
            let user = Rc::new(self.space().user_space().expect("there are frames and ASIDs"));
            self.processes.push(Process { user, pages: Vec::new() });
        }
    }

    fn map_user(&mut self) {
        let Some(mut process) = Self::take(&mut self.random, &mut self.processes) else { return };
        if let Some(memory) = Self::take(&mut self.random, &mut self.data) {
            let range = memory.range();
            let slot = self.random.below(6) as u64;
            let virt = VirtAddr::new(0x1000_0000 + slot * 0x40_0000 + (range.start().get() & 0xf_ffff));
            let access = self.permission();
            match process.user.map(virt, memory, access) {
                Ok(()) => {
                    let stretch = VirtRange::new(virt, range.size());
                    process.pages.push(UserPages { range: stretch, memory: range, access });
                }
                // There is something already.
                Err(refused) => self.data.extend(refused.returned),
            }
        }
        self.processes.push(process);
    }

    fn permission(&mut self) -> Permission {
        [Permission::ReadOnly, Permission::ReadWrite, Permission::ReadExecute][self.random.below(3)]
    }

    fn change_user(&mut self) {
        let Some(mut process) = Self::take(&mut self.random, &mut self.processes) else { return };
        if let Some(mut pages) = Self::take(&mut self.random, &mut process.pages) {
            if self.random.below(2) == 0 {
                pages.access = self.permission();
                process.user.protect(pages.range, pages.access).expect("mapped");
                self.judge_user(&process.user, &pages);
                process.pages.push(pages);
            } else {
                let data = &mut self.data;
                process.user.unmap(pages.range, |memory| data.push(memory)).expect("mapped");
                self.landed.assert_unused(pages.memory);
            }
        }
        self.processes.push(process);
    }

    fn switch(&mut self, hart: usize) {
        let entered = self.entered[hart].take();
        let Some(process) = (!self.processes.is_empty())
            .then(|| Rc::clone(&self.processes[self.random.below(self.processes.len())].user))
        else {
            return;
        };
        // SAFETY: the list keeps it, and `end_process` refuses to end what runs.
        let user: &'static UserSpace<'static, Live> = unsafe { &*Rc::as_ptr(&process) };
        self.entered[hart] = match (entered, self.random.below(3)) {
            (entered, 0) => {
                drop(entered);
                None
            }
            (None, _) => Some(user.enter()),
            (Some(entered), _) => Some(entered.switch(user)),
        };
    }

    fn end_process(&mut self) {
        let Some(process) = Self::take(&mut self.random, &mut self.processes) else { return };
        let Process { user, pages } = process;
        let user = Rc::into_inner(user).expect("only the list has it");
        let data = &mut self.data;
        match user.destroy(|memory| data.push(memory)) {
            Ok(()) => pages.iter().for_each(|pages| self.landed.assert_unused(pages.memory)),
            Err(refused) => {
                let user = Rc::new(refused.returned.expect("a hart runs it"));
                // A hart that runs it holds a reference to where it was: it leaves now.
                self.leave_all();
                self.processes.push(Process { user, pages });
            }
        }
    }

    fn leave_all(&mut self) {
        for hart in 0..HARTS {
            // The value moved, so the references are not followed any more.
            mem::forget(self.entered[hart].take());
        }
    }

    fn phys(&self, linear: VirtRange) -> landfall_paging::PhysAddr {
        landfall_paging::PhysAddr::new(linear.start().get().wrapping_sub(self.landed.plan.linear.offset))
    }

    /// User memory is reached by its address space alone, and with no more than its permission.
    fn judge_user(&self, user: &User, pages: &UserPages) {
        for reach in self.landed.double.lock().harts.reaching(crate::judged::bytes(pages.memory)) {
            if reach.virt >> 63 == 0 {
                assert_eq!(reach.holder, Holder::Asid(user.asid().get()), "another address space reaches it");
                let flags = reach.translation.flags;
                assert!(!flags.w() || pages.access == Permission::ReadWrite, "it may be written");
                assert!(!flags.x() || pages.access == Permission::ReadExecute, "it may be executed");
            }
        }
    }

    /// Judges everything.
    fn judge_all(&self) {
        self.data.iter().chain(&self.pool).for_each(|memory| self.landed.assert_unused(memory.range()));
        for Mapped { area, access } in &self.areas {
            let range = area.range();
            self.landed.assert_access(VirtRange::new(range.start(), PAGE), *access);
            self.landed.assert_unmapped(VirtRange::new(range.start().wrapping_sub(PAGE), PAGE));
            self.landed.assert_unmapped(VirtRange::new(range.end(), PAGE));
        }
        for code in &self.codes {
            let linear = code.readable();
            self.landed.assert_never_both(PhysRange::new(self.phys(linear), linear.size()));
        }
        for process in &self.processes {
            process.pages.iter().for_each(|pages| self.judge_user(&process.user, pages));
        }
    }
}

const fn needed(access: DataAccess) -> Access {
    match access {
        DataAccess::ReadOnly => Access::Load,
        DataAccess::ReadWrite => Access::Store,
    }
}

/// Carries `steps` operations out, and judges all after each `between`.
pub(crate) fn run(setup: &Setup, seed: u64, steps: usize, between: usize) {
    let mut run = Run::new(setup, seed);
    for step in 0..steps {
        run.step();
        if step % between == 0 {
            run.judge_all();
        }
    }
    run.judge_all();
    run.leave_all();
}

fn setups() -> Vec<Setup> {
    let mut setups = Vec::new();
    for mode in Mode::BEST_FIRST {
        for (napot, asid_bits) in [(false, 16), (true, 2), (false, 0)] {
            setups.push(Setup { napot, asid_bits, placing: Placing::Random([3; 32]), ..Setup::of(mode) });
        }
    }
    setups
}

/// The number in an environment variable, or a fixed one.
fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

/// `LANDFALL_STEPS` operations in each of nine setups, from the seed `LANDFALL_SEED`.
#[test]
fn random_operations_of_three_harts_keep_every_promise() {
    let steps = usize::try_from(number("LANDFALL_STEPS", 2_000)).expect("a usize");
    let seed = number("LANDFALL_SEED", 1);
    for (setup, seed) in setups().iter().zip(seed..) {
        run(setup, seed, steps, 50);
    }
}
