//! Facts that only a boot shows: the loader's choices, and the memory and seeds that firmware adds
//! to the tree. They replace assumptions of a prediction, and each is named in the result.

use landfall_paging::{Mode, PhysAddr};
use landfall_plan::facts::MemoryTypes;
use landfall_plan::randomness::KaslrState;
use landfall_predict::Randomness;
use landfall_predict::board::Loading;
use landfall_predict::case::{Case, Outcome, Prediction, Taken};
use landfall_predict::notes::Note;
use landfall_predict::seeds::RawSeeds;
use landfall_predict::units::{Address, Extent, Size};
use serde_json::Value;

use super::kit::Kit;
use crate::report::Report;

/// The most memory at the start of RAM that is taken for firmware's. More means another board.
const FIRMWARE: u64 = 32 << 20;

/// Bytes of `kaslr-seed`, if `rng-seed` has the others.
const KASLR_SEED: u64 = 8;
/// Bytes that a landing asks of a hart's generator.
const GENERATED: usize = 64;

/// A fact from the report in place of an assumption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Learned {
    pub(super) fact: &'static str,
    pub(super) assumed: String,
    pub(super) reported: String,
}

/// A prediction with the facts of the boot.
#[derive(Debug)]
pub(super) struct Informed {
    pub(super) prediction: Prediction,
    pub(super) learned: Vec<Learned>,
}

impl Informed {
    /// Predicts the boot of `report` again. Options of the user are no assumptions, and stay.
    pub(super) fn by(report: &Report, kit: &Kit) -> Self {
        let first = kit.prediction();
        let (loading, mut learned) = loading(report, kit);
        let case = kit.case(&loading).ok().and_then(Result::ok).and_then(|mut case| {
            learned.extend(seed(report, kit, &mut case));
            case.modes = match mode(report) {
                // The difference is reported once, and all else is compared in the mode taken.
                Some(mode) if mode < first.plan.mode => Taken::Probed(mode),
                _ => case.modes,
            };
            match case.predict() {
                Outcome::Lands(prediction) => Some(*prediction),
                Outcome::Refuses(_) => None,
            }
        });
        match case {
            Some(prediction) => Self { prediction, learned },
            // The facts do not go together on this tree: its own prediction shows the differences.
            None => Self { prediction: first.clone(), learned: Vec::new() },
        }
    }
}

/// Returns the loader's choices by the report.
fn loading(report: &Report, kit: &Kit) -> (Loading, Vec<Learned>) {
    let (first, mut loading, mut learned) = (kit.prediction(), kit.loading().clone(), Vec::new());
    let mut learn = |fact, assumed: String, reported: String| {
        if assumed != reported {
            learned.push(Learned { fact, assumed, reported });
        }
    };
    if let (None, Some(at)) = (loading.at, report.kernel_loaded()) {
        learn("image", Address(first.facts.loaded.get()).to_string(), at.to_string());
        loading.at = Some(at);
    }
    let boot = report.get("/harts/boot").and_then(Value::as_u64);
    if let (None, Some(boot)) = (loading.boot_hart, boot) {
        let with = Loading { boot_hart: Some(boot), ..loading.clone() };
        // A hart that the tree does not list is a difference.
        if kit.case(&with).is_ok() {
            learn("boot hart", first.facts.boot_hart.to_string(), boot.to_string());
            loading = with;
        }
    }
    if first.notes.contains(&Note::MemoryTypesAssumed) {
        let reported = report.get("/memory_types").and_then(Value::as_str).unwrap_or_default();
        let types = [MemoryTypes::Standard, MemoryTypes::Thead];
        if let Some(types) = types.into_iter().find(|types| types.to_string() == reported) {
            learn("memory types", first.facts.memory_types.to_string(), types.to_string());
            loading.memory_types = Some(types);
        }
    }
    if let Some(memory) = firmware(report, first, &loading) {
        learn("firmware's memory", "unknown".to_owned(), memory.to_string());
        loading.no_map.push(memory);
    }
    (loading, learned)
}

/// Returns the memory at the start of RAM that the linear map lacks. Firmware keeps it for itself
/// and adds that to the tree when it boots. The linear map's size must agree, which is compared.
fn firmware(report: &Report, first: &Prediction, loading: &Loading) -> Option<Extent> {
    let reported: Address = report.get("/linear_map/physical")?.as_str()?.parse().ok()?;
    let start = first.plan.linear.span.start();
    let size = reported.0.checked_sub(start.get()).filter(|size| (1..=FIRMWARE).contains(size))?;
    let is_below = PhysAddr::new(reported.0) <= first.facts.loaded;
    (loading.no_map.is_empty() && is_below).then_some(Extent { base: Address(start.get()), size: Size(size) })
}

/// Puts seeds of the reported kind into `case`. Their values are unknown, and decide nothing that
/// is compared.
fn seed(report: &Report, kit: &Kit, case: &mut Case) -> Option<Learned> {
    let source = report.get("/kaslr/source")?.as_str()?;
    if kit.loading().randomness == Randomness::Off {
        return None;
    }
    let bits = report.get("/kaslr/seed_bits")?.as_u64()?;
    let bytes = |count: u64| Some(vec![0x5a; usize::try_from(count.clamp(1, 64)).unwrap_or(1)]);
    let has = |name: &str| source.split(" and ").any(|found| found == name);
    let first = if has("rng-seed") { KASLR_SEED.min(bits / 8) } else { bits / 8 };
    case.seeds = RawSeeds {
        kaslr: has("kaslr-seed").then(|| bytes(first)).flatten(),
        rng: has("rng-seed")
            .then(|| bytes((bits / 8).saturating_sub(if has("kaslr-seed") { first } else { 0 })))
            .flatten(),
        zkr: has("zkr").then(|| vec![0x5a; GENERATED]),
    };
    let assumed = match kit.prediction().plan.kaslr {
        KaslrState::Random(seed) => format!("{}, {} bits", seed.source, seed.bits),
        _ => "none".to_owned(),
    };
    let reported = format!("{source}, {bits} bits");
    (assumed != reported).then_some(Learned { fact: "seed", assumed, reported })
}

/// Returns the mode of the report.
fn mode(report: &Report) -> Option<Mode> {
    let name = report.get("/mode")?.as_str()?;
    [Mode::Sv39, Mode::Sv48, Mode::Sv57].into_iter().find(|mode| mode.name() == name)
}
