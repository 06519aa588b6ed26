//! Patched constants: what stands at the sites, and who must not have one: code that may run before
//! landing, the function that patches among it.

use std::collections::BTreeSet;

use super::early::Early;
use super::objects;
use super::reach::{Functions, Reached};
use crate::decode::{ImmediateName, Instruction, Operation, Register, decode};
use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::{Kept, Kind, Site, SiteKind, Subject};
use crate::units::Address;

/// Rust before landing begins with these.
const BEFORE: [&str; 2] = ["landfall_land", "landfall_land_moved"];
/// Functions that run after landing, although earlier code holds their address: the leap's target
/// and the harts' entry. A kernel's own panic handler belongs to them. A panic before landing is a
/// fault of landfall's, and the kernel does not start either way.
const AFTER: [&str; 7] = [
    "landfall_leap",
    "landfall_landed_boot_hart",
    "landfall_secondary",
    "landfall_secondary_landed",
    "landfall_landed_secondary",
    "landfall_late_trap",
    "rust_begin_unwind",
];

/// Adds what is wrong with the sites. `early` are the instructions of early code.
pub(super) fn check(subject: &Subject<'_>, early: &Early, inspection: &mut Inspection) {
    // Another check finds faults of the table itself.
    let (Kind::LandfallElf, Ok(sites)) = (subject.kind(), subject.sites()) else { return };
    // Without local names functions have no ends, and a site belongs to none for certain.
    let is_whole = subject.symbols().kept() == Kept::All;
    let symbol = |name: &&str| subject.symbols().find(name).map(|symbol| symbol.address.0);
    let roots: Vec<u64> = BEFORE.iter().filter_map(symbol).collect();
    if is_whole && roots.is_empty() && !sites.is_empty() {
        inspection.skip(
            "what runs before constants are patched",
            format!("the kernel has neither of the functions {}", BEFORE.join(" and ")),
        );
    }
    let stops: BTreeSet<u64> = AFTER.iter().filter_map(symbol).collect();
    let functions = Functions::of(subject);
    let before = if is_whole { functions.reach(&roots, &stops) } else { Reached::new() };
    for site in &sites {
        if let Some(finding) = judge(subject, site, &functions, early, &before) {
            inspection.add(finding);
        }
    }
}

fn judge(
    subject: &Subject<'_>,
    site: &Site,
    functions: &Functions<'_, '_>,
    early: &Early,
    before: &Reached,
) -> Option<Finding> {
    let at = site.address;
    if !at.0.is_multiple_of(2) || !functions.holds(at.0) {
        let found = format!("the record at {} names {at}, where no code is", site.record);
        return Some(Finding::new(Code::SiteText, site.record, found));
    }
    if let Err(found) = instructions(subject, site) {
        return Some(Finding::new(Code::SiteInstructions, at, found));
    }
    if early.range(at.0..at.0 + site.kind.size()).next().is_some() {
        return Some(Finding::new(Code::SiteEarly, at, "early code runs through it".to_owned()));
    }
    let function = objects::function(subject, at.0).start;
    before.contains_key(&function).then(|| {
        let mut chain = vec![at];
        let mut step = before.get(&function).copied().flatten();
        while let Some(from) = step.filter(|_| chain.len() < 64) {
            chain.push(Address(from));
            step = before.get(&from).copied().flatten();
        }
        chain.reverse();
        let found = "it lies in a function that may run before the landing has patched it".to_owned();
        Finding::new(Code::SitePatcher, at, found).chain(chain)
    })
}

/// The output of the macros in `landfall`'s `constants.rs`, with one register throughout and
/// unpatched.
fn instructions(subject: &Subject<'_>, site: &Site) -> Result<(), String> {
    let shifts: &[(ImmediateName, i16)] = match site.kind {
        SiteKind::Linear | SiteKind::Border => &[(ImmediateName::Slli, 18)],
        SiteKind::Image => &[
            (ImmediateName::Addi, 0),
            (ImmediateName::Slli, 12),
            (ImmediateName::Addi, 0),
            (ImmediateName::Slli, 21),
        ],
    };
    let at = |index: u64| site.address.wrapping_add(index * 4);
    let decoded = |index: u64| {
        let found = subject.bytes(at(index), 4).and_then(decode);
        found.unwrap_or(Instruction { operation: Operation::Unknown, length: 4 })
    };
    let wrong = |index: u64, right: String| {
        let found = decoded(index).operation.at(at(index).0).to_string();
        Err(format!("instruction {index} of the site is `{found}`; it must be `{right}`"))
    };
    let Instruction { operation: Operation::Lui { rd, value: 0 }, length: 4 } = decoded(0) else {
        return wrong(0, "lui with the value 0".to_owned());
    };
    if rd == Register::ZERO {
        return wrong(0, "lui into a register".to_owned());
    }
    for (index, &(name, immediate)) in (1..).zip(shifts) {
        let expected = Operation::Immediate { name, rd, source: rd, immediate };
        if decoded(index) != (Instruction { operation: expected, length: 4 }) {
            return wrong(index, expected.at(at(index).0).to_string());
        }
    }
    Ok(())
}
