//! The words of `--policy`, a line each: refused with a sentence, or a policy that survives its
//! record and is planned for.

use crate::formats;
use landfall::Policy;
use landfall::address::{PhysAddr, PhysRange};
use landfall::harts::{Hart, Mmu};
use landfall::paging::Mode;
use landfall::plan::Facts;
use landfall_image::feature::Features;
use landfall_plan::facts::ImageFacts;
use landfall_plan::harts::Extensions;
use landfall_predict::case::{Case, Taken};
use landfall_predict::policy::Change;
use landfall_predict::seeds::RawSeeds;

/// Reads the input as words of `--policy`, a line each.
///
/// # Panics
/// If landfall fails on it.
pub fn run(bytes: &[u8]) {
    let Ok(words) = std::str::from_utf8(bytes) else { return };
    let changes = match words.lines().map(str::parse).collect::<Result<Vec<Change>, _>>() {
        Err(error) => return assert!(!error.to_string().is_empty()),
        Ok(changes) => changes,
    };
    let policy = match Change::all(&changes, Policy::new()) {
        Err(error) => return assert!(!error.to_string().is_empty()),
        Ok(policy) => policy,
    };
    assert_eq!(Policy::from_record(&policy.record()), Ok(policy));
    formats::check(Case {
        facts: machine(),
        policy: Ok(policy),
        missing: Features::NONE,
        seal: Ok(()),
        slots: 64,
        modes: Taken::AsPromised,
        seeds: RawSeeds { kaslr: Some(vec![1; 8]), ..RawSeeds::default() },
        notes: Vec::new(),
        inner: None,
    });
}

/// Two harts, 2 GiB of RAM with firmware at their start, and RAM far above.
fn machine() -> Facts {
    let range = |start, size| PhysRange::new(PhysAddr::new(start), size);
    let mut facts = Facts::UNKNOWN;
    facts.image = ImageFacts { text: 0xc000, constants: 0x4000, early: 0x7000, data: 0x9000 };
    facts.loaded = PhysAddr::new(0x8020_0000);
    facts.tree = range(0xf000_0000, 0x2000);
    for ram in [range(0x8000_0000, 2 << 30), range(0x100_0000_0000, 3 << 30)] {
        facts.ram.insert(ram).expect("room for two");
    }
    facts.no_map.insert(range(0x8000_0000, 0x6_0000)).expect("room for one");
    for id in 0..2 {
        facts.harts.push(Hart { id, mmu: Mmu::Upto(Mode::Sv57), extensions: Extensions::NONE });
    }
    facts
}
