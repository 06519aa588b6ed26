//! Starts /next by `kexec_load`, which gets each part with its place in physical memory.
//!
//! The part that begins with the magic number of device trees is the tree; Linux for RISC-V passes
//! its address to the next kernel.

use crate::facts;
use crate::failure::Failure;
use crate::log;
use crate::ranges::{Range, Ranges};
use crate::system::{self, Flow, Segment};
use crate::tree::{self, Chosen};

const PAGE: u64 = 4096;
/// The alignment that every kernel with Linux's header permits.
const IMAGE_ALIGN: u64 = 2 << 20;
/// More bytes than a tree takes.
const TREE: usize = 1 << 20;

/// Loads the next kernel and starts it. A word of the command line may choose its address.
pub(crate) fn start(line: &str) -> Result<(), Failure> {
    let image = system::read(c"/next")?;
    let place = match facts::word(line, "init.at=0x") {
        Some(digits) => {
            let address = u64::from_str_radix(digits, 16).ok().filter(|at| at.is_multiple_of(PAGE));
            Some(address.ok_or(Failure::Fact("init.at= is not the address of a page"))?)
        }
        None => None,
    };
    let mut free = Ranges::of_free(system::text(c"/proc/iomem")?)?;
    let size = image_size(image)?.max(image.len() as u64).next_multiple_of(PAGE);
    let at = match place {
        Some(address) => free.place_at(address, size)?,
        None => free.place(size, IMAGE_ALIGN)?,
    };
    let initrd = match system::read(c"/next-initrd") {
        Ok(bytes) => Some((bytes, free.place((bytes.len() as u64).next_multiple_of(PAGE), PAGE)?)),
        Err(_) => None,
    };
    let line = system::text(c"/next-command-line").unwrap_or_default().trim_ascii();
    let mut seed = [0; 64];
    system::fill_with_randomness(&mut seed)?;
    let chosen = Chosen {
        line,
        initrd: initrd.map(|(bytes, at)| Range { start: at.start, end: at.start + bytes.len() as u64 }),
        seed: &seed,
    };
    let tree = tree::rewritten(system::read(c"/sys/firmware/fdt")?, &chosen, system::memory(TREE)?)?;
    let tree_at = free.place((tree.len() as u64).next_multiple_of(PAGE), PAGE)?;
    let part = |bytes, at: Range| Segment::new(bytes, at.start, at.end - at.start);
    let (image, tree) = (part(image, at), part(tree, tree_at));
    let loaded = match initrd {
        Some((bytes, place)) => system::load_kernel(at.start, &[image, tree, part(bytes, place)]),
        None => system::load_kernel(at.start, &[image, tree]),
    };
    loaded?;
    log::line(format_args!("next={:#x} size={size} tree={:#x}", at.start, tree_at.start));
    system::reboot(Flow::Next)
}

/// Returns the bytes that the image's header asks for (Linux, arch/riscv/boot-image-header).
fn image_size(image: &[u8]) -> Result<u64, Failure> {
    let number = |at: usize| image.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    match (image.get(56..60), number(16)) {
        (Some(b"RSC\x05"), Some(size)) => Ok(size),
        _ => Err(Failure::Fact("/next has no header of a flat image")),
    }
}
