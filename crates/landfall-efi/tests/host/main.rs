//! Firmware's data against the kernel's reading, and against arbitrary bytes. `dtoolkit` judges the
//! trees: it validates them and shares no code with the writer.

mod acpi;
mod handed_on;
mod made;
mod map;
mod next;
mod tree;

use dtoolkit::fdt::Fdt;
use dtoolkit::{Node, Property};
use landfall_efi::{Boot, MemoryMap, write_tree};
use landfall_paging::PhysAddr;
use landfall_tree::Tree;
use landfall_tree::tokens::WriteError;

/// The tree that is written for `boot`.
fn written(tree: &[u8], boot: &Boot<'_>) -> Vec<u8> {
    let tree = Tree::new(tree).expect("a sound tree");
    let Err(WriteError::TooSmall { wanted }) = write_tree(tree, boot, &mut []) else {
        panic!("no tree takes no bytes")
    };
    let mut bytes = vec![0; wanted];
    assert_eq!(write_tree(tree, boot, &mut bytes), Ok(wanted));
    bytes
}

/// The value of a property at `path`, by another reader.
fn value(bytes: &[u8], path: &[&str], name: &str) -> Option<Vec<u8>> {
    let fdt = Fdt::new(bytes).expect("a valid tree");
    let mut node = fdt.root();
    for step in path {
        node = node.children().find(|child| child.name() == *step)?;
    }
    let property = node.properties().find(|property| property.name() == name)?;
    Some(property.value().to_vec())
}

/// A boot with the required data alone.
fn plain(map: &[u8]) -> Boot<'_> {
    Boot {
        hart: 3,
        map: MemoryMap::new(map, 48).expect("a map"),
        system_table: PhysAddr::new(0xbfe0_1018),
        acpi_root: None,
        harts: None,
        handed_on: None,
        command_line: None,
        initrd: None,
        entropy: None,
        framebuffer: None,
    }
}
