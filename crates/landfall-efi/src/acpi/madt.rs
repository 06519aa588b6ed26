//! The harts (ACPI 6.6, 5.2.12: "Multiple APIC Description Table").

use super::error::AcpiError;
use super::table::{Table, double, word};

/// The most harts that are read: so that what is hostile ends soon.
const MAX_HARTS: u64 = 0x1000;

/// The offset of its entries.
const ENTRIES: u32 = 44;
/// The type of a hart's entry: its interrupt controller (RINTC).
const RINTC: u8 = 0x18;
/// Bytes of it up to the processor's UID.
const RINTC_SIZE: usize = 20;

/// The state of a hart for a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It can be started.
    Enabled,
    /// It is not there yet, and may come.
    Capable,
    /// It must be left alone.
    Unusable,
}

/// A hart, as the table names it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    /// As the SBI knows it.
    pub(super) id: u64,
    /// As ACPI's other tables know it.
    pub(super) uid: u32,
    pub(super) state: State,
}

impl Named {
    /// `None` where the entry is of something else.
    fn read(entry: &[u8]) -> Option<Self> {
        let flags = word(entry, 4);
        let state = match (flags & 1, flags & 2) {
            (0, 0) => State::Unusable,
            (0, _) => State::Capable,
            _ => State::Enabled,
        };
        (entry.first() == Some(&RINTC)).then(|| Self { id: double(entry, 8), uid: word(entry, 16), state })
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Madt<'a> {
    table: Table<'a>,
}

impl<'a> Madt<'a> {
    pub(super) fn new(table: Table<'a>) -> Result<Self, AcpiError> {
        let madt = Self { table: table.with_header(ENTRIES)? };
        let (mut at, mut named, mut enabled) = (ENTRIES as usize, 0, 0);
        while at < table.bytes.len() {
            let entry = madt.entry(at)?;
            at += entry.len();
            if let Some(hart) = Named::read(entry) {
                named += 1;
                enabled += u32::from(hart.state == State::Enabled);
            }
        }
        if enabled == 0 {
            return Err(table.wrong("how many of its harts are enabled", 0, "one must be (structure RINTC)"));
        }
        if named > MAX_HARTS {
            return Err(table.wrong("how many harts it has", named, "it may have 0x1000"));
        }
        Ok(madt)
    }

    /// The entry at `at`.
    fn entry(self, at: usize) -> Result<&'a [u8], AcpiError> {
        let mut header = self.table.bytes.get(at..).unwrap_or_default().iter().copied();
        let (kind, length) = (header.next(), header.next().map_or(0, usize::from));
        let least = if kind == Some(RINTC) { RINTC_SIZE } else { 2 };
        self.table.entry(at, length, least)
    }

    /// The harts, in the table's order.
    pub(super) fn harts(self) -> impl Iterator<Item = Named> + Clone + 'a {
        let mut at = ENTRIES as usize;
        let entries = core::iter::from_fn(move || {
            let entry = self.entry(at).ok()?;
            at += entry.len();
            Some(entry)
        });
        entries.filter_map(Named::read)
    }
}
