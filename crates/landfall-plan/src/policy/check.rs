//! Policies that no machine with any RAM can fulfill. The build of the kernel reports them.

use core::fmt;

use landfall_paging::{Mode, VirtRange};

use super::{LinearPin, MAX_WINDOWS, Placement, Policy, Window, mode_at};
use crate::constant::UpperConstant;
use crate::layout::{GUARD, Layout, PLACE_GRAIN};

const GIB: u64 = 1 << 30;
/// The least size of the kernel's footprint, from the kernel's place on. An image of a page may
/// begin at the end of the grain; a guard and the stacks follow.
const LEAST_ABOVE: u64 = 4 * PLACE_GRAIN;

/// The setting that makes a policy impossible, in any of the modes that it allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Impossible {
    /// A linear map pinned where no multiple of 1 GiB is.
    LinearPinMisaligned,
    /// A linear map pinned outside the upper half of a mode.
    LinearPinOutside,
    /// An offset of the linear map with more significant bits than two instructions make.
    LinearOffsetNotRound,
    /// A kernel pinned where no multiple of 2 MiB is.
    KernelPinMisaligned,
    /// A kernel pinned where it does not fit with its near region and stacks, in the upper half of
    /// a mode.
    KernelPinOutside,
    /// A kernel pinned below the linear map.
    KernelBelowLinearMap,
    /// A kernel with a pin of its own inside the linear map.
    KernelPinInLinearMap,
    /// A window that is empty, not of whole pages, or outside the upper half of a mode.
    WindowOutside,
    /// A window over a pin of the linear map or of the kernel, or over the room for the kernel's
    /// near region, stacks or guards.
    WindowOverPin,
    /// More RAM, and more of a dynamic region, than the upper half of a mode holds.
    TooLarge,
}

impl Impossible {
    /// Returns the fact, the cause and the help.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::LinearPinMisaligned => "the linear map is not pinned at a multiple of 1 GiB",
            Self::LinearPinOutside => "the linear map is pinned outside the upper half of an allowed mode",
            Self::LinearOffsetNotRound => {
                "the linear map is pinned at an offset that is not a signed 20-bit number times a power of two"
            }
            Self::KernelPinMisaligned => "the kernel is not pinned at a multiple of 2 MiB",
            Self::KernelPinOutside => {
                "the pinned kernel does not fit into the upper half of an allowed mode, with its near region below it, its stacks above it and 2 MiB at the end"
            }
            Self::KernelBelowLinearMap => "the kernel is pinned below the linear map; pin it above",
            Self::KernelPinInLinearMap => {
                "the kernel is pinned and placed in the linear map, where its address follows from its physical one; pin the linear map"
            }
            Self::WindowOutside => {
                "a window does not consist of whole pages in the upper half of each of its modes, without the last 2 MiB"
            }
            Self::WindowOverPin => {
                "a window overlaps the pinned linear map, the pinned kernel with its near region and stacks, or the 2 MiB beside them"
            }
            Self::TooLarge => {
                "the limit on RAM, the dynamic region and the near region together exceed the upper half of an allowed mode"
            }
        }
    }
}

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Policy {
    /// Checks that a machine could fulfill the policy.
    ///
    /// # Errors
    /// [`Impossible`] names the first setting that no machine can fulfill.
    pub const fn check(&self) -> Result<(), Impossible> {
        let mut index = 0;
        while index < 3 {
            let mode = mode_at(index);
            if self.lowest_mode as u8 <= mode as u8 && mode as u8 <= self.highest_mode as u8 {
                if let Err(impossible) = self.check_pins(mode) {
                    return Err(impossible);
                }
                if let Err(impossible) = self.check_windows(mode) {
                    return Err(impossible);
                }
                if !self.fits(mode) {
                    return Err(Impossible::TooLarge);
                }
            }
            index += 1;
        }
        Ok(())
    }

    const fn check_pins(&self, mode: Mode) -> Result<(), Impossible> {
        let linear_base = match self.linear_pin(mode) {
            Some(LinearPin::Offset(pin)) if pin % GIB != 0 => {
                return Err(Impossible::LinearPinMisaligned);
            }
            Some(LinearPin::Base(pin)) if !pin.is_aligned(GIB) => {
                return Err(Impossible::LinearPinMisaligned);
            }
            // The sum of an offset and an address of RAM needs 56 bits for the RAM.
            Some(LinearPin::Offset(pin)) if pin < mode.upper_half().get() - (1 << 56) => {
                return Err(Impossible::LinearPinOutside);
            }
            Some(LinearPin::Offset(pin)) if UpperConstant::new(pin).is_none() => {
                return Err(Impossible::LinearOffsetNotRound);
            }
            Some(LinearPin::Offset(_)) | None => None,
            Some(LinearPin::Base(base)) if base.get() < mode.upper_half().get() => {
                return Err(Impossible::LinearPinOutside);
            }
            Some(LinearPin::Base(base)) => Some(base.get()),
        };
        let Some(kernel) = self.kernel_pin(mode) else { return Ok(()) };
        if matches!(self.placement, Placement::LinearMap) {
            return Err(Impossible::KernelPinInLinearMap);
        }
        if !kernel.is_aligned(PLACE_GRAIN) {
            return Err(Impossible::KernelPinMisaligned);
        }
        if kernel.get() < mode.upper_half().get() + self.room_below_kernel()
            || kernel.get() > (LEAST_ABOVE + GUARD).wrapping_neg()
        {
            return Err(Impossible::KernelPinOutside);
        }
        match linear_base {
            Some(base) if base >= kernel.get() => Err(Impossible::KernelBelowLinearMap),
            _ => Ok(()),
        }
    }

    const fn check_windows(&self, mode: Mode) -> Result<(), Impossible> {
        let mut index = 0;
        while index < MAX_WINDOWS {
            match self.windows[index] {
                Some(Window { modes, range }) if modes.hold(mode) => {
                    if let Err(impossible) = self.check_window(mode, range) {
                        return Err(impossible);
                    }
                }
                _ => {}
            }
            index += 1;
        }
        Ok(())
    }

    const fn check_window(&self, mode: Mode, range: VirtRange) -> Result<(), Impossible> {
        let (start, size) = (range.start().get(), range.size());
        let is_whole = size != 0 && (start | size) % 4096 == 0;
        let room = GUARD.wrapping_neg().saturating_sub(start);
        if !is_whole || start < mode.upper_half().get() || size > room {
            return Err(Impossible::WindowOutside);
        }
        let over_kernel = match self.kernel_pin(mode) {
            Some(pin) => {
                start - (LEAST_ABOVE + GUARD) < pin.get()
                    && start + size > pin.get() - self.room_below_kernel() - GUARD
            }
            None => false,
        };
        let over_map = matches!(self.linear_pin(mode), Some(LinearPin::Base(pin)) if pin.get().wrapping_sub(start) < size);
        if over_kernel || over_map { Err(Impossible::WindowOverPin) } else { Ok(()) }
    }

    /// Returns the size of the kernel's footprint below the kernel: near region and guard.
    pub(crate) const fn room_below_kernel(&self) -> u64 {
        if self.near_size == 0 { 0 } else { self.near_size + GUARD }
    }

    /// Checks that the zones hold their regions, if nothing is pinned.
    const fn fits(&self, mode: Mode) -> bool {
        if self.linear_pin(mode).is_some() || self.kernel_pin(mode).is_some() {
            return true;
        }
        let half = mode.half_size();
        if self.ram_limit > half || self.dynamic_size > half {
            return false;
        }
        let zones = Layout::new(mode, self.ram_limit());
        // The kernel's own size is not known here; two gigabytes hold any image that can be linked,
        // and its stacks.
        zones.kernel_zone_size >= self.dynamic_size + self.near_size + 2 * GIB
    }
}
