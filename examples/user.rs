//! Runs a program in user mode, in an address space of its own. The program makes one call.

#![no_std]
#![no_main]

use core::mem::forget;

use landfall::Landing;
use landfall::address::{LinearAddr, VirtAddr};
use landfall::paging::Access;
use landfall::space::{LiveMachine, LiveSpace, Placing, SpaceOptions, UserSpace};
use landfall::trap::TrapFrame;
use landfall_examples::{FreeFrames, enter_user_mode};
use spin::Once;

landfall::entry!(main);

/// `li a0, 42` and `ecall`.
const PROGRAM: [u32; 2] = [0x02a0_0513, 0x0000_0073];
/// The address of the program in user mode.
const ENTRY: VirtAddr = VirtAddr::new(0x1_0000);
/// `scause` of a call from user mode.
const USER_CALL: u64 = 8;
/// The register of a call's first argument.
const A0: usize = 10;

static SPACE: Once<LiveSpace<FreeFrames>> = Once::new();
static USER: Once<UserSpace<'static, LiveMachine<FreeFrames>>> = Once::new();

fn main(landing: &'static Landing) -> ! {
    landfall::println!("landfall: report {}", landing.report().json());
    let Ok(_) = landfall::trap::install(landing, handle) else { panic!("main runs on the hart's stack") };
    let Some(tables) = landing.take_tables() else { panic!("nothing else takes the tables") };
    // SAFETY: nothing else in this kernel uses free memory.
    let mut free = unsafe { FreeFrames::of(landing) };
    let memory = free.memory(1);
    // SAFETY: the page is this kernel's, and the linear map holds it.
    unsafe { LinearAddr::from_phys(memory.range().start()).as_ptr::<[u32; 2]>().write(PROGRAM) };

    let space = tables.into_space(free, &SpaceOptions { placing: Placing::FirstFit, pools: &[] });
    let space = SPACE.call_once(|| space.unwrap_or_else(|error| panic!("{error}")));
    let user = USER.call_once(|| space.user_space().unwrap_or_else(|error| panic!("{error}")));
    if let Err(refused) = user.map(ENTRY, memory, Access::ReadExecute) {
        panic!("the program cannot be mapped: {refused}");
    }
    // The hart stays in the address space until it switches.
    forget(user.enter());
    // SAFETY: the hart is in the program's address space, and all that traps need is in statics.
    unsafe { enter_user_mode(ENTRY) }
}

fn handle(frame: &mut TrapFrame) {
    match (frame.scause(), frame.register(A0)) {
        (USER_CALL, Some(number)) => landfall::println!("the program in user mode says {number}"),
        (cause, _) => panic!("trap {cause} at {:#x}", frame.sepc()),
    }
    landfall::exit(0)
}
