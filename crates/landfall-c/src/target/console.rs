//! Output on the firmware's console, and the report.

use core::ffi::{CStr, c_char};
use core::fmt::{self, Display};

use super::entry::landing;

/// Text of C's, whose bytes may be any. Bytes that are not UTF-8 are printed as U+FFFD.
pub(super) struct Text<'a>(pub(super) &'a [u8]);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                f.write_str("\u{fffd}")?;
            }
        }
        Ok(())
    }
}

/// Returns the text at `text`, up to its final zero.
///
/// # Safety
/// `text` is null, or the address of such a text.
pub(super) unsafe fn text<'a>(text: *const c_char) -> Text<'a> {
    if text.is_null() {
        return Text(b"(null)");
    }
    // SAFETY: the caller's.
    Text(unsafe { CStr::from_ptr(text) }.to_bytes())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_puts(characters: *const c_char) {
    // SAFETY: the caller's.
    landfall::print!("{}", unsafe { text(characters) });
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_write(characters: *const u8, size: usize) {
    if size != 0 {
        // SAFETY: the caller's.
        landfall::print!("{}", Text(unsafe { core::slice::from_raw_parts(characters, size) }));
    }
}

#[unsafe(no_mangle)]
extern "C" fn lf_print_report() {
    landfall::print!("{}", landing().report());
}

#[unsafe(no_mangle)]
extern "C" fn lf_print_report_json() {
    landfall::println!("landfall: report {}", landing().report().json());
}
