//! From the device tree to a plan. All of it runs at physical addresses, as ordinary Rust: slots
//! are right since the first rebase. Numbers alone are kept; a pointer in a static would be wrong
//! after the second.

use core::arch::asm;
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::ptr::with_exposed_provenance_mut;

use landfall_paging::{Mode, PhysAddr, PhysRange};
use landfall_plan::facts::ImageFacts;
use landfall_plan::harts::HartIndex;
use landfall_plan::planner::ModeLimit;
use landfall_plan::{Facts, Plan, Policy, Refusal};
use landfall_tree::Tree;

use crate::{power_off, say, tables};

/// The only mode that this kernel's page tables know.
const MODE: Mode = Mode::Sv39;

/// The policy of this kernel: the defaults. The plan gives it a stack, with unmapped addresses
/// below.
const POLICY: Policy = Policy::new().with_modes(MODE..=MODE);

/// The values that start.s needs for the last steps.
#[repr(C)]
struct Leap {
    addend: u64,
    satp: u64,
    stack: u64,
}

/// The facts and the plan, kept for the kernel.
pub(crate) struct State {
    pub(crate) facts: Facts,
    pub(crate) plan: Plan,
}

struct Slot(UnsafeCell<MaybeUninit<State>>);

// SAFETY: written once, by the one hart there is, before any code reads it.
unsafe impl Sync for Slot {}

static STATE: Slot = Slot(UnsafeCell::new(MaybeUninit::uninit()));

/// Returns the facts and the plan.
pub(crate) fn state() -> &'static State {
    // SAFETY: `own_early` has written it, and no code writes it again.
    unsafe { (*STATE.0.get()).assume_init_ref() }
}

#[unsafe(no_mangle)]
extern "C" fn own_early(hart: u64, tree: u64, leap: &mut Leap) {
    match prepare(hart, PhysAddr::new(tree)) {
        Ok(found) => *leap = found,
        Err(refusal) => {
            say(format_args!("cannot start: {refusal}"));
            power_off()
        }
    }
}

fn prepare(hart: u64, at: PhysAddr) -> Result<Leap, Refusal> {
    // SAFETY: paging is off, and the loader promises a tree there.
    let memory = |size| unsafe {
        core::slice::from_raw_parts_mut(with_exposed_provenance_mut(at.get() as usize), size)
    };
    let size = Tree::stated_size(memory(8).as_ref().try_into().unwrap_or_default())?;
    let bytes: &mut [u8] = memory(size);

    let mut facts = Facts::UNKNOWN;
    (facts.image, facts.loaded, facts.boot_hart) = (image(), image_start(), hart);
    facts.tree = PhysRange::new(at, size as u64);
    let seeds = Tree::read(bytes, &mut facts)?.seeds;
    let entropy = seeds.take(bytes, &mut facts, &[]);

    // Refuses a machine whose tree says that it has no MMU.
    ModeLimit::new(&facts, &POLICY)?;
    facts.reserve_crash_memory(&POLICY);
    let plan = Plan::new(&facts, &POLICY, MODE, entropy.as_ref().map(|entropy| &entropy.draws))?;

    // SAFETY: the plan took these pages from free RAM, for tables.
    let root = unsafe { tables::build(plan.block.start(), plan.table_pages, plan.mappings(&facts)) };
    let leap = Leap {
        addend: plan.image_offset(),
        satp: landfall_paging::Satp::new(MODE, root).bits(),
        stack: plan.stacks.top(HartIndex::BOOT).get(),
    };
    // SAFETY: one hart runs, and no code has read it yet.
    unsafe { (*STATE.0.get()).write(State { facts, plan }) };
    Ok(leap)
}

/// Returns the address of a symbol of the linker script.
macro_rules! address_of {
    ($symbol:literal) => {{
        let address: u64;
        // SAFETY: it computes an address from the program counter.
        unsafe { asm!(concat!("lla {}, ", $symbol), out(reg) address, options(pure, nomem, nostack)) };
        address
    }};
}

/// The address of the image's first byte.
fn image_start() -> PhysAddr {
    PhysAddr::new(address_of!("__landfall_image_start"))
}

/// The image, by this kernel's own symbols.
fn image() -> ImageFacts {
    let base = address_of!("__landfall_image_start");
    let (text, rodata) = (address_of!("__landfall_text_end"), address_of!("_rodata_end"));
    let end = address_of!("_end");
    ImageFacts { text: text - base, constants: rodata - text, early: 0, data: end - rodata }
}
