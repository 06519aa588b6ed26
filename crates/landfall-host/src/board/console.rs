//! A board's console: a serial device, or a log that a terminal program has saved.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::error::BoardError;
use super::heard::{Heard, Listener, Tail};
use super::kit::Kit;
use super::serial::{Input, Serial};
use crate::console_output::ConsoleOutput;
use crate::output;
use crate::qemu::Watch;
use crate::request::RunFormat;
use crate::symbolize::Names;
use crate::user_file::{self, Limit};

/// A board's console.
#[derive(Clone, Debug)]
pub enum Console {
    /// A serial device.
    Serial {
        /// The device.
        path: PathBuf,
        /// Its bit rate.
        baud: u32,
        /// The time limit for a verdict.
        timeout: Duration,
        /// The file that gets the console's bytes.
        record: Option<PathBuf>,
    },
    /// A saved log.
    Log(PathBuf),
}

/// The interval at which the watch looks at the clock.
const GLANCE: Duration = Duration::from_millis(100);

/// Without a byte for so long, the command says that it still waits.
const QUIET: Duration = Duration::from_secs(15);

/// Reads a console up to its verdict, and shows it as `run` does.
///
/// # Errors
/// [`BoardError`] if the device or the file cannot be read.
pub fn listen(console: &Console, kit: &Kit, format: RunFormat) -> Result<Heard, BoardError> {
    let mut shown = ConsoleOutput::lines(format, Names::of(kit.elf()));
    match console {
        Console::Log(path) => {
            let bytes = user_file::read(path, Limit::CONSOLE)
                .map_err(|source| BoardError::File { path: path.clone(), source })?;
            let mut listener = Listener::new(Watch::to_end(), &mut shown);
            listener.push(&bytes);
            Ok(listener.finish(Tail::OfLog))
        }
        Console::Serial { path, baud, timeout, record } => {
            let mut record = record.as_deref().map(Record::create).transpose()?;
            let serial = Serial::open(path, *baud)?;
            output::note(format_args!(
                "listening on {} at {baud} baud for {} s; turn the board on, or reset it",
                path.display(),
                timeout.as_secs()
            ));
            let listener = Listener::new(Watch::for_verdict(*timeout), &mut shown);
            hear(serial, listener, record.as_mut())
        }
    }
}

fn hear(
    mut serial: Serial,
    mut listener: Listener<'_>,
    mut record: Option<&mut Record>,
) -> Result<Heard, BoardError> {
    let (mut last, mut noted) = (Instant::now(), Duration::ZERO);
    while listener.over().is_none() {
        match serial.next(Instant::now() + GLANCE) {
            Input::Bytes(bytes) => {
                if let Some(record) = &mut record {
                    record.add(&bytes)?;
                }
                listener.push(&bytes);
                (last, noted) = (Instant::now(), Duration::ZERO);
            }
            Input::Nothing => {
                let quiet = last.elapsed();
                if quiet >= noted + QUIET {
                    noted = quiet;
                    output::note(format_args!("note: no byte for {} s", quiet.as_secs()));
                }
            }
            Input::Closed => {
                output::note("note: the serial device is gone");
                break;
            }
        }
    }
    Ok(listener.finish(Tail::OfWatch))
}

/// A file that gets the console's bytes as they come.
struct Record {
    path: PathBuf,
    file: File,
}

impl Record {
    fn create(path: &Path) -> Result<Self, BoardError> {
        let file = File::create(path).map_err(|source| BoardError::File { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), file })
    }

    fn add(&mut self, bytes: &[u8]) -> Result<(), BoardError> {
        self.file.write_all(bytes).map_err(|source| BoardError::File { path: self.path.clone(), source })
    }
}
