//! The linker script's symbols, and the image's present place.

use landfall_paging::PhysAddr;
use landfall_plan::facts::ImageFacts;

/// Expands to the address of a symbol, as the code sees it now: physical before landing, virtual
/// after.
macro_rules! address_of {
    ($symbol:literal) => {{
        let address: u64;
        // SAFETY: it computes an address from the program counter and touches nothing.
        unsafe { core::arch::asm!(concat!("lla {}, ", $symbol), out(reg) address, options(pure, nomem, nostack, preserves_flags)) };
        address
    }};
}
pub(super) use address_of;

// The sizes of the image's parts, as words of data: GNU's linker takes no number for `lui` in a
// position-independent link.
core::arch::global_asm!(
    ".pushsection .rodata.landfall_parts, \"a\", @progbits",
    ".balign 4",
    ".global landfall_parts",
    "landfall_parts:",
    ".word __landfall_text_end - __landfall_image_start",
    ".word __landfall_constants_end - __landfall_text_end",
    ".word __landfall_early_end - __landfall_constants_end",
    ".word __landfall_image_end - __landfall_early_end",
    ".popsection",
);

unsafe extern "C" {
    /// Bytes of text, constants, early and data.
    safe static landfall_parts: [u32; 4];
}

/// Returns the address of the image's first byte. Only before landing, while its addresses are
/// physical.
pub(super) fn image_start() -> PhysAddr {
    PhysAddr::new(address_of!("__landfall_image_start"))
}

/// Returns the parts of the image.
pub(super) fn image() -> ImageFacts {
    let [text, constants, early, data] = landfall_parts.map(u64::from);
    ImageFacts { text, constants, early, data }
}

/// The words of a table that the linker script delimits.
macro_rules! table {
    ($start:literal, $end:literal, $element:ty) => {{
        let (start, end) = (address_of!($start), address_of!($end));
        let count = (end - start) as usize / size_of::<$element>();
        // SAFETY: both are symbols of the linker script around constants of the image, which are
        // aligned and never written.
        unsafe {
            core::slice::from_raw_parts(core::ptr::with_exposed_provenance::<$element>(start as usize), count)
        }
    }};
}
pub(super) use table;

/// The RELR table.
#[cfg(feature = "report")]
pub(super) fn relr() -> &'static [u64] {
    let size = usize::try_from(landfall_rebase::landfall_relr_size).unwrap_or_default();
    let start = core::ptr::with_exposed_provenance(address_of!("__landfall_relr_start") as usize);
    // SAFETY: the table has been checked. It lies in constants of the image, which are aligned and
    // never written.
    unsafe { core::slice::from_raw_parts(start, size / size_of::<u64>()) }
}

/// The policy's record, the first of the sealed tables.
pub(super) fn policy_record() -> &'static [u64] {
    table!("__landfall_sealed_start", "__landfall_policy_end", u64)
}

/// The contents of the build ID's note, behind its header and its name.
pub(super) fn build_id() -> &'static [u8] {
    /// Three words, and `GNU` with its end (System V ABI, "Note Section").
    const HEADER: usize = 16;
    table!("__landfall_build_id_start", "__landfall_build_id_end", u8).get(HEADER..).unwrap_or_default()
}
