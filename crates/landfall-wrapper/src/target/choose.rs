//! The choice of the inner kernel.

use landfall::Landing;
use landfall::address::PhysRange;
use landfall_image::inner::{InnerError, InnerPlace, InnerRecord, PartKind, Replacement};

use super::memory;

/// The record of the inner kernel. It begins a page, so that tools find it.
#[repr(C, align(4096))]
struct Aligned<T>(T);

static RECORD: Aligned<[u8; include_bytes!(concat!(env!("OUT_DIR"), "/inner")).len()]> =
    Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/inner")));

/// The first bytes of an ELF.
const ELF: &[u8] = b"\x7fELF";

/// The inner kernel of this boot, and what it gets.
pub(super) struct Chosen {
    /// The ELF.
    pub(super) kernel: &'static [u8],
    /// The initial RAM disk for it.
    pub(super) initrd: Option<&'static [u8]>,
    /// Its command line: the loader's, or that of the record.
    pub(super) command_line: &'static [u8],
    /// Its physical place.
    pub(super) physical: InnerPlace,
    record: InnerRecord<'static>,
}

impl Chosen {
    /// Returns the memory of the kernel's file.
    pub(super) fn kernel_range(&self) -> PhysRange {
        memory::of(self.kernel)
    }

    /// Returns the memory of the record.
    pub(super) fn record_range(&self) -> PhysRange {
        memory::of(self.record.bytes())
    }

    /// Returns the modules in the record: their bytes and names.
    pub(super) fn modules(&self) -> impl Iterator<Item = (&'static [u8], &'static [u8])> {
        let mut parts = self.record.parts().peekable();
        core::iter::from_fn(move || {
            let module = parts.find(|part| part.kind == PartKind::Module)?;
            let name = parts.next_if(|part| part.kind == PartKind::ModuleName);
            Some((module.bytes, name.map(|name| name.bytes).unwrap_or_default()))
        })
    }

    /// Chooses the inner kernel.
    ///
    /// # Errors
    /// [`InnerError`] if the record is damaged. An initrd does not help then: the record decides
    /// whether the initrd counts.
    pub(super) fn of(landing: &'static Landing) -> Result<Self, InnerError> {
        // The compiler knows these bytes. Without the barrier it would check its own copy.
        let record = InnerRecord::read(core::hint::black_box(&RECORD.0))?;
        let options = record.options();
        let initrd = landing.initrd();
        let replacement =
            initrd.filter(|initrd| options.replacement == Replacement::ByInitrd && initrd.starts_with(ELF));
        let loaders = landing.command_line().as_bytes();
        Ok(Self {
            kernel: replacement.unwrap_or(record.kernel()),
            initrd: initrd.filter(|_| replacement.is_none()),
            command_line: if loaders.is_empty() { record.command_line() } else { loaders },
            physical: options.physical,
            record,
        })
    }
}
