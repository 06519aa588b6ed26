use landfall_image::console::REPORT;
use landfall_paging::Mode;
use landfall_predict::board::Loading;
use landfall_predict::units::{Address, Extent, Seed};
use landfall_predict::{Randomness, view};

use super::super::heard::tests::log;
use super::super::kit::tests::{kit, kit_with, tree};
use super::*;

const GIB: u64 = 1 << 30;
const RAM: u64 = 0x8000_0000;

/// Returns the console of a board that has this tree and these facts.
fn console(tree: &[u8], facts: Loading, change: impl FnOnce(&mut Value)) -> String {
    let prediction = kit_with(tree, facts).prediction().clone();
    let mut object = landfall_predict::json::object(&prediction, &view::address_space(&prediction));
    let notes = object["notes"].as_array_mut().expect("a list");
    notes.retain(|note| {
        let code = note["code"].as_str().expect("a code");
        !code.ends_with("-assumed")
            && !["fresh-seed", "firmware-unreserved", "memory-supplied"].contains(&code)
    });
    change(&mut object);
    format!("OpenSBI v1.6\n{REPORT}{object}\nlandfall: exit 0\n")
}

fn trial(kit: &Kit, console: &str) -> Trial {
    Trial::of(kit, &log(console.as_bytes()))
}

fn keys(trial: &Trial) -> Vec<&'static str> {
    trial.differences.iter().map(|found| found.key).collect()
}

fn board() -> Vec<u8> {
    tree(RAM, GIB, 4, &["a,b"])
}

#[test]
fn no_seed_decides_a_value_that_must_be_equal() {
    let kit = kit(&board());
    for seed in 0..200_u64 {
        let facts = Loading { randomness: Randomness::Seed(Seed(seed << 32 | 1)), ..Loading::default() };
        let trial = trial(&kit, &console(&board(), facts, |_| {}));
        assert!(trial.is_success(), "{trial}");
        assert_eq!(trial.learned.iter().map(|learned| learned.fact).collect::<Vec<_>>(), ["seed"]);
    }
}

#[test]
fn a_boot_shows_what_the_tree_leaves_open() {
    let facts = Loading {
        at: Some(Address(RAM + (8 << 20))),
        boot_hart: Some(2),
        no_map: vec!["0x80000000:384K".parse().expect("memory")],
        ..Loading::default()
    };
    let trial = trial(&kit(&board()), &console(&board(), facts, |_| {}));
    assert!(trial.is_success(), "{trial}");
    let learned: Vec<_> = trial.learned.iter().map(|learned| learned.fact).collect();
    assert_eq!(learned, ["image", "boot hart", "firmware's memory"]);
}

#[test]
fn an_option_of_the_user_is_no_assumption() {
    let mine = |loading| kit_with(&board(), loading);
    let at = Loading { at: Some(Address(RAM + (4 << 20))), ..Loading::default() };
    let found = trial(&mine(at), &console(&board(), Loading::default(), |_| {}));
    assert!(keys(&found).contains(&"/kernel/loaded"), "{found}");
    let boot = Loading { boot_hart: Some(1), ..Loading::default() };
    let found = trial(&mine(boot), &console(&board(), Loading::default(), |_| {}));
    assert_eq!(keys(&found), ["/harts/boot"]);
    let off = Loading { randomness: Randomness::Off, ..Loading::default() };
    let facts = Loading { randomness: Randomness::Seed(Seed(7)), ..Loading::default() };
    let found = trial(&mine(off), &console(&board(), facts, |_| {}));
    assert!(keys(&found).contains(&"/kaslr/enabled"), "{found}");
    let reserved: Extent = "0x80000000:512K".parse().expect("memory");
    let less = Loading { no_map: vec![reserved], ..Loading::default() };
    let found = trial(&mine(less), &console(&board(), Loading::default(), |_| {}));
    assert!(keys(&found).contains(&"/linear_map/size"), "{found}");
}

#[test]
fn another_board_is_told_by_ram_and_harts() {
    let kit = kit(&board());
    let other = tree(RAM, 2 * GIB, 2, &["c,d"]);
    let found = trial(&kit, &console(&other, Loading::default(), |_| {}));
    assert!(!found.is_success());
    for key in ["/linear_map/size", "/harts/online"] {
        assert!(keys(&found).contains(&key), "{key}: {found}");
    }
    assert!(found.to_string().contains("the board has another device tree than FILE"), "{found}");
    let elsewhere = tree(0x4000_0000, GIB, 4, &["a,b"]);
    let found = trial(&kit, &console(&elsewhere, Loading::default(), |_| {}));
    assert!(keys(&found).contains(&"/linear_map/physical"), "{found}");
}

#[test]
fn another_build_of_the_kernel_is_told_from_another_board() {
    let other = tree(RAM, 2 * GIB, 2, &["c,d"]);
    let console = console(&other, Loading::default(), |report| report["kernel"]["slots"] = 9.into());
    let trial = trial(&kit(&board()), &console);
    assert_eq!(keys(&trial), ["/kernel/slots"]);
    assert!(trial.summary().contains("another build"), "{}", trial.summary());
}

#[test]
fn a_lower_mode_is_one_difference() {
    let facts = Loading { mode: Some(Mode::Sv39), ..Loading::default() };
    let note = json!([{ "code": "mode-below-promise", "text": "" }]);
    let console = console(&board(), facts, |report| report["notes"] = note);
    let trial = trial(&kit(&board()), &console);
    assert_eq!(keys(&trial), ["/mode"], "{trial}");
}

#[test]
fn a_kernel_that_fails_after_its_report_is_compared_and_has_failed() {
    let console = console(&board(), Loading::default(), |_| {}).replace("exit 0", "panic at x");
    let trial = trial(&kit(&board()), &console);
    assert_eq!((trial.outcome().name(), keys(&trial).len()), ("panicked", 0));
    assert!(trial.report.is_some() && !trial.is_success());
}

#[test]
fn a_result_is_lines_without_control_characters() {
    let hostile = "OpenSBI v1\x07\x1b[31m\n".to_owned();
    let report = |report: &mut Value| report["kernel"]["placement"] = "\u{1b}[2J\u{202e}\n".into();
    let trial = trial(&kit(&board()), &(hostile + &console(&board(), Loading::default(), report)));
    let text = trial.to_string();
    assert!(text.lines().all(|line| !line.contains(char::is_control)), "{text}");
    assert!(!text.contains('\u{202e}') && keys(&trial) == ["/kernel/placement"], "{text}");
}

#[test]
fn the_object_has_the_same_keys_for_every_outcome() {
    let keys = |console: &str| {
        let object = trial(&kit(&board()), console).to_json();
        object.as_object().expect("an object").keys().cloned().collect::<Vec<_>>()
    };
    let all = keys(&console(&board(), Loading::default(), |_| {}));
    for console in ["", "landfall: refused R7: a\n", "landfall: report {\n", "hi\n"] {
        assert_eq!(keys(console), all, "{console}");
    }
}
