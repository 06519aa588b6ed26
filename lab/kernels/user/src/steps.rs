//! The steps: each begins with all registers, runs in user mode up to one trap, and has all
//! registers that the trap must find.

use landfall::{HartIndex, Landing};

use crate::program::{Label, Registers};
use crate::tables::{CODE, STACK, STACK_END};
use crate::watch::Watched;

/// Causes of traps.
const ILLEGAL: u64 = 2;
const USER_CALL: u64 = 8;
const FETCH_FAULT: u64 = 12;
const LOAD_FAULT: u64 = 13;
const STORE_FAULT: u64 = 15;

// Numbers of registers.
const SP: usize = 2;
const T0: usize = 5;
const T1: usize = 6;
const A0: usize = 10;
const A1: usize = 11;

/// State of the floating-point registers with which a step begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Floats {
    Off,
    /// They are on, whether or not they were.
    On,
}

/// The stack that is empty while the step runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stack {
    First,
    /// One that `use_stack` has named.
    Named,
}

/// A step.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) pc: u64,
    pub(crate) registers: Registers,
    pub(crate) floats: Floats,
    pub(crate) stack: Stack,
    pub(crate) cause: u64,
    pub(crate) sepc: u64,
    /// Not checked where the processor may choose it.
    pub(crate) stval: Option<u64>,
    pub(crate) after: Registers,
}

/// The name of a step, and what makes it.
type Named = (&'static str, fn(Places) -> Step);

/// Addresses of the hart that a step may need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places {
    pub(crate) landing: &'static Landing,
    pub(crate) hart: HartIndex,
    pub(crate) watched: Watched,
    /// The address of the trap handler, which user mode may not run.
    pub(crate) handler: u64,
    /// The number of the step: patterns depend on it.
    pub(crate) index: usize,
}

/// All steps, in order: `floats` leave something in the frame that `no-floats` may not find.
pub(crate) const STEPS: [Named; 28] = [
    ("enter", |places| places.call()),
    ("fill", fill),
    ("restore", |places| places.call()),
    ("sp-zero", |places| places.with_sp(0)),
    ("sp-small", |places| places.with_sp(8)),
    ("sp-last", |places| places.with_sp(u64::MAX)),
    ("sp-not-canonical", |places| places.with_sp(1 << 62)),
    ("sp-user", |places| places.with_sp(STACK_END)),
    ("sp-image", |places| places.with_sp(places.watched.image)),
    ("sp-odd", |places| places.with_sp(places.watched.image + 3)),
    ("sp-own-stack", |places| places.with_sp(places.watched.own_stack)),
    ("sp-other-stack", |places| places.with_sp(places.watched.other_stack)),
    ("sp-top", |places| places.with_sp(places.stack_start() + places.stack_size())),
    ("sp-bottom", |places| places.with_sp(places.stack_start())),
    ("sp-guard", |places| places.with_sp(places.stack_start() - 64)),
    ("sp-overflow-stack", |places| places.with_sp(places.overflow_start() + 256)),
    ("load-null", |places| places.fault(Label::Load, 0, LOAD_FAULT)),
    ("load-kernel", |places| places.fault(Label::Load, places.watched.image, LOAD_FAULT)),
    ("store-kernel", |places| places.fault(Label::Store, places.watched.image, STORE_FAULT)),
    ("store-code", |places| places.fault(Label::Store, CODE, STORE_FAULT)),
    ("run-stack", |places| places.run(STACK)),
    ("run-kernel", |places| places.run(places.handler)),
    ("stack", stack),
    ("floats", floats),
    ("floats-kept", floats_kept),
    ("floats-off", floats_off),
    ("no-floats", no_floats),
    ("use-stack", |places| Step { stack: Stack::Named, ..places.call() }),
];

impl Places {
    fn stack_start(self) -> u64 {
        self.landing.stack(self.hart).start().get()
    }

    fn stack_size(self) -> u64 {
        self.landing.stack(self.hart).size()
    }

    fn overflow_start(self) -> u64 {
        self.landing.overflow_stack(self.hart).start().get()
    }

    /// A pattern for each register.
    fn pattern(self) -> Registers {
        let tag = (self.index as u64 + 1) << 32 | (self.hart.get() + 1) << 16;
        let mut registers = core::array::from_fn(|number| 0xa5c3_0000_0000_0000 | tag | number as u64);
        registers[0] = 0;
        registers
    }

    /// Code that ends in an `ecall`, with nothing changed.
    fn until(self, pc: u64, call: Label) -> Step {
        Step {
            pc,
            registers: self.pattern(),
            floats: Floats::Off,
            stack: Stack::First,
            cause: USER_CALL,
            sepc: call.address(),
            stval: Some(0),
            after: self.pattern(),
        }
    }

    fn call(self) -> Step {
        self.until(Label::Call.address(), Label::Call)
    }

    fn with_sp(self, sp: u64) -> Step {
        self.call().with(SP, sp)
    }

    fn fault(self, label: Label, at: u64, cause: u64) -> Step {
        let step = self.until(label.address(), label).with(A0, at);
        // `load` is followed by `store`, and `store` by `jump`, so that only a trap at once is
        // right.
        Step { cause, stval: Some(at), ..step }
    }

    fn run(self, at: u64) -> Step {
        Step { sepc: at, ..self.fault(Label::Jump, at, FETCH_FAULT) }
    }
}

impl Step {
    /// The register has this value before and after.
    fn with(mut self, number: usize, value: u64) -> Self {
        self.registers[number] = value;
        self.after(number, value)
    }

    /// The register has this value after.
    fn after(mut self, number: usize, value: u64) -> Self {
        self.after[number] = value;
        self
    }

    fn with_floats(mut self) -> Self {
        self.floats = Floats::On;
        self
    }
}

fn fill(places: Places) -> Step {
    let mut step = places.until(Label::Fill.address(), Label::FillCall);
    for (number, register) in step.after.iter_mut().enumerate().skip(1) {
        *register = 0x7123_4567_89ab_cd00 + number as u64;
    }
    step
}

fn stack(places: Places) -> Step {
    let step = places.until(Label::Stack.address(), Label::StackCall).with(SP, STACK_END);
    let stored = step.registers[A1];
    step.after(SP, STACK_END - 16).after(A0, stored)
}

fn floats(places: Places) -> Step {
    places.until(Label::Floats.address(), Label::FloatsCall).with_floats().after(T0, 0x21)
}

fn floats_kept(places: Places) -> Step {
    let step = places.until(Label::FloatsCall.next(), Label::KeptCall).with_floats();
    step.after(A0, 0).after(A1, 0x21).after(T1, 0)
}

fn floats_off(places: Places) -> Step {
    let step = places.until(Label::NoFloats.address(), Label::NoFloats);
    Step { cause: ILLEGAL, stval: None, ..step }
}

/// The handler turns them on, as a kernel does that gives them to those who use them, and nothing
/// of the kernel's is in them.
fn no_floats(places: Places) -> Step {
    let step = places.until(Label::NoFloats.address(), Label::NoFloatsCall).with_floats();
    step.after(A0, 0).after(A1, 0).after(T0, 0)
}
