//! ACPI (6.6), as far as a landing needs it: which harts there are, and what they can do. It
//! becomes a device tree, and goes the way of one that firmware has.
//!
//! ```text
//! table  the root pointer and the list of tables, and what is checked of each
//! madt   the harts: "Multiple APIC Description Table", interrupt controllers and their harts
//! rhct   their capabilities: "RISC-V Hart Capabilities Table"
//! isa    the names in an ISA string
//! tree   the tree
//! error  faults of a table
//! ```
//!
//! Every entry of both tables is checked once, in [`Acpi::find`]; afterwards they are read without
//! a doubt.

mod error;
mod isa;
mod madt;
mod rhct;
mod table;
mod tree;

use landfall_paging::{PhysAddr, PhysRange};

pub use error::{AcpiError, AcpiFault};
use madt::{Madt, State};
use rhct::{Capabilities, Rhct};

/// The tables of ACPI that describe harts. All of their entries are whole.
#[derive(Clone, Copy, Debug)]
pub struct Acpi<'a> {
    madt: Madt<'a>,
    rhct: Rhct<'a>,
}

/// A hart.
#[derive(Clone, Copy, Debug)]
struct Hart<'a> {
    id: u64,
    state: State,
    can: Capabilities<'a>,
}

impl<'a> Acpi<'a> {
    /// The tables below the root pointer at `root`. `memory` gives bytes at physical addresses,
    /// where firmware may have tables, and nothing elsewhere.
    ///
    /// # Errors
    /// Rule 25: [`AcpiError`] says which table is damaged or missing, and how.
    pub fn find(root: PhysAddr, memory: impl Fn(PhysRange) -> Option<&'a [u8]>) -> Result<Self, AcpiError> {
        let list = table::list(root, &memory)?;
        let madt = Madt::new(list.find(*b"APIC", &memory)?)?;
        let rhct = Rhct::new(list.find(*b"RHCT", &memory)?)?;
        Ok(Self { madt, rhct })
    }

    fn harts(self) -> impl Iterator<Item = Hart<'a>> {
        let mut at = self.rhct.first();
        self.madt.harts().map(move |hart| {
            let can = self.rhct.of(hart.uid, &mut at);
            Hart { id: hart.id, state: hart.state, can }
        })
    }
}
