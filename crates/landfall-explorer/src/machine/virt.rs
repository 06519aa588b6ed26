//! QEMU's `virt` machine. No firmware runs here: the facts that it leaves to a kernel are recorded.
//!
//! `lab/boots` compares plans of these facts with plans of real machines.

use landfall_paging::{Mode, PhysAddr, PhysRange};
use landfall_plan::Facts;
use landfall_plan::facts::BootOptions;
use landfall_plan::harts::{Extension, Hart, Mmu};
use landfall_predict::Randomness;
use landfall_predict::blueprint::Blueprint;
use landfall_predict::case::{Case, Refused};
use landfall_predict::seeds::RawSeeds;
use landfall_predict::units::{Address, Size};

use super::{RNG_SEED, Seed, mode, seed};
use crate::fault::{Fault, parse};
use crate::request::Virt;

/// The versions whose facts are recorded.
pub(crate) const FIRMWARE: &str = "QEMU 10.0.2 with OpenSBI 1.5.1";
/// The most harts that are recorded.
pub(crate) const MAX_HARTS: u64 = 64;
/// The least RAM: firmware, the tree and a kernel need that much.
pub(crate) const MIN_MEMORY: u64 = 32 << 20;
/// The most RAM that was recorded.
pub(crate) const MAX_MEMORY: u64 = 1 << 40;

const RAM: u64 = 0x8000_0000;
/// The address at which OpenSBI starts a kernel.
const KERNEL: u64 = 0x8020_0000;
const TIMEBASE: u64 = 10_000_000;

/// Returns the case, and the assumptions beside its notes.
pub(super) fn case(
    machine: &Virt,
    kernel: &Blueprint,
) -> Result<(Result<Case, Refused>, Vec<String>), Fault> {
    let memory = memory(machine.memory.as_deref().unwrap_or("1G"))?;
    let harts = machine.harts.unwrap_or(1);
    if !(1..=MAX_HARTS).contains(&harts) {
        return Err(Fault::of(
            "machine.harts",
            format!("{harts} harts are not recorded; write 1 to {MAX_HARTS}"),
        ));
    }
    let seed = seed(machine.seed.as_deref())?;
    let randomness = match &seed {
        Seed::Stated(randomness) => *randomness,
        Seed::OfBoot(_) => Randomness::Fresh,
    };
    let seeds = seeds(seed)?;
    let append = with_options(super::command_line(machine.append.as_deref())?, randomness);
    let mode = mode(machine.mode.as_deref())?.unwrap_or(Mode::Sv57);
    let size = tree_size(harts, &seeds, append.as_deref());
    let mut facts = facts(memory, harts, mode, size);
    if let Some(text) = append {
        facts.options = BootOptions::parse(&text);
        facts.command_line = PhysRange::new(facts.tree.start(), text.len() as u64);
    }
    let at: Address = machine.at.as_deref().map_or(Ok(Address(KERNEL)), |at| parse("machine.at", at))?;
    let case = Case::at_entry(facts, seeds, kernel, PhysAddr::new(at.0)).of_machine(randomness);
    let assumed = format!(
        "no firmware runs in the page: memory of the firmware, the place of the device tree and the boot hart are those of {FIRMWARE}"
    );
    Ok((Ok(case), vec![assumed]))
}

fn memory(text: &str) -> Result<u64, Fault> {
    let Size(memory) = parse("machine.memory", text)?;
    let fits = (MIN_MEMORY..=MAX_MEMORY).contains(&memory) && memory.is_multiple_of(8192);
    let wrong =
        || Fault::of("machine.memory", format!("{text} is not recorded; write 32M to 1T, in steps of 8 KiB"));
    fits.then_some(memory).ok_or_else(wrong)
}

/// A machine without `--seed` has another seed at each boot, so there is nothing to record.
fn seeds(seed: Seed) -> Result<RawSeeds, Fault> {
    let (kaslr, rng) = match seed {
        Seed::Stated(Randomness::Seed(seed)) => (Some(seed.0.to_be_bytes().to_vec()), None),
        // The word `nokaslr` turns randomization off; the seed stays in the tree.
        Seed::Stated(Randomness::Off) => (None, Some((0..).take(RNG_SEED).collect())),
        Seed::OfBoot(bytes) => (None, Some(bytes)),
        Seed::Stated(Randomness::Fresh) => {
            return Err(Fault::of(
                "machine.seed",
                "a virt machine has another seed at each boot; write 16 hex digits, or off",
            ));
        }
    };
    Ok(RawSeeds { kaslr, rng, zkr: None })
}

/// `--no-kaslr` is a word of the command line.
fn with_options(append: Option<&str>, randomness: Randomness) -> Option<String> {
    let off = (randomness == Randomness::Off).then_some("nokaslr");
    let words: Vec<_> = append.into_iter().chain(off).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn facts(memory: u64, harts: u64, mode: Mode, tree: u64) -> Facts {
    let mut facts = Facts::UNKNOWN;
    // One range is fewer than a set can hold.
    let _ = facts.ram.insert(range(RAM, memory));
    let _ = facts.no_map.insert(range(RAM, firmware_memory(harts)));
    facts.tree = range(tree_place(memory, tree), tree);
    for id in 0..harts {
        let extensions = [Extension::Sstc, Extension::Zicboz].into_iter().collect();
        facts.harts.push(Hart { id, mmu: Mmu::Upto(mode), extensions });
    }
    (facts.boot_hart, facts.timebase) = (0, TIMEBASE);
    facts
}

/// Returns the bytes that OpenSBI keeps: code, and data whose size grows with the harts and is
/// rounded to a power of two.
const fn firmware_memory(harts: u64) -> u64 {
    match harts {
        0..=6 => 0x6_0000,
        7..=18 => 0x8_0000,
        19..=57 => 0x10_0000,
        _ => 0x20_0000,
    }
}

/// Returns the bytes of the tree.
fn tree_size(harts: u64, seeds: &RawSeeds, append: Option<&str>) -> u64 {
    // Each property has a header of 12 bytes, a value of whole words, and its name.
    let property = |name: &str, value: usize| (12 + value.next_multiple_of(4) + name.len() + 1) as u64;
    let seed = |name, seed: &Option<Vec<u8>>| seed.as_ref().map_or(0, |seed| property(name, seed.len()));
    let line = append.map_or(0, |text| property("bootargs", text.len() + 1));
    4999 + 1000 * harts + seed("kaslr-seed", &seeds.kaslr) + seed("rng-seed", &seeds.rng) + line
}

/// QEMU puts the tree as high as it can, at a multiple of 2 MiB.
const fn tree_place(memory: u64, size: u64) -> u64 {
    (RAM + memory - size) & !0x1f_ffff
}

const fn range(start: u64, size: u64) -> PhysRange {
    PhysRange::new(PhysAddr::new(start), size)
}
