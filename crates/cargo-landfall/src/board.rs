//! `cargo landfall board`: a boot on a board, from its files to the comparison with its prediction.

use std::path::PathBuf;
use std::time::Duration;

use landfall_host::board::{self, BoardRequest, Console, Files, Kit, Trial};
use landfall_host::request::RunFormat;
use landfall_host::{output, report};
use landfall_predict::case::Refused;
use serde_json::json;

use crate::failure::Failure;
use crate::plan::{check_inner, note_missing_memory};

/// The usual bit rate of a board's console.
const USUAL_RATE: u32 = 115_200;

/// The arguments of `board`.
#[derive(Clone, Debug)]
pub(crate) struct BoardCommand {
    /// The kernel and the board.
    pub(crate) request: BoardRequest,
    /// The folder for the files.
    pub(crate) out: Option<PathBuf>,
    /// The console.
    pub(crate) listening: Listening,
    /// The format of the result.
    pub(crate) format: RunFormat,
}

/// The console that is read.
#[derive(Clone, Debug)]
pub(crate) enum Listening {
    /// None: the files are all.
    Nothing,
    /// A serial device.
    Serial {
        /// The device.
        path: PathBuf,
        /// Its bit rate, if the user states it.
        baud: Option<u32>,
        /// The time limit.
        timeout: Duration,
    },
    /// A saved log.
    Log(PathBuf),
}

/// Writes the files, reads the console, and prints the result.
///
/// # Errors
/// [`Failure`] if the kernel would refuse, a file or the console fails, or the boot is not as
/// predicted.
pub(crate) fn run(command: &BoardCommand) -> Result<(), Failure> {
    let kit = Kit::prepare(&command.request)?.map_err(|refused| refuse(command, &refused))?;
    check_inner(kit.prediction())?;
    let files = command.out.as_deref().map(|folder| Files::write(&kit, folder)).transpose()?;
    if let Some(files) = &files {
        show(command, &kit, files);
    }
    let Some(console) = console(&command.listening, &kit, files.as_ref()) else { return Ok(()) };
    let heard = board::listen(&console, &kit, command.format)?;
    let trial = Trial::of(&kit, &heard);
    match command.format {
        RunFormat::Text => output::result(format_args!("\n{trial}")),
        RunFormat::Json => output::result(trial.to_json()),
    }
    if trial.is_success() { Ok(()) } else { Err(Failure::NotAsPredicted { summary: trial.summary() }) }
}

fn refuse(command: &BoardCommand, refused: &Refused) -> Failure {
    let (rule, message) = (refused.rule.to_string(), refused.message.clone());
    if command.format == RunFormat::Json {
        output::result(report::refused(&rule, &message));
    }
    note_missing_memory(refused, &command.request.loading);
    Failure::WouldRefuse { rule, message }
}

/// Prints the paths of the files: as the result if there is no console, else as a note.
fn show(command: &BoardCommand, kit: &Kit, files: &Files) {
    let mode = kit.prediction().plan.mode;
    output::note(format_args!("board: {}; the kernel would land in {mode}", kit.identity()));
    match (&command.listening, command.format) {
        (Listening::Nothing, RunFormat::Text) => {
            files.paths().iter().for_each(|path| output::result(path.display()));
        }
        (Listening::Nothing, RunFormat::Json) => {
            let identity = kit.identity();
            let board = json!({ "model": identity.model, "compatible": identity.compatible });
            let paths = files.paths().map(|path| path.display().to_string());
            output::result(json!({ "board": board, "predicted_mode": mode.name(), "files": paths }));
        }
        _ => files.paths().iter().for_each(|path| output::note(path.display())),
    }
}

/// Returns the console. With a folder for files, it gets the bytes of a serial device too.
fn console(listening: &Listening, kit: &Kit, files: Option<&Files>) -> Option<Console> {
    match listening {
        Listening::Nothing => None,
        Listening::Log(path) => Some(Console::Log(path.clone())),
        Listening::Serial { path, baud, timeout } => Some(Console::Serial {
            path: path.clone(),
            baud: baud.or(kit.identity().baud).unwrap_or(USUAL_RATE),
            timeout: *timeout,
            record: files.map(Files::console),
        }),
    }
}
