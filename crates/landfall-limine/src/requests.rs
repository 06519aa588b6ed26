//! The requests of a loaded kernel, with their values.

use landfall_paging::{Mode, VirtAddr};

use crate::feature::{Feature, OPERANDS, REVISION};
use crate::modes::PagingModes;
use crate::refusal::Refusal;
use crate::revision::BaseRevision;
use crate::scan::scan;
use crate::words::{WORD, word};

/// The requests that were found in a kernel.
#[derive(Clone, Debug)]
pub struct Requests {
    tag: usize,
    asked: u64,
    revision: BaseRevision,
    places: [Option<usize>; Feature::COUNT],
    modes: PagingModes,
    values: Values,
}

/// The operands of requests that have one.
#[derive(Clone, Copy, Debug, Default)]
struct Values {
    entry: Option<u64>,
    stack_size: Option<u64>,
    entropy: Option<u64>,
}

impl Requests {
    /// Finds the requests in a loaded kernel: the bytes of its segments, as they lie in memory.
    ///
    /// Returns `None` if the kernel has neither a base revision tag nor a request. Pointers in
    /// requests are virtual addresses, so [`entry`](Self::entry) and internal modules have a
    /// meaning only after relocation. All else can be read before.
    ///
    /// # Errors
    /// [`Refusal`]: the kernel breaks a rule of the protocol, or requests a base revision below 3.
    pub fn find(image: &[u8]) -> Result<Option<Self>, Refusal> {
        let found = scan(image)?;
        let Some(tag) = found.tag else {
            let has_requests = found.places.iter().any(Option::is_some);
            return if has_requests { Err(Refusal::NoTag) } else { Ok(None) };
        };
        let asked = word(image, tag + 2 * WORD).ok_or(Refusal::CutTag { at: tag })?;
        let revision = BaseRevision::for_asked(asked).ok_or(Refusal::BaseRevision { asked })?;
        let value = |feature: Feature| word(image, found.places[feature as usize]? + OPERANDS);
        let values = Values {
            entry: value(Feature::EntryPoint),
            stack_size: value(Feature::StackSize),
            entropy: value(Feature::Entropy),
        };
        let modes = modes(image, found.places[Feature::PagingMode as usize])?;
        Ok(Some(Self { tag, asked, revision, places: found.places, modes, values }))
    }

    /// Returns the base revision by which the kernel is loaded.
    #[must_use]
    pub const fn base_revision(&self) -> BaseRevision {
        self.revision
    }

    /// Returns true if the kernel requested that very base revision.
    #[must_use]
    pub const fn has_asked_revision(&self) -> bool {
        self.asked == self.revision.number()
    }

    /// Returns true if the kernel requests a feature.
    #[must_use]
    pub const fn wants(&self, feature: Feature) -> bool {
        self.places[feature as usize].is_some()
    }

    /// Returns true if the kernel requests that the other harts wait for it.
    #[must_use]
    pub const fn wants_mp(&self) -> bool {
        self.wants(Feature::Mp)
    }

    /// Returns the entry that takes the place of the file's.
    #[must_use]
    pub fn entry(&self) -> Option<VirtAddr> {
        self.values.entry.map(VirtAddr::new)
    }

    /// Returns the size that each stack has at least, in bytes.
    #[must_use]
    pub const fn stack_size(&self) -> Option<u64> {
        self.values.stack_size
    }

    /// Returns the number of random 64-bit numbers that the kernel requests.
    #[must_use]
    pub fn entropy(&self) -> u64 {
        self.values.entropy.unwrap_or(0)
    }

    /// Returns the paging modes that the kernel accepts.
    #[must_use]
    pub const fn paging_modes(&self) -> PagingModes {
        self.modes
    }

    /// Checks that the kernel accepts the mode of the machine.
    ///
    /// # Errors
    /// L18 if it does not.
    pub fn check_mode(&self, mode: Mode) -> Result<(), Refusal> {
        let PagingModes { least, most, .. } = self.modes;
        if (least..=most).contains(&mode) { Ok(()) } else { Err(Refusal::Mode { mode, least, most }) }
    }

    /// Checks the requested entry, if there is one. `is_code` returns true for an address at which
    /// a hart can begin in the kernel.
    ///
    /// # Errors
    /// L9 if it is no such address.
    pub fn check_entry(&self, is_code: impl FnOnce(VirtAddr) -> bool) -> Result<(), Refusal> {
        match self.entry() {
            Some(entry) if !is_code(entry) => Err(Refusal::Entry { entry }),
            _ => Ok(()),
        }
    }

    /// Returns the offset of the base revision tag.
    pub(crate) const fn tag(&self) -> usize {
        self.tag
    }

    /// Returns the offset of the request for a feature.
    pub(crate) const fn place(&self, feature: Feature) -> Option<usize> {
        self.places[feature as usize]
    }
}

/// Reads the request for a paging mode.
fn modes(image: &[u8], place: Option<usize>) -> Result<PagingModes, Refusal> {
    let Some(at) = place else { return Ok(PagingModes::DEFAULT) };
    let cut = Refusal::CutRequest { feature: Feature::PagingMode, at };
    let operand = |index: usize| word(image, at + OPERANDS + index * WORD).ok_or(cut);
    let preferred = operand(0)?;
    if word(image, at + REVISION) == Some(0) {
        return PagingModes::of_numbers(preferred, preferred, 0);
    }
    PagingModes::of_numbers(preferred, operand(1)?, operand(2)?)
}
