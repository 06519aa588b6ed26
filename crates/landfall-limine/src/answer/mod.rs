//! The responses to the requests of a kernel.

mod files;
mod harts;
mod screen;
mod tables;
mod tree;

use landfall_paging::{VirtAddr, VirtRange};

use crate::facts::{Facts, Firmware};
use crate::feature::{Feature, RESPONSE};
use crate::memory::{self, MemoryRange};
use crate::modes;
use crate::refusal::Refusal;
use crate::requests::Requests;
use crate::room::Room;
use crate::words::{WORD, set_word};
use files::Files;

pub use harts::HartRecord;

/// The addresses in the responses that the loader needs itself.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    harts: Option<harts::Records>,
}

impl Answers {
    /// Returns the record of the hart with this index among [`Facts::harts`]. The hart waits for an
    /// address in it. `None` if the kernel does not request other harts.
    #[must_use]
    pub fn hart(&self, index: usize) -> Option<HartRecord> {
        self.harts.as_ref()?.get(index)
    }
}

/// The addresses of the responses, by feature.
type Responses = [Option<u64>; Feature::COUNT];

/// Writes the responses into `room` and their addresses into the loaded and relocated kernel.
///
/// # Errors
/// [`Refusal`]: the kernel breaks a rule, or the facts do. The image is as before.
pub fn answer(
    requests: &Requests,
    image: &mut [u8],
    facts: &Facts<'_>,
    room: &mut Room<'_>,
) -> Result<Answers, Refusal> {
    let (responses, answers) = respond(requests, image, facts, room)?;
    if !room.suffices() {
        return Err(Refusal::Room { needed: needed(requests, image, facts)? });
    }
    patch(requests, image, &responses).ok_or(Refusal::OtherImage)?;
    Ok(answers)
}

/// Returns the bytes of the responses, for memory that begins at a page.
///
/// # Errors
/// Those of [`answer`].
pub fn needed(requests: &Requests, image: &[u8], facts: &Facts<'_>) -> Result<usize, Refusal> {
    let mut room = Room::new(&mut [], VirtAddr::new(0));
    respond(requests, image, facts, &mut room)?;
    Ok(room.used())
}

/// Writes the addresses of the responses, and the base revision, into the kernel.
fn patch(requests: &Requests, image: &mut [u8], responses: &Responses) -> Option<()> {
    for feature in Feature::ALL {
        if let (Some(at), Some(address)) = (requests.place(*feature), responses[*feature as usize]) {
            set_word(image, at + RESPONSE, address)?;
        }
    }
    let tag = requests.tag();
    set_word(image, tag + WORD, requests.base_revision().number())?;
    if requests.has_asked_revision() {
        set_word(image, tag + 2 * WORD, 0)?;
    }
    Some(())
}

/// Writes the responses. Beyond the end of `room` they are counted.
fn respond(
    requests: &Requests,
    image: &[u8],
    facts: &Facts<'_>,
    room: &mut Room<'_>,
) -> Result<(Responses, Answers), Refusal> {
    memory::check(facts.memory)?;
    let files = Files::new(requests, image, facts)?;
    let kernel = VirtRange::new(facts.executable.virt, image.len() as u64);
    requests.check_entry(|entry| kernel.contains_address(entry))?;
    let mut answers = Answers::default();
    if requests.wants_mp() {
        answers.harts = Some(harts::records(facts, room)?);
    }
    // Both features have the same text.
    let has_line = requests.wants(Feature::CommandLine) || requests.wants(Feature::ExecutableFile);
    let line = has_line.then(|| room.text(facts.command_line));
    let mut responses = [None; Feature::COUNT];
    for feature in Feature::ALL.iter().copied().filter(|feature| requests.wants(*feature)) {
        let address = match feature {
            Feature::BootloaderInfo => {
                let name = room.text(facts.loader.name.as_bytes());
                let version = room.text(facts.loader.version.as_bytes());
                Some(room.words([0, name.get(), version.get()]))
            }
            Feature::CommandLine => line.map(|line| room.words([0, line.get()])),
            Feature::FirmwareType => Some(room.words([0, firmware(facts.firmware)])),
            Feature::StackSize => {
                let has_size = requests.stack_size().is_some_and(|size| size <= facts.stack_size);
                has_size.then(|| room.words([0]))
            }
            Feature::Hhdm => Some(room.words([0, facts.hhdm_offset])),
            Feature::Framebuffer => screen::framebuffers(facts, room),
            Feature::PagingMode => Some(room.words([0, modes::number(facts.mode)])),
            Feature::Mp => answers.harts.as_ref().map(|records| records.respond(facts, room)),
            Feature::BootHart => Some(room.words([0, facts.boot_hart])),
            Feature::MemoryMap => memory_map(requests, facts.memory, room),
            Feature::EntryPoint => Some(room.words([0])),
            Feature::ExecutableFile => line.and_then(|line| files::executable(facts, line, room)),
            Feature::Modules => files.modules(facts, room),
            Feature::Rsdp => tables::rsdp(requests, facts, room),
            Feature::Smbios => tables::smbios(requests, facts, room),
            Feature::EfiSystemTable => tables::system_table(requests, facts, room),
            Feature::EfiMemoryMap => tables::memory_map(facts, room),
            Feature::DateAtBoot => facts.date.map(|date| room.words([0, date.cast_unsigned()])),
            Feature::ExecutableAddress => {
                Some(room.words([0, facts.executable.phys.get(), facts.executable.virt.get()]))
            }
            Feature::DeviceTree => {
                facts.device_tree.and_then(|tree| tree::respond(tree, facts.boot_hart, room))
            }
            Feature::Performance => {
                facts.performance.map(|times| room.words([0, times.reset, times.loader, times.kernel]))
            }
            Feature::TimerFrequency => facts.timer_frequency.map(|frequency| room.words([0, frequency])),
            Feature::Entropy => entropy(requests, facts, room),
            Feature::TpmEventLog | Feature::KeepIommu | Feature::Terminal => None,
        };
        responses[feature as usize] = address.map(VirtAddr::get);
    }
    Ok((responses, answers))
}

const fn firmware(firmware: Firmware) -> u64 {
    match firmware {
        Firmware::Efi => 2,
        Firmware::Sbi => 3,
    }
}

/// Writes the memory map.
fn memory_map(requests: &Requests, map: &[MemoryRange], room: &mut Room<'_>) -> Option<VirtAddr> {
    if map.is_empty() {
        return None;
    }
    let entries = map.iter().flat_map(|MemoryRange { range, kind }| {
        [range.start().get(), range.size(), kind.number(requests.base_revision())]
    });
    let first = room.words(entries);
    let entries = room.pointers(first, 3 * WORD as u64, map.len());
    Some(room.words([0, map.len() as u64, entries.get()]))
}

/// Writes random numbers, as many as are requested and there are.
fn entropy(requests: &Requests, facts: &Facts<'_>, room: &mut Room<'_>) -> Option<VirtAddr> {
    if facts.entropy.is_empty() {
        return None;
    }
    let count = usize::try_from(requests.entropy())
        .map_or(facts.entropy.len(), |count| count.min(facts.entropy.len()));
    let values = room.words(facts.entropy.iter().copied().take(count));
    let address = if count == 0 { 0 } else { values.get() };
    Some(room.words([0, count as u64, address]))
}
