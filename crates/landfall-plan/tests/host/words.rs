//! Words and notes about a plan.

use landfall_paging::Mode::Sv48;
use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::facts::{CommandLine, ImageFacts, PlacedImage};
use landfall_plan::memory::PhysRangeSet;
use landfall_plan::plan::Note;
use landfall_plan::randomness::{KaslrState, Seed, SeedSource};

use crate::machine::Machine;
use crate::space::random;

#[test]
fn a_seed_names_all_of_its_sources() {
    let tree = SeedSource::KASLR_SEED.and(SeedSource::RNG_SEED);
    for (source, words) in [
        (SeedSource::KASLR_SEED, "seeded from the device tree's kaslr-seed"),
        (tree, "seeded from the device tree's kaslr-seed and rng-seed"),
        (SeedSource::ZKR, "seeded from the hart's own generator (zkr)"),
        (
            tree.and(SeedSource::ZKR),
            "seeded from the device tree's kaslr-seed and rng-seed and the hart's own generator (zkr)",
        ),
    ] {
        assert_eq!(KaslrState::Random(Seed { source, bits: 64 }).to_string(), words);
    }
}

#[test]
fn a_start_by_kexec_without_a_seed_is_noted_and_neither_alone() {
    let seedless = Machine::plain(Sv48);
    let seeded = Machine { draws: Some(random(1 << 63, 1 << 63)), ..seedless.clone() };
    for (machine, kexec, is_noted) in
        [(&seeded, true, false), (&seedless, false, false), (&seedless, true, true)]
    {
        let mut facts = machine.facts();
        facts.kexec = kexec;
        let plan = machine.plan().expect("it lands");
        let policy = machine.policy();
        let mut notes = Note::of(&facts, &policy, &plan);
        assert_eq!(notes.any(|note| note == Note::KexecWithoutSeed), is_noted, "{:?}, {kexec}", plan.kaslr);
    }
}

#[test]
fn an_image_is_aligned_if_its_base_and_each_part_are() {
    let whole = ImageFacts { text: 0x3000, constants: 0x1000, early: 0x2000, data: 0x5000 };
    let at = |parts: ImageFacts, base| PlacedImage { base: PhysAddr::new(base), parts }.is_page_aligned();
    assert!(at(whole, 0x8020_1000));
    let odd = [
        ImageFacts { text: 0x3008, ..whole },
        ImageFacts { constants: 0x1800, ..whole },
        ImageFacts { early: 1, ..whole },
        ImageFacts { data: 0x5ffc, ..whole },
        ImageFacts { text: 0x3008, constants: 0x1008, ..whole },
        ImageFacts { constants: 0x1008, early: 0x2008, ..whole },
        ImageFacts { early: 0x2008, data: 0x5008, ..whole },
    ];
    assert!(!at(ImageFacts { text: 0x3800, ..whole }, 0x8020_1800));
    assert!(!at(whole, 0x8020_1800) && odd.iter().all(|parts| !at(*parts, 0x8020_1000)));
}

#[test]
fn a_set_of_ranges_shows_each_and_is_another_without_one() {
    let mut set = PhysRangeSet::EMPTY;
    for (start, size) in [(0x1000, 0x1000), (0x8000, 0x800)] {
        set.insert(PhysRange::new(PhysAddr::new(start), size)).expect("room");
    }
    assert_eq!(format!("{set:?}"), "{0x1000..0x2000, 0x8000..0x8800}");
    let mut first = PhysRangeSet::EMPTY;
    first.insert(PhysRange::new(PhysAddr::new(0x1000), 0x1000)).expect("room");
    assert_ne!(set, first);
    assert_eq!(set, set.clone());
}

#[test]
fn a_command_line_shows_what_no_terminal_must_read_as_an_escape() {
    let line = CommandLine::new(b"quiet \x1b[2J\xff=\xc3\xa9".as_slice());
    assert_eq!(line.to_string(), "quiet \\u{1b}[2J\\xff=\u{e9}");
}

#[test]
fn a_note_says_what_was_found_and_what_was_done() {
    let ram = PhysRange::new(PhysAddr::new(1 << 40), 1 << 30);
    for (note, words) in [
        (Note::RamUnreached(ram), "1 GiB of RAM at 0x10000000000..0x10040000000 are beyond"),
        (Note::UnknownMode, "landfall.mode= names no mode"),
        (Note::TreeCopied, "the device tree lay outside the linear map and was copied"),
        (Note::UnplacedReservations(3), "3 reservations of the device tree"),
        (Note::TooManyHarts(2), "2 harts beyond the 512"),
    ] {
        assert!(note.to_string().contains(words), "{note}");
    }
}
