//! `%hi` and `%lo` in inline assembly.
#![no_std]

unsafe extern "C" {
    static elsewhere: u64;
}

#[unsafe(no_mangle)]
pub extern "C" fn pattern() -> *const u64 {
    let address: *const u64;
    unsafe {
        core::arch::asm!("lui {0}, %hi({1})", "addi {0}, {0}, %lo({1})", out(reg) address, sym elsewhere);
    };
    address
}
