//! Binding the imports of a module to exports.

use landfall_paging::{VirtAddr, VirtRange};
use landfall_space::Machine;

use crate::error::LoadError;
use crate::exports::{Export, Exports};
use crate::modules::Modules;
use crate::name::Name;
use crate::platform::Platform;
use crate::symbols::{Import, Lookup};

/// The build that a module is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BuiltFor {
    /// The running kernel.
    ThisKernel,
    /// Another one, or none that it names.
    Another,
}

impl BuiltFor {
    /// Compares the ID in a module, in hexadecimal, with that of the kernel.
    pub(crate) fn of(stated: &[u8], build_id: &[u8]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits = build_id.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
        let digits = digits.map(|digit| DIGITS[usize::from(digit)]);
        if !build_id.is_empty() && digits.eq(stated.iter().copied()) {
            Self::ThisKernel
        } else {
            Self::Another
        }
    }
}

/// The exports of the kernel and of the modules that are loaded.
pub(crate) struct Imports<'a, M: Machine + 'static, P> {
    pub(crate) modules: &'a Modules<M, P>,
    pub(crate) built_for: BuiltFor,
    /// A bit for each slot whose exports were bound.
    pub(crate) uses: u32,
}

impl<M: Machine, P: Platform> Lookup for Imports<'_, M, P> {
    fn find(&mut self, import: &Import<'_>) -> Result<Option<VirtAddr>, LoadError> {
        if let Some(export) = self.modules.kernel.exports.find(import.symbol) {
            return bind(import, &export, self.built_for).map(Some);
        }
        for (slot, loaded) in self.modules.slots.iter().enumerate() {
            let Some(loaded) = loaded else { continue };
            // Modules are built apart from each other: only what is stable binds.
            let bound = |export: Export<'_>| bind(import, &export, BuiltFor::Another);
            if let Some(address) = self.modules.find_in(loaded.exports, import.symbol, bound) {
                self.uses |= 1 << slot;
                return address.map(Some);
            }
        }
        Ok(None)
    }
}

fn bind(import: &Import<'_>, export: &Export<'_>, built_for: BuiltFor) -> Result<VirtAddr, LoadError> {
    let symbol = || Name::new(import.symbol);
    match (import.signature, export.signature) {
        (Some(expected), exported) if !exported.is_empty() && expected != exported => {
            Err(LoadError::Signatures { symbol: symbol(), expected: Name::new(expected) })
        }
        (Some(_), exported) if !exported.is_empty() => Ok(export.address),
        _ if built_for == BuiltFor::ThisKernel => Ok(export.address),
        _ => Err(LoadError::NotStable(symbol())),
    }
}

/// The most bytes of a record that are read: those of longer ones are no symbols that can be
/// imported.
const MOST_RECORD: usize = 512;
/// Bytes of a record in front of its text.
const HEAD: u64 = 16;

impl<M: Machine, P: Platform> Modules<M, P> {
    /// Calls `f` with the export of a symbol, out of the records in a module.
    pub(crate) fn find_in<R>(
        &self,
        records: VirtRange,
        symbol: &[u8],
        f: impl FnOnce(Export<'_>) -> R,
    ) -> Option<R> {
        let mut at = records.start();
        let mut record = [0; MOST_RECORD];
        while records.contains_address(at) {
            let left = records.end().wrapping_offset_from(at);
            let size = usize::try_from(left).map_or(MOST_RECORD, |left| left.min(MOST_RECORD));
            let record = &mut record[..size];
            // SAFETY: the records are constants of a module that is loaded.
            unsafe { self.platform.load(at, record) };
            if let Some(export) = Exports::new(record).iter().next().filter(|export| export.symbol == symbol)
            {
                return Some(f(export));
            }
            let text = record.get(8..).and_then(<[u8]>::first_chunk).map(|size| u64::from_le_bytes(*size))?;
            at = at.wrapping_add(text.checked_add(HEAD)?.checked_next_multiple_of(8)?.min(left));
        }
        None
    }
}
