//! A tree that another kernel hands on: Linux's, by kexec.
//!
//! Linux passes the tree that EFI's loader in it has written. `/chosen` has the addresses of the
//! system table and of the memory map (Linux, `Documentation/arch/arm/uefi.rst`). There is no
//! memory in it that counts, and on a machine of ACPI alone there are no harts. [`Handed::boot`]
//! reads what is missing, and [`write_tree`](crate::write_tree) completes the tree.
//!
//! ```text
//! properties    the properties of /chosen
//! system_table  the system table and its configuration tables, perhaps by virtual addresses
//! room          memory for the new tree
//! fault         faults of them
//! ```

pub(crate) mod fault;
mod properties;
mod room;
mod system_table;

use landfall_paging::PhysRange;
use landfall_tree::Tree;
use landfall_tree::tokens::Tokens;

pub use fault::{HandedFault, Item};
pub use properties::Handed;
pub use room::Room;

use crate::acpi::Acpi;
use crate::boot::Boot;
use crate::memory::{MemoryMap, MemoryUse};
use crate::refusal::{EfiRefusal, Instead};

/// Facts of a boot that are not in the tree.
#[derive(Clone, Copy, Debug)]
pub struct Loaded {
    /// The hart that boots.
    pub hart: u64,
    /// The place of the tree.
    pub tree: PhysRange,
}

impl Handed {
    /// Returns the input of the new tree. `map` has the bytes of [`Handed::map`]. `memory` returns
    /// bytes at physical addresses; it is asked only for memory of firmware's by the map.
    ///
    /// # Errors
    /// Rule 28: the map or the system table cannot be the firmware's. Rule 23: the map is invalid.
    /// Rules 20 and 25: the tree has no harts, and neither have ACPI's tables.
    pub fn boot<'a>(
        &self,
        tree: Tree<'a>,
        loaded: Loaded,
        map: &'a [u8],
        memory: impl Fn(PhysRange) -> Option<&'a [u8]>,
    ) -> Result<Boot<'a>, EfiRefusal> {
        let map = MemoryMap::new(map, self.descriptor_size)?;
        self.check_ram(map, loaded)?;
        let read = |range| map.may_hold_firmware(range).then(|| memory(range)).flatten();
        let configured = system_table::read(self.system_table, map, &read)?;
        let harts = match configured.acpi_root {
            _ if has_harts(tree) => None,
            None => {
                let tables = configured.tables;
                return Err(EfiRefusal::NoTree(Instead::Nothing { tables }));
            }
            Some(root) => {
                Some(Acpi::find(root, |range| map.may_hold_tables(range).then(|| memory(range)).flatten())?)
            }
        };
        Ok(Boot {
            hart: loaded.hart,
            map,
            system_table: self.system_table,
            acpi_root: configured.acpi_root,
            harts,
            handed_on: Some(loaded.tree),
            command_line: None,
            initrd: None,
            entropy: None,
            framebuffer: None,
        })
    }

    /// The map lies in the RAM that it lists, and so does the tree. A map that does not is another
    /// machine's, or was overwritten.
    fn check_ram(&self, map: MemoryMap<'_>, loaded: Loaded) -> Result<(), HandedFault> {
        let is_ram = |part: PhysRange| {
            map.ranges(&[MemoryUse::Free, MemoryUse::Kept]).any(|range| range.contains(part))
        };
        for (item, range) in [(Item::Map, self.map), (Item::Tree, loaded.tree)] {
            if !is_ram(range) {
                return Err(HandedFault::Outside { item, range });
            }
        }
        Ok(())
    }
}

/// Returns true if the tree describes harts.
fn has_harts(tree: Tree<'_>) -> bool {
    Tokens::root(tree).child("cpus").is_some_and(|cpus| cpus.children().next().is_some())
}
