//! The written card and the written instructions: U-Boot boots the card by the commands of the
//! instructions. Boots `path/` of the matrix have its menu.

use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use landfall_host::firmware::find;
use landfall_host::machine::Machine;
use landfall_host::qemu::{Next, Running};
use landfall_host::verdict::Verdict;
use landfall_predict::units::Size;

use super::board::Board;
use super::machine;
use crate::bench::Bench;
use crate::check::Outcome;
use crate::session::as_text;

const PATIENCE: Duration = Duration::from_secs(60);

/// Boots the card by `booti` and by `bootefi`.
pub(super) fn boots_by_typed_commands() -> Outcome {
    let board = Board::of(&machine(2, Size::gib(1)))?;
    let out = board.path("card");
    board.run(&["--out", &out.display().to_string()])?.expect(0, &[])?;
    let instructions = as_text(fs::read_to_string(out.join("INSTRUCTIONS.md")))?;
    let machine = Machine {
        kernel: Some(as_text(find::u_boot())?),
        disks: vec![out.join("landfall.img")],
        ..machine(2, Size::gib(1))
    };
    for last in ["booti ", "bootefi "] {
        let commands = commands(&instructions, last).ok_or_else(|| format!("no command {last}"))?;
        boot(&machine, &commands).map_err(|error| format!("{commands:?}: {error}"))?;
    }
    Ok(())
}

/// Returns the commands of the block that ends with `last`, for the disk of QEMU.
fn commands(instructions: &str, last: &str) -> Option<Vec<String>> {
    let lines: Vec<_> = instructions.lines().map(str::trim).collect();
    let end = lines.iter().position(|line| line.starts_with(last))?;
    let load = lines[..end].iter().rfind(|line| line.starts_with("load mmc N:1 "))?;
    Some(vec![load.replace("mmc N:1", "virtio 0:1"), lines[end].to_owned()])
}

fn boot(machine: &Machine, commands: &[String]) -> Outcome {
    let mut running = as_text(Bench::get()?.qemu.start(machine.arguments()))?;
    let mut keys = running.keys().ok_or("no keyboard")?;
    wait(&mut running, "Hit any key")?;
    as_text(keys.write_all(b" "))?;
    wait(&mut running, "=>")?;
    let text = commands.iter().fold(String::new(), |text, command| text + command + "\n");
    as_text(keys.write_all(text.as_bytes()))?;
    let until = Instant::now() + PATIENCE;
    let mut lines = Vec::new();
    while let Next::Line(line) = running.next_line(until) {
        if let Some(verdict) = Verdict::of(&line) {
            return if verdict.is_success() { Ok(()) } else { Err(format!("{verdict:?}")) };
        }
        lines.push(line);
    }
    Err(format!("no verdict: {lines:#?}"))
}

/// Waits for a text, in a line that may have no end.
fn wait(running: &mut Running, text: &str) -> Outcome {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        if running.unfinished().contains(text) {
            return Ok(());
        }
        match running.next_line(Instant::now() + Duration::from_millis(50)) {
            Next::Line(line) if line.contains(text) => return Ok(()),
            Next::End => return Err(format!("U-Boot ended before \"{text}\"")),
            Next::Line(_) | Next::Late => {}
        }
    }
    Err(format!("no \"{text}\""))
}
