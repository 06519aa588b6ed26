//! The responses of Limine's protocol.

use landfall::address::{PAGE_SIZE, PhysRange, VirtAddr};
use landfall::efi::Efi;
use landfall::tree::Tree;
use landfall_efi::Masks;
use landfall_limine::{
    Channel, Executable, File, Firmware, Framebuffer, HartFacts, HartRecord, MemoryFault, MemoryKind,
    MemoryMap, MemoryRange, Requests, Room, answer, needed,
};

use super::information::{Facts, Released};
use super::memory::{self, Use};
use super::refusal::Refused;
use super::tickets::online;

/// Ranges of memory that a map has at most.
const RANGES: usize = 384;
/// Harts at most.
const HARTS: usize = 512;
/// Modules at most, as the protocol's crate handles.
const MODULES: usize = 64;

/// Returns the bytes of the responses. The block has no place yet, so the map may get two ranges
/// more; each takes an entry and a pointer.
pub(super) fn size(requests: &Requests, facts: &Facts<'_>, kernel: &[u8]) -> Result<usize, Refused> {
    const ENTRY: usize = 4 * 8;
    with(facts, |limine| Ok(needed(requests, kernel, limine)? + 2 * ENTRY))
}

/// Writes the responses to `room` and their addresses to the kernel.
pub(super) fn write(
    requests: &Requests,
    facts: &Facts<'_>,
    kernel: &mut [u8],
    room: &mut [u8],
    at: VirtAddr,
) -> Result<Released, Refused> {
    with(facts, |limine| {
        let answers = answer(requests, kernel, limine, &mut Room::new(room, at))?;
        Ok(match answers.hart(0) {
            Some(first) => {
                Released { first: first.virt, stride: HartRecord::SIZE, release: HartRecord::START }
            }
            // A kernel that does not ask for other harts gets none.
            None => Released::NONE,
        })
    })
}

/// Collects the facts for `use_them`.
fn with<T>(
    facts: &Facts<'_>,
    use_them: impl FnOnce(&landfall_limine::Facts<'_>) -> Result<T, Refused>,
) -> Result<T, Refused> {
    let Facts { landing, chosen, space, .. } = facts;
    let mut memory = [MemoryRange::EMPTY; RANGES];
    let map = memory_map(facts, &mut memory).map_err(landfall_limine::Refusal::Memory)?;
    let framebuffer = space.framebuffer.map(|framebuffer| described(framebuffer.pixels));
    let mut harts = [HartFacts { id: 0, acpi_uid: 0, stack: VirtAddr::new(0) }; HARTS];
    let all = online(landing).map(|hart| HartFacts {
        id: hart.hart.id,
        acpi_uid: 0,
        stack: facts.stack(hart.index).1,
    });
    let harts = collect(&mut harts, all)?;
    let entropy = facts.draws.map(|draws| draws.entropy).unwrap_or_default();
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(entropy.as_chunks().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    let entropy = if facts.draws.is_some() { &words[..] } else { &[] };
    let efi = landing.efi();
    let file = File { range: chosen.kernel_range(), path: b"/kernel", text: chosen.command_line };
    let built_in = chosen.modules().map(|(bytes, name)| (memory::of(bytes), name));
    let initrd = chosen.initrd.map(|initrd| (memory::of(initrd), &b"/initrd"[..]));
    let files = built_in.chain(initrd).map(|(range, path)| File { range, path, text: b"" });
    let mut modules = [File { range: PhysRange::EMPTY, path: b"", text: b"" }; MODULES];
    let modules = collect(&mut modules, files.filter(is_at_page))?;
    use_them(&landfall_limine::Facts {
        hhdm_offset: landing.plan().linear.offset,
        executable: Executable { phys: space.placed.phys.start(), virt: space.placed.virt },
        mode: landing.mode(),
        memory: map.as_slice(),
        harts,
        boot_hart: landing.facts().boot_hart,
        stack_size: space.stacks.size,
        command_line: chosen.command_line,
        executable_file: Some(file).filter(is_at_page),
        modules,
        framebuffers: framebuffer.as_slice(),
        device_tree: Tree::new(landing.tree()).ok(),
        firmware: if efi.is_some() { Firmware::Efi } else { Firmware::Sbi },
        rsdp: efi.and_then(|efi| efi.acpi_root).map(|root| PhysRange::new(root, 36)),
        efi_system_table: efi.map(|efi: Efi<'_>| PhysRange::new(efi.system_table, 120)),
        timer_frequency: Some(landing.facts().timebase).filter(|frequency| *frequency != 0),
        entropy,
        ..landfall_limine::Facts::UNKNOWN
    })
}

/// Returns true for a file that the protocol permits. A boot loader's initrd may begin anywhere.
const fn is_at_page(file: &File<'_>) -> bool {
    file.range.start().is_aligned(PAGE_SIZE)
}

/// Returns a framebuffer in the protocol's words.
fn described(pixels: landfall_efi::Framebuffer) -> Framebuffer<'static> {
    let landfall_efi::Framebuffer { range, width, height, stride, format } = pixels;
    let channel = |mask: u32| Channel { size: mask.count_ones() as u8, shift: mask.trailing_zeros() as u8 };
    let Masks { red, green, blue } = format.masks();
    let [red, green, blue] = [red, green, blue].map(channel);
    Framebuffer { range, width, height, stride, bits: format.bytes as u16 * 8, red, green, blue, edid: &[] }
}

/// Makes the memory map in `room`.
fn memory_map<'a>(facts: &Facts<'_>, room: &'a mut [MemoryRange]) -> Result<MemoryMap<'a>, MemoryFault> {
    let mut map = MemoryMap::new(room);
    for MemoryRange { range, kind } in ranges(facts) {
        map.claim(range, kind)?;
    }
    if let Some(framebuffer) = facts.space.framebuffer {
        map.claim(framebuffer.pixels.range, MemoryKind::Framebuffer)?;
    }
    Ok(map)
}

/// Returns RAM by its kind.
fn ranges<'a>(facts: &Facts<'a>) -> impl Iterator<Item = MemoryRange> + use<'a> {
    let [page, kernel, block] = facts.owned();
    let file = memory::Part { range: facts.chosen.record_range().pages_touched(), usage: Use::Kernel };
    memory::parts(facts.landing, &[page, kernel, block, file]).map(|part| {
        let kind = match part.usage {
            Use::Usable => MemoryKind::Usable,
            // The responses have a copy of the tree.
            Use::Reclaimable | Use::DeviceTree => MemoryKind::LoaderReclaimable,
            // An initrd is a module.
            Use::Kernel | Use::Initrd => MemoryKind::ExecutableAndModules,
            // Among it are ACPI's tables in memory that can be reclaimed.
            Use::Reserved => MemoryKind::ReservedMapped,
            Use::Firmware | Use::Crash | Use::Unreached => MemoryKind::Reserved,
        };
        MemoryRange { range: part.range, kind }
    })
}

/// Puts elements into `room`.
fn collect<T>(room: &mut [T], elements: impl Iterator<Item = T>) -> Result<&[T], Refused> {
    let mut count = 0;
    for element in elements {
        let place = room.get_mut(count).ok_or(Refused::TooMany { most: RANGES })?;
        *place = element;
        count += 1;
    }
    Ok(room.get(..count).unwrap_or_default())
}
