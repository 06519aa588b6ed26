//! EFI: any tree that the reader accepts, with any memory map and command line. The result is a
//! tree of the announced size that the reader accepts.

use landfall::address::PhysAddr;
use landfall::efi::MemoryMap;
use landfall::tree::Tree;
use landfall::tree::tokens::WriteError;
use landfall_efi::{Boot, LoadOptions, boot_hart, write_tree};

/// Bytes of the memory map: eight descriptors.
const MAP: usize = 8 * 48;
/// Bytes of the load options.
const LINE: usize = 24;

/// Builds a tree from the input as a memory map, load options and firmware's tree.
///
/// # Panics
/// If landfall fails on it.
pub fn run(bytes: &[u8]) {
    let Some((map, rest)) = bytes.split_at_checked(MAP) else { return };
    let Some((line, tree)) = rest.split_at_checked(LINE) else { return };
    let (Ok(map), Ok(tree)) = (MemoryMap::new(map, 48), Tree::new(tree)) else { return };
    let boot = Boot {
        hart: boot_hart(tree).unwrap_or(1),
        map,
        system_table: PhysAddr::new(0x1000),
        acpi_root: map.bytes().first().map(|byte| PhysAddr::new(u64::from(*byte))),
        harts: None,
        handed_on: None,
        command_line: LoadOptions::new(line),
        initrd: None,
        entropy: Some(&[7; 32]),
        framebuffer: None,
    };
    let _ = tree.seeds();
    let Err(WriteError::TooSmall { wanted }) = write_tree(tree, &boot, &mut []) else { return };
    if wanted > Tree::MAX_SIZE {
        return;
    }
    let mut bytes = vec![0; wanted];
    assert_eq!(write_tree(tree, &boot, &mut bytes), Ok(wanted));
    assert!(Tree::new(&bytes).is_ok(), "the tree that was written is damaged");
}
