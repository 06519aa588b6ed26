//! The result that a drawn machine must lead to.
//!
//! The oracle reads the drawn machine alone. It knows nothing of landfall's plan, so a kernel that
//! refused everything could not pass.

use landfall_hart::Machine;
use landfall_hart::config::{Config, Mode, Region, RegionKind, Start};

use crate::flaw::Flaw;
use crate::kernel::Image;
use crate::policy::Place;
use crate::trial::{NO_BLOCK, NO_INITRD, RUNS, Seen, Trial};
use crate::work::Work;

/// Bytes that the next kernel needs, besides the machine's other contents.
const BLOCK: u64 = 8 << 20;

/// Bytes of a hart's stack, by each policy that moves the image.
const STACK: u64 = 64 << 10;
/// The most bytes of page tables and of a copied device tree that a landing has beside its stacks.
const TABLES: u64 = 128 << 10;

/// The refusal of an image that cannot stay and finds no room elsewhere.
const REFUSAL: &[u8] = b"landfall: refused R13";

/// Returns true if a landing leads to what the drawn machine must lead to.
#[must_use]
pub fn is_met(image: &Image, trial: &Trial) -> bool {
    let flawless = Trial { flaw: Flaw::None, ..*trial };
    match (flawless.config(image), trial.run(image)) {
        (Ok(config), Ok((machine, seen))) => {
            seen == with_flaw(trial.flaw, expected(image, &config, &machine))
        }
        _ => false,
    }
}

/// Returns what a landing must lead to on a machine with a flaw.
fn with_flaw(flaw: Flaw, flawless: Seen) -> Seen {
    let refusal = |rule: &str| Seen::Refused { rule: rule.to_owned() };
    match (flaw, &flawless) {
        (Flaw::NoTree, _) | (Flaw::NoMemory, Seen::Landed { .. }) => refusal("R16"),
        (Flaw::LostStores, Seen::Landed { .. }) => refusal("R26"),
        // A landing tries the first block, and the first read of `seed`.
        _ => flawless,
    }
}

/// Returns what a landing must lead to.
#[must_use]
pub fn expected(image: &Image, config: &Config, machine: &Machine) -> Seen {
    let policy = image.policy(config.seed);
    if config.widest < policy.lowest {
        return Seen::Refused { rule: "R11".to_owned() };
    }
    let (mode, reach) = match config.widest.min(policy.highest) {
        Mode::Sv39 => ("sv39", 1 << 37),
        Mode::Sv48 => ("sv48", 1 << 46),
        Mode::Sv57 => ("sv57", 1 << 55),
    };
    let ram = || config.regions.iter().filter(|region| region.kind == RegionKind::Ram);
    let lowest = ram().map(|region| region.start).min().unwrap_or_default();
    let end = config.kernel.start + config.kernel.len;
    // Other harts that wait in the image keep it where it is.
    let none_waits = config.start == Start::Hsm || config.harts.len() == 1;
    let within =
        |region: &Region| (region.start + region.len).min(lowest + reach).saturating_sub(region.start);
    let room = ram().map(within).max().unwrap_or_default();
    // The landing takes all memory within reach, beside the image.
    let needed = config.kernel.len + STACK * config.harts.len() as u64;
    // The oracle counts no tables. With room for a part of them, either may happen.
    let is_refused = || machine.output().windows(REFUSAL.len()).any(|text| text == REFUSAL);
    let has_room = room >= needed + TABLES || (room > needed && !is_refused());
    let moves = policy.place == Place::Moves && none_waits && has_room;
    if end > lowest + reach && !moves {
        // The linear map, a quarter of the addresses, begins with RAM and holds the image (R13).
        return Seen::Refused { rule: "R13".to_owned() };
    }
    if matches!(image.work(), Work::Generations { .. }) {
        if config.initrd.is_some_and(|initrd| initrd.end() > lowest + reach) {
            return Seen::Refused { rule: NO_INITRD.to_owned() };
        }
        // Paging ends in a page whose virtual address, of the lower half, is its physical one.
        let lower_half = reach * 2;
        let below = |region: &Region| {
            (region.start + region.len).min(lower_half).saturating_sub(region.start) >= BLOCK
        };
        if !ram().any(below) {
            return Seen::Refused { rule: NO_BLOCK.to_owned() };
        }
    }
    if matches!(image.work(), Work::Generations { .. })
        && let Some(hart) = machine.lost_harts().into_iter().min()
    {
        // The firmware never has it, so the memory under it cannot be overwritten.
        return Seen::Refused { rule: format!("{RUNS} {hart}") };
    }
    let mut failed = machine.lost_harts();
    failed.sort_unstable();
    Seen::Landed { mode: mode.to_owned(), online: (config.harts.len() - failed.len()) as u64, failed }
}
