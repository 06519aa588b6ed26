//! Rare forms of facts in a tree: none is ignored in silence.

use landfall_paging::{LeafFormat, Mode};
use landfall_plan::Policy;
use landfall_plan::harts::MAX_HARTS;
use landfall_predict::board::{BoardError, Loading};
use landfall_predict::case::Prediction;
use landfall_predict::{text, view};

use crate::trees::{codes, lands, predict};
use crate::writer::{Board, cells, virt};

fn board() -> Board {
    Board::new().memory(0x8000_0000, 1 << 30).hart(0, Some("riscv,sv48"))
}

fn note(prediction: &Prediction, code: &str) -> String {
    let note = prediction.notes.iter().find(|note| note.code() == code);
    note.unwrap_or_else(|| panic!("{code} is none of {:?}", codes(prediction))).to_string()
}

#[test]
fn words_before_a_byte_that_is_no_text_count() {
    let line = b"nokaslr landfall.mode=sv39 name=caf\xe9\0".to_vec();
    let seed = vec![1, 2, 3, 4, 5, 6, 7, 8];
    let prediction =
        lands(&board().chosen(&[("bootargs", line), ("kaslr-seed", seed)]).dtb(), &Loading::default());
    assert_eq!((prediction.plan.mode, prediction.plan.kernel_bits()), (Mode::Sv39, 0));
    assert_eq!(prediction.plan.kaslr.to_string(), "off: the command line says nokaslr");
}

#[test]
fn an_initrd_that_ends_before_it_starts_is_named_with_both_addresses() {
    let word = |word: u32| word.to_be_bytes().to_vec();
    let chosen = [("linux,initrd-start", word(0xf000_0000)), ("linux,initrd-end", word(0x1000_0000))];
    let prediction = lands(&board().chosen(&chosen).dtb(), &Loading::default());
    let note = note(&prediction, "initrd-reversed");
    assert!(note.contains("0xf0000000") && note.contains("0x10000000"), "{note}");
    let prediction = lands(&board().chosen(&chosen[..1]).dtb(), &Loading::default());
    assert!(codes(&prediction).contains(&"initrd-incomplete"));
    let given = Loading { initrd: "0x90000000:4K".parse().ok(), ..Loading::default() };
    let prediction = lands(&board().chosen(&chosen).dtb(), &given);
    assert!(!codes(&prediction).contains(&"initrd-reversed"), "--initrd is in the place of the tree's");
}

#[test]
fn svnapot_is_known_by_the_string_of_old_trees() {
    let isa = [("riscv,isa", "rv64imafdc_zicsr_svinval_svnapot_svpbmt")];
    let tree = Board::new().memory(0x8000_0000, 1 << 30).hart_with(0, Some("riscv,sv48"), &isa).dtb();
    assert_eq!(lands(&tree, &Loading::default()).plan.format, LeafFormat::Napot);
    assert_eq!(lands(&board().dtb(), &Loading::default()).plan.format, LeafFormat::Plain);
}

#[test]
fn a_kernel_that_kexec_starts_without_a_seed_is_told_how_to_get_one() {
    let mark = || ("linux,booted-from-kexec", Vec::new());
    let without = lands(&board().chosen(&[mark()]).dtb(), &Loading::default());
    assert!(note(&without, "kexec-without-seed").contains("kexec_file_load"));
    let seed = ("kaslr-seed", vec![1, 2, 3, 4, 5, 6, 7, 8]);
    let seeded = lands(&board().chosen(&[mark(), seed]).dtb(), &Loading::default());
    assert!(!codes(&seeded).contains(&"kexec-without-seed"));
    assert!(!codes(&lands(&board().dtb(), &Loading::default())).contains(&"kexec-without-seed"));
    let range = cells(&[0x8000_0000, 0x1000_0000]);
    let limited = lands(&board().chosen(&[("linux,usable-memory-range", range)]).dtb(), &Loading::default());
    assert_eq!(limited.facts.ram.size(), 0x1000_0000);
}

/// So many harts, of which the last has sv39 and the others sv48.
fn many(count: u64) -> Vec<u8> {
    let board = Board::new().memory(0x8000_0000, 1 << 30);
    let mmu = |id| if id + 1 == count { "riscv,sv39" } else { "riscv,sv48" };
    (0..count).fold(board, |board, id| board.hart(id, Some(mmu(id)))).dtb()
}

#[test]
fn as_many_harts_land_as_can_be_kept_and_a_boot_hart_beyond_them_plans() {
    let most = MAX_HARTS as u64;
    let all = lands(&many(most), &Loading::default());
    assert_eq!((all.plan.stacks.count, all.plan.mode), (most, Mode::Sv39));
    let last = most + 7;
    let loading = Loading { boot_hart: Some(last), ..Loading::default() };
    let prediction = lands(&many(last + 1), &loading);
    assert_eq!((prediction.facts.boot_hart, prediction.plan.mode), (last, Mode::Sv39));
    assert_eq!(prediction.plan.stacks.count, most);
    assert!(note(&prediction, "too-many-harts").starts_with("8 harts beyond the 512"));
}

#[test]
fn a_hart_that_the_tree_does_not_have_is_an_error_of_few_words() {
    let loading = Loading { boot_hart: Some(1000), ..Loading::default() };
    let error = predict(&many(512), &loading, &Policy::new()).expect_err("no such hart");
    assert!(matches!(error, BoardError::NoHart { wanted: 1000, .. }));
    assert_eq!(error.to_string(), "the tree has no enabled hart 1000; it has 0 to 511");
}

#[test]
fn a_boot_hart_that_nobody_names_is_assumed_in_the_text_too() {
    let text_of = |tree: &[u8], loading: &Loading| {
        let prediction = lands(tree, loading);
        text::text(&prediction, &view::address_space(&prediction))
    };
    assert!(text_of(&many(2), &Loading::default()).contains("2 land; hart 0 is assumed to boot"));
    let named = Loading { boot_hart: Some(1), ..Loading::default() };
    assert!(text_of(&many(2), &named).contains("2 land; hart 1 boots"));
    assert!(text_of(&virt(1 << 30, "riscv,sv39"), &Loading::default()).contains("1 land; hart 0 boots"));
}
