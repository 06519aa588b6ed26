//! The lines on a kernel's console that a program reads.
//!
//! The verdict of a boot is one of these lines, never an emulator's exit status: QEMU leaves with 0 in every case.
//! A boot without such a line has failed.

/// Begins the line of a kernel that refuses to land: `landfall: refused R7: what was found; what would be right`.
pub const REFUSED: &str = "landfall: refused ";

/// Begins the line that holds the landing report as one JSON object.
pub const REPORT: &str = "landfall: report ";

/// Begins the line of a panic after landing.
pub const PANIC: &str = "landfall: panic ";
