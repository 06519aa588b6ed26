//! Lines of the console.

use core::fmt::{self, Write};

use crate::system::{File, Use};

/// The most bytes of a line. The kernel cuts longer ones.
const LONGEST: usize = 900;

/// A line that is cut where it is too long.
struct Line {
    bytes: [u8; LONGEST],
    size: usize,
}

/// Prints a line through the kernel's log, which prints it as a whole. Nothing can be done if that
/// fails.
pub(crate) fn line(text: fmt::Arguments<'_>) {
    let mut line = Line { bytes: [0; LONGEST], size: 0 };
    // Priority 1 comes to the console also where the command line has `quiet`.
    let _ = line.write_fmt(format_args!("<1>linux-init: {text}\n"));
    if let Ok(log) = File::open(c"/dev/kmsg", Use::Write) {
        let _ = log.write(line.bytes.get(..line.size).unwrap_or_default());
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            let place = self.bytes.get_mut(self.size).ok_or(fmt::Error)?;
            *place = byte;
            self.size += 1;
        }
        Ok(())
    }
}
