//! Checks that the memory that the landing relies on keeps what is written to it (rule 26).
//!
//! A device tree may list flash, ROM or device registers as RAM. A store there is lost in silence,
//! so each page is written and read back once: see pages.s. Marks are set in all parts before any
//! is read back: so parts that share memory show as well.

use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange};
use landfall_plan::plan::{Movement, TreePlace};
use landfall_plan::refusal::Part;
use landfall_plan::{Plan, Refusal};

use super::early::PhysicalMemory;
use super::landing::Landing;
use super::symbols::address_of;

unsafe extern "C" {
    /// Writes to each page from `start` to `end`, and returns the first that loses a value: see
    /// pages.s.
    ///
    /// # Safety
    /// satp is 0, and nothing uses the pages.
    fn landfall_mark_pages(start: u64, end: u64) -> u64;
    /// Reads back what [`landfall_mark_pages`] has left, and returns the first page that has lost
    /// it: see pages.s.
    ///
    /// # Safety
    /// As for [`landfall_mark_pages`].
    fn landfall_check_marks(start: u64, end: u64) -> u64;
}

/// One of the two passes over a part's pages.
type Pass = unsafe extern "C" fn(start: u64, end: u64) -> u64;

/// Checks what is written before the image moves, or, where it stays, all that is written.
///
/// # Errors
/// Rule 26.
pub(super) fn check(memory: &PhysicalMemory, landing: &Landing) -> Result<(), Refusal> {
    let plan = landing.plan();
    match plan.physical.movement {
        Movement::Stays(_) => in_two_passes(|pass| {
            check_pages(memory, Part::Bss, bss(), pass)?;
            check_block(memory, plan, pass)
        }),
        Movement::Moves { to, copier } => {
            let [below, above] = beside_file(PhysRange::new(to, plan.image.phys.size()));
            in_two_passes(|pass| {
                check_pages(memory, Part::Copier, PhysRange::new(copier, PAGE_SIZE), pass)?;
                check_pages(memory, Part::MovedImage, below, pass)?;
                check_pages(memory, Part::MovedImage, above, pass)
            })
        }
    }
}

/// Checks what an image that has moved writes from then on: the old place may be part of it.
///
/// # Errors
/// Rule 26.
#[cfg(feature = "relocate")]
pub(super) fn check_after_move(memory: &PhysicalMemory, landing: &Landing) -> Result<(), Refusal> {
    in_two_passes(|pass| check_block(memory, landing.plan(), pass))
}

/// Checks one part that nothing uses yet. It holds zeros afterwards, if it did before.
///
/// # Errors
/// Rule 26.
pub(super) fn check_part(memory: &PhysicalMemory, part: Part, range: PhysRange) -> Result<(), Refusal> {
    in_two_passes(|pass| check_pages(memory, part, range, pass))
}

fn in_two_passes(parts: impl Fn(Pass) -> Result<(), Refusal>) -> Result<(), Refusal> {
    parts(landfall_mark_pages)?;
    parts(landfall_check_marks)
}

/// Tables, stacks and the tree's copy.
fn check_block(memory: &PhysicalMemory, plan: &Plan, pass: Pass) -> Result<(), Refusal> {
    check_pages(memory, Part::Tables, plan.tables(), pass)?;
    check_pages(memory, Part::Stacks, plan.stacks.all_memory(), pass)?;
    match plan.tree {
        TreePlace::Kept => Ok(()),
        TreePlace::Copied(at) => {
            check_pages(memory, Part::Tree, PhysRange::between(at, plan.block.end()), pass)
        }
    }
}

fn check_pages(_: &PhysicalMemory, part: Part, range: PhysRange, pass: Pass) -> Result<(), Refusal> {
    let (start, end) = (range.start().get(), range.end().get());
    // SAFETY: the callers name memory that the plan, or the image's file, has set aside. Nothing
    // has used it yet. satp is 0, as there is a `PhysicalMemory`.
    let at = unsafe { pass(start, end) };
    if at < end { Err(Refusal::NotMemory { part, at: PhysAddr::new(at) }) } else { Ok(()) }
}

/// The pages that begin in the image's `.bss`. Ours begins with a page; a kernel's own linker
/// script may put something else before it.
fn bss() -> PhysRange {
    let (start, end) = (address_of!("__landfall_bss_start"), address_of!("__landfall_bss_end"));
    PhysRange::between(PhysAddr::new(start.next_multiple_of(PAGE_SIZE)), PhysAddr::new(end))
}

/// The parts of `range` below and above the image's file, which runs.
fn beside_file(range: PhysRange) -> [PhysRange; 2] {
    let start = PhysAddr::new(address_of!("__landfall_image_start"));
    let end = PhysAddr::new(address_of!("__landfall_file_end"));
    let below = PhysRange::between(range.start(), range.end().min(start));
    let above = PhysRange::between(range.start().max(end), range.end());
    [below, above]
}
