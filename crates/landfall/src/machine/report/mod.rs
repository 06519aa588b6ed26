//! The landing report: what the machine is, what was chosen, and why. Text by `Display`, one line
//! of JSON by [`Report::json`].
//!
//! Random addresses are reported only if the policy permits it. Otherwise they are `null`, or left
//! out of the text.

mod json;
mod notes;
mod text;

use core::fmt;

use landfall_image::relr;
use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::policy::Disclosure;

use super::landing::Landing;
use super::symbols;

pub use json::Json;

/// A landing's report.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    landing: &'a Landing,
}

impl Landing {
    /// Returns the report: text by `Display`, JSON by [`Report::json`].
    #[must_use]
    pub const fn report(&self) -> Report<'_> {
        Report { landing: self }
    }
}

impl<'a> Report<'a> {
    /// The same as one line of JSON, in the format that `cargo landfall run --format json` passes
    /// on.
    #[must_use]
    pub const fn json(self) -> Json<'a> {
        Json(self)
    }

    /// The number of slots that `rebase` moves.
    fn slots() -> u64 {
        relr::count(symbols::relr().iter().copied())
    }

    /// A value that is as secret as the kernel's place: `None` where the policy withholds it.
    fn secret<T>(self, value: T) -> Option<T> {
        (self.landing.policy().disclosure() == Disclosure::Disclose).then_some(value)
    }

    /// The kernel's physical address. As secret as the virtual one where it was drawn.
    fn physical(self) -> Option<PhysAddr> {
        let plan = self.landing.plan();
        let base = plan.image.phys.base;
        if plan.physical_bits() == 0 { Some(base) } else { self.secret(base) }
    }

    /// The span of the linear map.
    fn linear_span(self) -> PhysRange {
        self.landing.plan().linear.span
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Report { .. }")
    }
}
