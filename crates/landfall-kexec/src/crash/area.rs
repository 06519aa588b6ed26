//! The save area of a hart: its registers as a note of an ELF core (`NT_PRSTATUS`).
//!
//! ```text
//! offset  size  field
//! 0       12    name's size (0: no registers), descriptor's size, type
//! 12      8     "CORE", padded
//! 20      376   descriptor: signal at 12, pid at 32, registers at 112 (pc, x1 to x31)
//! 396     12    zeros, which end the notes
//! ```

use core::sync::atomic::{AtomicU32, Ordering};

use landfall_plan::harts::HartIndex;

const NAME: u32 = u32::from_le_bytes(*b"CORE");
const NAME_SIZE: u32 = 5;
const DESCRIPTOR_SIZE: u32 = 376;
const NT_PRSTATUS: u32 = 1;
const DESCRIPTOR: usize = 20 / 4;
const SIGNAL: usize = DESCRIPTOR + 12 / 4;
const PID: usize = DESCRIPTOR + 32 / 4;
const REGISTERS: usize = DESCRIPTOR + 112 / 4;

/// The registers of a hart at the crash. A kernel has an array of them, one a hart, in a `static`.
///
/// Linux reads the areas of all harts as the notes of `/proc/vmcore`. An area in which nothing was
/// saved has no note.
#[derive(Debug)]
#[repr(C, align(8))]
pub struct SaveArea {
    words: [AtomicU32; Self::SIZE / 4],
}

impl SaveArea {
    /// Bytes of an area.
    pub const SIZE: usize = 408;

    /// An area without registers.
    #[expect(clippy::declare_interior_mutable_const, reason = "the first value of a static")]
    pub const EMPTY: Self = Self { words: [const { AtomicU32::new(0) }; Self::SIZE / 4] };

    /// Saves the registers of a hart: those numbered 1 to 31, and the address of the instruction at
    /// which it stopped. The first call counts.
    pub fn save(&self, hart: HartIndex, pc: u64, registers: &[u64; 32]) {
        if self.is_saved() {
            return;
        }
        let put = |at: usize, value: u64| {
            let halves = [value & 0xffff_ffff, value >> 32].map(|half| u32::try_from(half).unwrap_or(0));
            let words = self.words.iter().skip(at).zip(halves);
            words.for_each(|(word, half)| word.store(half, Ordering::Relaxed));
        };
        put(0, u64::from(DESCRIPTOR_SIZE) << 32);
        put(2, u64::from(NT_PRSTATUS) | u64::from(NAME) << 32);
        put(SIGNAL, 0);
        // A debugger distinguishes threads by this number, and 0 is no thread.
        put(PID, hart.get() + 1);
        put(REGISTERS, pc);
        for (index, register) in registers.iter().enumerate().skip(1) {
            put(REGISTERS + 2 * index, *register);
        }
        // The name's size comes last: a reader finds all of the note, or none.
        if let Some(size) = self.words.first() {
            size.store(NAME_SIZE, Ordering::Release);
        }
    }

    /// Returns true if the area has registers.
    #[must_use]
    pub fn is_saved(&self) -> bool {
        self.words.first().is_some_and(|size| size.load(Ordering::Acquire) != 0)
    }
}

const _: () = assert!(size_of::<SaveArea>() == SaveArea::SIZE);
