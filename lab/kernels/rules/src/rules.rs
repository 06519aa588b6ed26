//! The tests that each hart runs.

use core::hint::black_box;
use core::sync::atomic::{AtomicU64, Ordering};

use landfall::address::{ImageAddr, LinearAddr, PhysAddr, PhysRange};
use landfall::efi::{Efi, MemoryDescriptor};
use landfall::plan::STACK_GUARD;
use landfall::policy::{Alias, Placement};
use landfall::{HartIndex, Landing};

use crate::access::{FETCH_PAGE_FAULT, LOAD_PAGE_FAULT, STORE_PAGE_FAULT, execute, load, store};
use crate::convert::{either_to_phys, image_to_phys, image_to_virt, linear_to_phys, linear_to_virt};

/// A test: whether the rule holds on this hart, by the number of its stack.
type Test = fn(&'static Landing, u64) -> bool;

/// Name and test.
pub(crate) const ON_EVERY_HART: [(&str, Test); 10] = [
    ("text", text_is_not_writable),
    ("constants", constants_are_not_writable),
    ("execute", data_is_not_executable),
    ("stack", stack_is_not_executable),
    ("guard", guard_faults),
    ("last-page", last_page_faults),
    ("lower-half", lower_half_faults),
    ("regions", regions_are_empty),
    ("conversions", conversions_are_right),
    ("float", float_works),
];

/// `ret`, twice.
const RETURNS: u64 = 0x0000_8067_0000_8067;

static DATA: AtomicU64 = AtomicU64::new(RETURNS);
static CONSTANT: u64 = RETURNS;
/// Large, and touched by nothing but the test.
static BSS: [AtomicU64; 32 * 1024] = [const { AtomicU64::new(0) }; 32 * 1024];

pub(crate) fn bss_is_zero() -> bool {
    let zero = BSS.iter().all(|word| word.load(Ordering::Relaxed) == 0);
    BSS[7].store(1, Ordering::Relaxed);
    zero
}

fn address_of<T>(place: *const T) -> u64 {
    place.expose_provenance() as u64
}

/// The form of text and constants in the linear map.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum InLinearMap {
    /// The kernel itself: there is no other mapping.
    Kernel,
    /// The same, read-only.
    ReadOnly,
    /// Nothing.
    Nothing,
}

impl InLinearMap {
    pub(crate) fn of(landing: &Landing) -> Self {
        match (landing.policy().placement(), landing.policy().alias()) {
            (Placement::LinearMap, _) => Self::Kernel,
            (_, Alias::Absent) => Self::Nothing,
            _ => Self::ReadOnly,
        }
    }
}

/// Text: it can be read and run, not written, and neither through the linear map.
fn text_is_not_writable(landing: &'static Landing, _: u64) -> bool {
    let text = address_of(crate::access::tag_routine());
    let alias =
        LinearAddr::from_phys(ImageAddr::from_ptr(crate::access::tag_routine()).to_phys()).virt().get();
    let is_constant = |address: u64| {
        // SAFETY: if it does not fault, the test has failed and the kernel is of no more use.
        load(address).is_ok() && unsafe { store(address) } == Err(STORE_PAGE_FAULT)
    };
    is_constant(text & !7)
        && match InLinearMap::of(landing) {
            InLinearMap::Kernel => alias == text,
            InLinearMap::ReadOnly => {
                // SAFETY: should the alias run, it would stop this hart.
                is_constant(alias & !7) && unsafe { execute(alias) } == Err(FETCH_PAGE_FAULT)
            }
            InLinearMap::Nothing => is_nothing(alias & !7),
        }
}

fn constants_are_not_writable(landing: &'static Landing, _: u64) -> bool {
    let constant = address_of(black_box(&raw const CONSTANT));
    let alias = LinearAddr::from_phys(ImageAddr::from_ptr(&raw const CONSTANT).to_phys()).virt().get();
    let is_constant = |address: u64| {
        load(address) == Ok(RETURNS)
            // SAFETY: as above; the constant is nothing but `ret`.
            && unsafe { store(address) == Err(STORE_PAGE_FAULT) && execute(address) == Err(FETCH_PAGE_FAULT) }
    };
    is_constant(constant)
        && match InLinearMap::of(landing) {
            InLinearMap::Kernel => alias == constant,
            InLinearMap::ReadOnly => is_constant(alias),
            InLinearMap::Nothing => is_nothing(alias),
        }
}

/// Neither a load nor a store nor a jump finds anything there.
fn is_nothing(address: u64) -> bool {
    // SAFETY: if one does not fault, the test has failed and the kernel is of no more use.
    let (stored, executed) = unsafe { (store(address), execute(address)) };
    load(address) == Err(LOAD_PAGE_FAULT)
        && stored == Err(STORE_PAGE_FAULT)
        && executed == Err(FETCH_PAGE_FAULT)
}

/// Memory of the firmware's runtime services is known, the system table lies in it, and none of it
/// is in the linear map.
pub(crate) fn runtime_services_are_left_alone(landing: &Landing, efi: Efi<'_>) -> bool {
    let linear = landing.plan().linear;
    let holds_table = |region: MemoryDescriptor| {
        let start = region.range.start().get();
        (start..region.range.end().get()).contains(&efi.system_table.get())
    };
    let is_nothing = |region: MemoryDescriptor| {
        let last = region.range.end().wrapping_add(8_u64.wrapping_neg());
        [region.range.start(), last].into_iter().all(|phys| is_nothing(linear.virt(phys).get()))
    };
    efi.runtime().any(holds_table) && efi.runtime().all(is_nothing)
}

/// The root pointer lies at firmware's address, in the linear map, outside free memory.
pub(crate) fn acpi_can_be_read(landing: &Landing, root: PhysAddr) -> bool {
    let is_free = landing.free_memory().any(|free| free.contains(PhysRange::new(root, 1)));
    load(landing.plan().linear.virt(root).get()) == Ok(u64::from_le_bytes(*b"RSD PTR ")) && !is_free
}

/// Nothing is in the regions that wait for the kernel, nor behind the image, nor in the policy's
/// windows.
fn regions_are_empty(landing: &'static Landing, _: u64) -> bool {
    let plan = landing.plan();
    let windows = landing.policy().windows(plan.mode);
    [plan.near, plan.dynamic].into_iter().chain(windows).filter(|region| region.size() != 0).all(|region| {
        let last = region.end().wrapping_add(8_u64.wrapping_neg());
        [region.start(), last].into_iter().all(|address| load(address.get()) == Err(LOAD_PAGE_FAULT))
    })
}

fn data_is_not_executable(_: &'static Landing, _: u64) -> bool {
    let data = address_of(&raw const DATA);
    let alias = LinearAddr::from_phys(ImageAddr::from_ptr(&raw const DATA).to_phys()).virt().get();
    // SAFETY: what is there is `ret`.
    [data, alias]
        .into_iter()
        .all(|address| load(address) == Ok(RETURNS) && unsafe { execute(address) } == Err(FETCH_PAGE_FAULT))
}

fn stack_is_not_executable(_: &'static Landing, _: u64) -> bool {
    let code = black_box([RETURNS; 2]);
    // SAFETY: what is there is `ret`.
    unsafe { execute(address_of(&raw const code)) == Err(FETCH_PAGE_FAULT) }
}

/// The guard below this hart's own stack, to its first and last bytes, and the one above it.
fn guard_faults(landing: &'static Landing, hart: u64) -> bool {
    let (stacks, hart) = (&landing.plan().stacks, HartIndex::new(hart));
    let (bottom, top) = (stacks.bottom(hart).get(), stacks.top(hart).get());
    let here = black_box(0_u64);
    let here = address_of(&raw const here);
    let faults = |address| {
        // SAFETY: nothing is mapped in a guard.
        load(address) == Err(LOAD_PAGE_FAULT) && unsafe { store(address) } == Err(STORE_PAGE_FAULT)
    };
    (bottom..top).contains(&here)
        && load(bottom).is_ok()
        && faults(bottom - 8)
        && faults(bottom - STACK_GUARD)
        && faults(top)
        && faults(top + STACK_GUARD - 8)
}

fn last_page_faults(_: &'static Landing, _: u64) -> bool {
    [u64::MAX - 7, u64::MAX - 4095].into_iter().all(|address| load(address) == Err(LOAD_PAGE_FAULT))
}

/// No identity map is left: neither where the kernel lies nor at 0.
fn lower_half_faults(_: &'static Landing, _: u64) -> bool {
    let text = ImageAddr::from_ptr(crate::access::tag_routine()).to_phys().get();
    [0, 0x1000, text & !7].into_iter().all(|address| load(address) == Err(LOAD_PAGE_FAULT))
        // SAFETY: at worst this hart stops.
        && unsafe { execute(text) } == Err(FETCH_PAGE_FAULT)
}

/// At both ends of memory and of the image, there and back.
fn conversions_are_right(landing: &'static Landing, _: u64) -> bool {
    let plan = landing.plan();
    let span = plan.linear.span;
    let ends = [span.start().get(), span.end().get() - 1, landing.tree().as_ptr().addr() as u64];
    let ends = [ends[0], ends[1], linear_to_phys(ends[2])];
    let linear = ends.into_iter().all(|phys| {
        let virt = phys.wrapping_add(plan.linear.offset);
        linear_to_virt(phys) == virt && linear_to_phys(virt) == phys && either_to_phys(virt) == phys
    });
    let image = plan.image.phys.all();
    let offset = plan.image.virt.get().wrapping_sub(image.start().get());
    let ends = [image.start().get(), image.end().get() - 1, image.start().get() + 0x1234];
    // In the linear map, an address of the image is one of the linear map.
    let is_one = InLinearMap::of(landing) != InLinearMap::Kernel || offset == plan.linear.offset;
    let own = ends.into_iter().all(|phys| {
        let virt = phys.wrapping_add(offset);
        image_to_virt(phys) == virt && image_to_phys(virt) == phys && either_to_phys(virt) == phys
    });
    linear && own && is_one
}

fn float_works(_: &'static Landing, hart: u64) -> bool {
    let start = black_box(f64::from(u32::try_from(hart).unwrap_or(0)) + 0.5);
    let sum = (1..=100).fold(start, |sum, step| black_box(sum) + f64::from(black_box(step)) * 0.25);
    (sum - start - 1262.5).abs() < 1e-9
}

/// 32 bytes, once; none where the machine has no seed, which the command line says.
pub(crate) fn entropy_comes_once(landing: &'static Landing) -> bool {
    let expected = !landing.command_line().has("no-entropy");
    let first = landing.take_entropy();
    let fresh = first
        .as_ref()
        .is_some_and(|entropy| entropy.bytes().as_chunks::<8>().0.iter().all(|word| *word != [0; 8]));
    fresh == expected && first.is_some() == expected && landing.take_entropy().is_none()
}
