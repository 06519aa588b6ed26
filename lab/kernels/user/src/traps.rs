//! The handler: it checks the trap of a step, and begins the next step.

use core::arch::asm;
use core::cell::UnsafeCell;

use landfall::address::{VirtAddr, VirtRange};
use landfall::trap::{TrapFrame, use_stack};
use landfall::{HartIndex, Landing};

use crate::program::{self, FS, FS_INITIAL, SPP};
use crate::steps::{Floats, Places, STEPS, Stack, Step};
use crate::watch::Watched;

/// The turn of a hart.
struct Turn {
    places: Places,
    /// The upper end of the stack that a trap must find empty.
    stack_end: u64,
    /// A bit for each step.
    failed: u64,
}

struct Shared(UnsafeCell<Option<Turn>>);

// SAFETY: the hart whose turn it is uses it alone, and takes one trap after the other.
unsafe impl Sync for Shared {}

static NOW: Shared = Shared(UnsafeCell::new(None));

const STACK_SIZE: usize = 16 << 10;

/// A stack of the kernel's own, for the hart whose turn it is.
#[repr(C, align(16))]
struct OwnStack(UnsafeCell<[u8; STACK_SIZE]>);

// SAFETY: one hart after the other runs on its own of them.
unsafe impl Sync for OwnStack {}

static OWN_STACKS: [OwnStack; 2] = [const { OwnStack(UnsafeCell::new([0; STACK_SIZE])) }; 2];

/// Begins the first step.
pub(crate) fn begin(landing: &'static Landing, hart: HartIndex) -> ! {
    let watched = Watched::begin(landing, hart);
    let places = Places { landing, hart, watched, handler: address(), index: 0 };
    let stack = landing.stack(hart);
    let turn = Turn { places, stack_end: stack.start().get() + stack.size(), failed: 0 };
    // SAFETY: see `Shared`.
    unsafe { NOW.0.get().write(Some(turn)) };
    let step = STEPS[0].1(places);
    program::enter(step.pc, &step.registers)
}

/// Returns the address of the handler.
fn address() -> u64 {
    let handler: fn(&mut TrapFrame) = handle;
    handler as usize as u64
}

/// Checks a step, and begins the next.
pub(crate) fn handle(frame: &mut TrapFrame) {
    let kernel = base_registers();
    // SAFETY: see `Shared`.
    let Some(turn) = (unsafe { &mut *NOW.0.get() }) else { panic!("a trap before the first step") };
    let index = turn.places.index;
    let (name, step) = &STEPS[index];
    if let Err(finding) = check(frame, &step(turn.places), turn, kernel) {
        landfall::println!("{name} on hart {}: {finding}", turn.places.hart.get());
        landfall::println!("{frame:x?}");
        turn.failed |= 1 << index;
    }
    turn.places.index += 1;
    let Some((_, step)) = STEPS.get(index + 1) else {
        crate::finish(turn.places.landing, turn.places.hart, turn.failed)
    };
    resume(frame, &step(turn.places), turn);
}

/// The `gp` and `tp` with which the handler runs.
fn base_registers() -> [u64; 2] {
    let [gp, tp]: [u64; 2];
    // SAFETY: it reads registers.
    unsafe {
        asm!("mv {}, gp", "mv {}, tp", out(reg) gp, out(reg) tp, options(nomem, nostack, preserves_flags));
    };
    [gp, tp]
}

fn check(frame: &TrapFrame, step: &Step, turn: &Turn, [gp, tp]: [u64; 2]) -> Result<(), &'static str> {
    let all = |holds: bool, otherwise: &'static str| if holds { Ok(()) } else { Err(otherwise) };
    all(frame.sstatus() & SPP == 0, "the trap is not one from user mode")?;
    all(frame.scause() == step.cause, "scause is another")?;
    all(frame.sepc() == step.sepc, "sepc is another")?;
    all(step.stval.is_none_or(|stval| frame.stval() == stval), "stval is another")?;
    all((0..32).all(|number| frame.register(number) == Some(step.after[number])), "a register is another")?;
    all([gp, tp] == [step.after[3], step.after[4]], "gp and tp are not those of the interrupted code")?;
    let at = (&raw const *frame).addr() as u64;
    all(at + size_of::<TrapFrame>() as u64 == turn.stack_end, "the frame is not at the top of the stack")?;
    all(turn.places.watched.is_unchanged(), "the trap has changed the kernel's memory")
}

fn resume(frame: &mut TrapFrame, step: &Step, turn: &mut Turn) {
    if step.stack == Stack::Named {
        let stack = &OWN_STACKS[turn.places.hart.get() as usize];
        let start = stack.0.get().expose_provenance() as u64;
        // SAFETY: nothing else uses this stack. Interrupts are off until user mode, and the first
        // stack is not needed behind the handler's return.
        unsafe { use_stack(VirtRange::new(VirtAddr::new(start), STACK_SIZE as u64)) };
        turn.stack_end = start + STACK_SIZE as u64;
    }
    let floats = match (step.floats, frame.sstatus() & FS) {
        (Floats::Off, _) => 0,
        (Floats::On, 0) => FS_INITIAL,
        (Floats::On, state) => state,
    };
    overwrite_floats();
    // SAFETY: user mode reaches nothing of the kernel.
    unsafe {
        (1..32).for_each(|number| frame.set_register(number, step.registers[number]));
        frame.set_sepc(step.pc);
        frame.set_sstatus(frame.sstatus() & !FS | floats);
    }
    spoil_and_restore(frame);
}

/// Saves the frame, writes other values to it, and restores it.
fn spoil_and_restore(frame: &mut TrapFrame) {
    let saved = frame.save();
    // SAFETY: nothing runs with the other values.
    unsafe {
        (1..32).for_each(|number| frame.set_register(number, 0));
        frame.set_sepc(0);
        frame.set_sstatus(SPP);
        frame.restore(&saved);
    }
}

/// Leaves other values in the floating-point registers that a function may change.
fn overwrite_floats() {
    // SAFETY: the compiler knows which registers change; the handler may use them.
    unsafe {
        asm!(
            ".irp number, 0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31",
            "fmv.d.x f\\number, sp",
            ".endr",
            clobber_abi("C"),
            options(nomem, nostack, preserves_flags),
        );
    }
}
