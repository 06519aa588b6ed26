//! The lines on a kernel's console that a program reads.
//!
//! The verdict of a boot is in these lines, never in an emulator's exit status: QEMU returns 0 in
//! every case. A boot without such a line has failed.
//!
//! ```
//! use landfall_image::console::{EXIT, REFUSED};
//!
//! let line = "landfall: refused R7: the device tree lists no RAM";
//! assert_eq!(line.strip_prefix(REFUSED), Some("R7: the device tree lists no RAM"));
//! assert_eq!("landfall: exit 0".strip_prefix(EXIT), Some("0"));
//! ```

/// Begins each of these lines.
pub const PREFIX: &str = "landfall: ";

/// Begins the line of a kernel that refuses to land: `landfall: refused R7: what was found; what
/// would be right`.
pub const REFUSED: &str = "landfall: refused ";

/// Begins the line that holds the landing report as one JSON object.
pub const REPORT: &str = "landfall: report ";

/// Begins the line of a panic after landing.
pub const PANIC: &str = "landfall: panic ";

/// Begins the line of a kernel that ends: a number follows, and 0 is success.
pub const EXIT: &str = "landfall: exit ";
