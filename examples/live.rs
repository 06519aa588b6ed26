//! The needs of a kernel after `main`, in one file. They are frames, memory at addresses of its
//! own, a stack, a device, a second root, a shootdown, and the explanation of a fault.

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

use landfall::address::{PhysAddr, PhysRange, VirtAddr};
use landfall::paging::Access;
use landfall::space::{DataAccess, LiveSpace, Placing, Region, SpaceOptions};
use landfall::trap::TrapFrame;
use landfall::{HartIndex, Landing};
use landfall_examples::FreeFrames;
use spin::Once;

landfall::entry!(main, secondary = second);

static SPACE: Once<LiveSpace<FreeFrames>> = Once::new();
const UART: PhysRange = PhysRange::new(PhysAddr::new(0x1000_0000), 0x100);

fn main(landing: &'static Landing) -> ! {
    landfall::trap::install(landing, explain).expect("main runs on the hart's stack");
    let tables = landing.take_tables().expect("nothing else takes the tables");
    // SAFETY: nothing else in this kernel uses free memory.
    let mut free = unsafe { FreeFrames::of(landing) };
    let (pages, stack, page) = (free.memory(16), free.memory(4), free.memory(1));
    let space = tables.into_space(free, &SpaceOptions { placing: Placing::FirstFit, pools: &[] });
    let space = SPACE.call_once(|| space.expect("there are frames for tables"));

    let area = space.map(pages, DataAccess::ReadWrite, Region::Dynamic).expect("room");
    let stack = space.map_stack(stack).expect("room");
    let uart = space.map_device(UART).expect("room");
    landfall::println!("the UART: {}", space.what_is(uart.registers().start()));

    let user = space.user_space().expect("a frame and an ASID");
    user.map(VirtAddr::new(0x1_0000), page, Access::ReadOnly).expect("frames for tables");
    // Later mappings of the kernel appear in the second root too.
    let entered = user.enter();
    drop(entered);
    user.destroy(|page| landfall::println!("{} bytes returned", page.into_range().size()))
        .expect("it has ended");

    // Every hart executes the fence before the memory is returned.
    let pages = space.unmap(area).expect("it is mapped").complete().expect("every hart answers");
    landfall::println!("{} bytes returned", pages.into_range().size());

    landfall::println!("landfall: report {}", landing.report().json());
    let overflow = stack.range().start().wrapping_sub(12).get();
    // SAFETY: nothing is mapped there: it traps.
    unsafe { core::ptr::with_exposed_provenance_mut::<u32>(overflow as usize).write_volatile(0) };
    unreachable!("the guard is not mapped")
}

fn explain(frame: &mut TrapFrame) {
    let what = SPACE.get().map(|space| space.what_is(VirtAddr::new(frame.stval())));
    landfall::println!("a fault: {}", what.expect("it comes after the space was made"));
    landfall::exit(0)
}

fn second(_landing: &'static Landing, _hart: HartIndex) -> ! {
    loop {
        landfall::wait_for_interrupt();
    }
}
