//! The boot loader in the image, for EFI firmware. It reads a loader's data from firmware and
//! writes it as a device tree. Then it ends boot services, and enters the image as any other loader
//! would.
//!
//! ```text
//! firmware         boot services
//! firmware_facts   the data of the loader: hart, command line, initrd, entropy, framebuffer
//! acpi             a tree to begin with, where firmware has none
//! handed_on        after firmware was left: a tree that another kernel hands on
//! console          the firmware's console, for a refusal that firmware survives
//! ```
//!
//! It runs on the firmware's stack, in memory that firmware has mapped one to one, perhaps by
//! sections: code is not writable, data not executable. It leaves no trace in the image: it writes
//! no static, and efi.s undoes the rebase.

mod acpi;
mod console;
mod firmware;
mod firmware_facts;
pub(super) mod handed_on;

use core::arch::asm;
use core::fmt::Write;

use landfall_efi::{Boot, EfiRefusal, Exit, Instead, MemoryMap, write_tree};
use landfall_image::console::REFUSED;
use landfall_paging::PhysAddr;
use landfall_plan::Policy;
use landfall_tree::Tree;
use landfall_tree::tokens::WriteError;
use r_efi::efi::{Handle, Status, SystemTable};

use super::{land, power_off_after_failure};
use console::Console;
use firmware::{Firmware, Pages, Taken};
use firmware_facts::{FirmwareFacts, Initrd};

/// The attempts to end boot services. Firmware refuses once if it changed the memory map meanwhile.
const TRIES: u32 = 8;

/// Room for the growth of the memory map between two reads: some 80 descriptors, or 50 with their
/// share of the tree.
const GROWTH: usize = 4096;

/// The arguments of `_start`. efi.s knows the offsets.
#[derive(Debug)]
#[repr(C)]
struct Start {
    hart: u64,
    tree: PhysAddr,
}

/// Leaves firmware: then satp is 0 and interrupts are off. Returns 0, or the status with which
/// firmware goes on.
#[unsafe(no_mangle)]
extern "C" fn landfall_efi_leave(handle: Handle, table: *mut SystemTable, start: &mut Start) -> usize {
    // SAFETY: firmware has entered the image with these two (efi.s).
    let firmware = unsafe { Firmware::new(handle, table) };
    // Firmware may have left its cursor anywhere, and readers of consoles look at whole lines. The
    // console may be missing.
    let mut console = Console::of(&firmware);
    let _ = console.write_str("\r\n");
    match leave(&firmware) {
        Ok(left) => {
            *start = left;
            0
        }
        Err(refused) => {
            let _ = write!(console, "{REFUSED}{}: {refused}\r\n", refused.rule());
            status(&refused).as_usize()
        }
    }
}

/// The work of a loader, from top to bottom.
fn leave(firmware: &Firmware) -> Result<Start, EfiRefusal> {
    let mut policy = Policy::new();
    land::read_policy(&mut policy)?;
    let mut written = None;
    let tree: &mut [u8] = match (firmware.tree()?, firmware.acpi_root()) {
        (Some(tree), _) => tree,
        (None, Some(root)) => written.insert(acpi::tree(firmware, root)?),
        (None, None) => {
            let tables = firmware.configuration().len();
            return Err(EfiRefusal::NoTree(Instead::Nothing { tables }));
        }
    };
    let mut stated = FirmwareFacts::ask(firmware, Tree::new(tree)?)?;
    let mut room = Room::take(firmware, &stated, Tree::new(tree)?)?;
    let mut last = Status::SUCCESS;
    for attempt in 0..TRIES {
        let start = room.write(firmware, &stated, Tree::new(tree)?);
        let (start, key) = match start {
            Ok(written) => written,
            Err(refused) if attempt == 0 => return Err(refused),
            Err(refused) => refuse_late(&refused),
        };
        if attempt == 0 {
            // Known failures are reported while firmware can still boot something else.
            land::rehearse(&policy, start.hart, start.tree)?;
        }
        last = firmware.exit(key);
        if last == Status::SUCCESS {
            be_quiet();
            // The seeds are in the new tree, from which the landing will take them.
            if let Ok(seeds) = Tree::new(tree).and_then(Tree::seeds) {
                seeds.delete(tree);
            }
            stated.wipe();
            return Ok(start);
        }
    }
    refuse_late(&EfiRefusal::Exit(Exit { tries: TRIES, status: last.as_usize() }))
}

/// Memory of firmware's for the map and the tree.
struct Room<'a> {
    map: Pages<'a>,
    tree: Pages<'a>,
}

impl<'a> Room<'a> {
    fn take(firmware: &'a Firmware, stated: &FirmwareFacts<'_>, tree: Tree<'_>) -> Result<Self, EfiRefusal> {
        let mut map = firmware.pages(firmware.memory_map_size()?.saturating_add(GROWTH))?;
        let Taken { size, descriptor_size, .. } = firmware.memory_map(&mut map)?;
        let boot =
            stated.boot(firmware, MemoryMap::new(map.get(..size).unwrap_or_default(), descriptor_size)?);
        let wanted = write_tree(tree, &boot, &mut []).unwrap_or_else(WriteError::wanted);
        Ok(Self { tree: firmware.pages_for_tree(wanted, GROWTH)?, map })
    }

    /// Writes the tree by the memory map as it is now, and says by which key firmware can be left.
    fn write(
        &mut self,
        firmware: &Firmware,
        stated: &FirmwareFacts<'_>,
        tree: Tree<'_>,
    ) -> Result<(Start, usize), EfiRefusal> {
        let Taken { size, descriptor_size, key } = firmware.memory_map(&mut self.map)?;
        let map = MemoryMap::new(self.map.get(..size).unwrap_or_default(), descriptor_size)?;
        let boot = stated.boot(firmware, map);
        write_tree(tree, &boot, &mut self.tree).map_err(|error| EfiRefusal::NoMemory {
            wanted: error.wanted(),
            status: Status::BUFFER_TOO_SMALL.as_usize(),
        })?;
        let tree = PhysAddr::new(self.tree.as_ptr().expose_provenance() as u64);
        Ok((Start { hart: boot.hart, tree }, key))
    }
}

impl FirmwareFacts<'_> {
    fn boot<'a>(&'a self, firmware: &Firmware, map: MemoryMap<'a>) -> Boot<'a> {
        Boot {
            hart: self.hart,
            map,
            system_table: firmware.system_table(),
            acpi_root: firmware.acpi_root(),
            harts: None,
            handed_on: None,
            command_line: self.command_line,
            initrd: self.initrd.as_ref().map(Initrd::range),
            entropy: self.entropy.as_deref(),
            framebuffer: self.framebuffer,
        }
    }
}

/// From here on no handler of firmware's runs, and addresses are physical.
fn be_quiet() {
    // SAFETY: firmware has been left. Memory was mapped where it is, so the next instruction and
    // the stack are where they were.
    unsafe {
        asm!(
            "csrw sie, zero",
            "csrci sstatus, 2",
            "csrw satp, zero",
            "sfence.vma zero, zero",
            options(nostack)
        );
    }
}

/// Firmware has begun to go, and cannot be returned to.
fn refuse_late(refused: &EfiRefusal) -> ! {
    be_quiet();
    crate::println!("{REFUSED}{}: {refused}", refused.rule());
    power_off_after_failure()
}

/// The status that firmware gets.
fn status(refused: &EfiRefusal) -> Status {
    match refused {
        EfiRefusal::NoTree(_) | EfiRefusal::NoHart => Status::UNSUPPORTED,
        EfiRefusal::NoMemory { .. } => Status::OUT_OF_RESOURCES,
        EfiRefusal::Initrd { status } | EfiRefusal::NoMap { status } => Status::from_usize(*status),
        EfiRefusal::BadMap(_) | EfiRefusal::Exit(_) | EfiRefusal::HandedOn(_) | EfiRefusal::Landing(_) => {
            Status::LOAD_ERROR
        }
    }
}
