//! Patched constants: what conversions add, as immediates in the code itself, so that none of them
//! needs a load.
//!
//! | constant | instructions | patched |
//! |---|---|---|
//! | linear offset | `lui; slli` | both: 20 bits times a power of two |
//! | image offset | `lui; addi; slli 12; addi; slli 21` | `lui` and both `addi`: 44 bits times 2 MiB |
//! | an address between linear map and kernel | `lui; slli` | as the first |
//!
//! Each use that the compiler emits is a site. The linker collects their positions, and the landing
//! patches them while the code is writable, before `fence.i`. No site is in code that runs
//! before that.

use core::arch::asm;

use landfall_paging::PhysRange;
use landfall_plan::Plan;
use landfall_plan::planner::UpperConstant;

use super::early::PhysicalMemory;
use super::symbols::{address_of, table};

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

/// Virtual minus physical address in the linear map.
#[inline(always)]
#[expect(clippy::inline_always, reason = "as a call it would be no constant")]
pub(super) fn linear_offset() -> u64 {
    site!("linear", "lui {0}, 0", "slli {0}, {0}, 18")
}

/// Virtual minus physical address of the image.
#[inline(always)]
#[expect(clippy::inline_always, reason = "as a call it would be no constant")]
pub(super) fn image_offset() -> u64 {
    site!(
        "image",
        "lui {0}, 0",
        "addi {0}, {0}, 0",
        "slli {0}, {0}, 12",
        "addi {0}, {0}, 0",
        "slli {0}, {0}, 21"
    )
}

/// An address above the linear map and not above the kernel.
#[inline(always)]
#[expect(clippy::inline_always, reason = "as a call it would be no constant")]
pub(super) fn border() -> u64 {
    site!("border", "lui {0}, 0", "slli {0}, {0}, 18")
}

/// Writes the plan's numbers into all sites.
///
/// # Safety
/// The code is still writable at its physical address, and none of the sites has run. `fence.i`
/// follows before one does.
pub(super) unsafe fn patch(memory: &PhysicalMemory, plan: &Plan) {
    for site in table!("__landfall_linear_sites", "__landfall_image_sites", i32) {
        // SAFETY: the linker collected it, so there is a site.
        unsafe { Site::at(memory, site) }.set_upper(plan.linear.offset);
    }
    for site in table!("__landfall_border_sites", "__landfall_sites_end", i32) {
        // SAFETY: as above.
        unsafe { Site::at(memory, site) }.set_upper(plan.border.get());
    }
    for site in table!("__landfall_image_sites", "__landfall_border_sites", i32) {
        // SAFETY: as above.
        unsafe { Site::at(memory, site) }.set_44_bits(plan.image_offset() >> 21);
    }
}

/// The instructions of a site. They are aligned to 2 only, so they are bytes here.
struct Site<'a>(&'a mut [u8]);

impl<'a> Site<'a> {
    /// # Safety
    /// `record` is a record of the linker's table of sites.
    unsafe fn at(memory: &'a PhysicalMemory, record: &i32) -> Self {
        let record_at = (&raw const *record).addr() as u64;
        let at = record_at.wrapping_add_signed(i64::from(*record));
        let image =
            PhysRange::new(landfall_paging::PhysAddr::new(address_of!("__landfall_image_start")), u64::MAX);
        // SAFETY: a site takes 20 bytes at most, the code is our own, and nothing runs there now.
        Self(unsafe { memory.bytes(image.start().wrapping_add(at - image.start().get()), 20) })
    }

    /// Replaces the bits of instruction `index` that `mask` names.
    fn set(&mut self, index: usize, mask: u32, bits: u32) {
        if let Some(instruction) = self.0.get_mut(index * 4..).and_then(<[u8]>::first_chunk_mut) {
            *instruction = (u32::from_le_bytes(*instruction) & !mask | bits & mask).to_le_bytes();
        }
    }

    /// `lui`, `slli`. The plan has seen to it that two instructions can make the value.
    fn set_upper(&mut self, value: u64) {
        if let Some(UpperConstant { bits, shift }) = UpperConstant::new(value) {
            self.set(0, 0xffff_f000, bits << 12);
            self.set(1, 0x03f0_0000, shift << 20);
        }
    }

    /// `lui`, `addi`, `slli 12`, `addi`, `slli 21`. An `addi` counts its immediate as signed, so
    /// what is above makes up for it.
    fn set_44_bits(&mut self, value: u64) {
        let upper = value.wrapping_add(0x800) >> 12;
        self.set(3, 0xfff0_0000, (value as u32) << 20);
        self.set(1, 0xfff0_0000, (upper as u32) << 20);
        self.set(0, 0xffff_f000, (upper as u32).wrapping_add(0x800));
    }
}
