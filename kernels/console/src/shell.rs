//! A shell, as small as one can be.

use sbi_rt::Physical;

use landfall::address::ImageAddr;

/// Obeys line after line.
pub(crate) fn run() -> ! {
    let mut line = [0; 64];
    loop {
        landfall::print!("> ");
        let text = read_line(&mut line);
        match text.split_once(' ').unwrap_or((text, "")) {
            ("exit", code) => landfall::exit(code.parse().unwrap_or(-1)),
            ("panic", _) => panic!("as told"),
            _ => landfall::println!("you said {text:?}"),
        }
    }
}

/// Reads keys and echoes them, up to the end of a line.
fn read_line(line: &mut [u8]) -> &str {
    let mut length = 0;
    loop {
        let byte = read_byte();
        if matches!(byte, b'\r' | b'\n') {
            break;
        }
        landfall::print!("{}", char::from(byte));
        if let Some(place) = line.get_mut(length) {
            *place = byte;
            length += 1;
        }
    }
    landfall::println!();
    line.get(..length).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default()
}

fn read_byte() -> u8 {
    static mut BYTE: u8 = 0;
    let place = &raw mut BYTE;
    let at = ImageAddr::from_ptr(place).to_phys().get();
    loop {
        let read = sbi_rt::console_read(Physical::new(1, usize::try_from(at).unwrap_or_default(), 0));
        if read.value == 1 {
            // SAFETY: only this hart uses it, and the firmware has written it.
            return unsafe { place.read_volatile() };
        }
        core::hint::spin_loop();
    }
}
