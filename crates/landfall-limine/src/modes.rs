//! The paging modes that a kernel accepts.

use landfall_paging::Mode;

use crate::refusal::Refusal;

/// The paging modes that a kernel accepts, from `least` to `most`, and the one that it prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PagingModes {
    /// The mode with the fewest levels.
    pub least: Mode,
    /// The preferred mode.
    pub preferred: Mode,
    /// The mode with the most levels.
    pub most: Mode,
}

impl PagingModes {
    /// The modes of a kernel without a request.
    pub const DEFAULT: Self = Self { least: Mode::Sv39, preferred: Mode::Sv48, most: Mode::Sv48 };

    /// Returns the modes of a request.
    ///
    /// A number above that of Sv57 counts as Sv57, unless it is the least. The protocol does not
    /// define a preferred mode outside of the other two: the nearest one is taken.
    pub(crate) fn of_numbers(preferred: u64, most: u64, least: u64) -> Result<Self, Refusal> {
        let refusal = Refusal::Modes { least, most };
        let least = exact(least).ok_or(refusal)?;
        let most = exact(most.min(2)).ok_or(refusal)?;
        let preferred = exact(preferred.min(2)).ok_or(refusal)?;
        if least > most {
            return Err(refusal);
        }
        Ok(Self { least, preferred: preferred.clamp(least, most), most })
    }
}

/// Returns the mode of a number.
const fn exact(number: u64) -> Option<Mode> {
    match number {
        0 => Some(Mode::Sv39),
        1 => Some(Mode::Sv48),
        2 => Some(Mode::Sv57),
        _ => None,
    }
}

/// Returns the number of a mode.
pub(crate) const fn number(mode: Mode) -> u64 {
    match mode {
        Mode::Sv39 => 0,
        Mode::Sv48 => 1,
        Mode::Sv57 => 2,
    }
}
