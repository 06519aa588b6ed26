//! The start of the next kernel.

use landfall::address::{LinearAddr, PhysRange};
use landfall::space::Ipi;
use landfall::{HartIndex, Landing};
use landfall_paging::Satp;

use super::asm::landfall_kexec_leave;
use super::crash::forget_event;
use super::error::StartError;
use super::fill::{fill, running};
use super::quiet::{interrupts_off, interrupts_on, quiet};
use super::stop::stop_others;
use crate::{Block, KexecError, KexecPlan, Next, Step};

/// Returns the block that lies in `memory`: free memory of the landing, which becomes the block's
/// for good.
///
/// # Safety
/// Nothing else uses the memory, and the linear map holds it.
#[must_use]
pub unsafe fn block_of(memory: PhysRange) -> Block<'static> {
    let first = LinearAddr::from_phys(memory.start()).as_ptr();
    // SAFETY: the caller's.
    let bytes = unsafe { core::slice::from_raw_parts_mut(first, memory.size() as usize) };
    Block { bytes, at: memory.start() }
}

/// The start of the next kernel, prepared: what it needs lies in the block, and nothing else has
/// changed.
#[derive(Debug)]
pub struct Prepared<'a> {
    landing: &'static Landing,
    hart: HartIndex,
    plan: KexecPlan<'a>,
    satp: Satp,
    /// Nothing else writes to the copier and its steps up to the start.
    _block: &'a mut Block<'static>,
}

/// Plans the start of another kernel by hart `hart`, the calling one, and fills the block.
///
/// # Errors
/// As [`KexecPlan::new`]. Nothing but the block has changed.
pub fn prepare<'a>(
    landing: &'static Landing,
    hart: HartIndex,
    next: &Next<'_>,
    block: &'a mut Block<'static>,
    steps: &'a mut [Step],
) -> Result<Prepared<'a>, KexecError> {
    let plan = KexecPlan::new(running(landing, hart), next, block, steps)?;
    block.write_list(plan.parts, plan.steps);
    let satp = fill(landing, block, plan.parts)?;
    Ok(Prepared { landing, hart, plan, satp, _block: block })
}

impl<'a> Prepared<'a> {
    /// Returns the plan.
    #[must_use]
    pub const fn plan(&self) -> &KexecPlan<'a> {
        &self.plan
    }

    /// Starts the next kernel. Only a failure returns.
    ///
    /// First the other harts stop: `ipi` interrupts them, and their handlers call
    /// [`stop_if_asked`](crate::stop_if_asked). Then this hart alone calls `quiesce`, with
    /// interrupts off: the kernel ends all DMA and clears its interrupt controllers
    /// ([`quiet_plic`](crate::quiet_plic)). From then on all memory may be overwritten.
    ///
    /// # Errors
    /// [`StartError`]: nothing was overwritten, and `quiesce` was not called.
    pub fn start(self, ipi: &impl Ipi, quiesce: impl FnOnce()) -> StartError {
        let were_on = interrupts_off();
        if let Err(error) = stop_others(self.landing, self.hart, ipi) {
            if were_on {
                interrupts_on();
            }
            return error;
        }
        forget_event();
        quiesce();
        let parts = self.plan.parts;
        let (list, copier) = (parts.list.start().get(), parts.copier.start().get());
        let (tree, entry) = (self.plan.tree.start().get(), self.plan.entry.get());
        // SAFETY: this kernel ends here. No other hart runs. The tables map the page of the leave
        // and the copier's, `prepare` has put copier and list into the block, and interrupts are
        // off.
        unsafe {
            quiet();
            landfall_kexec_leave(self.plan.hart, tree, list, entry, self.satp.bits(), copier)
        }
    }
}
