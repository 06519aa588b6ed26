//! A serial device: bytes as they come, 8 bits without parity and flow control.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::termios::{
    ControlModes, OptionalActions, SpecialCodeIndex, ioctl_tiocexcl, tcgetattr, tcsetattr,
};

use super::error::BoardError;

/// An open serial device.
#[derive(Debug)]
pub(super) struct Serial {
    device: File,
}

/// The outcome of a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// These bytes came.
    Bytes(Vec<u8>),
    /// Nothing came in time.
    Nothing,
    /// The device is gone.
    Closed,
}

impl Serial {
    /// Opens a device for this process alone.
    ///
    /// # Errors
    /// [`BoardError`] if it cannot be opened, is no serial device, or does not take the rate.
    pub(super) fn open(path: &Path, baud: u32) -> Result<Self, BoardError> {
        let file = |source: io::Error| BoardError::File { path: path.to_owned(), source };
        let rate = |source: io::Error| BoardError::Rate { path: path.to_owned(), baud, source };
        // Without NONBLOCK an open waits for a carrier, which most boards do not signal.
        let flags = i32::try_from((OFlags::NOCTTY | OFlags::NONBLOCK).bits()).unwrap_or_default();
        let device =
            OpenOptions::new().read(true).write(true).custom_flags(flags).open(path).map_err(file)?;
        if !device.is_terminal() {
            return Err(BoardError::NotSerial { path: path.to_owned() });
        }
        ioctl_tiocexcl(&device).map_err(|error| file(error.into()))?;
        let mut modes = tcgetattr(&device).map_err(|error| file(error.into()))?;
        modes.make_raw();
        modes.control_modes |= ControlModes::CLOCAL | ControlModes::CREAD;
        modes.control_modes -= ControlModes::CSTOPB | ControlModes::CRTSCTS;
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        modes.set_speed(baud).map_err(|error| rate(error.into()))?;
        tcsetattr(&device, OptionalActions::Now, &modes).map_err(|error| rate(error.into()))?;
        Ok(Self { device })
    }

    /// Returns the next bytes, if they come by `until`.
    pub(super) fn next(&mut self, until: Instant) -> Input {
        let patience = until.saturating_duration_since(Instant::now()).min(Duration::from_secs(60));
        let patience = Timespec::try_from(patience).unwrap_or_default();
        let mut wanted = [PollFd::new(&self.device, PollFlags::IN)];
        match poll(&mut wanted, Some(&patience)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Input::Nothing,
            Ok(_) => {}
            Err(_) => return Input::Closed,
        }
        let mut buffer = [0; 4096];
        match self.device.read(&mut buffer) {
            Ok(size @ 1..) => Input::Bytes(buffer.get(..size).unwrap_or_default().to_vec()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                Input::Nothing
            }
            Ok(_) | Err(_) => Input::Closed,
        }
    }
}
