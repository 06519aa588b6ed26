//! Kernels that fail: each failure has its reason, and commands that repeat it.

use std::fs;

use object::LittleEndian;
use object::elf::{FileHeader64, PF_R, PF_W, PF_X, PT_LOAD, ProgramHeader64};
use object::pod::{from_bytes, slice_from_bytes};

use super::{line, test};

#[test]
fn firmware_that_cannot_be_read_is_no_failure_of_the_kernel() {
    for firmware in ["nope", "/", ""] {
        let answer = test(&["hello", "--firmware", firmware]);
        assert_eq!((answer.status, answer.stdout.as_str()), (Some(2), ""), "{answer:#?}");
        let error = format!("error: cannot read the firmware \"{firmware}\": ");
        assert!(answer.stderr.starts_with(&error), "{answer:#?}");
    }
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_panic_is_a_failure_with_its_words_and_two_commands() {
    let answer = test(&["panic", "--only", "mode/sv48", "--seed", "0123456789abcdef", "--append", "a b"]);
    assert_eq!(answer.status, Some(1), "{answer:#?}");
    assert_eq!(line(&answer, "mode"), "mode      FAILED  sv48 FAILED");
    assert!(answer.stdout.contains("panicked: "), "{answer:#?}");
    let again = "again: cargo landfall test panic --seed 0123456789abcdef --only mode/sv48 --timeout 30 --append 'a b'";
    assert!(answer.stdout.contains(again), "{answer:#?}");
    assert!(answer.stdout.contains("boot:  cargo landfall run panic --mode sv48 --at 0x"), "{answer:#?}");
    assert!(answer.stderr.ends_with("error: 1 of 1 boots failed\n"), "{answer:#?}");
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn the_command_of_a_failure_repeats_it() {
    let first = test(&["panic", "--only", "address/1"]);
    let again = first.stdout.lines().find_map(|line| line.trim().strip_prefix("again: cargo landfall test "));
    let words: Vec<_> = again.expect("a command").split_whitespace().collect();
    let boot = |answer: &super::Answer| {
        let line = answer.stdout.lines().find(|line| line.trim().starts_with("boot:"));
        line.map(str::to_owned)
    };
    assert!(boot(&first).is_some(), "{first:#?}");
    assert_eq!(boot(&test(&words)), boot(&first));
}

/// An ELF that states that its constants are executable. The landing maps them read-only, so tables
/// and ELF differ.
#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn tables_that_differ_from_the_segments_are_a_failure() {
    assert_eq!(test(&["hello", "--only", "mode/sv39"]).status, Some(0));
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let built = format!("{root}/target/riscv64gc-unknown-none-elf/release/hello.elf");
    let mut elf = fs::read(built).expect("the ELF of hello");
    let (header, _) = from_bytes::<FileHeader64<LittleEndian>>(&elf).expect("an ELF header");
    let start = usize::try_from(header.e_phoff.get(LittleEndian)).expect("an offset");
    let count = usize::from(header.e_phnum.get(LittleEndian));
    let (headers, _) =
        slice_from_bytes::<ProgramHeader64<LittleEndian>>(&elf[start..], count).expect("program headers");
    let constants = headers.iter().position(|segment| {
        let flags = segment.p_flags.get(LittleEndian);
        segment.p_type.get(LittleEndian) == PT_LOAD && flags & (PF_R | PF_W | PF_X) == PF_R
    });
    let place = start + constants.expect("constants") * size_of::<ProgramHeader64<LittleEndian>>() + 4;
    elf[place..place + 4].copy_from_slice(&(PF_R | PF_X).0.to_le_bytes());
    let folder = landfall_host::private::folder("landfall-test-").expect("a folder");
    let path = folder.path().join("hello.elf");
    fs::write(&path, elf).expect("a file");
    let path = path.to_str().expect("UTF-8");
    let answer = test(&[path, "--only", "mode/sv39", "--allow", "memory-permission=a test"]);
    assert_eq!(answer.status, Some(1), "{answer:#?}");
    assert!(answer.stdout.contains("--allow 'memory-permission=a test'"), "{answer:#?}");
    assert!(answer.stdout.contains("this leaf should be there: "), "{answer:#?}");
}
