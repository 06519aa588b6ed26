//! The page by which harts leave: asm/leave.s.

use core::arch::global_asm;
use core::cell::UnsafeCell;

use landfall::address::{ImageAddr, VirtAddr};
use landfall_paging::{Access, Mapping, PAGE_SIZE, Satp};

use super::placed::Placed;
use super::tickets::Waiting;

/// Fields of `sstatus` (privileged specification, "Supervisor Status Register").
mod sstatus {
    const SIE: u64 = 1 << 1;
    const SPIE: u64 = 1 << 5;
    const SPP: u64 = 1 << 8;
    pub(super) const FS: u64 = 3 << 13;
    pub(super) const FS_INITIAL: u64 = 1 << 13;
    /// Set by each trap where the hart has Ssdbltrp; a trap while it is set is fatal.
    const SDT: u64 = 1 << 24;
    pub(super) const CLEARED: u64 = SIE | SPIE | SPP | FS | SDT;
}

global_asm!(
    include_str!("../asm/leave.s"),
    PAGE = const PAGE_SIZE,
    FS = const sstatus::FS,
    CLEARED = const sstatus::CLEARED,
);

unsafe extern "C" {
    /// Leaves the wrapper: see leave.s.
    fn landfall_wrapper_leave(words: *const Words) -> !;

    /// The words of the page that [`write_page`] fills in.
    static landfall_wrapper_known: Known;
}

/// The words by which the handler of traps knows the inner kernel.
#[repr(C)]
struct Known {
    start: u64,
    size: u64,
    linked: u64,
    discloses: u64,
}

/// Words of a page.
const WORDS: usize = PAGE_SIZE as usize / 8;

/// The page of the new address space, a copy of that in the text.
#[repr(C, align(4096))]
struct Page(UnsafeCell<[u64; WORDS]>);

// SAFETY: `write_page` alone writes it, by its contract before any other hart uses it.
unsafe impl Sync for Page {}

static PAGE: Page = Page(UnsafeCell::new([0; WORDS]));

/// The words that leave.s reads.
#[repr(C)]
struct Words {
    a0: u64,
    a1: u64,
    stack: u64,
    entry: u64,
    release: u64,
    satp: u64,
    keeps_handler: u64,
    fs: u64,
    wipe: u64,
    wipe_end: u64,
    state: u64,
}

/// A hart's registers at its entry into the inner kernel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Registers {
    pub(super) a0: u64,
    pub(super) a1: u64,
    /// The top of its stack.
    pub(super) stack: VirtAddr,
    pub(super) unit: FloatUnit,
    pub(super) handler: Handler,
}

/// The floating-point unit at the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FloatUnit {
    /// `sstatus.FS` is Initial.
    On,
    /// `sstatus.FS` is Off.
    Off,
}

/// The handler of traps at the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handler {
    /// That of the page, which prints the trap and powers off.
    Page,
    /// `stvec` is 0.
    None,
}

/// The hart's next step.
#[derive(Clone, Copy, Debug)]
pub(super) enum Then {
    /// It enters the inner kernel here.
    Enter(VirtAddr),
    /// It waits until the inner kernel writes an address into its release word.
    Wait(Waiting),
}

/// Wipes the stack from `bottom` to `top`, which is the calling hart's, and leaves.
///
/// # Safety
/// - The tables of `satp` hold [`page`], the new stack and the words of a hart that waits.
/// - This hart needs nothing of the wrapper any more. No other hart reads its stack.
pub(super) unsafe fn leave(
    satp: Satp,
    registers: Registers,
    then: Then,
    (bottom, top): (VirtAddr, VirtAddr),
) -> ! {
    let (entry, release, state) = match then {
        Then::Enter(entry) => (entry.get(), 0, 0),
        Then::Wait(waiting) => (0, waiting.release.get(), waiting.state.get()),
    };
    let words = Words {
        a0: registers.a0,
        a1: registers.a1,
        stack: registers.stack.get(),
        entry,
        release,
        satp: satp.bits(),
        keeps_handler: u64::from(registers.handler == Handler::Page),
        fs: if registers.unit == FloatUnit::On { sstatus::FS_INITIAL } else { 0 },
        wipe: bottom.get(),
        wipe_end: top.get(),
        state,
    };
    // SAFETY: the caller's. The words are read before the stack is wiped.
    unsafe { landfall_wrapper_leave(&raw const words) }
}

/// Returns the mapping of the page in the new address space. The wrapper's own has it at the same
/// address.
pub(super) fn page() -> Mapping {
    let virt = ImageAddr::from_ptr(landfall_wrapper_leave as *const ()).virt();
    let phys = ImageAddr::from_ptr(&raw const PAGE).to_phys();
    Mapping { virt, phys, size: PAGE_SIZE, access: Access::ReadExecute }
}

/// Writes the page of the new address space, for a kernel at these places.
///
/// # Safety
/// No hart leaves before this returns, and it is called by one hart at a time.
pub(super) unsafe fn write_page(placed: Placed) {
    let known = Known {
        start: placed.virt.get(),
        size: placed.phys.size(),
        linked: placed.virt.get().wrapping_sub(placed.moved),
        discloses: u64::from(placed.discloses()),
    };
    let code = landfall_wrapper_leave as *const u64;
    let offset = (&raw const landfall_wrapper_known).addr() - code.addr();
    let copy = PAGE.0.get().cast::<u64>();
    // SAFETY: the code fills a page of the text, and the words lie in it at a multiple of 8.
    // Nothing else uses the copy, by the contract.
    unsafe {
        copy.copy_from_nonoverlapping(code, WORDS);
        copy.byte_add(offset).cast::<Known>().write(known);
    }
}
