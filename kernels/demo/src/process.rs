//! `user`: a process in user mode, from its memory to its end.

use core::arch::global_asm;

use landfall::address::{LinearAddr, PAGE_SIZE, VirtAddr};
use landfall::paging::{Access, Translation};
use landfall::space::{LiveMachine, SpaceError, UserSpace};

use crate::context::{self, A0, A1, Next};
use crate::kernel::kernel;
use crate::memory::{self, Free};
use crate::timer;
use crate::traps::{USER_CALL, action};

global_asm!(include_str!("programs.s"));

unsafe extern "C" {
    static demo_program: u8;
    static demo_program_end: u8;
}

/// The parts of the program, by the number that selects one.
pub(crate) const PARTS: [&str; 4] = ["hello", "load", "store", "spin"];

/// Addresses of the process. All others of user mode are unmapped, 0 too.
const CODE: VirtAddr = VirtAddr::new(0x1_0000);
const STACK: VirtAddr = VirtAddr::new(0x2_0000);

/// The register with a system call's number, and the numbers. The result of a failure is -1.
const A7: usize = 17;
const WRITE: u64 = 1;
const EXIT: u64 = 2;
type Process = UserSpace<'static, LiveMachine<Free>>;

/// Runs the program to its end. When this returns, all memory of the process is free again.
pub(crate) fn run(arguments: [u64; 2]) -> Result<(), SpaceError> {
    let mut process = kernel().space.user_space()?;
    let result = load(&process).map(|()| supervise(&mut process, arguments));
    // Each hart that ran the process executes a fence before its memory is free.
    process.destroy(memory::give_back).map_err(|refused| refused.error)?;
    result
}

/// Gives the process a page of code and one for its stack. The kernel writes the code at its linear
/// address: for the process it is never writable.
fn load(process: &Process) -> Result<(), SpaceError> {
    let (start, end) = (&raw const demo_program, &raw const demo_program_end);
    let code = memory::take(1)?;
    let page = LinearAddr::from_phys(code.range().start()).as_ptr::<u8>();
    // SAFETY: the program lies between both labels and is shorter than the page, which is the
    // kernel's own.
    unsafe { page.copy_from_nonoverlapping(start, end.addr() - start.addr()) };
    process.map(CODE, code, Access::ReadExecute).map_err(memory::refused)?;
    process.map(STACK, memory::take(1)?, Access::ReadWrite).map_err(memory::refused)
}

/// Runs the process from trap to trap, and prints its end.
fn supervise(process: &mut Process, arguments: [u64; 2]) {
    let mut ticks = 0..timer::RATE;
    let mut next = Next::Start { entry: CODE, stack: STACK + PAGE_SIZE, arguments };
    loop {
        let entered = process.enter();
        let saved = context::run(next);
        // The hart returns to the kernel's own tables.
        drop(entered);
        let (cause, at) = (saved.frame().scause(), VirtAddr::new(saved.frame().stval()));
        let [a0, a1, call] = [A0, A1, A7].map(|number| saved.frame().register(number).unwrap_or_default());
        next = match (cause, call) {
            (USER_CALL, EXIT) => return landfall::println!("the process ended with status {a0}"),
            (USER_CALL, WRITE) => Next::Resume(saved, Some(write(process, VirtAddr::new(a0), a1))),
            (USER_CALL, _) => Next::Resume(saved, Some(u64::MAX)),
            (timer::INTERRUPT, _) if ticks.next().is_some() => Next::Resume(saved, None),
            (timer::INTERRUPT, _) => return landfall::println!("the process was killed after a second"),
            _ => {
                let (action, what) = (action(cause), process.what_is(at));
                return landfall::println!("the process was killed: {action} failed: {what}");
            }
        }
    }
}

/// Prints text of the process up to the end of a page, and returns the number of its bytes. The
/// process names no address of the kernel's: `translate` knows the lower half alone.
fn write(process: &Process, at: VirtAddr, size: u64) -> u64 {
    let Translation::Mapped { physical, .. } = process.translate(at) else { return u64::MAX };
    let size = size.min(PAGE_SIZE - at.get() % PAGE_SIZE);
    let text = LinearAddr::from_phys(physical).as_ptr::<u8>();
    // SAFETY: the bytes lie in one page of the process, which keeps it and does not run.
    let text = unsafe { core::slice::from_raw_parts(text, size as usize) };
    landfall::print!("{}", core::str::from_utf8(text).unwrap_or("?"));
    size
}
