//! Claims and enables of a PLIC, cleared for the next kernel (RISC-V Platform-Level Interrupt
//! Controller specification).

/// Bytes from the first register to the enable bits of context 0.
const ENABLES: usize = 0x2000;
/// Bytes of the enable bits of a context.
const ENABLES_SIZE: usize = 0x80;
/// Bytes from the first register to threshold and claim of context 0.
const CONTEXTS: usize = 0x20_0000;
/// Bytes of a context's threshold and claim.
const CONTEXT_SIZE: usize = 0x1000;
/// Bytes from the threshold to the register for claim and completion.
const CLAIM: usize = 4;

/// Completes every claim of a context, and disables all of its sources. A claim without a
/// completion keeps its source silent for the next kernel.
///
/// # Safety
/// `registers` is the address of the first register of a PLIC with at least `sources` sources and
/// this context, mapped for reading and writing. No other code uses the context.
pub unsafe fn quiet_plic(registers: *mut u32, sources: u32, context: usize) {
    let at = |offset: usize| registers.wrapping_byte_add(offset);
    let enable = |word: usize| at(ENABLES + context * ENABLES_SIZE + word * 4);
    let claim = at(CONTEXTS + context * CONTEXT_SIZE + CLAIM);
    for source in 1..=sources.min(1023) {
        let (word, bit) = (enable(source as usize / 32), 1 << (source % 32));
        // SAFETY: they are registers of this context; a completion counts only while the source is
        // enabled.
        unsafe {
            let enabled = word.read_volatile();
            word.write_volatile(enabled | bit);
            claim.write_volatile(source);
            word.write_volatile(enabled & !bit);
        }
    }
}
