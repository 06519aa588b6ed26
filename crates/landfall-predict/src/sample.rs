//! A flat kernel image for tests and examples, made without a linker.
//!
//! ```
//! use landfall_plan::Policy;
//! use landfall_predict::blueprint::Blueprint;
//! use landfall_predict::sample;
//!
//! let blueprint = Blueprint::of_image(&sample::sealed(&Policy::new()))?;
//! assert_eq!((blueprint.parts, blueprint.slots), (sample::PARTS, sample::SLOTS));
//! # Ok::<(), landfall_predict::blueprint::BlueprintError>(())
//! ```

use landfall_image::record::Parts;
use landfall_image::seal;
use landfall_plan::Policy;

/// The parts of [`sealed`] in memory.
pub const PARTS: Parts = Parts { text: 0xc000, constants: 0x4000, early: 0x7000, data: 0x9000 };

/// The number of slots of [`sealed`].
pub const SLOTS: u64 = 64;

/// Bytes of the file of [`sealed`].
const FILE_SIZE: u32 = 0x1a000;

/// The place of the sealed tables, which begin with the policy record.
const TABLES: u32 = 0xf000;

/// Returns a sealed image of 128 KiB that has [`PARTS`] and [`SLOTS`].
///
/// # Panics
/// If the image cannot be made, which would be a defect of this function.
#[must_use]
pub fn sealed(policy: &Policy) -> Vec<u8> {
    let mut image = vec![0; FILE_SIZE as usize];
    let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
    put(0x08, [0x20_0000_u64, 0x2_0000, 0, 2].map(u64::to_le_bytes).as_flattened());
    put(0x30, b"RISCV\0\0\0RSC\x05");
    put(0x40, b"LANDFALL");
    put(0x48, [2, FILE_SIZE].map(u32::to_le_bytes).as_flattened());
    put(0x50, b"unsealed");
    let record = policy.record();
    let relr = [0xffff_ffff_8001_7000_u64, u64::MAX];
    let policy_size = u32::try_from(record.len()).expect("a record is short");
    let extents = [TABLES, policy_size + 0x10, TABLES + policy_size, 0x10, TABLES, policy_size];
    put(0x60, extents.map(u32::to_le_bytes).as_flattened());
    put(0x78, [0xc000_u32, 0x7000].map(u32::to_le_bytes).as_flattened());
    put(TABLES as usize, &record);
    put(TABLES as usize + record.len(), relr.map(u64::to_le_bytes).as_flattened());
    seal::seal(&mut image).expect("the image can be sealed");
    image
}
