//! Random bytes of the hart's own generator (Zkr). They are in no memory before, so a loader that
//! keeps a copy of its seeds cannot give the addresses away.

use landfall_plan::Facts;
use landfall_plan::harts::Extension;
use zeroize::Zeroize;

/// Bytes that are asked for: 256 bits of entropy, since the generator promises 8 for each 16
/// (RISC-V Cryptography Extensions Volume I, 4.2).
pub(super) const SIZE: usize = 64;

/// Reads in a row that may give nothing. Linux asks as often.
const TRIES: u64 = 100;

/// Random bytes; wiped on drop.
pub(super) struct HartSeed {
    bytes: Bytes,
    size: usize,
}

/// Room for them. seed.s writes 16 bits at a time.
#[repr(C, align(8))]
struct Bytes([u8; SIZE]);

unsafe extern "C" {
    /// Reads the hart's own generator: see seed.s. Returns the number of bytes.
    ///
    /// # Safety
    /// satp is 0 and interrupts are off.
    fn landfall_read_seed(place: *mut Bytes, tries: u64) -> u64;
}

impl HartSeed {
    /// Asks the hart that runs, if the tree lists the extension for it. A generator that fails, or
    /// that firmware reserves for itself, gives fewer bytes or none.
    pub(super) fn read(facts: &Facts) -> Option<Self> {
        let boot_hart = facts.harts.find(facts.boot_hart)?;
        boot_hart.extensions.contains(Extension::Zkr).then(|| {
            let mut seed = Self { bytes: Bytes([0; SIZE]), size: 0 };
            // SAFETY: this hart has satp 0 and no interrupts, and the room is ours.
            seed.size = unsafe { landfall_read_seed(&raw mut seed.bytes, TRIES) } as usize;
            seed
        })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.0.get(..self.size).unwrap_or_default()
    }
}

impl Drop for HartSeed {
    fn drop(&mut self) {
        self.bytes.0.zeroize();
    }
}
