//! Symbols and bytes by which tools recognize a landfall kernel, in its ELF and in a machine.

use landfall_image::record;

use crate::gdb::{Client, GdbError, Space};
use landfall_predict::units::Address;

/// The symbol of the image's first byte.
pub const IMAGE_START: &str = "__landfall_image_start";

/// The symbol of the jump that leaves the loaded image for its copy. `s10` holds the distance
/// (`move.s`).
pub(crate) const MOVE: &str = "landfall_move_jump";

/// The symbol of the fence before the write of `satp`. `a0` holds the distance from physical to
/// virtual addresses (`leap.s`).
pub(crate) const LEAP: &str = "landfall_leap_fence";

/// The symbol of the jump that leaves a wrapper for its inner kernel. `t0` holds the address of its
/// first instruction (`leave.s` of `landfall-wrapper`). The boot hart is the first to come there.
pub(crate) const ENTER: &str = "landfall_wrapper_enter";

/// The symbol of the table of loaded modules (`landfall-modules`).
pub(crate) const MODULES: &str = "__landfall_modules";

/// Returns true if the memory at `at` begins like a landfall image.
///
/// # Errors
/// Returns [`GdbError`] if the connection to the machine breaks.
pub fn is_image(gdb: &mut Client, at: Address) -> Result<bool, GdbError> {
    let magic = gdb.read_memory(Space::Physical, at.wrapping_add(record::OFFSET as u64), 8)?;
    Ok(magic == record::MAGIC.to_le_bytes())
}
