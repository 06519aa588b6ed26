//! A kernel that was never linked.

use landfall_image::record::Parts;
use landfall_image::seal;
use landfall_plan::Policy;
use landfall_predict::blueprint::Blueprint;

/// 48 KiB of code, 16 KiB of constants, 28 KiB for the landing, 36 KiB of data.
const PARTS: Parts = Parts { text: 0xc000, constants: 0x4000, early: 0x7000, data: 0x9000 };

/// Its parts.
pub(crate) fn blueprint(policy: &Policy) -> Blueprint {
    let missing = landfall_image::feature::Features::NONE;
    Blueprint { missing, parts: PARTS, policy: Ok(*policy), slots: 64, seal: Ok(()) }
}

/// Its flat image, sealed.
pub(crate) fn image(policy: &Policy) -> Vec<u8> {
    let mut image = vec![0; 0x1a000];
    let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
    let record = policy.record();
    put(0x08, [0x20_0000_u64, 0x2_0000, 0, 2].map(u64::to_le_bytes).as_flattened());
    put(0x30, b"RISCV\0\0\0RSC\x05");
    put(0x40, b"LANDFALL");
    put(0x48, [2_u32, 0x1a000].map(u32::to_le_bytes).as_flattened());
    put(0x50, b"unsealed");
    let tables = [0xf000_u32, 0x100, 0xf0f0, 0x10, 0xf000, 0xf0, 0xc000, 0x7000];
    put(0x60, tables.map(u32::to_le_bytes).as_flattened());
    put(0xf000, &record);
    put(0xf0f0, [0xffff_ffff_8001_7000_u64, u64::MAX].map(u64::to_le_bytes).as_flattened());
    seal::seal(&mut image).expect("a sound image");
    image
}
