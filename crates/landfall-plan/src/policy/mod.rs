//! Policy: what the kernel's author wants.
//!
//! ```text
//! choices   what there is to choose from
//! record    the policy as bytes in the image, which tools read too
//! wishes    what no machine could fulfil, found when the kernel is built
//! ```

mod choices;
mod record;
mod wishes;

use landfall_paging::{Mode, PAGE_SIZE, VirtAddr};

use crate::layout::VirtRange;
use crate::stacks::OVERFLOW_STACK;

pub use choices::{Alias, Disclosure, Kaslr, LinearPin, Modes, Physical, Placement, Starting, Window};
pub use record::PolicyError;
pub use wishes::Impossible;

/// How many windows a policy holds.
pub const MAX_WINDOWS: usize = 8;

/// What a kernel wants. A constant, which also lies in the image as a record that tools can read.
///
/// ```
/// use landfall_paging::{Mode, VirtAddr};
/// use landfall_plan::{LinearPin, Modes, Policy};
///
/// const POLICY: Policy = Policy::new()
///     .modes(Mode::Sv39, Mode::Sv48)
///     .stack_size(128 << 10)
///     .pin_linear_map(Modes::Only(Mode::Sv39), LinearPin::Offset(0xffff_ffc0_0000_0000))
///     .window(Modes::All, VirtAddr::new(0xffff_fff0_0000_0000), 16 << 30);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    pub(crate) lowest_mode: Mode,
    pub(crate) highest_mode: Mode,
    pub(crate) kaslr: Kaslr,
    pub(crate) disclosure: Disclosure,
    pub(crate) starting: Starting,
    pub(crate) placement: Placement,
    pub(crate) alias: Alias,
    pub(crate) physical: Physical,
    pub(crate) stack_size: u64,
    pub(crate) near_size: u64,
    pub(crate) dynamic_size: u64,
    /// 0: half of the mode's half.
    pub(crate) ram_limit: u64,
    pub(crate) max_harts: u64,
    /// By mode: sv39, sv48, sv57.
    pub(crate) linear_pins: [Option<LinearPin>; 3],
    pub(crate) kernel_pins: [Option<VirtAddr>; 3],
    pub(crate) windows: [Option<Window>; MAX_WINDOWS],
}

impl Policy {
    /// The largest stack, in bytes.
    pub const MAX_STACK: u64 = 1 << 20;
    /// The largest near region, in bytes: text and near region together must fit into the 2 GiB that a call reaches.
    pub const MAX_NEAR: u64 = 1 << 30;

    /// Any mode; a kernel in a region of its own, which stays where it was loaded; random addresses that reports withhold; a read-only alias; stacks
    /// of 64 KiB, a near region of 128 MiB and a dynamic region of 16 GiB or a sixteenth of the kernel zone.
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
            physical: Physical::Stay,
            stack_size: 64 << 10,
            near_size: 128 << 20,
            dynamic_size: 16 << 30,
            ram_limit: 0,
            max_harts: u64::MAX,
            linear_pins: [None; 3],
            kernel_pins: [None; 3],
            windows: [None; MAX_WINDOWS],
        }
    }

    /// Lands in no worse mode than `lowest` and in no better one than `highest`.
    ///
    /// # Panics
    /// At compile time, where `lowest` is the better one.
    #[must_use]
    pub const fn modes(mut self, lowest: Mode, highest: Mode) -> Self {
        assert!(lowest as u8 <= highest as u8, "the lowest mode must not be better than the highest");
        (self.lowest_mode, self.highest_mode) = (lowest, highest);
        self
    }

    /// Whether addresses are random.
    #[must_use]
    pub const fn kaslr(mut self, kaslr: Kaslr) -> Self {
        self.kaslr = kaslr;
        self
    }

    /// Whether reports tell random addresses.
    #[must_use]
    pub const fn addresses(mut self, disclosure: Disclosure) -> Self {
        self.disclosure = disclosure;
        self
    }

    /// Which harts land. `landfall::entry!` sets it: all of them where the kernel has a function for them.
    #[must_use]
    pub const fn starting(mut self, starting: Starting) -> Self {
        self.starting = starting;
        self
    }

    /// At most so many harts land, the one that boots included; 0 counts as 1.
    #[must_use]
    pub const fn max_harts(mut self, count: u64) -> Self {
        self.max_harts = if count == 0 { 1 } else { count };
        self
    }

    /// Where the kernel is in the address space.
    #[must_use]
    pub const fn placement(mut self, placement: Placement) -> Self {
        self.placement = placement;
        self
    }

    /// What the linear map has of text and constants.
    #[must_use]
    pub const fn alias(mut self, alias: Alias) -> Self {
        self.alias = alias;
        self
    }

    /// Where the kernel is in physical memory.
    #[must_use]
    pub const fn physical(mut self, physical: Physical) -> Self {
        self.physical = physical;
        self
    }

    /// Sets the bytes of each hart's stack. The upper 4 KiB of them are its overflow stack, see [`OVERFLOW_STACK`].
    ///
    /// # Panics
    /// At compile time, if `bytes` is no multiple of 4 KiB from 8 KiB to 1 MiB.
    #[must_use]
    pub const fn stack_size(mut self, bytes: u64) -> Self {
        assert!(is_stack_size(bytes), "a stack takes a multiple of 4 KiB, from 8 KiB to 1 MiB");
        self.stack_size = bytes;
        self
    }

    /// Bytes of the near region, for modules and generated code; 0 for none.
    ///
    /// # Panics
    /// At compile time, where `bytes` is no multiple of 2 MiB up to 1 GiB.
    #[must_use]
    pub const fn near_size(mut self, bytes: u64) -> Self {
        assert!(is_near_size(bytes), "a near region takes a multiple of 2 MiB, up to 1 GiB");
        self.near_size = bytes;
        self
    }

    /// Bytes of the dynamic region; 0 where the kernel needs none. If a mode has neither pins nor windows, the region takes a
    /// sixteenth of the kernel zone at least.
    #[must_use]
    pub const fn dynamic_size(mut self, bytes: u64) -> Self {
        self.dynamic_size = bytes;
        self
    }

    /// The linear map reaches so many bytes from the lowest RAM on, in place of a quarter of the address space. RAM beyond is reported and not used.
    ///
    /// # Panics
    /// At compile time, where `bytes` is 0 or no multiple of 1 GiB.
    #[must_use]
    pub const fn ram_limit(mut self, bytes: u64) -> Self {
        assert!(is_ram_limit(bytes), "the limit on RAM is a multiple of 1 GiB");
        self.ram_limit = bytes;
        self
    }

    /// The linear map lies at a fixed place. Its reach ends where something else is fixed.
    #[must_use]
    pub const fn pin_linear_map(mut self, modes: Modes, pin: LinearPin) -> Self {
        let mut index = 0;
        while index < 3 {
            if modes.hold(mode_at(index)) {
                self.linear_pins[index] = Some(pin);
            }
            index += 1;
        }
        self
    }

    /// The image begins at `base`, a multiple of 2 MiB, plus its physical place within 2 MiB: exactly there where it is loaded at a multiple of 2 MiB.
    #[must_use]
    pub const fn pin_kernel(mut self, modes: Modes, base: VirtAddr) -> Self {
        let mut index = 0;
        while index < 3 {
            if modes.hold(mode_at(index)) {
                self.kernel_pins[index] = Some(base);
            }
            index += 1;
        }
        self
    }

    /// Nothing of the landing's lies in the `bytes` from `start` on.
    ///
    /// # Panics
    /// At compile time, where there are [`MAX_WINDOWS`] already.
    #[must_use]
    pub const fn window(mut self, modes: Modes, start: VirtAddr, bytes: u64) -> Self {
        let mut index = 0;
        while index < MAX_WINDOWS && self.windows[index].is_some() {
            index += 1;
        }
        assert!(index < MAX_WINDOWS, "a policy holds eight windows");
        self.windows[index] = Some(Window { modes, range: VirtRange { start, size: bytes } });
        self
    }

    /// Whether reports tell random addresses.
    #[must_use]
    pub const fn disclosure(&self) -> Disclosure {
        self.disclosure
    }

    /// Which harts land.
    #[must_use]
    pub const fn starting_harts(&self) -> Starting {
        self.starting
    }

    /// Where the kernel is in the address space.
    #[must_use]
    pub const fn kernel_placement(&self) -> Placement {
        self.placement
    }

    /// What the linear map has of text and constants.
    #[must_use]
    pub const fn kernel_alias(&self) -> Alias {
        self.alias
    }

    /// Where the kernel is in physical memory.
    #[must_use]
    pub const fn physical_placement(&self) -> Physical {
        self.physical
    }

    /// The worst and the best mode that it allows.
    #[must_use]
    pub const fn mode_range(&self) -> (Mode, Mode) {
        (self.lowest_mode, self.highest_mode)
    }

    /// Where the linear map is to be in `mode`.
    #[must_use]
    pub const fn linear_pin(&self, mode: Mode) -> Option<LinearPin> {
        self.linear_pins[index_of(mode)]
    }

    /// Where the kernel is to be in `mode`.
    #[must_use]
    pub const fn kernel_pin(&self, mode: Mode) -> Option<VirtAddr> {
        self.kernel_pins[index_of(mode)]
    }

    /// How many windows there are, over all modes: [`MAX_WINDOWS`] at most.
    #[must_use]
    pub fn window_count(&self) -> usize {
        self.windows.iter().flatten().count()
    }

    /// What stays free in `mode`.
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
