//! The panic handler: one line on the SBI console, then power-off with failure.

use core::fmt::{self, Display, Write};
use core::panic::PanicInfo;

use landfall_image::console::{PANIC, REFUSED};
use landfall_plan::Rule;

use super::console::print_last;
use super::power_off_after_failure;
use super::stage::has_landed;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let info = OneLine(info);
    if has_landed() {
        print_last(format_args!("{PANIC}{info}"));
    } else {
        print_last(format_args!(
            "{REFUSED}{}: a panic before landing, which is a defect of landfall; report it: {info}",
            Rule::EarlyPanic
        ));
    }
    power_off_after_failure()
}

/// Message and place in one line, so that a reader of the console gets all of it. Messages of
/// `assert_eq!` have three.
struct OneLine<'a>(&'a PanicInfo<'a>);

impl Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Joined(f), "{}", self.0.message())?;
        self.0.location().map_or(Ok(()), |place| write!(f, ", at {place}"))
    }
}

/// Writes lines behind each other.
struct Joined<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for Joined<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for (index, line) in text.split('\n').enumerate() {
            if index == 0 {
                self.0.write_str(line)?;
            } else {
                write!(self.0, "; {}", line.trim_start())?;
            }
        }
        Ok(())
    }
}
