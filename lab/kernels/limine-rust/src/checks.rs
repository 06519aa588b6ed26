//! Checks of the responses.

use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering};

use limine::memory_map::{Entry, EntryType};
use limine::response::{
    ExecutableCmdlineResponse, ExecutableFileResponse, HhdmResponse, MemoryMapResponse, ModuleResponse,
};

use crate::console::Console;
use crate::requests::{
    ADDRESS, BASE_REVISION, BOOT_HART, COMMAND_LINE, FILE, FIRMWARE, HHDM, LOADER, MEMORY, MODULES, TREE,
};

unsafe extern "C" {
    static image_start: u8;
}

/// The loader has loaded the kernel by base revision 3.
pub(crate) fn revision(console: &mut Console) {
    console.expect("base-revision", BASE_REVISION.is_supported());
    console.expect("loaded-revision", BASE_REVISION.loaded_revision() == Some(3));
}

/// The memory map is sorted, and usable memory works through the linear map.
pub(crate) fn memory(console: &mut Console) {
    let offset = HHDM.get_response().map(HhdmResponse::offset);
    console.expect("hhdm", offset.is_some());
    let map = MEMORY.get_response().map(MemoryMapResponse::entries).unwrap_or_default();
    console.expect("memory-sorted", !map.is_empty() && map.is_sorted_by_key(|range| range.base));
    let usable = map.iter().filter(|range| range.entry_type == EntryType::USABLE);
    let size: u64 = usable.clone().map(|range| range.length).sum();
    console.line(format_args!("usable {size:#x}"));
    let virt = |range: &Entry| usize::try_from(offset?.wrapping_add(range.base)).ok();
    let works = |range: &Entry| virt(range).is_some_and(keeps_word);
    console.expect("hhdm-works", size != 0 && usable.clone().all(|range| works(range)));
}

/// Returns true if usable memory keeps what is written to it.
fn keeps_word(virt: usize) -> bool {
    let word = core::ptr::with_exposed_provenance_mut::<usize>(virt);
    // SAFETY: the memory map has this memory as usable, so the kernel owns it, and the linear map
    // holds it by the protocol.
    unsafe {
        word.write_volatile(!virt);
        word.read_volatile() == !virt
    }
}

static ZERO: AtomicU64 = AtomicU64::new(0);
static POINTER: &AtomicU64 = &ZERO;

/// The kernel is where the loader states, and its pointers are right.
pub(crate) fn image(console: &mut Console) {
    let start = (&raw const image_start).addr() as u64;
    let address = ADDRESS.get_response();
    console.expect("executable-address", address.is_some_and(|at| at.virtual_base() == start));
    if let Some(address) = address {
        let (virt, phys) = (address.virtual_base(), address.physical_base());
        console.line(format_args!("virt {virt:#x} phys {phys:#x}"));
    }
    ZERO.fetch_add(1, Ordering::Relaxed);
    console.expect("pointers", POINTER.load(Ordering::Relaxed) == 1);
}

fn satp() -> u64 {
    let satp;
    // SAFETY: reading a register changes nothing.
    unsafe { asm!("csrr {}, satp", out(reg) satp, options(nomem, nostack)) };
    satp
}

/// The other answers; `stack` is the address in `sp` at entry.
pub(crate) fn machine(console: &mut Console, stack: usize) {
    console.expect("stack", stack.is_multiple_of(16));
    // Without a request, Sv48 is the most: mode 9 of satp.
    console.expect("mode", (8..=9).contains(&(satp() >> 60)));
    if let Some(loader) = LOADER.get_response() {
        console.line(format_args!("loader {} {}", loader.name(), loader.version()));
    }
    console.expect("loader-info", LOADER.get_response().is_some());
    console.expect("firmware", FIRMWARE.get_response().is_some());
    let line = COMMAND_LINE.get_response().map(ExecutableCmdlineResponse::cmdline);
    console.line(format_args!("command line {line:?}"));
    if let Some(file) = FILE.get_response().map(ExecutableFileResponse::file) {
        // SAFETY: the protocol states that the file lies there.
        let magic = unsafe { file.addr().cast::<[u8; 4]>().read() };
        console.expect("file", magic == *b"\x7fELF" && line == Some(file.string()));
        console.line(format_args!("file {:?}, {:#x} bytes", file.path(), file.size()));
    }
    for module in MODULES.get_response().map(ModuleResponse::modules).unwrap_or_default() {
        console.line(format_args!("module {:?}, {:#x} bytes", module.path(), module.size()));
    }
    if let Some(tree) = TREE.get_response() {
        // SAFETY: the protocol states that the tree lies there.
        let magic = unsafe { tree.dtb_ptr().cast::<[u8; 4]>().read() };
        console.expect("tree", magic == [0xd0, 0x0d, 0xfe, 0xed]);
    }
    console.expect("boot-hart", BOOT_HART.get_response().is_some());
}
