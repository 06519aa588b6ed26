//! The landing, for the kernel: its facts, its policy and its plan.

#[cfg(feature = "report")]
mod index;

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use landfall_address::LinearAddr;
#[cfg(feature = "efi")]
use landfall_efi::Efi;
use landfall_paging::{Mode, PhysAddr, PhysRange, Satp, VirtAddr};
use landfall_plan::facts::CommandLine;
use landfall_plan::memory::{FreeRanges, RamParts};
use landfall_plan::plan::{Region, TreePlace};
use landfall_plan::{Facts, Plan, Policy};
use landfall_tree::{NextSeed, SeedSecret};

use super::entropy::KernelEntropy;

/// The facts, the plan and the results of the landing. One exists, while the kernel runs.
///
/// It holds numbers, never pointers: it was written before the last rebase.
#[derive(Debug)]
pub struct Landing {
    pub(super) facts: Facts,
    pub(super) policy: Policy,
    /// `make_plan` writes it, before any reader gets a landing: a plan is large to move.
    pub(super) plan: MaybeUninit<Plan>,
    pub(super) satp: Satp,
    entropy: [AtomicU64; 4],
    /// Bits of the entropy; 0 without entropy, or after it was taken.
    entropy_bits: AtomicU32,
    secret: SecretPlace,
    pub(super) tables_taken: AtomicBool,
}

/// The place of the one landing. In `.data`: the file holds its first value, and zeroing `.bss`
/// leaves it alone.
#[repr(C)]
pub(super) struct LandingCell {
    #[cfg(feature = "report")]
    index: landfall_image::landing_index::LandingIndex,
    pub(super) landing: UnsafeCell<Landing>,
}

// SAFETY: it is written by one hart before any other can see it, and only read afterwards, but for
// its atomics.
unsafe impl Sync for LandingCell {}

#[unsafe(export_name = "__landfall_landing")]
#[unsafe(link_section = ".data.landfall_landing")]
static LANDING: LandingCell = LandingCell {
    #[cfg(feature = "report")]
    index: index::INDEX,
    landing: UnsafeCell::new(Landing::UNKNOWN),
};

impl LandingCell {
    /// The landing, to be written.
    ///
    /// # Safety
    /// Before landing, and no other reference to the landing is in use.
    pub(super) unsafe fn take() -> &'static mut Landing {
        // SAFETY: the caller has the only reference.
        unsafe { &mut *LANDING.landing.get() }
    }

    /// Returns the memory that the landing takes.
    #[cfg(feature = "relocate")]
    pub(super) fn range() -> PhysRange {
        let start = PhysAddr::new(LANDING.landing.get().expose_provenance() as u64);
        PhysRange::new(start, size_of::<Landing>() as u64)
    }

    /// The landing, to be read.
    ///
    /// # Safety
    /// After landing.
    pub(super) unsafe fn get() -> &'static Landing {
        // SAFETY: it is not written any more.
        unsafe { &*LANDING.landing.get() }
    }
}

impl Landing {
    /// Nothing found and nothing decided.
    #[expect(clippy::declare_interior_mutable_const, reason = "the first value of the one landing")]
    const UNKNOWN: Self = Self {
        facts: Facts::UNKNOWN,
        policy: Policy::new(),
        plan: MaybeUninit::uninit(),
        satp: Satp::new(Mode::Sv39, PhysAddr::new(0)),
        entropy: [const { AtomicU64::new(0) }; 4],
        entropy_bits: AtomicU32::new(0),
        secret: SecretPlace::EMPTY,
        tables_taken: AtomicBool::new(false),
    };

    /// Puts down the secret from which seeds of next kernels come. It moves with the image.
    pub(super) fn keep_secret(&mut self, words: [u64; 4], bits: u32) {
        self.secret.put(words, bits);
    }

    /// Puts down the rest.
    pub(super) fn settle(&mut self, satp: Satp, entropy: Option<[u64; 4]>) {
        self.satp = satp;
        super::disclose(self.policy.disclosure());
        if let (Some(entropy), Some(seed)) = (entropy, self.plan().seed) {
            self.entropy = entropy.map(AtomicU64::new);
            self.entropy_bits = AtomicU32::new(seed.bits);
        }
    }

    /// Returns the machine's facts.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Returns the plan of this landing.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        // SAFETY: `land` writes a plan before it reads it, and landed code gets a landing only
        // after that.
        unsafe { self.plan.assume_init_ref() }
    }

    /// Returns the build ID of this kernel: 20 bytes that the linker derives from all of it. A
    /// module is bound to it. It is empty if the kernel was linked without one.
    #[must_use]
    pub fn build_id(&self) -> &'static [u8] {
        super::symbols::build_id()
    }

    /// Returns the kernel's policy.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Returns the value of `satp` with which every hart has landed.
    #[must_use]
    pub const fn satp(&self) -> Satp {
        self.satp
    }

    /// The paging mode.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.plan().mode
    }

    /// The kernel's command line. Its bytes may be any; [`CommandLine::as_str`] returns those that
    /// are text.
    #[must_use]
    pub fn command_line(&self) -> CommandLine<'_> {
        let line = self.facts.command_line;
        let offset = line.start().wrapping_offset_from(self.facts.tree.start()) as usize;
        let bytes = self.tree().get(offset..).and_then(|rest| rest.get(..line.size() as usize));
        CommandLine::new(bytes.unwrap_or_default())
    }

    /// The device tree, without the seeds.
    #[must_use]
    pub fn tree(&self) -> &[u8] {
        let at = match self.plan().tree {
            TreePlace::Kept => self.facts.tree.start(),
            TreePlace::Copied(at) => at,
        };
        // SAFETY: the linear map holds it (the plan saw to that), and free memory leaves it out.
        unsafe {
            core::slice::from_raw_parts(LinearAddr::from_phys(at).as_ptr(), self.facts.tree.size() as usize)
        }
    }

    /// Returns the initial RAM disk that the loader has put into memory. `None` without one, or if
    /// the linear map does not hold all of it.
    #[must_use]
    pub fn initrd(&self) -> Option<&[u8]> {
        let initrd = self.facts.initrd?;
        self.plan().linear.mapped(&self.facts).find(|mapped| mapped.contains(initrd))?;
        // SAFETY: the linear map holds it, and free memory leaves it out.
        Some(unsafe {
            core::slice::from_raw_parts(
                LinearAddr::from_phys(initrd.start()).as_ptr(),
                initrd.size() as usize,
            )
        })
    }

    /// Returns the memory that is reserved for a crash kernel, neither mapped nor free. Returns
    /// `None` if neither the policy nor the command line asks for it. If the machine has no room,
    /// it returns `None` too, and the report has a note.
    #[must_use]
    pub fn crash_memory(&self) -> Option<PhysRange> {
        Some(self.facts.crash).filter(|crash| !crash.is_empty())
    }

    /// The EFI firmware that booted the kernel; `None` where another loader did.
    #[cfg(feature = "efi")]
    #[must_use]
    pub fn efi(&self) -> Option<Efi<'_>> {
        Efi::of(self.tree())
    }

    /// Returns physical memory that is mapped and has no owner, in ascending order.
    #[must_use]
    pub fn free_memory(&self) -> FreeRanges<'_> {
        self.plan().free_memory(&self.facts)
    }

    /// Returns all RAM by its use, in ascending order. A part is free, or it holds image, tables,
    /// stacks, tree, initrd or crash memory. Other parts are the firmware's, reserved, or beyond
    /// the reach of the linear map.
    #[must_use]
    pub fn ram(&self) -> RamParts<'_> {
        self.plan().ram(&self.facts)
    }

    /// Returns the region to which an address belongs, as [`Plan::what_is`] does. It reads no
    /// memory, so a trap handler can call it.
    #[must_use]
    pub fn what_is(&self, address: VirtAddr) -> Option<Region> {
        self.plan().what_is(address)
    }

    /// Returns random bytes for the kernel, once. Returns `None` if there was no seed, if the seed
    /// had fewer than [`Seed::MIN_BITS`](crate::plan::Seed::MIN_BITS) bits, and on later calls.
    pub fn take_entropy(&self) -> Option<KernelEntropy> {
        let bits = self.entropy_bits.swap(0, Ordering::AcqRel);
        if bits == 0 {
            return None;
        }
        let mut entropy = KernelEntropy { bytes: [0; 32], bits };
        for (part, word) in entropy.bytes.as_chunks_mut().0.iter_mut().zip(&self.entropy) {
            *part = word.swap(0, Ordering::Relaxed).to_le_bytes();
        }
        Some(entropy)
    }
}

impl Landing {
    /// Returns a seed for a kernel that this one starts. Each call returns another one, and none
    /// leads back to an earlier one or to the seed of this kernel. Returns `None` if there was no
    /// seed, or while another hart calls it.
    #[must_use]
    pub fn next_seed(&self) -> Option<NextSeed> {
        let (words, bits) = self.secret.take()?;
        let mut secret = SeedSecret::new(words, bits);
        let seed = secret.next_seed();
        self.secret.put(secret.words(), bits);
        Some(seed)
    }
}

/// The place of a secret of four words.
#[derive(Debug)]
struct SecretPlace {
    words: [AtomicU64; 4],
    /// Bits of the secret; 0 without one, or while a hart uses it.
    bits: AtomicU32,
}

impl SecretPlace {
    #[expect(clippy::declare_interior_mutable_const, reason = "the first value of the one landing")]
    const EMPTY: Self = Self { words: [const { AtomicU64::new(0) }; 4], bits: AtomicU32::new(0) };

    fn put(&self, words: [u64; 4], bits: u32) {
        for (place, word) in self.words.iter().zip(words) {
            place.store(word, Ordering::Relaxed);
        }
        self.bits.store(bits, Ordering::Release);
    }

    fn take(&self) -> Option<([u64; 4], u32)> {
        let bits = self.bits.swap(0, Ordering::AcqRel);
        let mut words = [0; 4];
        for (word, place) in words.iter_mut().zip(&self.words) {
            *word = place.swap(0, Ordering::Relaxed);
        }
        (bits != 0).then_some((words, bits))
    }
}

/// Returns true if `virt` belongs to the linear map or to the image, and `phys` lies behind it.
/// Before landing, nothing is known of that.
pub(super) fn is_mapped(virt: VirtAddr, phys: PhysAddr) -> bool {
    if !super::stage::has_landed() {
        // A panic handler of the kernel's own may convert addresses before there is a landing.
        return true;
    }
    // SAFETY: this hart has landed.
    let landing = unsafe { LandingCell::get() };
    if virt.get() >= landfall_address::constants::border() {
        landing.plan().image.phys.all().contains(PhysRange::new(phys, 1))
    } else {
        landing.plan().linear.mapped(&landing.facts).any(|range| range.contains(PhysRange::new(phys, 1)))
    }
}
