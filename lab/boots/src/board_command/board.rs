//! The command for a board, and QEMU as the board.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;

use landfall_host::machine::Machine;
use landfall_host::{private, tree};

use super::wire::Wire;
use crate::bench::Bench;
use crate::check::Outcome;
use crate::command;
use crate::session::as_text;

/// The end of the command.
#[derive(Debug)]
pub(super) struct Ended {
    status: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Ended {
    /// Checks status and words, and that the terminal gets no control character.
    pub(super) fn expect(&self, status: i32, words: &[&str]) -> Outcome {
        let missing = words.iter().find(|words| !self.stdout.contains(**words));
        let is_raw =
            |text: &str| text.contains(|letter: char| letter.is_control() && !"\n\t".contains(letter));
        if self.status != Some(status) {
            Err(format!("expected status {status}: {self:#?}"))
        } else if let Some(words) = missing {
            Err(format!("no \"{words}\": {self:#?}"))
        } else if is_raw(&self.stdout) || is_raw(&self.stderr) {
            Err(format!("a control character reaches the terminal: {self:#?}"))
        } else {
            Ok(())
        }
    }
}

/// A folder with a board's tree, and the command for it.
pub(super) struct Board {
    folder: tempfile::TempDir,
}

impl Board {
    /// Returns the board with the tree that QEMU ships for `machine`.
    pub(super) fn of(machine: &Machine) -> Result<Self, String> {
        let folder = as_text(private::folder("landfall-board-"))?;
        let tree = as_text(tree::of_machine(Bench::get()?.qemu, machine, folder.path()))?;
        as_text(fs::write(folder.path().join("board.dtb"), tree))?;
        Ok(Self { folder })
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the command for `hello` with these arguments.
    fn command(&self, arguments: &[&str]) -> Result<Command, String> {
        let mut command = Command::new(command::path()?);
        command.arg("board").arg(&Bench::get()?.kernels.get("hello")?.elf);
        command.arg("--dtb").arg(self.path("board.dtb")).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(command)
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Result<Ended, String> {
        let output = as_text(self.command(arguments)?.output())?;
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Ok(Ended { status: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) })
    }

    /// Runs the command on a line, and calls `play` when it listens. Returns also what was sent.
    pub(super) fn listen(
        &self,
        arguments: &[&str],
        play: impl FnOnce(&Wire) -> Result<Vec<u8>, String>,
    ) -> Result<(Ended, Vec<u8>), String> {
        let mut wire = Wire::new()?;
        let mut command = self.command(arguments)?;
        if !arguments.contains(&"--timeout") {
            command.args(["--timeout", "60"]);
        }
        let mut running = as_text(command.arg("--serial").arg(wire.device()).spawn())?;
        let mut stderr = BufReader::new(running.stderr.take().ok_or("no stderr")?);
        let mut seen = String::new();
        while !seen.contains("listening on ") {
            if as_text(stderr.read_line(&mut seen))? == 0 {
                return Err(format!("the command does not listen: {seen}"));
            }
        }
        wire.release();
        let mut stdout = running.stdout.take().ok_or("no stdout")?;
        let printed = thread::spawn(move || read_all(&mut stdout));
        let noted = thread::spawn(move || read_all(&mut stderr));
        let sent = play(&wire)?;
        drop(wire);
        let status = as_text(running.wait())?.code();
        let text = |thread: thread::JoinHandle<String>| thread.join().unwrap_or_default();
        Ok((Ended { status, stdout: text(printed), stderr: seen + &text(noted) }, sent))
    }
}

fn read_all(from: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = from.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A QEMU that is the board. It is killed when this is dropped.
pub(super) struct Powered(Child);

impl Powered {
    pub(super) fn on(machine: &Machine) -> Result<Self, String> {
        let mut command = Bench::get()?.qemu.command();
        command.args(machine.arguments()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        Ok(Self(as_text(command.spawn())?))
    }

    pub(super) fn console(&mut self) -> Result<impl Read + use<>, String> {
        self.0.stdout.take().ok_or_else(|| "no console".to_owned())
    }
}

impl Drop for Powered {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
