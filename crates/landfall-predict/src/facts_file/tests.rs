use landfall_image::feature::Feature;
use landfall_paging::{Mode, PhysAddr, PhysRange};
use landfall_plan::facts::{BootOptions, ImageFacts, InitrdFault, MemoryTypes, OtherHarts, PlacedImage};
use landfall_plan::harts::{Extension, Hart, Harts, Mmu};
use landfall_plan::memory::PhysRangeSet;
use landfall_plan::{Facts, Plan, Policy};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn set(ranges: impl IntoIterator<Item = (u64, u64)>) -> PhysRangeSet {
    let mut set = PhysRangeSet::EMPTY;
    for (start, pages) in ranges {
        let _ = set.insert(PhysRange::new(PhysAddr::new(start << 12), pages << 12));
    }
    set
}

fn ranges() -> impl Strategy<Value = PhysRangeSet> {
    prop::collection::vec((0..1_u64 << 44, 0..1_u64 << 40), 0..70).prop_map(set)
}

fn harts() -> impl Strategy<Value = Harts> {
    let mmu = prop_oneof![
        Just(Mmu::Unstated),
        Just(Mmu::None),
        prop::sample::select(Mode::BEST_FIRST.to_vec()).prop_map(Mmu::Upto),
    ];
    let extensions = prop::sample::subsequence(Extension::ALL.to_vec(), 0..=Extension::ALL.len());
    let hart = (any::<u64>(), mmu, extensions);
    let hart =
        hart.prop_map(|(id, mmu, extensions)| Hart { id, mmu, extensions: extensions.into_iter().collect() });
    (prop::collection::vec(hart, 0..540), any::<u32>()).prop_map(|(list, beyond)| {
        let mut harts = Harts::EMPTY;
        for hart in list {
            harts.push(hart);
        }
        harts.with_beyond(beyond)
    })
}

fn image() -> impl Strategy<Value = PlacedImage> {
    let pages = || 0..0x1_0000_u64;
    (any::<u32>(), 1..0x1_0000_u64, pages(), pages(), pages()).prop_map(
        |(base, text, constants, early, data)| {
            let [text, constants, early, data] = [text, constants, early, data].map(|pages| pages << 12);
            ImageFacts { text, constants, early, data }.at(PhysAddr::new(base.into()))
        },
    )
}

fn file() -> impl Strategy<Value = FactsFile> {
    let seed = || prop::option::of(prop::collection::vec(any::<u8>(), 0..80));
    let mut probes = vec![Probe::NotRun, Probe::TookNothing];
    probes.extend(Mode::BEST_FIRST.map(Probe::Took));
    let probe = prop::sample::select(probes);
    let numbers = (any::<u32>(), any::<u64>(), any::<u64>(), any::<u64>(), any::<bool>());
    let places = (any::<u32>(), 0..2_u64 << 20, prop::option::of(any::<u32>()));
    let sets = (ranges(), ranges(), ranges(), harts(), image());
    let words = prop::sample::select(vec![
        &b"nokaslr"[..],
        b"landfall.mode=sv48",
        b"landfall.mode=sv49",
        b" ",
        b"\"",
        "ä".as_bytes(),
        b"caf\xe9",
        b"\\",
    ]);
    let line = prop::collection::vec(words, 0..6).prop_map(|words| words.concat());
    let fault = prop::option::of(prop_oneof![
        Just(InitrdFault::NoEnd),
        Just(InitrdFault::NoStart),
        (any::<u64>(), any::<u64>()).prop_map(|(start, end)| InitrdFault::Reversed {
            start: PhysAddr::new(start),
            end: PhysAddr::new(end),
        }),
    ]);
    (sets, numbers, places, ([seed(), seed(), seed()], probe, line, fault)).prop_map(
        |(sets, numbers, places, ([kaslr, rng, zkr], probe, line, initrd_fault))| {
            let (ram, no_map, reserved, harts, image) = sets;
            let (unplaced_reservations, boot_hart, timebase, slots, odd) = numbers;
            let (at, size, initrd) = places;
            let tree = PhysRange::new(PhysAddr::new(at.into()), size);
            let mut facts = Facts::UNKNOWN;
            facts.ram = ram;
            facts.no_map = no_map;
            facts.reserved = reserved;
            facts.unplaced_reservations = unplaced_reservations;
            (facts.image, facts.loaded) = (image.parts, image.base);
            facts.tree = tree;
            facts.initrd = initrd.map(|at| PhysRange::new(PhysAddr::new(at.into()), 5));
            facts.initrd_fault = initrd_fault;
            facts.kexec = odd;
            facts.command_line = PhysRange::new(tree.start(), line.len() as u64);
            facts.options = BootOptions::parse(&line);
            facts.harts = harts;
            facts.boot_hart = boot_hart;
            facts.timebase = timebase;
            facts.memory_types = if odd { MemoryTypes::Thead } else { MemoryTypes::Standard };
            facts.other_harts = if odd { OtherHarts::InImage } else { OtherHarts::WithFirmware };
            let policy = Policy::new().with_max_harts(slots);
            let lacks = |feature: &Feature| boot_hart >> *feature as u8 & 1 == 1;
            let missing = Feature::ALL.iter().copied().filter(lacks).fold(Features::NONE, Features::with);
            let seeds = RawSeeds { kaslr, rng, zkr };
            FactsFile {
                plan_version: Plan::VERSION,
                facts,
                command_line: line,
                policy,
                missing,
                slots,
                probe,
                seeds,
            }
        },
    )
}

fn sound_file() -> FactsFile {
    let mut facts = Facts::UNKNOWN;
    facts.ram = set([(0x8_0000, 0x4_0000)]);
    facts.no_map = set([(0x8_0000, 0x60)]);
    facts.image = ImageFacts { text: 0x1000, ..ImageFacts::default() };
    facts.loaded = PhysAddr::new(0x8020_0000);
    let (command_line, policy, seeds) = (Vec::new(), Policy::new(), RawSeeds::default());
    let missing = Features::NONE;
    FactsFile {
        plan_version: Plan::VERSION,
        facts,
        command_line,
        policy,
        missing,
        slots: 0,
        probe: Probe::NotRun,
        seeds,
    }
}

fn sound() -> Value {
    sound_file().to_json()
}

fn error(key: &str, value: Value) -> String {
    let mut damaged = sound();
    *damaged.pointer_mut(key).expect("the key") = value;
    FactsFile::parse(damaged.to_string().as_bytes()).expect_err(key).to_string()
}

#[test]
fn what_is_wrong_is_named_with_what_would_be_right() {
    for (key, value, words) in [
        ("/format", json!(9), ["format is 9", "supports 1 to 2"]),
        ("/plan_version", json!(Plan::VERSION + 1), ["plan_version", "supports"]),
        ("/mode", json!("sv64"), ["mode is \"sv64\"", "\"sv39\""]),
        ("/policy", json!("00"), ["policy is \"00\"", "248 bytes"]),
        ("/policy", json!("09".repeat(248)), ["version", "supports"]),
        ("/facts/ram/0/start", json!("0x80000001"), ["facts.ram[0]", "whole pages"]),
        ("/facts/ram/0/start", json!("80000000"), ["facts.ram[0].start", "0x80200000"]),
        ("/facts/ram/0/size", json!(u64::MAX), ["facts.ram[0]", "below 2^64"]),
        ("/facts/image/text", json!(0), ["facts.image", "some text"]),
        ("/facts/image/data", json!(1), ["facts.image.data is 1", "4096"]),
        ("/facts/image/base", json!("0xffffffffffffffff"), ["facts.image.base", "2^56"]),
        (
            "/facts/harts",
            json!([{ "id": 0, "mmu": "sv32", "extensions": [] }]),
            ["facts.harts[0].mmu", "\"none\""],
        ),
        (
            "/facts/harts",
            json!([{ "id": 0, "mmu": null, "extensions": ["svnapots"] }]),
            ["facts.harts[0].extensions[0]", "svnapot, "],
        ),
        ("/facts/command_line/text", json!("\\n"), ["facts.command_line.text", "begins"]),
        ("/facts/initrd_fault", json!("no"), ["facts.initrd_fault is \"no\"", "\"no-end\""]),
        ("/facts/kexec", json!(0), ["facts.kexec is 0", "true or false"]),
        ("/facts/tree/size", json!(3 << 20), ["facts.tree.size", "2 MiB"]),
        ("/facts/boot_hart", json!(-1), ["facts.boot_hart is -1", "whole number"]),
        ("/compiled_out", json!(["efl"]), ["compiled_out[0] is \"efl\"", "features"]),
        ("/compiled_out", json!(0), ["compiled_out is 0", "a list"]),
        ("/slots", json!(1e3), ["slots is 1000.0", "whole number"]),
        ("/facts/memory_types", json!("other"), ["facts.memory_types", "\"thead\""]),
        ("/facts", json!([]), ["facts is []", "an object"]),
        ("/entropy/kaslr_seed", json!("0"), ["entropy.kaslr_seed", "hex"]),
    ] {
        let error = error(key, value);
        assert!(words.iter().all(|word| error.contains(word)), "{key}: {error}");
    }
}

#[test]
fn every_key_must_be_there() {
    fn objects(value: &Value, path: &str, all: &mut Vec<String>) {
        for (key, value) in value.as_object().into_iter().flatten() {
            let path = format!("{path}/{key}");
            objects(value, &path, all);
            all.push(path);
        }
    }
    let mut keys = Vec::new();
    objects(&sound(), "", &mut keys);
    assert!(keys.len() > 20);
    // Older files lack this one: see below.
    keys.retain(|key| key != "/compiled_out");
    for key in keys {
        let mut damaged = sound();
        let (parent, name) = key.rsplit_once('/').expect("a pointer");
        damaged.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object").remove(name);
        let error = FactsFile::parse(damaged.to_string().as_bytes()).expect_err(&key).to_string();
        assert!(error.contains(name) && error.contains("missing"), "{key}: {error}");
    }
}

#[test]
fn a_file_without_the_key_of_features_is_of_a_kernel_with_all_of_them() {
    let mut file = sound_file();
    file.missing = Features::NONE.with(Feature::Relocate);
    let mut older = file.to_json();
    assert_eq!(older["compiled_out"], json!(["relocate"]));
    older.as_object_mut().expect("an object").remove("compiled_out");
    let read = FactsFile::parse(older.to_string().as_bytes()).expect("an older file");
    assert_eq!(read.missing, Features::NONE);
}

#[test]
fn no_file_is_read_without_end() {
    let error = read(std::path::Path::new("/dev/zero")).expect_err("no file of facts");
    assert!(error.to_string().contains("more than"), "{error}");
    assert!(read(std::path::Path::new("/nonexistent")).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn facts_come_back_as_they_were(file in file()) {
        let text = file.to_json().to_string();
        let again = FactsFile::parse(text.as_bytes()).expect("our own file");
        prop_assert_eq!(again.to_json().to_string(), text);
        prop_assert_eq!(again.missing, file.missing);
        prop_assert_eq!(again.facts.options, file.facts.options);
        prop_assert_eq!(again.facts.command_line, file.facts.command_line);
        prop_assert_eq!(again.facts.initrd_fault, file.facts.initrd_fault);
        prop_assert_eq!(again.command_line, file.command_line);
    }

    #[test]
    fn any_text_is_read_without_panic(text in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = FactsFile::parse(&text);
    }

    #[test]
    fn what_is_read_is_planned_without_panic(file in file(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = file.to_json().to_string().into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        if let Ok(file) = FactsFile::parse(&text) {
            let _ = file.case(None).predict();
        }
    }
}
