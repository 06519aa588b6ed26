//! Memory as the linear map shows it, against memory as a hart with paging off sees it.

use core::arch::asm;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use landfall::Landing;
use landfall::address::{ImageAddr, LinearAddr, PhysAddr, PhysRange};
use landfall::memory::RamUse;

use crate::access::{self, LOAD_PAGE_FAULT, load, store};
use crate::rules::InLinearMap;

const PAGE: u64 = 4096;
/// Up to so much memory, every free page is looked at.
const ALL_UP_TO: u64 = 4 << 30;
const MOST: usize = 256;

/// The state of a hart that the firmware keeps (SBI, "Hart State Management Extension").
const STOPPED: usize = 1;

/// Ranges to tag: what `rules_tag` reads.
#[repr(C, align(16))]
struct Work {
    count: AtomicU64,
    done: AtomicU64,
    ranges: [[AtomicU64; 3]; MOST],
}

static WORK: Work = Work {
    count: AtomicU64::new(0),
    done: AtomicU64::new(0),
    ranges: [const { [const { AtomicU64::new(0) }; 3] }; MOST],
};

/// Requests that the hart return to the firmware.
static GIVE_BACK: AtomicBool = AtomicBool::new(false);

/// The work of another hart after it has tried the rules.
pub(crate) fn wait_for_work() -> ! {
    loop {
        if GIVE_BACK.load(Ordering::Acquire) {
            let _ = sbi_rt::hart_stop();
        }
        core::hint::spin_loop();
    }
}

/// Checks a page of text in the linear map: it has the same words or is not mapped. The memory
/// before the image and behind its constants is mapped.
pub(crate) fn image_is_aliased(landing: &'static Landing) -> bool {
    let own = access::tag_routine().cast::<u64>();
    let first = own.addr() as u64 & !(PAGE - 1);
    let plan = landing.plan();
    let as_the_policy_says = (0..PAGE / 8).all(|index| {
        let virt = first + index * 8;
        let alias =
            LinearAddr::from_phys(ImageAddr::from_virt(landfall::address::VirtAddr::new(virt)).to_phys());
        let through_map = load(alias.virt().get());
        load(virt).is_ok()
            && match InLinearMap::of(landing) {
                InLinearMap::Nothing => through_map == Err(LOAD_PAGE_FAULT),
                InLinearMap::ReadOnly | InLinearMap::Kernel => load(virt) == through_map,
            }
    });
    let read_only = plan.image.phys.read_only();
    let before = PhysRange::new(PhysAddr::new(read_only.start().get().wrapping_sub(8)), 8);
    let behind = PhysRange::new(read_only.end(), 8);
    let neighbours = [before, behind].into_iter().all(|word| {
        let mapped = plan.linear.mapped(landing.facts()).any(|range| range.contains(word));
        load(plan.linear.virt(word.start()).get()).is_ok() == mapped
    });
    as_the_policy_says && neighbours
}

/// The place that the image has left is free, and can be written to; so can the pages that only the
/// landing used.
pub(crate) fn old_place_is_free(landing: &'static Landing) -> bool {
    let plan = landing.plan();
    let facts = landing.facts();
    let old = PhysRange::new(plan.physical.loaded, plan.image.phys.size());
    let taken = [plan.image.phys.read_only(), plan.image.phys.data(), plan.block];
    let pages = |range: PhysRange| (range.start().get()..range.end().get()).step_by(4096);
    let page = |phys: u64| PhysRange::new(PhysAddr::new(phys), PAGE);
    let left = pages(old).filter(|phys| !taken.iter().any(|taken| taken.overlaps(page(*phys))));
    left.chain(pages(plan.image.phys.early())).all(|phys| {
        let virt = plan.linear.virt(PhysAddr::new(phys)).get();
        let free = landing.free_memory().any(|free| free.contains(page(phys)));
        // SAFETY: free memory has no owner.
        free && facts.ram.contains(page(phys)) && unsafe { store(virt) } == Ok(()) && load(virt) == Ok(0)
    })
}

/// Checks that crash memory is not mapped, is not free, and has a use of its own. A kernel that was
/// asked for it and has none has a note.
pub(crate) fn crash_memory_is_left_alone(landing: &'static Landing) -> bool {
    let Some(crash) = landing.crash_memory() else {
        let uses = landing.ram().all(|part| part.usage != RamUse::Crash);
        return uses && !landing.command_line().has("crashkernel=16M");
    };
    let plan = landing.plan();
    let at = |phys: u64| load(plan.linear.virt(PhysAddr::new(phys)).get());
    let (start, end) = (crash.start().get(), crash.end().get());
    let is_mapped =
        (start..end).step_by(1 << 16).chain([end - 8]).any(|phys| at(phys) != Err(LOAD_PAGE_FAULT));
    let is_free = landing.free_memory().any(|free| free.overlaps(crash));
    let uses = landing.ram().filter(|part| part.usage == RamUse::Crash);
    !is_mapped && !is_free && uses.map(|part| part.range).eq([crash])
}

/// Checks the edges of each range of memory. Its first and last page are mapped, unless the image
/// lies there and has no alias. The addresses before and behind it are not mapped.
pub(crate) fn edges_fault(landing: &'static Landing) -> bool {
    let plan = landing.plan();
    let mut ranges = plan.linear.mapped(landing.facts());
    let in_hole = |phys: u64| {
        InLinearMap::of(landing) == InLinearMap::Nothing
            && plan.image.phys.read_only().contains(PhysRange::new(PhysAddr::new(phys), 8))
    };
    ranges.all(|range| {
        let at = |phys: u64| load(plan.linear.virt(PhysAddr::new(phys)).get());
        let is_there = |phys: u64| at(phys).is_ok() != in_hole(phys);
        let (start, end) = (range.start().get(), range.end().get());
        let outside = [start.wrapping_sub(8), end, start.wrapping_sub(PAGE), end + PAGE - 8];
        is_there(start)
            && is_there(end - 8)
            && outside.into_iter().all(|phys| at(phys) == Err(LOAD_PAGE_FAULT))
    })
}

/// A hart with paging off writes each free page's address into the page; each is found through the
/// linear map.
pub(crate) fn tags_are_seen(landing: &'static Landing) -> bool {
    if !list_work(landing) {
        landfall::println!("landfall: too many ranges of free memory for this test");
        return false;
    }
    let Some(hart) = return_a_hart(landing) else {
        landfall::println!("landfall: no hart went back to the firmware");
        return false;
    };
    let routine = word(ImageAddr::from_ptr(access::tag_routine()).to_phys());
    let work = word(ImageAddr::from_ptr(&raw const WORK).to_phys());
    // SAFETY: it orders the list of work before whatever the firmware does, and nothing else.
    unsafe { asm!("fence rw, ow", options(nostack, preserves_flags)) };
    if sbi_rt::hart_start(hart, routine, work).is_err() {
        landfall::println!("landfall: hart {hart} does not start again");
        return false;
    }
    while WORK.done.load(Ordering::Acquire) == 0 {
        core::hint::spin_loop();
    }
    let bare = WORK.done.load(Ordering::Acquire) == 1;
    bare && WORK.ranges.iter().take(count()).all(|range| {
        let [start, end, step] = range.each_ref().map(|number| number.load(Ordering::Relaxed));
        (start..end).step_by(usize::try_from(step).unwrap_or(usize::MAX)).all(|phys| {
            let found = load(LinearAddr::from_phys(PhysAddr::new(phys)).virt().get());
            if found != Ok(phys) {
                landfall::println!("landfall: {phys:#x} reads {found:x?} through the linear map");
            }
            found == Ok(phys)
        })
    })
}

fn count() -> usize {
    usize::try_from(WORK.count.load(Ordering::Acquire)).unwrap_or(0)
}

/// Returns all free pages of a small machine. On a large one it returns a sample, the ends of each
/// range, and the pages around the first multiples of 1 GiB.
fn list_work(landing: &'static Landing) -> bool {
    if landing.plan().linear.size <= ALL_UP_TO {
        return landing.free_memory().all(|range| add(range, PAGE));
    }
    landing.free_memory().all(|range| {
        let (start, end) = (range.start().get(), range.end().get());
        let near = (2 << 20).min(range.size());
        let first = PhysRange::new(range.start(), near);
        let last = PhysRange::new(PhysAddr::new(end - near), near);
        // At most 512 steps through the largest machine.
        let unit = (range.size() >> 9).next_power_of_two().max(1 << 30);
        let border = start.next_multiple_of(unit);
        let below =
            PhysRange::between(PhysAddr::new((border + unit).saturating_sub(PAGE)), PhysAddr::new(end));
        let above = PhysRange::between(PhysAddr::new(border), PhysAddr::new(end));
        // No multiple of anything.
        let sample = (range.size() >> 9).max(PAGE) / PAGE * PAGE + 7 * PAGE;
        add(first, PAGE) && add(last, PAGE) && add(above, unit) && add(below, unit) && add(range, sample)
    })
}

fn add(range: PhysRange, step: u64) -> bool {
    let index = count();
    let Some(slot) = WORK.ranges.get(index) else { return false };
    for (place, number) in slot.iter().zip([range.start().get(), range.end().get(), step]) {
        place.store(number, Ordering::Relaxed);
    }
    WORK.count.store(index as u64 + 1, Ordering::Release);
    true
}

/// Sends one hart back to the firmware and waits until it is there.
fn return_a_hart(landing: &'static Landing) -> Option<usize> {
    GIVE_BACK.store(true, Ordering::Release);
    let others =
        || landing.harts().filter(|known| known.is_online() && known.hart.id != landing.facts().boot_hart);
    for _ in 0..100_000_000_u64 {
        for known in others() {
            let id = usize::try_from(known.hart.id).ok()?;
            if sbi_rt::hart_get_status(id).value == STOPPED {
                return Some(id);
            }
        }
        core::hint::spin_loop();
    }
    None
}

#[expect(clippy::cast_possible_truncation, reason = "a word has 64 bits here")]
const fn word(address: PhysAddr) -> usize {
    address.get() as usize
}
