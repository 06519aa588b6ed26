//! ACPI: any bytes in the place of tables, with right sums or wrong ones. The result is an error
//! that can be printed, or a tree of the announced size that the reader accepts.

use landfall::address::{PhysAddr, PhysRange};
use landfall::tree::Tree;
use landfall::tree::tokens::WriteError;
use landfall_efi::Acpi;

/// The address of the root pointer, the list of tables and the tables.
const ROOT: u64 = 0x1000;

/// Reads the input as ACPI's tables, with right sums and with wrong ones.
///
/// # Panics
/// If landfall fails on it.
pub fn run(bytes: &[u8]) {
    read(bytes);
    // With sums that are right, what lies behind them is read too.
    let Some((size, rest)) = bytes.split_first() else { return };
    let Some((madt, rhct)) = rest.split_at_checked(usize::from(*size) * 8) else { return };
    let (madt, rhct) = (table(*b"APIC", madt), table(*b"RHCT", rhct));
    let madt_at = ROOT + 36 + 52;
    let places = [madt_at, madt_at + madt.len() as u64].map(u64::to_le_bytes).concat();
    let mut root = [b"RSD PTR \0FUZZED\x02".as_slice(), &[0; 4], &36_u32.to_le_bytes()].concat();
    root.extend((ROOT + 36).to_le_bytes());
    root.extend([0; 4]);
    root[8] = sum(&root[..20]);
    root[32] = sum(&root);
    read(&[root, table(*b"XSDT", &places), madt, rhct].concat());
}

/// Returns the byte that completes a sum of 0.
fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_sub(*byte))
}

/// A table with this behind its header, whole.
fn table(name: [u8; 4], rest: &[u8]) -> Vec<u8> {
    let mut table = [name.as_slice(), &[0; 32], rest].concat();
    let size = u32::try_from(table.len()).unwrap_or(u32::MAX);
    table[4..8].copy_from_slice(&size.to_le_bytes());
    table[9] = sum(&table);
    table
}

/// Reads the tables in memory that holds `bytes` from the root pointer on, and nothing else.
fn read(bytes: &[u8]) {
    let memory = |range: PhysRange| {
        let start = range.start().get().checked_sub(ROOT)?;
        bytes.get(start.try_into().ok()?..)?.get(..range.size().try_into().ok()?)
    };
    let acpi = match Acpi::find(PhysAddr::new(ROOT), memory) {
        Err(error) => return assert!(!error.to_string().is_empty()),
        Ok(acpi) => acpi,
    };
    let Err(WriteError::TooSmall { wanted }) = acpi.write_tree(&mut []) else {
        panic!("no tree takes no bytes")
    };
    let mut tree = vec![0; wanted];
    assert_eq!(acpi.write_tree(&mut tree), Ok(wanted));
    if wanted <= Tree::MAX_SIZE {
        assert!(Tree::new(&tree).is_ok(), "the tree that was written is damaged");
    }
}
