//! Trees as boards ship them, and damaged ones.

use landfall_paging::Mode;
use landfall_plan::Policy;
use landfall_predict::board::{self, BoardError, Loading};
use landfall_predict::case::{Case, Outcome, Prediction, Refused};
use landfall_predict::notes::Note;
use landfall_predict::{Randomness, json, text, view};
use proptest::prelude::*;

use crate::kernel::blueprint;
use crate::writer::{Board, cells, virt};

/// The outcome for a board.
pub(crate) fn predict(
    tree: &[u8],
    loading: &Loading,
    policy: &Policy,
) -> Result<Result<Prediction, Refused>, BoardError> {
    let case = board::case(tree, loading, &blueprint(policy))?;
    Ok(match case.map(Case::predict) {
        Ok(Outcome::Lands(prediction)) => Ok(*prediction),
        Ok(Outcome::Refuses(refused)) | Err(refused) => Err(refused),
    })
}

pub(crate) fn lands(tree: &[u8], loading: &Loading) -> Prediction {
    predict(tree, loading, &Policy::new()).expect("a sound tree").expect("it lands")
}

fn refused(tree: &[u8], loading: &Loading) -> Refused {
    match predict(tree, loading, &Policy::new()).expect("a sound tree") {
        Ok(_) => panic!("it would land"),
        Err(refused) => refused,
    }
}

pub(crate) fn codes(prediction: &Prediction) -> Vec<&'static str> {
    prediction.notes.iter().map(Note::code).collect()
}

#[test]
fn a_short_seed_claims_no_more_bits_than_it_has() {
    for (seed, bits) in [(vec![0x42], 8), (vec![0x12, 0x34, 0x56, 0x78], 32)] {
        let board = Board::new().memory(0x8000_0000, 1 << 30).hart(0, Some("riscv,sv57"));
        let prediction = lands(&board.chosen(&[("rng-seed", seed)]).dtb(), &Loading::default());
        let plan = &prediction.plan;
        assert_eq!(plan.kernel_bits(), bits.min(33));
        assert!(plan.linear_map_bits() <= bits, "{} of {bits} bits", plan.linear_map_bits());
        assert!(codes(&prediction).contains(&"seed-short"));
    }
}

#[test]
fn a_hart_with_a_generator_is_planned_with_assumed_bytes() {
    let board = |isa| {
        let board = Board::new().memory(0x8000_0000, 1 << 30);
        board.hart_with(0, Some("riscv,sv48"), &[("riscv,isa", isa)]).dtb()
    };
    let (with, without) = (board("rv64imafdc_zkr"), board("rv64imafdc"));
    let seeds = |tree: &[u8], loading: &Loading| lands(tree, loading).plan.seed;
    assert_eq!(seeds(&without, &Loading::default()), None);
    let seed =
        landfall_plan::randomness::Seed { source: landfall_plan::randomness::SeedSource::ZKR, bits: 256 };
    assert_eq!(seeds(&with, &Loading::default()), Some(seed));
    assert!(codes(&lands(&with, &Loading::default())).contains(&"zkr-assumed"));
    let off = Loading { randomness: Randomness::Off, ..Loading::default() };
    assert!(!codes(&lands(&with, &off)).contains(&"zkr-assumed"));
}

#[test]
fn memory_that_the_loader_fills_in_can_be_supplied() {
    for board in [
        Board::new(),
        Board::new().memory(0, 0),
        Board::new().memory_bytes("memory", Vec::new()),
        Board::new().memory_bytes("memory@0", cells(&[0, 0])),
    ] {
        let tree = board.hart(0, Some("riscv,sv39")).dtb();
        assert_eq!(refused(&tree, &Loading::default()).rule.number(), 8);
        let memory = ["0x40000000:1G", "0x1000000000:1G"].map(|memory| memory.parse().expect("an extent"));
        let loading = Loading { memory: memory.to_vec(), ..Loading::default() };
        let prediction = lands(&tree, &loading);
        assert_eq!(prediction.plan.linear.size, 2 << 30);
        assert_eq!(prediction.facts.loaded.get(), 0x4020_0000);
        assert!(codes(&prediction).contains(&"memory-supplied"));
        assert!(codes(&prediction).contains(&"firmware-unreserved"));
    }
}

#[test]
fn a_board_without_mmu_gets_a_sentence() {
    let none =
        Board::new().memory(0x8000_0000, 8 << 20).hart(0, Some("riscv,none")).hart(1, Some("riscv,none"));
    let refused = refused(&none.dtb(), &Loading::default());
    assert_eq!(refused.rule.number(), 11);
    assert!(refused.message.contains("no address translation"), "{}", refused.message);
}

#[test]
fn the_first_hart_with_an_mmu_boots() {
    let tree = Board::new()
        .memory(0x8000_0000, 1 << 30)
        .hart(0, Some("riscv,none"))
        .hart(1, Some("riscv,sv39"))
        .hart(2, Some("riscv,sv48"))
        .dtb();
    let prediction = lands(&tree, &Loading::default());
    assert_eq!((prediction.facts.boot_hart, prediction.plan.mode), (1, Mode::Sv39));
    assert_eq!(prediction.plan.stacks.count, 2);
    let loading = Loading { boot_hart: Some(0), ..Loading::default() };
    assert_eq!(refused(&tree, &loading).rule.number(), 11);
    let loading = Loading { boot_hart: Some(7), ..Loading::default() };
    let error = predict(&tree, &loading, &Policy::new()).expect_err("no such hart").to_string();
    assert!(error.contains("hart 7") && error.contains("0, 1, 2"), "{error}");
}

#[test]
fn a_tree_without_harts_is_for_the_probe() {
    let prediction = lands(&Board::new().memory(0x8000_0000, 1 << 30).dtb(), &Loading::default());
    assert_eq!(prediction.plan.mode, Mode::Sv57);
    assert!(codes(&prediction).contains(&"boot-hart-unstated"));
    let loading = Loading { mode: Some(Mode::Sv39), ..Loading::default() };
    let tree = Board::new().memory(0x8000_0000, 1 << 30).dtb();
    assert_eq!(lands(&tree, &loading).plan.mode, Mode::Sv39);
}

#[test]
fn ram_may_begin_at_zero_and_64_harts_may_land() {
    let board = (0..64).fold(Board::new().memory(0, 2 << 30), |board, id| board.hart(id, Some("riscv,sv39")));
    let prediction = lands(&board.dtb(), &Loading::default());
    assert_eq!(prediction.facts.loaded.get(), 0x20_0000);
    assert_eq!(prediction.plan.stacks.count, 64);
    assert_ne!(prediction.plan.block.start().get(), 0, "a null pointer is nobody's");
}

#[test]
fn what_does_not_fit_together_is_refused_as_the_kernel_would() {
    let tree = virt(1 << 30, "riscv,sv39");
    let at = |at: &str, tree_at: Option<&str>| Loading {
        at: Some(at.parse().expect("an address")),
        tree_at: tree_at.map(|at| at.parse().expect("an address")),
        ..Loading::default()
    };
    for (loading, rule) in [
        (at("0x80200004", None), 1),
        (at("0x80200000", Some("0x80210000")), 5),
        (at("0x80050000", None), 10),
        (at("0xbfff0000", None), 9),
        (at("0x10000000", None), 9),
        (Loading { initrd: "0x80200000:4K".parse().ok(), ..Loading::default() }, 10),
        (Loading { append: Some("landfall.mode=sv39".into()), ..Loading::default() }, 0),
        (Loading { append: Some("landfall.mode=sv99".into()), ..Loading::default() }, 0),
        (Loading { memory: vec!["0x80000000:4M".parse().expect("an extent")], ..Loading::default() }, 0),
        (Loading { memory: vec!["0x80200000:128K".parse().expect("an extent")], ..Loading::default() }, 14),
    ] {
        let found = predict(&tree, &loading, &Policy::new()).expect("a sound tree");
        assert_eq!(found.map_or_else(|refused| refused.rule.number(), |_| 0), rule, "{loading:?}");
    }
}

#[test]
fn a_machine_may_offer_less_than_its_tree() {
    let tree = virt(1 << 30, "riscv,sv57");
    let loading = Loading { mode: Some(Mode::Sv48), ..Loading::default() };
    assert_eq!(lands(&tree, &loading).plan.mode, Mode::Sv48);
    let best = Policy::new().with_modes(Mode::Sv57..=Mode::Sv57);
    let refused = predict(&tree, &loading, &best).expect("a sound tree").expect_err("no such mode");
    assert_eq!(refused.rule.number(), 11);
}

#[test]
fn reservations_without_a_place_are_told() {
    let tree = Board::new()
        .memory(0x8000_0000, 1 << 30)
        .hart(0, Some("riscv,sv39"))
        .reserved("linux,cma", None, &["reusable"])
        .reserved("buffer@90000000", Some([0x9000_0000, 0x10_0000]), &[])
        .dtb();
    let prediction = lands(&tree, &Loading::default());
    assert!(codes(&prediction).contains(&"unplaced-reservations"));
    let more = Loading {
        reserve: vec!["0x80000000:1M".parse().expect("an extent")],
        no_map: vec!["0xa0000000:2M".parse().expect("an extent")],
        ..Loading::default()
    };
    let prediction = lands(&tree, &more);
    assert!(!codes(&prediction).contains(&"firmware-unreserved"));
    assert_eq!(prediction.plan.linear.size, (1 << 30) - (2 << 20));
    assert!(prediction.plan.block.start().get() >= 0x8010_0000);
}

#[test]
fn the_seed_is_the_tree_s_or_the_user_s() {
    let tree = Board::new()
        .memory(0x8000_0000, 1 << 30)
        .hart(0, Some("riscv,sv48"))
        .chosen(&[("kaslr-seed", vec![1, 2, 3, 4, 5, 6, 7, 8])])
        .dtb();
    let with = |randomness| lands(&tree, &Loading { randomness, ..Loading::default() });
    let own = with(Randomness::Fresh);
    assert!(codes(&own).contains(&"fresh-seed"));
    let same = with(Randomness::Seed("0102030405060708".parse().expect("a seed")));
    assert_eq!(own.plan, same.plan);
    let other = with(Randomness::Seed("0102030405060709".parse().expect("a seed")));
    assert_ne!(own.plan.image.virt, other.plan.image.virt);
    assert_eq!(with(Randomness::Off).plan.kernel_bits(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_damaged_tree_is_an_answer_and_no_panic(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        whole in any::<bool>(),
    ) {
        let mut tree = virt(4 << 30, "riscv,sv48");
        for (at, byte) in damage {
            let at = at.index(tree.len());
            tree[at] = byte;
        }
        if !whole {
            tree.truncate(cut.index(tree.len()));
        }
        if let Ok(Ok(prediction)) = predict(&tree, &Loading::default(), &Policy::new()) {
            let space = view::address_space(&prediction);
            let _ = text::text(&prediction, &space);
            let _ = json::object(&prediction, &space);
        }
    }
}
