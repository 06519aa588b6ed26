//! Text and the end, by SBI.

use core::arch::asm;
use core::fmt::{self, Arguments, Write};

const DEBUG_CONSOLE: usize = 0x4442_434e;
const SYSTEM_RESET: usize = 0x5352_5354;
const LEGACY_PUTCHAR: usize = 1;

/// The console, and whether a check has failed.
#[derive(Debug, Default)]
pub(crate) struct Console {
    failed: bool,
}

impl Console {
    /// Prints a line.
    pub(crate) fn line(&mut self, text: Arguments<'_>) {
        // Writing never fails.
        let _ = writeln!(self, "limine: {text}");
    }

    /// Prints a line, and ends the machine after this failure.
    pub(crate) fn fail(mut self, text: Arguments<'_>) -> ! {
        self.line(text);
        self.failed = true;
        self.end()
    }

    /// Prints the result of a check.
    pub(crate) fn expect(&mut self, test: &str, holds: bool) {
        self.failed |= !holds;
        self.line(format_args!("test {test} {}", if holds { "ok" } else { "failed" }));
    }

    /// Ends the machine. `cargo landfall run` takes its exit status from the last line.
    pub(crate) fn end(mut self) -> ! {
        let _ = writeln!(self, "landfall: exit {}", u8::from(self.failed));
        // A system failure is reason 1 of a shutdown.
        call(SYSTEM_RESET, 0, 0, self.failed.into());
        loop {
            core::hint::spin_loop();
        }
    }
}

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if call(DEBUG_CONSOLE, 2, byte.into(), 0) != 0 {
                call(LEGACY_PUTCHAR, 0, byte.into(), 0);
            }
        }
        Ok(())
    }
}

fn call(extension: usize, function: usize, first: usize, second: usize) -> usize {
    let error;
    // SAFETY: these calls print a byte or end the machine; they touch no memory.
    unsafe {
        asm!(
            "ecall",
            inlateout("a0") first => error,
            inlateout("a1") second => _,
            in("a6") function,
            in("a7") extension,
            options(nostack),
        );
    }
    error
}
