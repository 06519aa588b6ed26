//! Rebase: a kernel that was linked for one address runs at another.
//!
//! A static kernel of the target's default code model reaches its own code and data relative to the
//! program counter. Only pointers in its data depend on its link address: tables of
//! functions, `&'static str`, `dyn`. Linked as PIE with `-z pack-relative-relocs` LLD lists each of
//! these slots in a RELR table (ELF gABI, "Relative relocation table"). GNU's linker writes another
//! table, which `cargo landfall seal` packs. [`landfall_rebase`] adds one number to every listed
//! slot, in place:
//!
//! ```text
//! link address --rebase--> physical address (early Rust) --rebase--> virtual address, before satp
//! ```
//!
//! It is for kernels with a `_start` of their own. Those that begin with `landfall::entry!` get it
//! from there.
//!
//! ```asm
//!     lla     a0, __landfall_image_start      # where the image lies,
//!     ld      t0, landfall_link_base          # and where it was linked
//!     sub     a0, a0, t0
//!     call    landfall_rebase                 # no stack yet, and none is needed
//! ```
//!
//! Rust does not see that assembly calls it: write `use landfall_rebase as _;` beside.
//!
//! Three rules keep it sound. Code before the first rebase reads no slot: it is assembly, in
//! practice. Code before the last rebase stores no pointer in a static, because nothing would
//! correct it. Only assembly runs between the last one and `satp`.
//!
//! # Symbols of the linker script
//!
//! `__landfall_image_start`, `__landfall_relr_start` and `__landfall_relr_end`, and for
//! [`landfall_check_relr`] also `__landfall_text_end` and `__landfall_file_end`. The crate
//! `landfall-build` passes the linker a script that reports each missing one, and the line to
//! write. It computes `__landfall_link_base`, `__landfall_relr_size` and `__landfall_zero`.

#![no_std]

#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
core::arch::global_asm!(include_str!("rebase.s"), include_str!("check.s"));

unsafe extern "C" {
    /// Adds `addend`, modulo 2^64, to every slot of the image that this code is part of, wherever
    /// it lies.
    ///
    /// It takes some 7 instructions a slot. It uses no stack and no slot, and changes only what a C
    /// function may change.
    ///
    /// # Safety
    /// The slots are writable and have no other user meanwhile. Afterwards each holds its value
    /// plus `addend`: the code that follows must run where they point.
    pub fn landfall_rebase(addend: u64);

    /// Checks the RELR table of the image that this code is part of, before [`landfall_rebase`]
    /// follows it. Relocations that GNU's linker wrote must be packed (`cargo landfall seal`).
    /// Every slot must lie in constants or data and be aligned, and the slots must ascend. Returns
    /// 0 if so, else the word at fault. It uses no stack and no slot, and writes nothing.
    pub safe fn landfall_check_relr() -> u64;

    /// The link address of the image.
    pub safe static landfall_link_base: u64;

    /// The bytes of the RELR table; odd if the linker wrote RELA, and nothing packed it.
    pub safe static landfall_relr_size: u64;
}
