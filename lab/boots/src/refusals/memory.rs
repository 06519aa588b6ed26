//! Rule 26: device trees that list other memory as RAM. It loses stores, so a landing must not use
//! it.
//!
//! Two machines have such memory. `virt` itself has flash, a boot ROM and device registers. The
//! other one has ROM in the middle of its RAM, so that each part of a landing can lie there alone.

use landfall_plan::Policy;
use landfall_plan::policy::PhysicalPlacement;

use super::{MIB, RAM, small};
use crate::case::{Case, Expect, Load, Seeding};
use crate::devicetree;
use crate::image::Image;
use crate::images::Images;
use crate::matrix::{harts, machine};
use crate::session::{Entry, Session};
use landfall_host::machine::{Machine, Memory, Mode};
use landfall_judge::intervals::Interval;
use landfall_predict::units::Size;

const KIB: u64 = 1 << 10;
const PAGE: u64 = 4 * KIB;
/// The image's address in RAM.
const AT: u64 = RAM + 33 * MIB + 12 * KIB;
/// ROM in the middle of RAM.
const ROM: Interval = Interval { start: RAM + 64 * MIB, end: RAM + 96 * MIB };
/// The flash of QEMU's `virt`.
const FLASH: Interval = Interval { start: 0x2000_0000, end: 0x2200_0000 };
/// The most pages of tables of a machine this small, and the fewest bytes of stacks of three harts.
const TABLES: u64 = 24;
const STACKS: u64 = 3 * 64 * KIB;

fn case(rule: &'static str, name: &str, machine: Machine) -> Case {
    let mut case = Case::new(format!("refusal/{rule}/{name}"), "hello", machine);
    case.load = Load::At(AT);
    case.seeding = Seeding::None;
    case.expecting(Expect::Refusal(rule)).on("refusals", rule)
}

/// Returns a machine with ROM in the middle of its RAM.
fn with_rom() -> Machine {
    let sizes = [ROM.start - RAM, ROM.size(), 32 * MIB].map(Size);
    let path = std::path::PathBuf::new();
    Machine { memory: Memory::Rom { sizes, path }, harts: harts(3), ..machine(Mode::Sv57, 3, 128 * MIB) }
}

/// Makes the tree list only this memory and the image's place.
fn only(session: &mut Session, entry: &mut Entry, ranges: &[Interval]) -> Result<(), String> {
    let image = Interval::new(entry.base, entry.size);
    session.edit_tree(entry, |tree| devicetree::set_memory(tree, &[ranges, &[image]].concat()))
}

/// Returns all of these cases.
pub(super) fn cases(images: Images) -> Vec<Case> {
    let mut cases = devices();
    cases.extend(parts());
    cases.extend(moves());
    cases.extend(parts_of_images(images));
    cases
}

/// Returns cases whose tables lie in other memory of `virt`.
fn devices() -> Vec<Case> {
    let rest = Interval { start: RAM + 2 * MIB, end: RAM + 128 * MIB };
    let mut cases = Vec::new();
    for (name, mode) in [("sv39", Mode::Sv39), ("sv48", Mode::Sv48), ("sv57", Mode::Sv57)] {
        let case = case("R26", &format!("flash-{name}"), machine(mode, 1, 128 * MIB));
        let case = case.saying("at 0x20000000, for the page tables");
        cases.push(case.with_change(move |session, entry, _| {
            session.edit_tree(entry, |tree| devicetree::set_memory(tree, &[FLASH, rest]))
        }));
    }
    for (rule, name, place, words) in [
        ("R26", "boot-rom", Interval { start: 0x1000, end: 0x1_0000 }, "at 0x1000, for the page tables"),
        (
            "R16",
            "interrupt-controller",
            Interval::new(0xc00_0000, 2 * MIB),
            "stval 0xc000000; the hart cannot access the address in stval",
        ),
        (
            "R16",
            "no-device",
            Interval::new(0x700_0000, 2 * MIB),
            "stval 0x7000000; the hart cannot access the address in stval",
        ),
    ] {
        let policy = Policy::new().with_stack_size(8 * KIB);
        // This machine needs the fewest tables; the boot ROM has 60 KiB.
        let case = case(rule, name, machine(Mode::Sv39, 1, 128 * MIB)).with_policy(&policy).saying(words);
        cases.push(case.with_change(move |session, entry, _| only(session, entry, &[place])));
    }
    cases
}

/// Returns cases with each part of the landing's own memory alone in ROM. The memory before ROM
/// holds the parts before it.
fn parts() -> Vec<Case> {
    // The copy of a tree this large begins in ROM for any number of table pages.
    let line = vec![b'x'; 256 << 10];
    let mut cases = Vec::new();
    for (name, before, line, words) in [
        ("tables", 0, None, "for the page tables"),
        ("stacks", TABLES * PAGE, None, "for the harts' stacks"),
        ("tree", TABLES * PAGE + STACKS, Some(line), "for the copy of the device tree"),
    ] {
        cases.push(case("R26", name, with_rom()).saying(words).with_change(move |session, entry, _| {
            if let Some(line) = &line {
                session.edit_tree(entry, |tree| devicetree::set_bootargs(tree, line))?;
            }
            only(session, entry, &[Interval { start: ROM.start - before, end: ROM.end }])
        }));
    }
    cases
}

/// Returns cases for the memory that a move needs.
fn moves() -> Vec<Case> {
    let policy = Policy::new().with_physical_placement(PhysicalPlacement::Random);
    let seeded = |mut case: Case| {
        case.seeding = Seeding::Seed(0x0123_4567_89ab_cdef);
        case.with_policy(&policy)
    };
    let target = seeded(case("R26", "moved-image", with_rom())).saying("for the image's new place");
    let target = target.with_change(|session, entry, _| {
        let image = Interval::new(entry.base, entry.size);
        // This page has room for the copier alone.
        let page = Interval::new(image.end + 16 * PAGE, PAGE);
        only(session, entry, &[page, ROM])
    });
    let copier = seeded(case("R26", "copier", small())).saying("at 0x20000000, for the code that copies");
    let copier = copier.with_change(|session, entry, _| {
        let flash = Interval::new(FLASH.start, PAGE);
        only(session, entry, &[flash, Interval { start: AT - 16 * MIB, end: AT + 16 * MIB }])
    });
    vec![target, copier]
}

/// Returns cases with a part of the image itself in ROM, up to its end: of `hello`, and of `rules`,
/// which has a `.bss`.
fn parts_of_images(images: Images) -> Vec<Case> {
    let of = |kernel, symbol: fn(&Image) -> Result<u64, String>| {
        // Without the symbol the image lies behind ROM, and its case fails.
        images.get(kernel).and_then(|image| symbol(image).ok()).unwrap_or(0)
    };
    let early = of("hello", |image| Ok(image.symbol("landfall_early_stack_bottom")?.offset & !(PAGE - 1)));
    let behind_early = of("hello", |image| Ok(image.symbol("__landfall_early_end")?.offset));
    let file = of("rules", |image| Ok(image.flat.len() as u64));
    let places = [
        ("hello", "image-early", ROM.start - early, "in the image itself"),
        ("hello", "image-data", ROM.start - behind_early, "in the image itself"),
        ("rules", "bss", ROM.start - file, "for the image's .bss"),
    ];
    let case = |(kernel, name, at, words)| {
        let mut case = case("R26", name, with_rom()).saying(words);
        case.load = Load::At(at);
        case.kernel = kernel;
        case
    };
    places.map(case).into()
}
