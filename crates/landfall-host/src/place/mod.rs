//! The physical address of an image, and the way to load it there.
//!
//! QEMU loads a flat image at 0x80200000, and an ELF at the addresses of its segments. For any
//! other address the image becomes an ELF with one segment at that physical address. QEMU starts
//! there, and no byte of the image changes.
//!
//! QEMU wants the device tree above such a segment, and near the end of RAM there is no room for
//! that. There QEMU starts a few instructions at 0x80200000 that copy the image from behind them
//! and go to it, as a boot loader does. `a0` and `a1` arrive as firmware set them. An image over
//! the tree arrives too, for the kernel to refuse.

mod copier;
pub mod elf;

use std::path::{Path, PathBuf};
use std::{fs, io};

use thiserror::Error;

use crate::machine::{Harts, Machine};
use landfall_predict::units::{Address, Size};

/// The first address of the `virt` machine's RAM, and of OpenSBI.
pub const RAM: Address = Address(0x8000_0000);

/// The address at which QEMU's `virt` machine loads a flat image: 2 MiB above the start of RAM, as
/// for Linux.
pub const DEFAULT: Address = Address(0x8020_0000);

/// QEMU's device tree lies within the last 4 MiB of RAM: aligned to 2 MiB, and smaller than that.
const TREE_ROOM: Size = Size::mib(4);

/// An address that no kernel can have.
#[derive(Debug, Error)]
pub enum PlaceError {
    /// The image would lie over the firmware.
    #[error(
        "an image of {size} at {at} overlaps the firmware, which takes {} to {} on this machine with {}; \
         load it below, or at {} or higher", .firmware.start, .firmware.end, harts_in_words(*.harts), .firmware.end
    )]
    Firmware {
        /// The requested address of the image.
        at: Address,
        /// Bytes in its file.
        size: Size,
        /// The firmware's memory.
        firmware: FirmwareRange,
        /// The machine's harts, on which that depends.
        harts: Harts,
    },
    /// There is nothing at that address, so nothing can run there.
    #[error(
        "the machine has no RAM at {at}; its RAM is {RAM} to {end}; add RAM with --memory, or choose an address in it"
    )]
    NoMemory {
        /// The requested address of the image.
        at: Address,
        /// The first address behind the RAM.
        end: Address,
    },
    /// No hart can start there.
    #[error("a kernel cannot start at {at}; instructions have even addresses; use a multiple of 4096")]
    Odd {
        /// The requested address of the image.
        at: Address,
    },
    /// A file for QEMU cannot be written.
    #[error("cannot write {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// The memory that OpenSBI keeps for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirmwareRange {
    /// Its first byte.
    pub start: Address,
    /// The first byte behind it.
    pub end: Address,
}

/// Returns the memory of OpenSBI on a `virt` machine. It grows with the harts, each of which has a
/// stack there.
///
/// Measured on OpenSBI 1.5.1 to 1.9, in the `mmode_resv` nodes of the device tree that it hands
/// over.
#[must_use]
pub fn firmware(harts: Harts) -> FirmwareRange {
    let size = match harts.get() {
        ..=4 => Size::kib(384),
        5..=16 => Size::kib(512),
        17..=32 => Size::mib(1),
        33.. => Size::mib(2),
    };
    FirmwareRange { start: RAM, end: RAM.wrapping_add(size.0) }
}

/// Makes `machine` start `image` at `at`. The file for QEMU goes to `directory`.
///
/// Refuses only an address at which nothing can start. The kernel itself decides if it can land
/// there.
///
/// # Errors
/// [`PlaceError`] names what is in the way.
pub fn put(machine: &mut Machine, image: &[u8], at: Address, directory: &Path) -> Result<(), PlaceError> {
    let elf = match way(at, Size(image.len() as u64), machine)? {
        Way::Segment => elf::wrap(image, at),
        Way::Copy { end } => elf::wrap(&copier::with(image, at, end), DEFAULT),
    };
    let path = directory.join("kernel.elf");
    match fs::write(&path, elf) {
        Ok(()) => {
            machine.kernel = Some(path);
            Ok(())
        }
        Err(source) => Err(PlaceError::File { path, source }),
    }
}

/// The way to load an image at its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// In an ELF with one segment there.
    Segment,
    /// Copied there by the machine itself, up to this address.
    Copy { end: Address },
}

fn way(at: Address, size: Size, machine: &Machine) -> Result<Way, PlaceError> {
    let firmware = firmware(machine.harts);
    let ram_end = RAM.wrapping_add(machine.memory.total().0);
    // The last bytes of RAM hold no word, and a word is what is copied.
    if at.0 > ram_end.0.saturating_sub(copier::WORD) {
        return Err(PlaceError::NoMemory { at, end: ram_end });
    }
    // The firmware's `mret` would go to the address below it, into the middle of an instruction.
    if !at.0.is_multiple_of(2) {
        return Err(PlaceError::Odd { at });
    }
    // RAM ends far below the last address, so an image that begins in it does not go round that.
    let end = at.wrapping_add(size.0.next_multiple_of(copier::WORD));
    if at < firmware.end && end > firmware.start {
        return Err(PlaceError::Firmware { at, size, firmware, harts: machine.harts });
    }
    if at < RAM {
        return Err(PlaceError::NoMemory { at, end: ram_end });
    }
    let near_the_tree = end.0 > ram_end.0.saturating_sub(TREE_ROOM.0);
    // In a machine so small the copy would overwrite what it copies.
    let over_itself = at.0 < DEFAULT.0 + copier::SIZE + size.0 && end > DEFAULT;
    if !near_the_tree || over_itself {
        return Ok(Way::Segment);
    }
    // Bytes beyond RAM cannot be copied; the kernel detects that the image is truncated.
    let words = (ram_end.0.min(end.0) - at.0) / copier::WORD;
    Ok(Way::Copy { end: at.wrapping_add(words * copier::WORD) })
}

fn harts_in_words(harts: Harts) -> String {
    match harts.get() {
        1 => "1 hart".to_owned(),
        count => format!("{count} harts"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Memory;

    /// Returns the way to load an image of 64 KiB at `at` in a machine with 1 GiB.
    fn way_to(at: u64, harts: u32) -> Result<Way, PlaceError> {
        let machine = Machine { harts: Harts::new(harts).expect("harts"), ..Machine::default() };
        way(Address(at), Size::kib(64), &machine)
    }

    #[test]
    fn an_image_over_the_firmware_is_refused() {
        for (at, harts, refused) in [
            (0x8000_0000, 1, true),
            (0x7fff_0002, 1, true),
            (0x7fff_0000, 1, false),
            (0x8005_fffe, 4, true),
            (0x8006_0000, 4, false),
            (0x8006_0000, 5, true),
            (0x8008_0000, 16, false),
            (0x8008_0000, 17, true),
            (0x8010_0000, 32, false),
            (0x8010_0000, 33, true),
            (0x8020_0000, 64, false),
        ] {
            let firmware = matches!(way_to(at, harts), Err(PlaceError::Firmware { .. }));
            assert_eq!(firmware, refused, "{at:#x} with {harts} harts");
        }
    }

    #[test]
    fn an_image_near_the_tree_is_copied_as_far_as_ram_goes() {
        let copied_to = |at| match way_to(at, 1) {
            Ok(Way::Copy { end }) => Some(end.0),
            Ok(Way::Segment) => None,
            Err(error) => panic!("{error}"),
        };
        assert_eq!(copied_to(0xbfbf_0000), None);
        assert_eq!(copied_to(0xbfbf_1000), Some(0xbfc0_1000));
        assert_eq!(copied_to(0xbfff_0000), Some(0xc000_0000));
        assert_eq!(copied_to(0xbfff_f000), Some(0xc000_0000));
        assert_eq!(copied_to(0xbfff_fff2), Some(0xbfff_fffa));
    }

    #[test]
    fn no_hart_starts_at_an_odd_address() {
        assert!(matches!(way_to(0x8020_1001, 1), Err(PlaceError::Odd { .. })));
        assert!(way_to(0x8020_1002, 1).is_ok(), "whether the kernel can land there is for the kernel to say");
    }

    #[test]
    fn nothing_runs_where_there_is_no_memory() {
        for (at, memory) in [
            (0xc000_0000, false),
            (0xbfff_fff9, false),
            (u64::MAX, false),
            (0, false),
            (0x1000_0000, false),
            (0x2000_0000, false),
            (0x8020_0000, true),
        ] {
            let refused = matches!(way_to(at, 1), Err(PlaceError::NoMemory { .. }));
            assert_eq!(refused, !memory, "{at:#x}");
        }
    }

    #[test]
    fn the_copy_does_not_lie_over_its_source() {
        let machine = Machine { memory: Memory::One(Size::mib(4)), ..Machine::default() };
        let way = |at| way(Address(at), Size::kib(64), &machine);
        assert!(matches!(way(0x8021_1000), Ok(Way::Copy { .. })));
        assert!(matches!(way(0x8021_0ffe), Ok(Way::Segment)));
        assert!(matches!(way(0x801f_0000), Ok(Way::Copy { .. })));
    }
}
