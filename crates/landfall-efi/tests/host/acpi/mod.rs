//! ACPI's tables, those of a real machine and made ones.

mod hostile;
mod isa;
mod machine;
mod made;

use landfall_efi::{Acpi, AcpiError};
use landfall_paging::{PhysAddr, PhysRange};
use landfall_tree::Tree;
use landfall_tree::tokens::WriteError;

/// Bytes at physical addresses, and nothing elsewhere.
#[derive(Clone)]
pub(crate) struct Memory {
    pub(crate) parts: Vec<(u64, Vec<u8>)>,
    root: u64,
}

impl Memory {
    /// The tables of a machine with three harts (see README.md).
    pub(crate) fn real() -> Self {
        let parts = vec![
            (0x9f54_1014, include_bytes!("rsdp.bin").to_vec()),
            (0x9f54_00e8, include_bytes!("xsdt.bin").to_vec()),
            (0x9f3a_8000, include_bytes!("madt.bin").to_vec()),
            (0x9f3a_7000, include_bytes!("rhct.bin").to_vec()),
        ];
        Self { parts, root: 0x9f54_1014 }
    }

    pub(crate) fn bytes(&self, range: PhysRange) -> Option<&[u8]> {
        self.parts.iter().find_map(|(start, bytes)| {
            let offset = range.start().get().checked_sub(*start)?;
            bytes.get(offset.try_into().ok()?..)?.get(..range.size().try_into().ok()?)
        })
    }

    fn find(&self) -> Result<Acpi<'_>, AcpiError> {
        Acpi::find(PhysAddr::new(self.root), |range| self.bytes(range))
    }

    /// The tree, which can be walked.
    fn tree(&self) -> Vec<u8> {
        let acpi = self.find().expect("sound tables");
        let Err(WriteError::TooSmall { wanted }) = acpi.write_tree(&mut []) else {
            panic!("no tree takes no bytes")
        };
        let mut bytes = vec![0; wanted];
        assert_eq!(acpi.write_tree(&mut bytes), Ok(wanted));
        Tree::new(&bytes).expect("a sound tree");
        bytes
    }
}
