//! The SBI console, byte by byte: it needs no buffer, no lock and no physical address, before landing and after, on any hart.

use core::fmt::{self, Write};

/// Writes to the SBI console: the debug console extension (DBCN), or the legacy call where that is missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if sbi_rt::console_write_byte(byte).is_err() {
                #[expect(deprecated, reason = "for firmware that is too old for its successor")]
                sbi_rt::legacy::console_putchar(usize::from(byte));
            }
        }
        Ok(())
    }
}

/// Prints to the SBI console: what `print!` and `println!` call.
pub fn print_fmt(arguments: fmt::Arguments<'_>) {
    // The console itself never fails; a `Display` that does has said so to nobody.
    let _ = Console.write_fmt(arguments);
}
