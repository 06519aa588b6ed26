//! Which modes may be tried.

use landfall_paging::{Mode, PhysAddr, PhysRange};

use crate::facts::Facts;
use crate::harts::Mmu;
use crate::policy::Policy;
use crate::refusal::{Limit, Refusal};

/// The modes to try, from the best down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModeLimit {
    /// The best that all harts which can take part have, within what policy and command line allow.
    pub best: Mode,
    /// The worst that the policy allows.
    pub lowest: Mode,
    /// True if the boot hart's `mmu-type` promises `best`, so that it may be trusted without a
    /// probe.
    pub promised: bool,
}

impl ModeLimit {
    /// Finds the limits. A mode that a hart lacks is never tried, since some parts hang on the
    /// attempt. So the lowest `mmu-type` counts among all harts that reach the policy's lowest
    /// mode. The others are left out.
    ///
    /// # Errors
    /// Rule 11: no mode is left.
    pub fn new(facts: &Facts, policy: &Policy) -> Result<Self, Refusal> {
        let lowest = policy.lowest_mode;
        let refuse = |limit| Err(Refusal::NoCommonMode { lowest, limit });
        let asked = facts.options.mode.unwrap_or(policy.highest_mode);
        if asked < lowest {
            return refuse(Limit::CommandLine(asked));
        }
        match facts.harts.find(facts.boot_hart).map_or(Mmu::Unstated, |hart| hart.mmu) {
            Mmu::None => return refuse(Limit::BootHartHasNone),
            Mmu::Upto(best) if best < lowest => return refuse(Limit::BootHart(best)),
            Mmu::Upto(_) | Mmu::Unstated => {}
        }
        let harts = facts.harts.iter().filter_map(|hart| match hart.mmu {
            Mmu::Upto(best) if best >= lowest => Some(best),
            _ => None,
        });
        let best = harts.fold(asked.min(policy.highest_mode), Mode::min);
        let promised = facts.harts.find(facts.boot_hart).is_some_and(|hart| hart.reaches(best));
        Ok(Self { best, lowest, promised })
    }

    /// The modes to try, in order.
    pub fn modes(self) -> impl Iterator<Item = Mode> {
        Mode::BEST_FIRST.into_iter().filter(move |mode| (self.lowest..=self.best).contains(mode))
    }

    /// Returns the best mode that the hart takes. `takes` tries one, by code in the page `probe`
    /// that the mode maps at its own address. If a mode does not reach that address, a promise of
    /// the best mode is trusted, and any other is not tried.
    ///
    /// # Errors
    /// Rule 12: it takes none. Rule 13: none could be tried, with `image` where it is. And what
    /// `takes` gives.
    pub fn choose(
        self,
        image: PhysRange,
        probe: PhysAddr,
        mut takes: impl FnMut(Mode) -> Result<bool, Refusal>,
    ) -> Result<Mode, Refusal> {
        let mut tried = false;
        for mode in self.modes() {
            if probe.get() >= mode.half_size() {
                if self.promised && mode == self.best {
                    return Ok(mode);
                }
            } else if takes(mode)? {
                return Ok(mode);
            } else {
                tried = true;
            }
        }
        if tried {
            return Err(Refusal::ProbeFailed { best: self.best, lowest: self.lowest });
        }
        let reach = PhysRange::new(PhysAddr::new(0), self.best.half_size());
        Err(Refusal::OutOfReach { mode: self.best, image, reach })
    }
}
