//! Wishes that no machine could fulfil, whatever its RAM: found when the kernel is built.

use core::fmt;

use landfall_paging::Mode;

use super::{LinearPin, MAX_WINDOWS, Placement, Policy, Window, mode_at};
use crate::layout::{GUARD, Layout, PLACE_GRAIN};

const GIB: u64 = 1 << 30;

/// What makes a policy impossible, in any of the modes that it allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Impossible {
    /// A linear map pinned where no multiple of 1 GiB is.
    LinearPinMisaligned,
    /// A linear map pinned outside the upper half of a mode.
    LinearPinOutside,
    /// A kernel pinned where no multiple of 2 MiB is.
    KernelPinMisaligned,
    /// A kernel pinned where it does not fit with its near region, in the upper half of a mode.
    KernelPinOutside,
    /// A kernel pinned below the linear map.
    KernelBelowLinearMap,
    /// A kernel with a pin of its own inside the linear map.
    KernelPinInLinearMap,
    /// A window that is empty, not of whole pages, or outside the upper half of a mode.
    WindowOutside,
    /// A window over a place where the linear map or the kernel is pinned.
    WindowOverPin,
    /// More RAM, and more of a dynamic region, than the upper half of a mode holds.
    TooLarge,
}

impl Impossible {
    /// What is wrong, and what would be right.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::LinearPinMisaligned => "the linear map is pinned, but not at a multiple of 1 GiB",
            Self::LinearPinOutside => {
                "the linear map is pinned outside the upper half of a mode that the policy allows"
            }
            Self::KernelPinMisaligned => "the kernel is pinned, but not at a multiple of 2 MiB",
            Self::KernelPinOutside => {
                "the kernel is pinned where it does not fit, with the near region below it and 2 MiB left at the end, into the upper half of a mode that the policy allows"
            }
            Self::KernelBelowLinearMap => "the kernel is pinned below the linear map; it must lie above",
            Self::KernelPinInLinearMap => {
                "the kernel is pinned and placed in the linear map, where its address follows from its physical one; pin the linear map"
            }
            Self::WindowOutside => {
                "a window must take whole pages in the upper half of each mode that it is for, and leave the last 2 MiB"
            }
            Self::WindowOverPin => {
                "a window lies over the place where the linear map or the kernel is pinned"
            }
            Self::TooLarge => {
                "the limit on RAM, the dynamic region and the near region do not fit together into the upper half of a mode that the policy allows"
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
    /// Whether there could be a machine that fulfils it.
    ///
    /// # Errors
    /// [`Impossible`] names the first wish that no machine fulfils.
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
            Some(LinearPin::Offset(pin)) if !pin.is_multiple_of(GIB) => {
                return Err(Impossible::LinearPinMisaligned);
            }
            Some(LinearPin::Base(pin)) if !pin.get().is_multiple_of(GIB) => {
                return Err(Impossible::LinearPinMisaligned);
            }
            // An offset leads into the upper half, or not, by what is added to it: the machine's RAM.
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
        if !kernel.get().is_multiple_of(PLACE_GRAIN) {
            return Err(Impossible::KernelPinMisaligned);
        }
        let below = self.near_size + GUARD;
        let above = PLACE_GRAIN + GUARD;
        if kernel.get() < mode.upper_half().get() + below || kernel.get() > u64::MAX - above {
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
            if let Some(Window { modes, range }) = self.windows[index]
                && modes.hold(mode)
            {
                let (start, size) = (range.start.get(), range.size);
                let is_whole = size != 0 && (start | size).is_multiple_of(4096);
                if !is_whole || start < mode.upper_half().get() || size > GUARD.wrapping_neg() - start {
                    return Err(Impossible::WindowOutside);
                }
                let over_kernel =
                    matches!(self.kernel_pin(mode), Some(pin) if pin.get().wrapping_sub(start) < size);
                let over_map = matches!(self.linear_pin(mode), Some(LinearPin::Base(pin)) if pin.get().wrapping_sub(start) < size);
                if over_kernel || over_map {
                    return Err(Impossible::WindowOverPin);
                }
            }
            index += 1;
        }
        Ok(())
    }

    /// Whether the zones hold what they must, where nothing is pinned.
    const fn fits(&self, mode: Mode) -> bool {
        if self.linear_pin(mode).is_some() || self.kernel_pin(mode).is_some() {
            return true;
        }
        let half = mode.half_size();
        if self.ram_limit > half || self.dynamic_size > half {
            return false;
        }
        let zones = Layout::new(mode, self.ram_limit);
        // The kernel's own size is not known here; two gigabytes hold any image that can be linked, and its stacks.
        zones.kernel_zone.size >= self.dynamic_size + self.near_size + 2 * GIB
    }
}
