//! Untrusted modules and kernels: an answer, no panic, and time and memory within a fixed multiple
//! of the file's size.

use std::time::{Duration, Instant};

use landfall_inspect::module::{About, Interface};
use landfall_inspect::{Hints, Subject, inspect};
use object::elf;
use proptest::prelude::*;

use crate::made::{BUILD_ID, Made, kernel};
use crate::memory::peak;
use crate::{interface, relocations};

/// Everything that is done with a module; whether it could be read.
fn check(file: &[u8]) -> bool {
    let loaded = Interface::of_module(file).into_iter().collect();
    let Ok(subject) = Subject::read(file) else { return false };
    let inspection = inspect(&subject, &Hints { kernel: Some(interface()), loaded, ..Hints::default() });
    let judgement = inspection.judge(&subject, &[]);
    assert_eq!(judgement.findings.len(), inspection.findings().len());
    let _ = About::of(&subject);
    for finding in inspection.findings() {
        if let landfall_inspect::finding::At::Address(address) = finding.at {
            let _ = subject.frames(address);
        }
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_damaged_module_gives_an_answer(damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12)) {
        let mut file = Made::good().write();
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        check(&file);
    }

    #[test]
    fn a_module_that_ends_early_gives_an_answer(size in any::<prop::sample::Index>()) {
        let file = Made::good().write();
        check(&file[..size.index(file.len())]);
    }

    #[test]
    fn a_damaged_kernel_gives_an_answer(damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12)) {
        let mut file = kernel(&["print=a", "ticks="], &BUILD_ID);
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let _ = Interface::of_kernel(&file);
    }
}

/// Each byte of a good module with each of a few values.
#[test]
fn each_byte_can_be_anything() {
    let good = Made::good().write();
    for at in 0..good.len() {
        for byte in [0, 1, 0x7f, 0x80, 0xff] {
            let mut file = good.clone();
            file[at] = byte;
            check(&file);
        }
    }
}

/// A file of this size is checked within bounds.
fn bounded(file: &[u8]) {
    let start = Instant::now();
    let (most, _) = peak(|| check(file));
    assert!(most <= 32 * file.len() + (1 << 20), "{most} bytes for a file of {}", file.len());
    assert!(start.elapsed() < Duration::from_secs(30), "{:?} for a file of {}", start.elapsed(), file.len());
}

#[test]
fn relocations_without_end_are_counted_and_not_kept() {
    for kind in [elf::R_RISCV_HI20, elf::R_RISCV_ALIGN, elf::R_RISCV_PCREL_LO12_I, elf::RelocationType(200)] {
        bounded(&relocations(kind, 20_000));
    }
}

#[test]
fn symbols_and_strings_without_end_are_bounded() {
    let mut made = Made::good();
    for _ in 0..20_000 {
        made.undefined("missing");
        made.variable("landfall_init", 0, 8);
    }
    bounded(&made.write());
    bounded(
        &Made::of(&crate::made::Texts {
            about: "a\0".repeat(200_000),
            imports: "a=b\0a=c\0".repeat(100_000),
            parameters: "level=u32\0".repeat(100_000),
        })
        .write(),
    );
}

#[test]
fn sections_without_end_are_bounded() {
    let mut made = Made::good();
    for _ in 0..4000 {
        made.section(".text.more", object::SectionKind::Text, &[0x13, 0, 0, 0], 4);
    }
    bounded(&made.write());
}
