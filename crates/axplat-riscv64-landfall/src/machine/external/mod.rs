//! Interrupts of devices.
//!
//! An interrupt goes to the CPU that has enabled it last, since `axplat` has no other way to name
//! one. The controller interrupts each CPU by an output of its own.
//!
//! ```text
//! plic        a platform-level interrupt controller
//! aplic       the sources of an APLIC
//! wires       an APLIC that interrupts harts by wires
//! messages    an APLIC that sends messages, and the IMSIC that receives them
//! csr         the registers of a hart's own interrupt file
//! lock        one CPU at a time changes the controller
//! registers   loads and stores of registers
//! ```

mod aplic;
mod csr;
mod lock;
mod messages;
mod plic;
mod registers;
mod wires;

use core::arch::asm;

use landfall::address::VirtAddr;
use spin::Once;

use self::aplic::{Aplic, Delivery};
use self::lock::Lock;
use self::messages::Messages;
use self::plic::Plic;
use self::registers::Registers;
use self::wires::Wires;
use crate::config::devices::SOURCES;
use crate::devices::{Controller, Kind};

/// The controller of device interrupts.
#[derive(Debug)]
pub(super) struct External {
    chip: Chip,
    last_source: usize,
}

/// A machine has one controller.
static EXTERNAL: Once<External> = Once::new();

/// The CPU that each source of a PLIC interrupts.
static ROUTES: Lock<Routes> = Lock::new([None; SOURCES]);

type Routes = [Option<u8>; SOURCES];

#[derive(Debug)]
enum Chip {
    Plic(Plic),
    Wires(Wires),
    Messages(Messages),
}

/// The state of a source's interrupts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    On,
    Off,
}

/// The reason why a source cannot be enabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unavailable {
    /// The controller has no such source.
    Source,
    /// The controller does not interrupt this CPU.
    Cpu,
    /// All identities of messages are taken.
    Identity,
}

impl External {
    /// Takes a controller whose registers are mapped into use. All its sources are off.
    pub(super) fn install(controller: Controller, registers: VirtAddr) -> &'static Self {
        EXTERNAL.call_once(|| Self::new(controller, registers))
    }

    fn new(controller: Controller, registers: VirtAddr) -> Self {
        let last_source = controller.last_source as usize;
        let registers = Registers::new(registers);
        let chip = match controller.kind {
            Kind::Plic => Chip::Plic(Plic::new(registers, controller.outputs)),
            Kind::Wires => Chip::Wires(Wires::new(
                Aplic::new(registers, &controller, Delivery::Wires),
                controller.outputs,
            )),
            Kind::Messages { last_identity } => {
                let aplic = Aplic::new(registers, &controller, Delivery::Messages);
                Chip::Messages(Messages::new(aplic, controller.outputs, last_identity))
            }
        };
        Self { chip, last_source }
    }

    /// Lets the interrupts of this CPU through. Returns `None` if the controller has none for it.
    pub(super) fn open(&self, cpu: usize) -> Option<()> {
        ROUTES.with(|routes| match &self.chip {
            Chip::Plic(plic) => plic.open(cpu, routes),
            Chip::Wires(wires) => wires.open(cpu),
            Chip::Messages(messages) => messages.open(cpu),
        })
    }

    /// Lets a source interrupt this CPU, and no other; or none at all.
    ///
    /// # Errors
    /// The source cannot interrupt this CPU. Nothing has changed.
    pub(super) fn set(&self, source: usize, cpu: usize, state: Source) -> Result<(), Unavailable> {
        if !(1..=self.last_source).contains(&source) {
            return Err(Unavailable::Source);
        }
        let to = match state {
            Source::On => Some(u8::try_from(cpu).map_err(|_| Unavailable::Cpu)?),
            Source::Off => None,
        };
        ROUTES.with(|routes| match &self.chip {
            Chip::Plic(plic) => plic.set(source, to, routes),
            Chip::Wires(wires) => wires.set(source, to),
            Chip::Messages(messages) => messages.set(source, to),
        })
    }

    /// Handles all sources that are pending at this CPU.
    pub(super) fn handle(&self, cpu: usize, mut handler: impl FnMut(usize)) {
        let fenced = |source| {
            after_claim();
            handler(source);
            before_completion();
        };
        match &self.chip {
            Chip::Plic(plic) => plic.handle(cpu, fenced),
            Chip::Wires(wires) => wires.handle(cpu, fenced),
            Chip::Messages(messages) => messages.handle(fenced),
        }
    }
}

/// Orders the claim before what the handler reads of the device and of memory.
fn after_claim() {
    // SAFETY: a fence changes no register and no memory.
    unsafe { asm!("fence i, iorw", options(nostack, preserves_flags)) };
}

/// Orders what the handler did to the device before the completion, after which the source may
/// interrupt again.
fn before_completion() {
    // SAFETY: as above.
    unsafe { asm!("fence iorw, o", options(nostack, preserves_flags)) };
}
