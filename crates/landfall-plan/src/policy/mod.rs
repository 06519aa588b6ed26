//! Policy: the settings of the kernel's author.
//!
//! Builders begin with `with_`; the method without it returns the setting.
//!
//! ```text
//! choices   what there is to choose from
//! record    the policy as bytes in the image, which tools read too
//! earlier   records of every version, for tools
//! check     policies that no machine can fulfill, found when the kernel is built
//! ```
//!
//! ```
//! use landfall_paging::Mode;
//! use landfall_plan::policy::{Kaslr, Policy, PolicyReadError};
//!
//! let policy = Policy::new().with_modes(Mode::Sv39..=Mode::Sv48).with_kaslr(Kaslr::Disabled);
//! // Tools read the record that the image of the kernel holds.
//! assert_eq!(Policy::read(&policy.record())?, policy);
//! # Ok::<(), PolicyReadError>(())
//! ```

mod check;
mod choices;
mod earlier;
mod record;

use core::ops::RangeInclusive;

use landfall_paging::{Mode, PAGE_SIZE, VirtAddr, VirtRange};

use crate::stacks::OVERFLOW_STACK;

pub use check::Impossible;
pub use choices::{
    Alias, Disclosure, Kaslr, LinearPin, Modes, PhysicalPlacement, Placement, Starting, TablePlacement,
    Window,
};
pub use earlier::PolicyReadError;
pub use record::PolicyError;

/// The most windows of a policy.
pub const MAX_WINDOWS: usize = 8;

/// The kernel's requirements. The constant also lies in the image as a record that tools can read.
///
/// ```
/// use landfall_paging::{Mode, VirtAddr, VirtRange};
/// use landfall_plan::policy::{LinearPin, Modes};
/// use landfall_plan::Policy;
///
/// const POLICY: Policy = Policy::new()
///     .with_modes(Mode::Sv39..=Mode::Sv48)
///     .with_stack_size(128 << 10)
///     .with_linear_pin(Modes::Only(Mode::Sv39), LinearPin::Offset(0xffff_ffc0_0000_0000))
///     .with_window(Modes::All, VirtRange::new(VirtAddr::new(0xffff_fff0_0000_0000), 16 << 30));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    pub(crate) lowest_mode: Mode,
    pub(crate) highest_mode: Mode,
    pub(crate) kaslr: Kaslr,
    pub(crate) disclosure: Disclosure,
    pub(crate) starting: Starting,
    pub(crate) placement: Placement,
    pub(crate) alias: Alias,
    pub(crate) physical: PhysicalPlacement,
    pub(crate) tables: TablePlacement,
    pub(crate) stack_size: u64,
    pub(crate) near_size: u64,
    pub(crate) dynamic_size: u64,
    /// 0: half of the mode's half.
    pub(crate) ram_limit: u64,
    pub(crate) max_harts: u64,
    /// 0: none.
    pub(crate) crash_memory: u64,
    /// By mode: sv39, sv48, sv57.
    pub(crate) linear_pins: [Option<LinearPin>; 3],
    pub(crate) kernel_pins: [Option<VirtAddr>; 3],
    pub(crate) windows: [Option<Window>; MAX_WINDOWS],
}

impl Policy {
    /// The largest stack, in bytes.
    pub const MAX_STACK: u64 = 1 << 20;
    /// The largest near region, in bytes: text and near region together must fit into the 2 GiB
    /// that a call reaches.
    pub const MAX_NEAR: u64 = 1 << 30;

    /// Returns the default policy.
    ///
    /// - Any mode.
    /// - A kernel in a region of its own, at its load address, with a read-only alias.
    /// - Random addresses that reports withhold.
    /// - Stacks of 64 KiB, a near region of 128 MiB, and a dynamic region of 16 GiB or a sixteenth
    ///   of the kernel zone.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            lowest_mode: Mode::Sv39,
            highest_mode: Mode::Sv57,
            kaslr: Kaslr::Enabled,
            disclosure: Disclosure::Withhold,
            starting: Starting::AllHarts,
            placement: Placement::OwnRegion,
            alias: Alias::ReadOnly,
            physical: PhysicalPlacement::Stay,
            tables: TablePlacement::Random,
            stack_size: 64 << 10,
            near_size: 128 << 20,
            dynamic_size: 16 << 30,
            ram_limit: 0,
            max_harts: u64::MAX,
            crash_memory: 0,
            linear_pins: [None; 3],
            kernel_pins: [None; 3],
            windows: [None; MAX_WINDOWS],
        }
    }

    /// Allows these modes: the lowest is the worst that the kernel accepts, the highest the best
    /// that it takes.
    ///
    /// # Panics
    /// At compile time, if the range is empty.
    #[must_use]
    pub const fn with_modes(mut self, modes: RangeInclusive<Mode>) -> Self {
        let (lowest, highest) = (*modes.start(), *modes.end());
        assert!(lowest as u8 <= highest as u8, "the lowest mode must not be better than the highest");
        (self.lowest_mode, self.highest_mode) = (lowest, highest);
        self
    }

    /// Sets whether addresses are random.
    #[must_use]
    pub const fn with_kaslr(mut self, kaslr: Kaslr) -> Self {
        self.kaslr = kaslr;
        self
    }

    /// Sets whether reports contain random addresses.
    #[must_use]
    pub const fn with_disclosure(mut self, disclosure: Disclosure) -> Self {
        self.disclosure = disclosure;
        self
    }

    /// Sets which harts land. `landfall::entry!` sets it too: all harts if the kernel has a
    /// function for the others.
    #[must_use]
    pub const fn with_starting(mut self, starting: Starting) -> Self {
        self.starting = starting;
        self
    }

    /// Limits the number of harts that land, the boot hart included; 0 counts as 1.
    #[must_use]
    pub const fn with_max_harts(mut self, count: u64) -> Self {
        self.max_harts = if count == 0 { 1 } else { count };
        self
    }

    /// Sets the kernel's place in the address space.
    #[must_use]
    pub const fn with_placement(mut self, placement: Placement) -> Self {
        self.placement = placement;
        self
    }

    /// Sets the linear map's mapping of the kernel's text and constants.
    #[must_use]
    pub const fn with_alias(mut self, alias: Alias) -> Self {
        self.alias = alias;
        self
    }

    /// Sets the kernel's place in physical memory.
    #[must_use]
    pub const fn with_physical_placement(mut self, placement: PhysicalPlacement) -> Self {
        self.physical = placement;
        self
    }

    /// Sets the place of page tables and stacks in physical memory.
    #[must_use]
    pub const fn with_table_placement(mut self, placement: TablePlacement) -> Self {
        self.tables = placement;
        self
    }

    /// Sets the bytes of each hart's stack. The upper 4 KiB of them are its overflow stack, see
    /// [`OVERFLOW_STACK`].
    ///
    /// # Panics
    /// At compile time, if `bytes` is no multiple of 4 KiB from 8 KiB to 1 MiB.
    #[must_use]
    pub const fn with_stack_size(mut self, bytes: u64) -> Self {
        assert!(is_stack_size(bytes), "a stack takes a multiple of 4 KiB, from 8 KiB to 1 MiB");
        self.stack_size = bytes;
        self
    }

    /// Sets the bytes of the near region, for modules and generated code; 0 for no region.
    ///
    /// # Panics
    /// At compile time, if `bytes` is no multiple of 2 MiB up to 1 GiB.
    #[must_use]
    pub const fn with_near_size(mut self, bytes: u64) -> Self {
        assert!(is_near_size(bytes), "a near region takes a multiple of 2 MiB, up to 1 GiB");
        self.near_size = bytes;
        self
    }

    /// Sets the bytes of the dynamic region; 0 for no region. In a mode with neither pins nor
    /// windows, the region takes a sixteenth of the kernel zone at least.
    #[must_use]
    pub const fn with_dynamic_size(mut self, bytes: u64) -> Self {
        self.dynamic_size = bytes;
        self
    }

    /// Reserves `bytes` of RAM, rounded up to 2 MiB, for a kernel that takes over after a crash; 0
    /// for none. The memory is neither mapped nor free. `crashkernel=` on the command line takes
    /// precedence. A machine without room lands without crash memory, and reports that.
    #[must_use]
    pub const fn with_crash_memory(mut self, bytes: u64) -> Self {
        self.crash_memory = bytes;
        self
    }

    /// Limits the linear map to `bytes` from the lowest RAM on, in place of a quarter of the
    /// address space. RAM beyond that is reported and not used.
    ///
    /// # Panics
    /// At compile time, if `bytes` is 0 or no multiple of 1 GiB.
    #[must_use]
    pub const fn with_ram_limit(mut self, bytes: u64) -> Self {
        assert!(is_ram_limit(bytes), "the limit on RAM is a multiple of 1 GiB");
        self.ram_limit = bytes;
        self
    }

    /// Pins the linear map. Its reach ends at the next place that the policy fixes.
    #[must_use]
    pub const fn with_linear_pin(mut self, modes: Modes, pin: LinearPin) -> Self {
        let mut index = 0;
        while index < 3 {
            if modes.hold(mode_at(index)) {
                self.linear_pins[index] = Some(pin);
            }
            index += 1;
        }
        self
    }

    /// Pins the kernel. The image begins at `base`, a multiple of 2 MiB, plus the offset of its
    /// physical address within 2 MiB. So it begins exactly at `base` if it is loaded at a multiple
    /// of 2 MiB.
    #[must_use]
    pub const fn with_kernel_pin(mut self, modes: Modes, base: VirtAddr) -> Self {
        let mut index = 0;
        while index < 3 {
            if modes.hold(mode_at(index)) {
                self.kernel_pins[index] = Some(base);
            }
            index += 1;
        }
        self
    }

    /// Adds a window: virtual addresses in which the landing maps nothing.
    ///
    /// # Panics
    /// At compile time, if the policy has [`MAX_WINDOWS`] already.
    #[must_use]
    pub const fn with_window(mut self, modes: Modes, range: VirtRange) -> Self {
        let mut index = 0;
        while index < MAX_WINDOWS && self.windows[index].is_some() {
            index += 1;
        }
        assert!(index < MAX_WINDOWS, "a policy holds eight windows");
        self.windows[index] = Some(Window { modes, range });
        self
    }

    /// Returns the modes that the policy allows, from the worst to the best.
    #[must_use]
    pub const fn modes(&self) -> RangeInclusive<Mode> {
        self.lowest_mode..=self.highest_mode
    }

    /// Returns whether addresses are random.
    #[must_use]
    pub const fn kaslr(&self) -> Kaslr {
        self.kaslr
    }

    /// Returns whether reports contain random addresses.
    #[must_use]
    pub const fn disclosure(&self) -> Disclosure {
        self.disclosure
    }

    /// Returns which harts land.
    #[must_use]
    pub const fn starting(&self) -> Starting {
        self.starting
    }

    /// Returns the most harts that land, the boot hart included; `u64::MAX` without a limit.
    #[must_use]
    pub const fn max_harts(&self) -> u64 {
        self.max_harts
    }

    /// Returns the kernel's place in the address space.
    #[must_use]
    pub const fn placement(&self) -> Placement {
        self.placement
    }

    /// Returns the linear map's mapping of the kernel's text and constants.
    #[must_use]
    pub const fn alias(&self) -> Alias {
        self.alias
    }

    /// Returns the kernel's place in physical memory.
    #[must_use]
    pub const fn physical_placement(&self) -> PhysicalPlacement {
        self.physical
    }

    /// Returns the place of page tables and stacks in physical memory.
    #[must_use]
    pub const fn table_placement(&self) -> TablePlacement {
        self.tables
    }

    /// Returns the bytes of each hart's stack, its overflow stack included.
    #[must_use]
    pub const fn stack_size(&self) -> u64 {
        self.stack_size
    }

    /// Returns the bytes of the near region; 0 without one.
    #[must_use]
    pub const fn near_size(&self) -> u64 {
        self.near_size
    }

    /// Returns the least bytes of the dynamic region.
    #[must_use]
    pub const fn dynamic_size(&self) -> u64 {
        self.dynamic_size
    }

    /// Returns the most bytes that the linear map reaches from the lowest RAM on; `None` if the
    /// mode alone limits it.
    #[must_use]
    pub const fn ram_limit(&self) -> Option<u64> {
        if self.ram_limit == 0 { None } else { Some(self.ram_limit) }
    }

    /// Returns the bytes of crash memory; 0 for none.
    #[must_use]
    pub const fn crash_memory(&self) -> u64 {
        self.crash_memory
    }

    /// Returns the pin of the linear map in `mode`.
    #[must_use]
    pub const fn linear_pin(&self, mode: Mode) -> Option<LinearPin> {
        self.linear_pins[index_of(mode)]
    }

    /// Returns the pin of the kernel in `mode`.
    #[must_use]
    pub const fn kernel_pin(&self, mode: Mode) -> Option<VirtAddr> {
        self.kernel_pins[index_of(mode)]
    }

    /// Returns the number of windows over all modes: [`MAX_WINDOWS`] at most.
    #[must_use]
    pub fn window_count(&self) -> usize {
        self.windows.iter().flatten().count()
    }

    /// Returns the windows of `mode`.
    pub fn windows(&self, mode: Mode) -> impl Iterator<Item = VirtRange> + Clone {
        let windows = self.windows.iter().copied().flatten();
        windows.filter(move |window| window.modes.hold(mode)).map(|window| window.range)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

const fn index_of(mode: Mode) -> usize {
    mode as usize - Mode::Sv39 as usize
}

const fn mode_at(index: usize) -> Mode {
    Mode::BEST_FIRST[2 - index]
}

const fn is_stack_size(bytes: u64) -> bool {
    bytes >= 2 * OVERFLOW_STACK && bytes <= Policy::MAX_STACK && bytes % PAGE_SIZE == 0
}

const fn is_near_size(bytes: u64) -> bool {
    bytes <= Policy::MAX_NEAR && bytes % (2 << 20) == 0
}

const fn is_ram_limit(bytes: u64) -> bool {
    bytes != 0 && bytes % (1 << 30) == 0
}
