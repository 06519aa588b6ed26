//! Loads code at run time, as modules do. The code lies in the near region, from which two
//! instructions reach the kernel's own code. It is never writable and executable at once, at any
//! address.

#![no_std]
#![no_main]
#![expect(
    clippy::cast_possible_truncation,
    reason = "a machine word has 64 bits here, and an instruction 32"
)]

use core::arch::asm;
use core::mem::transmute;

use landfall::Landing;
use landfall::address::{LinearAddr, PhysRange, VirtAddr};
use landfall::paging::{Access, EditError, Fence, Mapping, Translation};
use landfall_examples::{FreeFrames, PAGE};

landfall::entry!(main);

/// The function that a module calls.
extern "C" fn kernel_doubles(number: u64) -> u64 {
    number * 2
}

/// A module: it adds one, and goes on in the kernel. `at` is where it will be.
fn module(at: VirtAddr) -> [u32; 3] {
    const ADD_ONE: u32 = 0x0015_0513; // addi a0, a0, 1
    const AUIPC: u32 = 0x0000_0317; // auipc t1, 0
    const JUMP: u32 = 0x0003_0067; // jalr zero, 0(t1)
    // As the linker resolves R_RISCV_CALL_PLT (psABI, "Relocations"): within 2 GiB of the `auipc`.
    let distance = (kernel_doubles as *const () as u64).wrapping_sub(at.get() + 4);
    let high = distance.wrapping_add(0x800) >> 12;
    [ADD_ONE, AUIPC | (high as u32) << 12, JUMP | (distance as u32) << 20]
}

fn main(landing: &'static Landing) -> ! {
    let Some(free) = landing.free_memory().next() else { panic!("no memory is free") };
    let (frame, rest) = (free.start(), PhysRange::between(free.start().wrapping_add(PAGE), free.end()));
    let writable = LinearAddr::from_phys(frame);
    let near = landing.plan().near;
    let code = near.start().wrapping_add(near.size() - PAGE);

    // All RAM is in the linear map, where it can be written to.
    // SAFETY: the frame is free memory and was given to no other owner.
    unsafe { writable.as_ptr::<[u32; 3]>().write(module(code)) };

    let Some(mut tables) = landing.take_tables() else { panic!("nobody else takes the tables") };
    // SAFETY: this kernel uses no free memory but for `frame`, which is not among these.
    let mut editor = tables.editor(unsafe { FreeFrames::new(rest) });
    // First it can be written at no address any more, and only then can it be executed.
    // SAFETY: the frame is this kernel's own, and nothing writes to it any more.
    settle(unsafe { editor.protect_anywhere(writable.virt(), PAGE, Access::ReadOnly) });
    settle(editor.map(Mapping { virt: code, phys: frame, size: PAGE, access: Access::ReadExecute }));
    for (virt, right) in [(writable.virt(), Access::ReadOnly), (code, Access::ReadExecute)] {
        let Translation::Mapped { access, .. } = editor.walk(virt) else { panic!("it is not mapped") };
        assert_eq!(access, right);
    }

    // SAFETY: these are its instructions, which keep to the C calling convention, and it can be
    // executed.
    let module: extern "C" fn(u64) -> u64 = unsafe { transmute(code.get() as usize) };
    landfall::println!("the module and the kernel make {} of 20", module(20));
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

/// A change of the tables, and the end of what a hart may remember of them and of instructions. One
/// hart has landed.
fn settle(change: Result<Fence, EditError>) {
    if let Err(error) = change {
        panic!("the code cannot be mapped: {error}");
    }
    // SAFETY: it forgets translations, and instructions that were fetched.
    unsafe { asm!("sfence.vma", "fence.i", options(nostack, preserves_flags)) };
}
