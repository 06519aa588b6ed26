//! Constants that two instructions make.

use landfall_paging::VirtAddr;

/// A 64-bit number as `lui` and `slli` make it: a signed number of 20 bits, times a power of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpperConstant {
    /// The 20 bits, for bits 31 to 12 of `lui`.
    pub bits: u32,
    /// By how much to shift what `lui` makes.
    pub shift: u32,
}

impl UpperConstant {
    /// The two instructions' fields for `value`, or `None` where it has too many significant bits.
    #[must_use]
    pub const fn new(value: u64) -> Option<Self> {
        // lui itself shifts by 12, and slli by 51 at most.
        let shift = if value == 0 { 12 } else { value.trailing_zeros() };
        let bits = signed(value) >> shift;
        if shift < 12 || bits < -(1 << 19) || bits >= 1 << 19 {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the 20 bits are checked"
        )]
        Some(Self { bits: bits as u32 & 0xf_ffff, shift: shift - 12 })
    }
}

/// The same 64 bits as a signed number: `cast_signed`, which Rust has since 1.87.
pub(crate) const fn signed(value: u64) -> i64 {
    i64::from_ne_bytes(value.to_ne_bytes())
}

/// The number with the fewest significant bits that is above `low` and not above `high`.
#[must_use]
pub(crate) const fn roundest_between(low: u64, high: u64) -> u64 {
    let differing = low ^ high;
    if differing == 0 { high } else { high >> differing.ilog2() << differing.ilog2() }
}

/// Returns the common divisor of the [`UpperConstant`]s that lie about as far below 2^64 as
/// `address`: not closer by half or more.
const fn unit(address: VirtAddr) -> u64 {
    let below_end = address.get().wrapping_neg();
    let bits = u64::BITS - below_end.wrapping_sub(1).leading_zeros();
    if bits > 31 { 1 << (bits - 19) } else { 1 << 12 }
}

/// The first address from `address` on, in the upper half, that two instructions make.
pub(crate) const fn round_up(address: VirtAddr) -> VirtAddr {
    let unit = unit(address);
    address.wrapping_add(unit - 1).align_down(unit)
}

/// The last address up to `address`, in the upper half, that two instructions make.
pub(crate) const fn round_down(address: VirtAddr) -> VirtAddr {
    address.align_down(unit(address))
}

#[cfg(test)]
mod tests {
    use landfall_paging::VirtAddr;

    use super::{round_down, round_up};

    #[test]
    fn an_address_that_two_instructions_make_stays_and_others_go_to_the_next() {
        for (address, below, above) in [
            (0xffff_ffff_8000_0000, 0xffff_ffff_8000_0000, 0xffff_ffff_8000_0000),
            (0xffff_ffff_8000_0001, 0xffff_ffff_8000_0000, 0xffff_ffff_8000_1000),
            (0xffff_fff8_0000_0000, 0xffff_fff8_0000_0000, 0xffff_fff8_0000_0000),
            (0xffff_fff8_0000_ffff, 0xffff_fff8_0000_0000, 0xffff_fff8_0001_0000),
        ] {
            let address = VirtAddr::new(address);
            assert_eq!((round_down(address).get(), round_up(address).get()), (below, above), "{address}");
        }
    }
}
