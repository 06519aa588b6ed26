//! The firmware's console.

use core::fmt;

use r_efi::protocols::simple_text_output::Protocol;

use super::firmware::Firmware;

/// Characters that are handed over at once.
const CHUNK: usize = 64;

/// The console to which firmware writes (UEFI 2.10, 12.4). Without one, nothing is printed.
pub(super) struct Console {
    output: *mut Protocol,
}

impl Console {
    pub(super) const fn of(firmware: &Firmware) -> Self {
        Self { output: firmware.console() }
    }
}

impl fmt::Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.output.is_null() {
            return Err(fmt::Error);
        }
        let mut units = text.encode_utf16().peekable();
        while units.peek().is_some() {
            let mut chunk = [0; CHUNK + 1];
            chunk.iter_mut().take(CHUNK).zip(&mut units).for_each(|(place, unit)| *place = unit);
            // SAFETY: firmware has not been left, this is its console, and the text ends with 0.
            unsafe { ((*self.output).output_string)(self.output, chunk.as_mut_ptr()) };
        }
        Ok(())
    }
}
