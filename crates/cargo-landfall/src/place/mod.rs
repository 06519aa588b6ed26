//! Where an image may lie, and how it gets there.
//!
//! QEMU puts a flat image at 0x80200000 and an ELF where its segments say. So for any other address the image goes into an
//! ELF with one segment at that physical address; QEMU starts there, and no byte of the image changes.
//!
//! QEMU wants the device tree above such a segment, and near the end of RAM there is no room for that. There the image is loaded
//! by QEMU's `loader` device, and what QEMU starts is a jump to it, 24 bytes at 0x80200000 that leave `a0` and `a1` alone.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{fs, io};

use thiserror::Error;

use crate::machine::{Harts, Load, Machine};
use crate::units::{Address, Size};

/// Where the `virt` machine's RAM begins, and OpenSBI with it.
pub const RAM: Address = Address(0x8000_0000);

/// Where QEMU's `virt` machine puts a flat image: RAM's start and 2 MiB, as for Linux.
pub const DEFAULT: Address = Address(0x8020_0000);

/// QEMU's device tree lies within the last 4 MiB of RAM: aligned to 2 MiB, and smaller than that.
const TREE_ROOM: Size = Size::mib(4);

/// An address that no kernel can have.
#[derive(Debug, Error)]
pub enum PlaceError {
    /// The image would lie over the firmware.
    #[error(
        "an image of {size} at {at} would overwrite the firmware, which takes {} to {} on this machine with {}; \
         end below it or begin at {} or higher", .firmware.start, .firmware.end, harts_in_words(*.harts), .firmware.end
    )]
    Firmware {
        /// Where the image was to lie.
        at: Address,
        /// Bytes in its file.
        size: Size,
        /// What the firmware takes.
        firmware: FirmwareRange,
        /// The machine's harts, on which that depends.
        harts: Harts,
    },
    /// There is nothing at that address, so nothing can run there.
    #[error(
        "the machine has no memory at {at}: its RAM goes from {RAM} to {end}; give it more with --memory, or an address in it"
    )]
    NoMemory {
        /// Where the image was to lie.
        at: Address,
        /// The first address behind the RAM.
        end: Address,
    },
    /// A file for QEMU cannot be written.
    #[error("cannot write {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl PlaceError {
    /// 1 where the machine cannot take the image, 2 where the address is wrong whatever the machine.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::NoMemory { .. } => 1,
            Self::Firmware { .. } | Self::File { .. } => 2,
        }
    }
}

/// The memory that OpenSBI keeps for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirmwareRange {
    /// Its first byte.
    pub start: Address,
    /// The first byte behind it.
    pub end: Address,
}

/// What OpenSBI keeps for itself on a `virt` machine: it grows with the harts, each of which has a stack there.
///
/// Measured on OpenSBI 1.5.1 to 1.9, in the `mmode_resv` nodes of the device tree that it hands over.
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

/// Makes `machine` start `image` at `at`: sets its kernel, and what it loads. The files for QEMU go to `directory`.
///
/// Whether the kernel can land there is for the kernel to say. Refused is only what QEMU cannot even start.
///
/// # Errors
/// [`PlaceError`] names what is in the way.
pub fn put(machine: &mut Machine, image: &[u8], at: Address, directory: &Path) -> Result<(), PlaceError> {
    let size = Size(image.len() as u64);
    let way = way(at, size, machine)?;
    let write = |name: &str, bytes: &[u8]| {
        let path = directory.join(name);
        match fs::write(&path, bytes) {
            Ok(()) => Ok(path),
            Err(source) => Err(PlaceError::File { path, source }),
        }
    };
    machine.kernel = Some(match way {
        Way::Segment => write("kernel.elf", &wrap(image, at))?,
        Way::Jump => {
            machine.loads.push(Load { file: write("kernel.bin", image)?, at });
            write("jump.elf", &wrap(&jump_to(at), DEFAULT))?
        }
    });
    Ok(())
}

/// How an image gets to its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// In an ELF with one segment there.
    Segment,
    /// By the `loader` device, and a jump.
    Jump,
}

fn way(at: Address, size: Size, machine: &Machine) -> Result<Way, PlaceError> {
    let firmware = firmware(machine.harts);
    let ram_end = RAM.wrapping_add(machine.memory.total().0);
    if at >= ram_end {
        return Err(PlaceError::NoMemory { at, end: ram_end });
    }
    // RAM ends far below the last address, so an image that begins before its end does not go round that.
    let end = at.wrapping_add(size.0);
    if at < firmware.end && end > firmware.start {
        return Err(PlaceError::Firmware { at, size, firmware, harts: machine.harts });
    }
    let near_the_tree = end.0 > ram_end.0.saturating_sub(TREE_ROOM.0);
    // In a machine so small the jump would lie in the image.
    let over_the_jump = at.0 < DEFAULT.0 + JUMP_SIZE && end > DEFAULT;
    Ok(if near_the_tree && !over_the_jump { Way::Jump } else { Way::Segment })
}

fn harts_in_words(harts: Harts) -> String {
    match harts.get() {
        1 => "1 hart".to_owned(),
        count => format!("{count} harts"),
    }
}

const JUMP_SIZE: u64 = 24;

/// Code that goes to `at`, and changes nothing but `t0`. It runs wherever it lies.
fn jump_to(at: Address) -> Vec<u8> {
    let code: [u32; 4] = [
        0x0000_0297, // auipc t0, 0
        0x0102_b283, // ld    t0, 16(t0)
        0x0002_8067, // jr    t0
        0x0000_0013, // nop, so that the address is aligned
    ];
    [code.map(u32::to_le_bytes).as_flattened(), &at.0.to_le_bytes()].concat()
}

/// Bytes in the file header and the one program header of the ELF.
const HEADERS: Range<u64> = 0..64 + 56;

/// An ELF that loads `image` at `at` and starts at its first byte.
///
/// The segment ends with the file: its memory size leaves out the `.bss`, so that nobody but the kernel zeroes it.
#[must_use]
pub fn wrap(image: &[u8], at: Address) -> Vec<u8> {
    let mut elf = Vec::with_capacity(image.len() + 120);
    let size = image.len() as u64;
    // e_ident: magic, 64-bit, little-endian, version 1. Then ET_EXEC, EM_RISCV, version 1.
    elf.extend(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    elf.extend([2, 0, 243, 0, 1, 0, 0, 0]);
    // e_entry, e_phoff, e_shoff.
    elf.extend([at.0, 64, 0].map(u64::to_le_bytes).as_flattened());
    // e_flags 0; e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx.
    elf.extend(0_u32.to_le_bytes());
    elf.extend([64_u16, 56, 1, 64, 0, 0].map(u16::to_le_bytes).as_flattened());
    // p_type PT_LOAD, p_flags RWX; p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_align.
    elf.extend([1_u32, 7].map(u32::to_le_bytes).as_flattened());
    elf.extend([HEADERS.end, at.0, at.0, size, size, 1].map(u64::to_le_bytes).as_flattened());
    elf.extend(image);
    elf
}

#[cfg(test)]
mod tests {
    use object::elf::PT_LOAD;
    use object::read::elf::{ElfFile64, ProgramHeader};
    use object::{LittleEndian, Object};

    use super::*;
    use crate::machine::Memory;

    /// How an image of 64 KiB gets to `at` in a machine with 1 GiB.
    fn way_to(at: u64, harts: u32) -> Result<Way, PlaceError> {
        let machine = Machine { harts: Harts::new(harts).expect("harts"), ..Machine::default() };
        way(Address(at), Size::kib(64), &machine)
    }

    #[test]
    fn an_image_over_the_firmware_is_refused() {
        for (at, harts, refused) in [
            (0x8000_0000, 1, true),
            (0x7fff_0001, 1, true),
            (0x7fff_0000, 1, false),
            (0x8005_ffff, 4, true),
            (0x8006_0000, 4, false),
            (0x8006_0000, 5, true),
            (0x8008_0000, 16, false),
            (0x8008_0000, 17, true),
            (0x8010_0000, 32, false),
            (0x8010_0000, 33, true),
            (0x8020_0000, 64, false),
            (0, 1, false),
        ] {
            let firmware = matches!(way_to(at, harts), Err(PlaceError::Firmware { .. }));
            assert_eq!(firmware, refused, "{at:#x} with {harts} harts");
        }
    }

    #[test]
    fn an_image_near_the_end_of_ram_leaves_room_for_the_tree() {
        assert!(matches!(way_to(0xbfbf_0000, 1), Ok(Way::Segment)));
        assert!(matches!(way_to(0xbfbf_1000, 1), Ok(Way::Jump)));
        assert!(matches!(way_to(0xbfff_ffff, 1), Ok(Way::Jump)), "it reaches beyond, which the kernel sees");
        assert!(matches!(way_to(0xc000_0000, 1), Err(PlaceError::NoMemory { .. })));
        assert!(matches!(way_to(u64::MAX, 1), Err(PlaceError::NoMemory { .. })));
    }

    #[test]
    fn the_jump_does_not_lie_in_the_image() {
        let memory = Memory::One(Size::mib(6));
        let machine = Machine { memory, ..Machine::default() };
        let way = |at| way(Address(at), Size::kib(64), &machine);
        assert!(matches!(way(0x8020_0000 + JUMP_SIZE), Ok(Way::Jump)));
        assert!(matches!(way(0x8020_0000 + JUMP_SIZE - 1), Ok(Way::Segment)));
        assert_eq!(jump_to(Address(1)).len() as u64, JUMP_SIZE);
    }

    #[test]
    fn the_wrapped_image_is_one_segment_at_its_address() {
        let elf = wrap(b"image", Address(0x8765_4000));
        let elf = ElfFile64::<LittleEndian>::parse(&*elf).expect("an ELF");
        assert_eq!(elf.entry(), 0x8765_4000);
        let [segment] = elf.elf_program_headers() else { panic!("one segment is right") };
        assert_eq!(segment.p_type(LittleEndian), PT_LOAD);
        assert_eq!(segment.p_paddr(LittleEndian), 0x8765_4000);
        assert_eq!(segment.data(LittleEndian, elf.data()), Ok(&b"image"[..]));
    }
}
