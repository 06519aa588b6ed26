//! Assumptions of a plan about facts that a board's tree lacks. Each is a note, and a flag replaces
//! it.

use landfall_plan::Policy;
use landfall_plan::facts::MemoryTypes;
use landfall_plan::policy::PhysicalPlacement;
use landfall_predict::board::Loading;

use crate::trees::{codes, lands, predict};
use crate::writer::Board;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

fn with_memory(start: u64, size: u64) -> Board {
    Board::new().memory(start, size).hart(0, Some("riscv,sv39"))
}

#[test]
fn an_image_lies_2_mib_above_the_start_of_ram_as_boot_loaders_put_it() {
    for (start, size, right) in [
        // QEMU's virt and the HiFive Unmatched, the JH7110, the TH1520.
        (0x8000_0000, GIB, 0x8020_0000),
        (0x4000_0000, 4 * GIB, 0x4020_0000),
        (0, 8 * GIB, 0x20_0000),
    ] {
        let prediction = lands(&with_memory(start, size).dtb(), &Loading::default());
        assert_eq!(prediction.facts.loaded.get(), right);
        assert!(codes(&prediction).contains(&"image-assumed"));
        let loading = Loading { at: "0x90000000".parse().ok(), ..Loading::default() };
        assert!(!codes(&lands(&with_memory(start, size).dtb(), &loading)).contains(&"image-assumed"));
    }
}

#[test]
fn a_first_piece_of_ram_without_room_is_passed_over() {
    let tree = with_memory(0x800_0000, 2 * MIB).memory(0x8000_0000, GIB).dtb();
    assert_eq!(lands(&tree, &Loading::default()).facts.loaded.get(), 0x8020_0000);
}

#[test]
fn a_t_head_hart_has_standard_memory_types_until_somebody_says_otherwise() {
    let board = |names: &str| {
        let hart = [("compatible", names)];
        Board::new().memory(0, GIB).hart_with(0, Some("riscv,sv39"), &hart).dtb()
    };
    let thead = board("thead,c910\0riscv");
    let assumed = lands(&thead, &Loading::default());
    assert!(codes(&assumed).contains(&"memory-types-assumed"));
    assert_eq!(assumed.facts.memory_types, MemoryTypes::Standard);
    let loading = Loading { memory_types: Some(MemoryTypes::Thead), ..Loading::default() };
    let given = lands(&thead, &loading);
    assert!(!codes(&given).contains(&"memory-types-assumed"));
    assert_eq!(given.plan.format, MemoryTypes::Thead.leaf_format());
    assert!(
        !codes(&lands(&board("sifive,u74\0riscv"), &Loading::default())).contains(&"memory-types-assumed")
    );
}

#[test]
fn an_image_that_moves_needs_firmware_that_keeps_the_other_harts() {
    let noted = |harts: u64, policy: &Policy| {
        let board =
            (0..harts).fold(Board::new().memory(0, GIB), |board, id| board.hart(id, Some("riscv,sv39")));
        let prediction = predict(&board.dtb(), &Loading::default(), policy).expect("a sound tree");
        codes(&prediction.expect("it lands")).contains(&"hsm-assumed")
    };
    let moves = Policy::new().with_physical_placement(PhysicalPlacement::Pack);
    assert!(noted(2, &moves));
    assert!(!noted(1, &moves) && !noted(2, &Policy::new()));
}
