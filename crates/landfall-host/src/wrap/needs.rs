//! The needs of an inner kernel: the policy of its wrapper, and its protocol.

use std::path::Path;

use landfall_limine::Requests;
use landfall_paging::{LeafSize, Mode, VirtRange};
use landfall_plan::Policy;
use landfall_predict::policy::Change;
use landfall_wrap::{Inner, Kind, WINDOW, check_policy};

use super::WrapError;

/// The largest kernel that is read, in bytes of memory.
const LARGEST: u64 = 1 << 30;

/// The needs of an inner kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Needs {
    /// The worst mode, the preferred one, and the best one.
    modes: [Mode; 3],
    /// Addresses beside those that every wrapper keeps free.
    window: Option<VirtRange>,
    pub(super) protocol: Protocol,
}

/// The protocol of an inner kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// That of `landfall/wrapped.h`.
    Plain,
    /// Limine's.
    Limine,
}

impl Needs {
    /// Returns the needs of a kernel.
    ///
    /// # Errors
    /// [`WrapError`] if the kernel breaks a rule of its protocol.
    pub(super) fn of(path: &Path, inner: &Inner<'_>) -> Result<Self, WrapError> {
        let path = || path.to_owned();
        let span = inner.span();
        let large = WrapError::TooLarge { path: path(), size: span.size() };
        let size = usize::try_from(span.size()).ok().filter(|_| span.size() <= LARGEST).ok_or(large)?;
        let mut memory = vec![0; size];
        let start = inner.virtual_place(None).start;
        let loaded = inner.load(&mut memory, start);
        loaded.map_err(|refusal| WrapError::Refused { path: path(), refusal })?;
        let limine = |refusal| WrapError::Limine { path: path(), refusal };
        let requests = Requests::find(&memory).map_err(limine)?;
        let entry = |requests: &Requests| requests.check_entry(|entry| inner.is_entry(start, entry));
        requests.as_ref().map_or(Ok(()), entry).map_err(limine)?;
        let least = inner.least_mode();
        let (modes, protocol) = match requests {
            None => ([least, Mode::Sv57, Mode::Sv57], Protocol::Plain),
            Some(requests) => {
                let modes = requests.paging_modes();
                ([least.max(modes.least), modes.preferred.max(least), modes.most], Protocol::Limine)
            }
        };
        let is_elsewhere = inner.kind() == Kind::Fixed && !WINDOW.contains(span);
        Ok(Self { modes, window: is_elsewhere.then(|| large_pages(span)), protocol })
    }

    /// Returns the changes of the wrapper's own policy: the kernel's addresses stay free, and the
    /// modes are those that have and that it accepts.
    pub(super) fn changes(&self) -> Result<Vec<Change>, WrapError> {
        let [least, preferred, _] = self.modes;
        let mut words = vec![format!("modes={least}..{preferred}")];
        words.extend(self.window.map(|window| format!("window={}:{:#x}", window.start(), window.size())));
        words.iter().map(|word| Ok(word.parse()?)).collect()
    }

    /// Checks the policy of the finished wrapper, which a user may have changed.
    pub(super) fn check(&self, policy: &Policy) -> Result<(), WrapError> {
        check_policy(policy)?;
        let ([least, _, most], (lowest, highest)) = (self.modes, policy.modes().into_inner());
        if lowest < least {
            return Err(WrapError::Mode { lowest, least });
        }
        if highest > most { Err(WrapError::BestMode { highest, least, most }) } else { Ok(()) }
    }
}

/// Returns the 2 MiB parts of which some byte lies in `span`.
fn large_pages(span: VirtRange) -> VirtRange {
    let size = LeafSize::M2.bytes();
    let start = span.start().align_down(size);
    VirtRange::new(start, span.end().wrapping_offset_from(start).next_multiple_of(size))
}
