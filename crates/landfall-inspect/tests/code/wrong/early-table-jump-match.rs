// expect: early-table-jump
#[unsafe(no_mangle)]
extern "C" fn early(kind: u64, at: *mut u64) {
    // Without effects of their own, the arms would become a table of numbers.
    unsafe {
        match kind {
            0 => core::arch::asm!("csrw sscratch, zero"),
            1 => core::arch::asm!("ecall"),
            2 => at.write_volatile(3),
            3 => core::arch::asm!("fence.i"),
            4 => at.write_volatile(kind),
            5 => core::arch::asm!("wfi"),
            _ => {}
        }
    }
}
