//! Patched constants: what conversions add, as immediates in the code itself, so that none of them
//! needs a load.
//!
//! | constant | instructions | patched |
//! |---|---|---|
//! | linear offset | `lui; slli` | both: 20 bits times a power of two |
//! | image offset | `lui; addi; slli 12; addi; slli 21` | `lui` and both `addi`: 44 bits times 2 MiB |
//! | an address between linear map and kernel | `lui; slli` | as the first |
//!
//! Each use that the compiler emits is a site. The linker collects their positions. The loader of
//! the code patches the sites while the code is writable, before `fence.i`
//! (`landfall_plan::sites`). No site is in code that runs before that.

use core::arch::asm;

macro_rules! site {
    ($section:literal, $($instruction:literal),+) => {{
        let value: u64;
        // SAFETY: it makes a constant. The record of its place is kept by the linker script.
        unsafe {
            asm!(
                ".option push",
                ".option norvc",
                ".option norelax",
                "77:",
                $($instruction,)+
                ".option pop",
                concat!(".pushsection .landfall.sites.", $section, ", \"a\", @progbits"),
                ".balign 4",
                ".word 77b - .",
                ".popsection",
                out(reg) value,
                options(pure, nomem, nostack, preserves_flags),
            )
        };
        value
    }};
}

/// Returns virtual minus physical address in the linear map.
#[inline(always)]
#[expect(clippy::inline_always, reason = "as a call it would be no constant")]
#[must_use]
pub fn linear_offset() -> u64 {
    site!("linear", "lui {0}, 0", "slli {0}, {0}, 18")
}

/// Returns virtual minus physical address of the image.
#[inline(always)]
#[expect(clippy::inline_always, reason = "as a call it would be no constant")]
#[must_use]
pub fn image_offset() -> u64 {
    site!(
        "image",
        "lui {0}, 0",
        "addi {0}, {0}, 0",
        "slli {0}, {0}, 12",
        "addi {0}, {0}, 0",
        "slli {0}, {0}, 21"
    )
}

/// Returns an address above the linear map and not above the kernel.
#[inline(always)]
#[expect(clippy::inline_always, reason = "as a call it would be no constant")]
#[must_use]
pub fn border() -> u64 {
    site!("border", "lui {0}, 0", "slli {0}, {0}, 18")
}
