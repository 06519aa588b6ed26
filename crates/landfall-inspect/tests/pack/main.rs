//! Packing of an ELF that GNU's linker wrote: `gnu.elf`, of `source.s` in this folder.

use landfall_inspect::pack::{PackError, pack};
use landfall_inspect::subject::Subject;
use landfall_inspect::{Address, Code, Hints, inspect};

const ELF: &[u8] = include_bytes!("gnu.elf");

const BASE: u64 = 0xffff_ffff_0000_0000;
/// The relocation table: its offset in the file, and its entries (ELF gABI, "Relocation").
const TABLE: usize = 0x238;
const ENTRY: usize = 24;
const COUNT: usize = 4;

/// The slots of the source, and their link values.
const SLOTS: [(u64, u64); COUNT] = [(0x110, 0x100), (0x118, 0x108), (0x128, 0x100), (0x200, 0x208)];

/// The ELF with one word of a relocation changed: 0 is its place, 1 its type and symbol, 2 its
/// addend.
fn with(entry: usize, word: usize, value: u64) -> Vec<u8> {
    let mut elf = ELF.to_vec();
    let at = TABLE + entry * ENTRY + word * 8;
    elf[at..at + 8].copy_from_slice(&value.to_le_bytes());
    elf
}

fn codes(elf: &[u8]) -> Vec<Code> {
    let subject = Subject::read(elf).expect("an ELF");
    inspect(&subject, &Hints::default()).findings().iter().map(|finding| finding.code).collect()
}

#[test]
fn the_packed_file_has_the_same_slots_with_their_addends() {
    assert_eq!(codes(ELF), [Code::RelocUnpacked]);
    let packed = pack(ELF).expect("an ELF").expect("a change");
    let subject = Subject::read(&packed).expect("an ELF");
    assert!(subject.relocations().is_empty());
    let found: Vec<_> = subject
        .slots()
        .iter()
        .map(|slot| (slot.0 - BASE, subject.word(slot).expect("a word") - BASE))
        .collect();
    assert_eq!(found, SLOTS);
    assert_eq!(codes(&packed), []);
    // The code learns the size of the table, and what is behind it is 0.
    let size = subject.word(subject.size_word().expect("a symbol")).expect("a word");
    assert_eq!(size, subject.relr().len() as u64 * 8);
    assert!(packed[TABLE + 24..TABLE + ENTRY * COUNT].iter().all(|&byte| byte == 0));
    assert!(subject.section(".relr.dyn").is_some_and(|section| section.size == size));
    assert_eq!(
        subject.symbols().find("__landfall_relr_size").map(|symbol| symbol.address),
        Some(Address(size))
    );
}

#[test]
fn a_packed_file_has_nothing_to_pack() {
    let packed = pack(ELF).expect("an ELF").expect("a change");
    assert!(pack(&packed).expect("an ELF").is_none());
}

#[test]
fn a_number_is_written_and_is_no_slot() {
    for number in [0, 0x1234, u64::MAX] {
        let packed = pack(&with(1, 2, number)).expect("an ELF").expect("a change");
        let subject = Subject::read(&packed).expect("an ELF");
        let place = Address(BASE + SLOTS[1].0);
        assert!(!subject.slots().contains(place));
        assert_eq!(subject.word(place), Some(number));
    }
}

#[test]
fn what_relr_cannot_express_is_refused_with_its_place() {
    const RELATIVE: u64 = 3;
    const WORD_32: u64 = 1;
    let slot = BASE + SLOTS[0].0;
    let refused = |entry, word, value: u64| match pack(&with(entry, word, value)) {
        Err(error) => error,
        Ok(_) => panic!("entry {entry}, word {word}: {value:#x} is packed"),
    };
    assert!(matches!(refused(0, 1, WORD_32), PackError::Kind { .. }));
    assert!(matches!(refused(0, 1, 2 << 32 | 2), PackError::Kind { .. }));
    assert!(matches!(refused(0, 1, 1 << 32 | RELATIVE), PackError::Kind { .. }));
    assert!(matches!(refused(0, 0, slot + 4), PackError::Misaligned { .. }));
    assert!(matches!(refused(0, 0, BASE), PackError::Code { .. }));
    assert!(matches!(refused(0, 0, BASE + 0x1000), PackError::Outside { .. }));
    assert!(matches!(refused(0, 0, BASE + 0x138), PackError::Outside { .. }));
    assert!(matches!(refused(1, 0, slot), PackError::Twice { .. }));
    assert!(matches!(refused(0, 2, BASE - 8), PackError::Target { .. }));
    assert!(matches!(refused(0, 2, 1 << 31), PackError::Target { .. }));
    let text = refused(0, 1, WORD_32).to_string();
    assert!(text.contains("R_RISCV_32") && text.contains("table at 0xffffffff00000110 in .rodata"), "{text}");
}

#[test]
fn damaged_files_give_an_answer() {
    for end in 0..ELF.len() {
        let _ = pack(&ELF[..end]);
    }
    let mut elf = ELF.to_vec();
    for at in 0..ELF.len() {
        for value in [0, 1, 0x7f, 0xff, !ELF[at]] {
            elf[at] = value;
            // A damaged segment may load the headers, so that another pass finds more.
            if let Ok(Some(packed)) = pack(&elf) {
                assert_eq!(packed.len(), ELF.len());
                let _ = pack(&packed);
            }
        }
        elf[at] = ELF[at];
    }
}
