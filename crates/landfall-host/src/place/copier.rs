//! A few instructions that copy an image to its address and go there.

use landfall_predict::units::Address;

/// Bytes that the copier takes, up to the image behind it.
pub(super) const SIZE: u64 = 0x1000;

/// Bytes that it copies at once.
pub(super) const WORD: u64 = 8;

/// Code that copies `image`, which follows it, to `at` up to `end`, and goes to `at`. It changes
/// `t0` to `t4` alone.
pub(super) fn with(image: &[u8], at: Address, end: Address) -> Vec<u8> {
    let code: [u32; 14] = [
        0x0000_0297, //    auipc  t0, 0          t0 = where this lies
        0x0382_b303, //    ld     t1, 56(t0)     t1 = `at`, behind the code
        0x0402_b383, //    ld     t2, 64(t0)     t2 = `end`, behind that
        0x0003_0e93, //    mv     t4, t1         t4 = `at`, to go to
        0x0000_1e37, //    lui    t3, 1
        0x01c2_82b3, //    add    t0, t0, t3     t0 = the image
        0x0002_be03, // 1: ld     t3, 0(t0)
        0x01c3_3023, //    sd     t3, 0(t1)
        0x0082_8293, //    addi   t0, t0, 8
        0x0083_0313, //    addi   t1, t1, 8
        0xfe73_68e3, //    bltu   t1, t2, 1b
        0x0000_100f, //    fence.i               what was written is code
        0x000e_8067, //    jr     t4
        0x0000_0013, //    nop                   so that the addresses are aligned
    ];
    let mut bytes = code.map(u32::to_le_bytes).as_flattened().to_vec();
    bytes.extend([at.0, end.0].map(u64::to_le_bytes).as_flattened());
    pad(&mut bytes, SIZE);
    bytes.extend(image);
    pad(&mut bytes, WORD);
    bytes
}

/// Zeros up to a multiple of `unit`.
fn pad(bytes: &mut Vec<u8>, unit: u64) {
    while !(bytes.len() as u64).is_multiple_of(unit) {
        bytes.push(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_follows_the_copier() {
        let bytes = with(b"image", Address(0x1122), Address(0x3344));
        assert_eq!(&bytes[0x1000..], b"image\0\0\0");
        assert_eq!(bytes[56..72], [0x1122_u64, 0x3344].map(u64::to_le_bytes).concat());
    }
}
