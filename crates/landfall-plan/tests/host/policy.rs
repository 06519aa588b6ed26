//! The policy record, and the words of a command line.

use landfall_paging::Mode::{Sv39, Sv48, Sv57};
use landfall_paging::{VirtAddr, VirtRange};
use landfall_plan::Policy;
use landfall_plan::facts::{BootOptions, CommandLine};
use landfall_plan::policy::{
    Disclosure, Impossible, Kaslr, LinearPin, Modes, PhysicalPlacement, PolicyError, Starting,
};
use proptest::prelude::*;

use crate::draws;
use crate::mode_policy::{ModePolicy, mode_policies};

fn policies() -> impl Strategy<Value = Policy> {
    let modes = prop::sample::select(vec![(Sv39, Sv39), (Sv39, Sv57), (Sv48, Sv57), (Sv57, Sv57)]);
    let kaslr = prop::sample::select(vec![Kaslr::Enabled, Kaslr::Disabled]);
    let disclosure = prop::sample::select(vec![Disclosure::Withhold, Disclosure::Disclose]);
    let starting = prop::sample::select(vec![Starting::AllHarts, Starting::BootHart]);
    (modes, kaslr, disclosure, starting).prop_flat_map(|((lowest, highest), kaslr, disclosure, starting)| {
        let policy = move |mode_policy: ModePolicy| {
            mode_policy
                .policy(highest)
                .with_modes(lowest..=highest)
                .with_kaslr(kaslr)
                .with_disclosure(disclosure)
                .with_starting(starting)
        };
        let possible = |policy: &Policy| policy.check().is_ok();
        let crash = prop_oneof![Just(0), any::<u64>()];
        let policy = move |(mode_policy, crash)| policy(mode_policy).with_crash_memory(crash);
        (mode_policies(highest, 0x8000_0000), crash).prop_map(policy).prop_filter("impossible", possible)
    })
}

#[test]
fn what_no_policy_says_is_named() {
    let read = |at: usize, bytes: &[u8]| {
        let mut record = Policy::new().record();
        record[at..at + bytes.len()].copy_from_slice(bytes);
        Policy::from_record(&record)
    };
    assert_eq!(read(0, &[1]), Err(PolicyError::Version { found: 1 }));
    assert_eq!(read(3, &[1]), Err(PolicyError::Version { found: 1 << 24 | 3 }));
    assert_eq!(read(4, &[7]), Err(PolicyError::Modes { lowest: 7, highest: 10 }));
    assert_eq!(read(4, &[10, 8]), Err(PolicyError::Modes { lowest: 10, highest: 8 }));
    for choice in [6, 7, 8, 9, 10, 0x0f] {
        assert_eq!(read(choice, &[2]), Err(PolicyError::Choice { found: 2 }), "byte {choice}");
    }
    for choice in [0x0b, 0x0c, 0x0e] {
        assert_eq!(read(choice, &[3]), Err(PolicyError::Choice { found: 3 }), "byte {choice}");
    }
    for found in [2, 7, 11, 255] {
        assert_eq!(read(0x68, &[found]), Err(PolicyError::Choice { found }), "the modes of a window");
    }
    for found in [0, 1, 4096, 8193, (1 << 20) + 4096, 1_u64 << 32, u64::MAX] {
        let error = PolicyError::Size { what: "stacks", found };
        assert_eq!(read(0x10, &found.to_le_bytes()), Err(error));
    }
    for found in [4096, (1_u64 << 30) + (2 << 20), u64::MAX] {
        let error = PolicyError::Size { what: "a near region", found };
        assert_eq!(read(0x18, &found.to_le_bytes()), Err(error));
    }
    for found in [1, 1 << 29, u64::MAX] {
        let error = PolicyError::Size { what: "a limit on RAM", found };
        assert_eq!(read(0x28, &found.to_le_bytes()), Err(error));
    }
    assert_eq!(read(0x20, &[255; 8]), Err(PolicyError::Impossible(Impossible::TooLarge)));
}

#[test]
fn a_window_behind_an_empty_place_of_the_record_counts() {
    let window = VirtRange::new(Sv39.upper_half().wrapping_add(64 << 30), 1 << 30);
    let mut record = Policy::new().with_window(Modes::All, window).record();
    record.copy_within(0x70..0x80, 0x70 + 3 * 16);
    record[0x68] = 0;
    record[0x6b] = 1;
    let policy = Policy::from_record(&record).expect("it is a policy");
    assert_eq!(policy.windows(Sv39).collect::<Vec<_>>(), [window]);
}

#[test]
fn every_damaged_byte_of_a_record_is_an_error_or_another_valid_policy() {
    let window = |policy: Policy, at: u64| {
        policy.with_window(Modes::All, VirtRange::new(Sv39.upper_half() + (at << 30), 1 << 30))
    };
    let pinned = Policy::new()
        .with_linear_pin(Modes::All, LinearPin::Base(Sv39.upper_half()))
        .with_kernel_pin(Modes::Only(Sv48), VirtAddr::new(0xffff_ffff_8000_0000))
        .with_physical_placement(PhysicalPlacement::Pack);
    for policy in
        [Policy::new(), pinned, window(window(pinned, 64), 128), Policy::new().with_ram_limit(1 << 33)]
    {
        let good = policy.record();
        for (at, value) in (0..good.len()).flat_map(|at| (0..=u8::MAX).map(move |value| (at, value))) {
            let mut bad = good;
            bad[at] = value;
            if let Ok(read) = Policy::from_record(&bad) {
                assert_eq!(Policy::from_record(&read.record()), Ok(read), "byte {at} is {value}");
            }
        }
    }
}

proptest! {
    #![proptest_config(draws(2048))]

    #[test]
    fn every_policy_survives_its_record(policy in policies()) {
        prop_assert_eq!(Policy::from_record(&policy.record()), Ok(policy));
    }

    #[test]
    fn a_damaged_record_is_an_error_or_another_valid_policy(
        policy in policies(),
        damage in prop::collection::vec((0..Policy::RECORD_SIZE, any::<u8>()), 1..5),
    ) {
        let mut record = policy.record();
        for (at, value) in damage {
            record[at] = value;
        }
        if let Ok(read) = Policy::from_record(&record) {
            prop_assert_eq!(Policy::from_record(&read.record()), Ok(read));
        }
    }

    #[test]
    fn any_record_is_read_without_panic(random in prop::collection::vec(any::<u8>(), Policy::RECORD_SIZE)) {
        let mut record = [0; Policy::RECORD_SIZE];
        record.copy_from_slice(&random);
        record[..4].copy_from_slice(&Policy::VERSION.to_le_bytes());
        if let Ok(policy) = Policy::from_record(&record) {
            prop_assert_eq!(Policy::from_record(&policy.record()), Ok(policy));
        }
    }

    #[test]
    fn any_command_line_is_read_as_its_words_say(
        words in prop::collection::vec(
            prop_oneof![
                Just("nokaslr"), Just("nokaslr=1"), Just("xnokaslr"), Just("landfall.mode=sv39"), Just("landfall.mode=sv57"),
                Just("landfall.mode="), Just("landfall.mode=SV39"), Just("quiet"), Just("é"),
            ],
            0..8,
        ),
        separator in prop::sample::select(vec![" ", "\t", "\n ", "  "]),
    ) {
        let options = BootOptions::parse(words.join(separator));
        let last = words.iter().rev().find_map(|word| word.strip_prefix("landfall.mode="));
        let mode = match last {
            Some("sv39") => Some(Sv39),
            Some("sv57") => Some(Sv57),
            _ => None,
        };
        prop_assert_eq!(options.nokaslr, words.contains(&"nokaslr"));
        prop_assert_eq!(options.mode, mode);
        prop_assert_eq!(options.unknown_mode, last.is_some() && mode.is_none());
    }

    #[test]
    fn any_bytes_are_a_command_line(before in prop::collection::vec(any::<u8>(), 0..40)) {
        let _ = BootOptions::parse(&before);
        let line = [&before[..], b" nokaslr landfall.mode=sv39 "].concat();
        let options = BootOptions::parse(&line);
        prop_assert!(options.nokaslr && options.mode == Some(Sv39));
        let line = CommandLine::new(&line);
        prop_assert!(line.has("nokaslr") && line.value_of("landfall.mode") == Some(b"sv39"));
        prop_assert!(!line.to_string().contains(char::is_control));
    }
}

#[test]
fn a_policy_gives_the_sizes_and_limits_that_it_was_made_with() {
    let policy = Policy::new().with_max_harts(3).with_near_size(4 << 20);
    assert_eq!((policy.max_harts(), policy.near_size()), (3, 4 << 20));
    assert_eq!(Policy::new().max_harts(), u64::MAX, "no limit");
}

#[test]
fn an_error_of_a_record_names_the_value_that_was_found() {
    for (error, words) in [
        (PolicyError::Version { found: 9 }, "its version is 9"),
        (PolicyError::Modes { lowest: 7, highest: 10 }, "it allows modes 7 to 10"),
        (PolicyError::Choice { found: 4 }, "it contains the unknown choice 4"),
        (PolicyError::Size { what: "stacks", found: 0x2001 }, "it requests stacks of 0x2001 bytes"),
    ] {
        assert!(error.to_string().starts_with(words), "{error}");
    }
}
