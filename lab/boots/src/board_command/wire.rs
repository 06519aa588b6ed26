//! A serial line: a pseudo-terminal, which a relay fills as slowly and as badly as asked.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use landfall_host::random::Random;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::session::as_text;

/// A line whose one end is a device for the command.
pub(super) struct Wire {
    end: File,
    device: PathBuf,
    /// Keeps the line alive until the command has opened it.
    open: Option<File>,
}

/// The faults of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quality {
    /// Bytes in a second.
    pub(super) rate: Option<usize>,
    /// The seed of noise before and between lines.
    pub(super) noise: Option<u64>,
}

impl Quality {
    pub(super) const PERFECT: Self = Self { rate: None, noise: None };
}

impl Wire {
    pub(super) fn new() -> Result<Self, String> {
        // A program that inherits this end would keep the line alive.
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let end = as_text(openpt(flags))?;
        as_text(grantpt(&end).and_then(|()| unlockpt(&end)))?;
        let device: PathBuf = as_text(as_text(ptsname(&end, Vec::new()))?.into_string())?.into();
        let open = as_text(OpenOptions::new().read(true).write(true).open(&device))?;
        Ok(Self { end: end.into(), device, open: Some(open) })
    }

    pub(super) fn device(&self) -> &Path {
        &self.device
    }

    /// Leaves the device to the command alone: with its end, the line ends.
    pub(super) fn release(&mut self) {
        self.open = None;
    }

    /// Passes on all that `from` has, and returns it as it was sent.
    pub(super) fn relay(&self, mut from: impl Read, quality: Quality) -> io::Result<Vec<u8>> {
        let (mut sent, mut buffer) = (Vec::new(), [0; 4096]);
        let mut noise = quality.noise.map(Noise::new);
        loop {
            let count = from.read(&mut buffer)?;
            if count == 0 {
                return Ok(sent);
            }
            let bytes = &buffer[..count];
            let bytes = noise.as_mut().map_or_else(|| bytes.to_vec(), |noise| noise.around(bytes));
            match self.send(&bytes, quality.rate) {
                // The command has ended, and with it the line.
                Err(_) => return Ok(sent),
                Ok(()) => sent.extend(bytes),
            }
        }
    }

    fn send(&self, bytes: &[u8], rate: Option<usize>) -> io::Result<()> {
        let pieces = rate.map_or(bytes.len(), |rate| rate / 100).max(1);
        for piece in bytes.chunks(pieces) {
            (&self.end).write_all(piece)?;
            if rate.is_some() {
                thread::sleep(Duration::from_millis(10));
            }
        }
        Ok(())
    }
}

/// Noise before lines: random bytes, control sequences, and beginnings of a report.
struct Noise {
    random: Random,
    begins_line: bool,
}

impl Noise {
    fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), begins_line: true }
    }

    fn around(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut noisy = Vec::new();
        for byte in bytes {
            if self.begins_line {
                noisy.extend(self.burst());
            }
            noisy.push(*byte);
            self.begins_line = *byte == b'\n';
        }
        noisy
    }

    fn burst(&mut self) -> Vec<u8> {
        match self.random.below(4) {
            0 => b"\x1b[2J\x1b[31m\x1b]0;title\x07".to_vec(),
            1 => b"landfall: repo\n\x00\x00".to_vec(),
            2 => Vec::new(),
            _ => {
                let byte = |random: &mut Random| u8::try_from(random.below(256)).unwrap_or_default();
                let bytes = (0..8).map(|_| byte(&mut self.random));
                bytes.filter(|byte| *byte != b'\n').collect()
            }
        }
    }
}
