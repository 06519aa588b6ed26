//! Errors, as text: FACT; CAUSE; HELP.

use core::fmt::{self, Display, Write};

/// Bytes of a text, with its final zero.
const SIZE: usize = 256;

/// `struct lf_error`.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Error {
    text: [u8; SIZE],
}

/// Text that is cut off where the room ends.
struct Cut<'a> {
    text: &'a mut [u8; SIZE],
    used: usize,
}

impl Write for Cut<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = SIZE - 1 - self.used;
        let cut = (0..=room.min(text.len())).rev().find(|cut| text.is_char_boundary(*cut)).unwrap_or(0);
        let end = self.used + cut;
        if let (Some(place), Some(text)) = (self.text.get_mut(self.used..end), text.as_bytes().get(..cut)) {
            place.copy_from_slice(text);
            self.used = end;
        }
        Ok(())
    }
}

/// Writes the text of an error to `error`, unless that is null. Returns false, the result of a
/// function that failed.
///
/// # Safety
/// `error` is null, or the caller's to write.
pub(super) unsafe fn fail(error: *mut Error, text: impl Display) -> bool {
    // SAFETY: the caller vouches for it; bytes have no invalid values.
    if let Some(error) = unsafe { error.as_mut() } {
        error.text = [0; SIZE];
        let _ = write!(Cut { text: &mut error.text, used: 0 }, "{text}");
    }
    false
}
