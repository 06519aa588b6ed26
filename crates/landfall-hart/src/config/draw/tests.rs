//! Drawn machines: consistent, and each property by its own liberty alone.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use super::layout;
use crate::config::{
    Config, ConfigError, Controller, Kernel, Options, Place, Region, RegionKind, Segment, Span, TreeSeeds,
};
use crate::liberty::{Liberties, Liberty};

const MIB: u64 = 1 << 20;

/// Returns a kernel of 3 MiB and 5 bytes, of which the file has 20,000.
fn kernel() -> Kernel {
    Kernel { size: 3 * MIB + 5, ..Kernel::raw(vec![0x13; 20_000]) }
}

/// Returns the options of a machine with four harts, an initrd and 64 MiB.
fn options() -> Options {
    Options {
        harts: 4,
        memory: 64 * MIB,
        command_line: "quiet".into(),
        initrd: Some(vec![7; 10_001]),
        seeds: TreeSeeds::Both,
        ..Options::new(kernel())
    }
}

/// Returns the RAM of a machine as runs of adjacent regions.
fn runs(config: &Config) -> Vec<Span> {
    let mut runs: Vec<Span> = Vec::new();
    for region in config.regions.iter().filter(|region| region.kind == RegionKind::Ram) {
        match runs.last_mut() {
            Some(run) if run.end() == region.start => run.len += region.len,
            _ => runs.push(region.span()),
        }
    }
    runs
}

/// Panics if a machine is not consistent, or does not have what the options ask for.
fn check(config: &Config, options: &Options) {
    let about = config.describe();
    // Memory and devices do not overlap.
    let mut taken: Vec<Span> = config.regions.iter().map(Region::span).collect();
    assert!(taken.is_sorted(), "{about}");
    taken.push(config.devices.uart_span());
    taken.push(config.devices.controller.span(config.harts.len()));
    assert!(
        taken.iter().all(|span| span.start.is_multiple_of(0x1000) && span.len != 0 && span.end() <= 1 << 50),
        "{about}"
    );
    assert_apart(taken, &about);
    let ram =
        config.regions.iter().filter(|region| matches!(region.kind, RegionKind::Ram | RegionKind::Firmware));
    assert_eq!(ram.map(|region| region.len).sum::<u64>(), options.memory, "{about}");
    let mut firmware = config.regions.iter().filter(|region| region.kind == RegionKind::Firmware);
    assert!(
        firmware.next().is_some_and(|region| region.len >= MIB / 2) && firmware.next().is_none(),
        "{about}"
    );
    // All contents are in RAM, apart from each other and from .bss.
    let runs = runs(config);
    let (tree, bytes) = config.contents.last().unwrap();
    let tree = Span { start: *tree, len: bytes.len() as u64 };
    let loaded: Vec<Span> = [config.kernel, tree].into_iter().chain(config.initrd).collect();
    assert!(
        loaded.iter().all(|span| span.start != 0 && runs.iter().any(|run| run.contains(*span))),
        "{about}"
    );
    assert_apart(loaded, &about);
    assert!(tree.start == config.tree && tree.start.is_multiple_of(8), "{about}");
    assert!(tree.len <= crate::config::tree::largest(config.harts.len(), &config.command_line), "{about}");
    assert_eq!(config.kernel.len, options.kernel.size, "{about}");
    assert!(config.entry.wrapping_sub(config.kernel.start) < config.kernel.len, "{about}");
    if options.load_at.is_none() && matches!(options.kernel.place, Place::Anywhere { .. }) {
        assert_eq!(config.kernel.start % options.alignment, 0, "{about}");
    }
    check_harts(config, options);
}

/// Panics if harts share an id, or a property is out of its range.
fn check_harts(config: &Config, options: &Options) {
    let about = config.describe();
    let mut ids = [config.harts.clone(), config.disabled.clone()].concat();
    assert_eq!(config.harts.len(), options.harts, "{about}");
    assert!(config.boot < config.harts.len() && config.asid_bits <= 16, "{about}");
    ids.sort_unstable();
    assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{about}");
    assert!((1..=Controller::SOURCES).contains(&config.devices.uart_interrupt), "{about}");
}

/// Panics if two of the ranges overlap.
fn assert_apart(mut spans: Vec<Span>, about: &str) {
    spans.sort();
    assert!(spans.windows(2).all(|pair| !pair[0].overlaps(pair[1])), "{spans:x?}\n{about}");
}

#[test]
fn a_machine_without_liberties_is_qemus() {
    let options = options();
    let config = Config::draw(9, Liberties::PLAIN, &options).unwrap();
    check(&config, &options);
    let virt = Config::virt(4, config.regions.clone());
    assert_eq!((config.harts, config.boot, config.disabled), (virt.harts, 0, vec![]));
    assert_eq!((config.extensions, config.widest, config.asid_bits), (virt.extensions, virt.widest, 16));
    assert_eq!((config.devices, config.timebase), (virt.devices, 10_000_000));
    let regions = config.regions.iter().map(|region| (region.start, region.len, region.kind));
    let expected =
        [(0x8000_0000, MIB / 2, RegionKind::Firmware), (0x8008_0000, 64 * MIB - MIB / 2, RegionKind::Ram)];
    assert!(regions.eq(expected));
    assert_eq!((config.entry, config.tree, config.tree % (2 * MIB)), (0x8020_0000, 0x83e0_0000, 0));
}

#[test]
fn ten_thousand_drawn_machines_are_consistent() {
    let mut options = options();
    for seed in 0..10_000 {
        options.memory = [64, 16, 4096][usize::try_from(seed % 3).unwrap()] * MIB;
        options.harts = 1 + usize::try_from(seed % 8).unwrap();
        options.alignment = [2 * MIB, 0x1000][usize::try_from(seed / 3 % 2).unwrap()];
        check(&Config::draw(seed, Liberties::worst(), &options).unwrap(), &options);
    }
}

#[test]
fn a_machine_has_as_many_harts_as_are_asked_for() {
    for harts in [65, 512, 4096] {
        let options = Options { harts, ..options() };
        for seed in 0..8 {
            check(&Config::draw(seed, Liberties::worst(), &options).unwrap(), &options);
        }
    }
}

#[test]
fn the_least_memory_that_is_enough_is_enough_for_each_draw() {
    let mut options = options();
    options.memory = 0;
    let Err(ConfigError::Memory { needed, .. }) = Config::draw(0, Liberties::PLAIN, &options) else {
        panic!("no memory is too little")
    };
    options.memory = needed;
    for seed in 0..500 {
        check(&Config::draw(seed, Liberties::worst(), &options).unwrap(), &options);
    }
}

/// Properties of a machine that a liberty decides, as text.
fn properties(config: &Config) -> Vec<(Liberty, String)> {
    let extensions = config.extensions;
    let optional = crate::config::Extensions { svadu: false, time: false, misaligned: false, ..extensions };
    vec![
        (Liberty::HartIds, format!("{:?}", (&config.harts, config.boot, &config.disabled))),
        (Liberty::Devices, format!("{:?}", (&config.regions, config.devices, config.timebase))),
        (Liberty::Placement, format!("{:?}", (config.kernel, config.initrd, config.tree))),
        (Liberty::Modes, format!("{:?}", config.widest)),
        (Liberty::AsidLength, config.asid_bits.to_string()),
        (Liberty::AbsentExtension, format!("{optional:?}")),
        (Liberty::AccessedDirty, extensions.svadu.to_string()),
        (Liberty::Misaligned, extensions.misaligned.to_string()),
        (Liberty::NoTime, extensions.time.to_string()),
    ]
}

/// The pairs of a liberty and another one's property that depends on it.
const DEPENDENT: [(Liberty, Liberty); 2] = [
    // Places are in RAM.
    (Liberty::Devices, Liberty::Placement),
    // A hart without `time` has no Sstc.
    (Liberty::NoTime, Liberty::AbsentExtension),
];

#[test]
fn a_liberty_that_is_turned_off_changes_no_property_of_another_one() {
    let options = options();
    for seed in 0..300 {
        let all = Config::draw(seed, Liberties::worst(), &options).unwrap();
        for &off in Liberty::ALL {
            let less = Config::draw(seed, Liberties::worst().without(off), &options).unwrap();
            for (before, after) in properties(&all).into_iter().zip(properties(&less)) {
                let (liberty, value) = before;
                if liberty != off && !DEPENDENT.contains(&(off, liberty)) {
                    assert_eq!(value, after.1, "seed {seed}: {} off, {}", off.name(), liberty.name());
                }
            }
        }
    }
}

#[test]
fn each_liberty_changes_its_property_of_some_machine() {
    let options = options();
    let plain = properties(&Config::draw(0, Liberties::PLAIN, &options).unwrap());
    for (index, (liberty, value)) in plain.iter().enumerate() {
        let only = Liberties::PLAIN.with(*liberty);
        let changed =
            (0..64).any(|seed| properties(&Config::draw(seed, only, &options).unwrap())[index].1 != *value);
        assert!(changed, "{}", liberty.name());
    }
}

#[test]
fn the_choices_of_a_draw_are_counted() {
    let config = Config::draw(5, Liberties::worst(), &options()).unwrap();
    let count = |wanted| config.drawn.iter().find(|(liberty, _)| *liberty == wanted).map(|(_, count)| *count);
    assert_eq!((count(Liberty::Modes), count(Liberty::Placement)), (Some(1), Some(3)));
    assert_eq!(count(Liberty::AbsentExtension), Some(9));
    assert!(Config::draw(5, Liberties::PLAIN, &options()).unwrap().drawn.is_empty());
}

#[test]
fn given_options_are_never_drawn() {
    let given = Config::virt(1, Vec::new());
    let options = Options {
        extensions: Some(given.extensions),
        widest: Some(given.widest),
        asid_bits: Some(3),
        load_at: Some(0x9_1234_5000),
        ..options()
    };
    for seed in 0..500 {
        let config = Config::draw(seed, Liberties::worst(), &options).unwrap();
        check(&config, &options);
        assert_eq!((config.extensions, config.widest, config.asid_bits), (given.extensions, given.widest, 3));
        assert_eq!(config.kernel.start, 0x9_1234_5000);
    }
}

#[test]
fn a_kernel_with_physical_addresses_stays_at_them() {
    for at in [0, 0x1000, 0x8000_0000, 0x8020_0000, 0x83c0_0000, 0x4000_0000, 0x40_0000_0000] {
        let kernel = Kernel { place: Place::At(at), ..kernel() };
        let options = Options { kernel, ..options() };
        for seed in 0..100 {
            match Config::draw(seed, Liberties::worst(), &options) {
                Ok(config) => {
                    check(&config, &options);
                    assert_eq!(config.kernel.start, at);
                }
                // The first page is not used: no loader puts a kernel there.
                Err(error) => {
                    assert!(at == 0 && matches!(error, ConfigError::Place { .. }), "{at:#x}: {error}");
                }
            }
        }
    }
}

#[test]
fn a_plain_machine_keeps_qemus_ram_around_a_kernel_that_lies_in_it() {
    let kernel = Kernel { place: Place::At(0x8010_0000), ..kernel() };
    let config = Config::draw(0, Liberties::PLAIN, &Options { kernel, ..options() }).unwrap();
    assert_eq!(config.regions[0].start, 0x8000_0000);
}

#[test]
fn contents_are_the_segments_with_their_zeros_and_the_initrd() {
    let segments = vec![
        Segment { offset: 0, bytes: vec![1, 2], zeros: 3 },
        Segment { offset: 0x1000, bytes: vec![4], zeros: 0 },
    ];
    let kernel = Kernel { segments, size: 0x1001, entry: 0x1000, place: Place::At(0x8040_0000) };
    let config = Config::draw(0, Liberties::PLAIN, &Options { kernel, ..options() }).unwrap();
    assert_eq!(config.contents[0], (0x8040_0000, vec![1, 2, 0, 0, 0]));
    assert_eq!(config.contents[1], (0x8040_1000, vec![4]));
    assert_eq!(config.contents[2], (config.initrd.unwrap().start, vec![7; 10_001]));
    assert_eq!(config.entry, 0x8040_1000);
}

#[test]
fn invalid_options_are_refused() {
    let draw = |options: &Options| Config::draw(0, Liberties::worst(), options).unwrap_err();
    let refused = [
        (draw(&Options { harts: 0, ..options() }), "no hart"),
        (draw(&Options { harts: 5000, ..options() }), "5000 harts"),
        (draw(&Options { alignment: 3, ..options() }), "0x3"),
        (draw(&Options { command_line: "a\0b".into(), ..options() }), "zero byte"),
        (draw(&Options { memory: MIB, ..options() }), "0x100000 bytes"),
        (draw(&Options { memory: 1 << 52, ..options() }), "50 bits"),
        (draw(&Options { memory: u64::MAX, ..options() }), "50 bits"),
        (draw(&Options { load_at: Some(u64::MAX), ..options() }), "not in free memory"),
    ];
    for (error, text) in refused {
        assert!(error.to_string().contains(text), "{error}");
    }
    let kernel = Kernel { place: Place::At(0x8020_0000), ..kernel() };
    let error = draw(&Options { kernel, load_at: Some(0x8040_0000), ..options() });
    assert_eq!(error, ConfigError::TwoPlaces { asked: 0x8020_0000, given: 0x8040_0000 });
}

#[test]
fn sizes_of_hostile_kernels_do_not_overflow() {
    for size in [u64::MAX, 1 << 63, 1 << 50] {
        for place in [Place::At(0), Place::At(u64::MAX), Place::Anywhere { text_offset: u64::MAX }] {
            let kernel = Kernel { size, place, ..kernel() };
            let options = Options { kernel, ..options() };
            assert!(Config::draw(0, Liberties::worst(), &options).is_err());
            assert!(layout::Needs::of(&options).is_ok() || matches!(place, Place::At(_)));
        }
    }
    let kernel = Kernel { place: Place::Anywhere { text_offset: u64::MAX }, ..kernel() };
    let options = Options { kernel, ..options() };
    check(&Config::draw(0, Liberties::PLAIN, &options).unwrap(), &options);
}

#[test]
fn a_description_names_each_property() {
    let config = Config::draw(3, Liberties::worst(), &options()).unwrap();
    let text = config.describe();
    for word in [
        "seed        3\n",
        "hart-ids",
        "disabled ",
        "extensions ",
        "widest      sv",
        "timebase ",
        "memory  ",
        "firmware",
        "reg-shift",
        "plic  ",
        "kernel ",
        "tree  ",
        "initrd ",
        "\"quiet\"",
    ] {
        assert!(text.contains(word) || word == "plic  " && text.contains("aplic "), "{word} in\n{text}");
    }
}
