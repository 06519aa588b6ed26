//! The policy record, and the words of a command line.

use landfall_paging::Mode::{Sv39, Sv48, Sv57};
use landfall_plan::{Disclosure, Kaslr, Options, Policy, PolicyError, Starting};
use proptest::prelude::*;

use crate::draws;

fn all_policies() -> impl Iterator<Item = Policy> {
    let modes = [(Sv39, Sv39), (Sv39, Sv48), (Sv39, Sv57), (Sv48, Sv48), (Sv48, Sv57), (Sv57, Sv57)];
    let stacks = [1, 2, 16, 255, 256];
    modes.into_iter().flat_map(move |(lowest, highest)| {
        stacks.into_iter().flat_map(move |pages| {
            let policy = Policy::new().modes(lowest, highest).stack_size(pages * 4096);
            let off = policy.kaslr(Kaslr::Disabled);
            let tell = policy.addresses(Disclosure::Tell);
            let alone = policy.starting(Starting::BootHart);
            [policy, off, tell, alone, off.addresses(Disclosure::Tell).starting(Starting::BootHart)]
        })
    })
}

#[test]
fn every_policy_survives_its_record() {
    for policy in all_policies() {
        assert_eq!(Policy::from_record(&policy.record()), Ok(policy));
    }
}

#[test]
fn every_damaged_byte_of_a_record_is_an_error_or_another_valid_policy() {
    for policy in all_policies() {
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

#[test]
fn what_no_policy_says_is_named() {
    let read = |at: usize, bytes: &[u8]| {
        let mut record = Policy::new().record();
        record[at..at + bytes.len()].copy_from_slice(bytes);
        Policy::from_record(&record)
    };
    assert_eq!(read(0, &[2]), Err(PolicyError::Version { found: 2 }));
    assert_eq!(read(3, &[1]), Err(PolicyError::Version { found: 1 << 24 | 1 }));
    assert_eq!(read(4, &[7]), Err(PolicyError::Modes { lowest: 7, highest: 10 }));
    assert_eq!(read(4, &[10, 8]), Err(PolicyError::Modes { lowest: 10, highest: 8 }));
    for choice in [6, 7, 8] {
        assert_eq!(read(choice, &[2]), Err(PolicyError::Choice { found: 2 }), "byte {choice}");
    }
    for size in [0, 1, 4097, (1 << 20) + 4096, 1_u64 << 32, u64::MAX] {
        assert_eq!(read(12, &size.to_le_bytes()), Err(PolicyError::StackSize { found: size }));
    }
}

proptest! {
    #![proptest_config(draws(2048))]

    #[test]
    fn any_record_is_read_without_panic(record in any::<[u8; Policy::RECORD_SIZE]>()) {
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
        let options = Options::parse(&words.join(separator));
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
    fn any_text_is_a_command_line(text in any::<String>()) {
        let _ = Options::parse(&text);
    }
}
