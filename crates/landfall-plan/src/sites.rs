//! Sites of patched constants: instructions that make a number of the plan, as immediates.
//!
//! | constant | instructions | patched |
//! |---|---|---|
//! | linear offset | `lui; slli` | both: 20 bits times a power of two |
//! | image offset | `lui; addi; slli 12; addi; slli 21` | `lui` and both `addi`: 44 bits times 2 MiB |
//! | border, an address between linear map and kernel | `lui; slli` | as the first |
//!
//! A record is a word: the distance in bytes from the record to its site. The records of a constant
//! are in a section of their own ([`Constant::section`]).
//!
//! ```
//! use landfall_plan::sites::{Constant, Site};
//!
//! // `lui a0, 0` and `slli a0, a0, 18`
//! let mut code = [0x37, 0x05, 0, 0, 0x13, 0x15, 0x25, 0x01];
//! assert!(Site::new(&mut code).is(Constant::LinearOffset));
//! // Another register is no site.
//! code[5] = 0x16;
//! assert!(!Site::new(&mut code).is(Constant::LinearOffset));
//! ```

use crate::Plan;
use crate::constant::UpperConstant;

/// Bytes of the longest site.
pub const SITE_SIZE: usize = 20;

/// A number of the plan that code has as immediates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Constant {
    /// Virtual minus physical address in the linear map.
    LinearOffset,
    /// Virtual minus physical address of the image.
    ImageOffset,
    /// An address above the linear map and not above the kernel.
    Border,
}

impl Constant {
    /// All constants.
    pub const ALL: [Self; 3] = [Self::LinearOffset, Self::ImageOffset, Self::Border];

    /// Returns the section of an object that holds the records of its sites.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self {
            Self::LinearOffset => ".landfall.sites.linear",
            Self::ImageOffset => ".landfall.sites.image",
            Self::Border => ".landfall.sites.border",
        }
    }

    /// Returns the bytes of a site.
    #[must_use]
    pub const fn size(self) -> usize {
        self.instructions().len() * 4
    }

    /// Returns the instructions of a site for register 0, before it is patched.
    const fn instructions(self) -> &'static [u32] {
        match self {
            Self::LinearOffset | Self::Border => &[LUI, SLLI | 18 << 20],
            Self::ImageOffset => &[LUI, ADDI, SLLI | 12 << 20, ADDI, SLLI | 21 << 20],
        }
    }
}

const LUI: u32 = 0x37;
const ADDI: u32 = 0x13;
const SLLI: u32 = 0x1013;
const RD: u32 = 0x1f << 7;

/// The instructions of a site. They are aligned to 2 only, so they are bytes here.
#[derive(Debug)]
pub struct Site<'a>(&'a mut [u8]);

impl<'a> Site<'a> {
    /// Returns the site at the start of `code`.
    #[must_use]
    pub const fn new(code: &'a mut [u8]) -> Self {
        Self(code)
    }

    /// Returns true if these are the instructions of a site of `constant` that was not patched, all
    /// of them with one register.
    #[must_use]
    pub fn is(&self, constant: Constant) -> bool {
        let register = self.word(0).map_or(0, |word| (word & RD) >> 7);
        register != 0
            && constant.instructions().iter().enumerate().all(|(index, &instruction)| {
                let registers = if index == 0 { register << 7 } else { register << 7 | register << 15 };
                self.word(index) == Some(instruction | registers)
            })
    }

    /// Writes the plan's number.
    #[inline]
    pub fn patch(&mut self, constant: Constant, plan: &Plan) {
        match constant {
            Constant::LinearOffset => self.set_upper(plan.linear.offset),
            Constant::Border => self.set_upper(plan.border.get()),
            Constant::ImageOffset => self.set_44_bits(plan.image_offset() >> 21),
        }
    }

    fn word(&self, index: usize) -> Option<u32> {
        self.0.get(index * 4..).and_then(<[u8]>::first_chunk).map(|word| u32::from_le_bytes(*word))
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
    #[expect(clippy::cast_possible_truncation, reason = "the fields take the lower bits")]
    fn set_44_bits(&mut self, value: u64) {
        let upper = value.wrapping_add(0x800) >> 12;
        self.set(3, 0xfff0_0000, (value as u32) << 20);
        self.set(1, 0xfff0_0000, (upper as u32) << 20);
        self.set(0, 0xffff_f000, (upper as u32).wrapping_add(0x800));
    }
}
