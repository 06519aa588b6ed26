//! `cargo landfall board`, with QEMU as the board and a pseudo-terminal as its serial line.
//!
//! ```text
//! board   the command for a board, and QEMU as the board
//! wire    a serial line, slow and noisy
//! card    U-Boot boots the written card
//! ```

mod board;
mod card;
mod wire;

use std::fs;
use std::io::Read;
use std::path::Path;
use std::thread;
use std::time::Duration;

use dtoolkit::fdt::Fdt;
use dtoolkit::model::{DeviceTree, DeviceTreeProperty};
use landfall_host::machine::{Harts, Machine, Memory, Mode};
use landfall_predict::units::Size;
use serde_json::Value;

use super::bench::Bench;
use super::check::{Check, Outcome};
use super::session::as_text;
use board::{Board, Powered};
use wire::{Quality, Wire};

/// Returns the tests.
pub(super) fn checks() -> Vec<Check> {
    let check = |name, test: fn() -> Outcome| Check::new(format!("board-command/{name}"), test);
    vec![
        check("landing", landing).always(),
        check("wrong-board", wrong_board).always(),
        check("silence", silence),
        check("unplugged", unplugged),
        check("refusal", refusal),
        check("log", log),
        check("cut-log", cut_log),
        check("no-mmu", no_mmu),
        check("card", card::boots_by_typed_commands).with_archive(),
    ]
}

fn machine(harts: u32, memory: Size) -> Machine {
    Machine {
        harts: Harts::new(harts).unwrap_or(Harts::MIN),
        memory: Memory::One(memory),
        ..Machine::default()
    }
}

/// Boots the flat image that the command has written, on a line of this quality.
fn boot(image: &Path, machine: Machine, wire: &Wire, quality: Quality) -> Result<Vec<u8>, String> {
    let machine = Machine { kernel: Some(image.to_owned()), ..machine };
    let mut board = Powered::on(&machine)?;
    let console = board.console()?;
    as_text(wire.relay(console, quality))
}

/// A landing on a line of 115,200 baud with noise before and between its lines.
fn landing() -> Outcome {
    let machine = machine(2, Size::gib(1));
    let board = Board::of(&machine)?;
    let out = board.path("card").display().to_string();
    let quality = Quality { rate: Some(11_520), noise: Some(7) };
    let (ended, sent) = board
        .listen(&["--out", &out], |wire| boot(&board.path("card/landfall.bin"), machine, wire, quality))?;
    let words = [
        "firmware     OpenSBI v",
        "verdict      landed",
        "differences  none",
        "learned      firmware's memory",
    ];
    ended.expect(0, &words)?;
    let recorded = as_text(fs::read(board.path("card/console.log")))?;
    if sent.starts_with(&recorded) && recorded.len() > 1000 {
        Ok(())
    } else {
        Err(format!("the record has {} bytes, and {} were sent", recorded.len(), sent.len()))
    }
}

/// The board has half of the harts and twice the RAM of the tree.
fn wrong_board() -> Outcome {
    let board = Board::of(&machine(4, Size::gib(1)))?;
    let out = board.path("card").display().to_string();
    let (ended, _) = board.listen(&["--out", &out], |wire| {
        boot(&board.path("card/landfall.bin"), machine(2, Size::gib(2)), wire, Quality::PERFECT)
    })?;
    ended.expect(
        1,
        &[
            "difference   /linear_map/size: predicted 1073348608, reported 2147090432; ",
            "difference   /harts/online: predicted 4, reported 2; ",
            "the board has another device tree than FILE",
        ],
    )
}

fn silence() -> Outcome {
    let board = Board::of(&machine(1, Size::gib(1)))?;
    let (ended, _) = board.listen(&["--timeout", "1"], |_| {
        // The line outlives the time limit.
        thread::sleep(Duration::from_secs(3));
        Ok(Vec::new())
    })?;
    ended.expect(1, &["verdict      silence: not one byte came"])?;
    if ended.stderr.contains("is gone") { Err(format!("{ended:#?}")) } else { Ok(()) }
}

fn unplugged() -> Outcome {
    let board = Board::of(&machine(1, Size::gib(1)))?;
    let (ended, _) = board.listen(&[], |wire| {
        let sent = as_text(wire.relay(&b"OpenSBI v1.6\r\nlandfall: report {\"outc"[..], Quality::PERFECT));
        // The end of a line discards bytes that were not read.
        thread::sleep(Duration::from_millis(500));
        sent
    })?;
    ended.expect(
        1,
        &["verdict      the report is not whole: the line breaks off", "firmware     OpenSBI v1.6"],
    )
}

/// The tree is right, and the loader puts the image where it cannot run.
fn refusal() -> Outcome {
    let machine = machine(1, Size::gib(1));
    let board = Board::of(&machine)?;
    let image = Bench::get()?.kernels.get("wants-sv48")?.flat.clone();
    let (ended, _) = board.listen(&["--format", "json"], |wire| {
        boot(&image, Machine { mode: Some(Mode::Sv39), ..machine }, wire, Quality::PERFECT)
    })?;
    ended.expect(1, &["\"outcome\":\"refused\""])?;
    let object: Value = as_text(serde_json::from_str(&ended.stdout))?;
    let message = object["message"].as_str().unwrap_or_default();
    if message.starts_with("refused, rule R11: ") { Ok(()) } else { Err(format!("{object:#}")) }
}

/// Returns the bytes of a boot.
fn console_of(machine: &Machine) -> Result<Vec<u8>, String> {
    let image = Bench::get()?.kernels.get("hello")?.flat.clone();
    let mut board = Powered::on(&Machine { kernel: Some(image), ..machine.clone() })?;
    let mut bytes = Vec::new();
    as_text(board.console()?.read_to_end(&mut bytes))?;
    Ok(bytes)
}

/// A log whose lines end with CR LF, behind a boot of another day.
fn log() -> Outcome {
    let machine = Machine { mode: Some(Mode::Sv39), ..machine(3, Size::gib(4)) };
    let board = Board::of(&machine)?;
    let text = String::from_utf8_lossy(&console_of(&machine)?).replace('\r', "").replace('\n', "\r\n");
    as_text(fs::write(board.path("log"), format!("OpenSBI v1.0\r\nlandfall: refused R7: a\r\n{text}")))?;
    let log = board.path("log").display().to_string();
    board.run(&["--log", &log])?.expect(0, &["boots        2; ", "mode         sv39 (predicted sv39)"])?;
    let ended = board.run(&["--log", &log, "--format", "json"])?;
    let object: Value = as_text(serde_json::from_str(&ended.stdout))?;
    if object["as_predicted"] == true && object["report"]["mode"] == "sv39" {
        Ok(())
    } else {
        Err(format!("{object:#}"))
    }
}

/// A log that lost a piece of the report's line.
fn cut_log() -> Outcome {
    let machine = machine(1, Size::gib(1));
    let board = Board::of(&machine)?;
    let mut text = console_of(&machine)?;
    let report = b"landfall: report ";
    let start = text.windows(report.len()).position(|bytes| bytes == report).ok_or("no report")?;
    text.drain(start + 200..start + 240);
    as_text(fs::write(board.path("log"), text))?;
    let log = board.path("log").display().to_string();
    board.run(&["--log", &log])?.expect(1, &["verdict      the report is not whole: ", "report       none"])
}

/// A board whose harts translate no addresses gets no files.
fn no_mmu() -> Outcome {
    let board = Board::of(&machine(1, Size::gib(1)))?;
    let bytes = as_text(fs::read(board.path("board.dtb")))?;
    let mut tree = DeviceTree::from_fdt(&as_text(Fdt::new(&bytes))?);
    let hart = tree.root.child_mut("cpus").and_then(|cpus| cpus.child_mut("cpu@0")).ok_or("no hart")?;
    hart.remove_property("mmu-type");
    hart.add_property(DeviceTreeProperty::new_unchecked("mmu-type", "riscv,none"));
    as_text(fs::write(board.path("board.dtb"), tree.to_dtb()))?;
    let out = board.path("card");
    let ended = board.run(&["--out", &out.display().to_string()])?;
    ended.expect(1, &[])?;
    if ended.stderr.contains("would refuse to land, rule R11") && !out.exists() {
        Ok(())
    } else {
        Err(format!("{ended:#?}"))
    }
}
