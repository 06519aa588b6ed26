//! Text and the end, by the SBI.

use core::arch::asm;
use core::fmt::{self, Arguments, Write};

const DEBUG_CONSOLE: usize = 0x4442_434e;
const SYSTEM_RESET: usize = 0x5352_5354;
const LEGACY_PUTCHAR: usize = 1;
const LEGACY_SHUTDOWN: usize = 8;

/// The console, and the state of the checks.
#[derive(Debug, Default)]
pub(crate) struct Console {
    failed: bool,
}

impl Console {
    /// Prints a line.
    pub(crate) fn line(&mut self, text: Arguments<'_>) {
        // Writing never fails.
        let _ = writeln!(self, "wrapped: {text}");
    }

    /// Prints the result of a check.
    pub(crate) fn report(&mut self, name: &str, holds: bool) {
        self.failed |= !holds;
        self.line(format_args!("{name} {}", if holds { "ok" } else { "failed" }));
    }

    /// Powers off. `cargo landfall run` takes its exit status from the last line.
    pub(crate) fn power_off(mut self) -> ! {
        self.line(format_args!("{}", if self.failed { "failed" } else { "all ok" }));
        let _ = writeln!(self, "landfall: exit {}", u8::from(self.failed));
        // A system failure is reason 1 of a shutdown.
        call(SYSTEM_RESET, 0, 0, self.failed.into());
        call(LEGACY_SHUTDOWN, 0, 0, 0);
        loop {
            core::hint::spin_loop();
        }
    }

    /// Powers off after a failure.
    pub(crate) fn fail(mut self, reason: Arguments<'_>) -> ! {
        self.line(reason);
        self.failed = true;
        self.power_off()
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
