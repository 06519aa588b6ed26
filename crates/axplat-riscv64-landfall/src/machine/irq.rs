//! `IrqIf`. An interrupt is named by `scause` where its highest bit is set, else by its number at
//! the controller of device interrupts.

use axplat::irq::{HandlerTable, IpiTarget, IrqHandler, IrqIf};
use riscv::register::{sie, sip};
use sbi_rt::HartMask;

use super::board::board;
use super::external::{Source, Unavailable};
use crate::config::devices::{IPI_IRQ, SOURCES, TIMER_IRQ};

/// Interrupts of devices, as `scause` has them.
const DEVICES_IRQ: usize = 1 << 63 | 9;

/// By their numbers at the controller.
static DEVICES: HandlerTable<SOURCES> = HandlerTable::new();
/// The timer, then interrupts between harts.
static OWN: HandlerTable<2> = HandlerTable::new();

/// The kind of an interrupt number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Irq {
    Timer,
    Ipi,
    Devices,
    Source(usize),
    Unknown,
}

impl Irq {
    const fn new(number: usize) -> Self {
        match number {
            TIMER_IRQ => Self::Timer,
            IPI_IRQ => Self::Ipi,
            DEVICES_IRQ => Self::Devices,
            1..SOURCES => Self::Source(number),
            _ => Self::Unknown,
        }
    }

    fn register(self, handler: IrqHandler) -> bool {
        match self {
            Self::Timer => OWN.register_handler(0, handler),
            Self::Ipi => OWN.register_handler(1, handler),
            Self::Source(source) => DEVICES.register_handler(source, handler),
            Self::Devices | Self::Unknown => false,
        }
    }

    fn unregister(self) -> Option<IrqHandler> {
        match self {
            Self::Timer => OWN.unregister_handler(0),
            Self::Ipi => OWN.unregister_handler(1),
            Self::Source(source) => DEVICES.unregister_handler(source),
            Self::Devices | Self::Unknown => None,
        }
    }
}

/// Lets this CPU's interrupts through, and asks for a first one of the timer.
pub(super) fn init_cpu(cpu: usize) {
    // SAFETY: `stvec` names a handler since `init_early`, and `sstatus.SIE` is the kernel's to set.
    unsafe {
        sie::set_ssoft();
        sie::set_stimer();
    }
    if board().external.as_ref().is_some_and(|external| external.open(cpu).is_some()) {
        // SAFETY: as above.
        unsafe { sie::set_sext() };
    }
    sbi_rt::set_timer(0);
}

struct Interrupts;

#[super::impl_interface]
impl IrqIf for Interrupts {
    /// The interrupt of a device is for the CPU that enables it, and for no other from then on. The
    /// timer and interrupts between harts are always on.
    fn set_enable(irq: usize, enabled: bool) {
        let state = if enabled { Source::On } else { Source::Off };
        match Irq::new(irq) {
            Irq::Source(source) => set(source, state),
            Irq::Timer | Irq::Ipi => {}
            Irq::Devices | Irq::Unknown => log::warn!("there is no interrupt {irq:#x}"),
        }
    }

    fn register(irq: usize, handler: IrqHandler) -> bool {
        let registered = Irq::new(irq).register(handler);
        if registered {
            Self::set_enable(irq, true);
            if irq == TIMER_IRQ {
                // The handler sets the next one.
                sbi_rt::set_timer(0);
            }
        } else {
            log::warn!("interrupt {irq:#x} takes no handler, or has one");
        }
        registered
    }

    fn unregister(irq: usize) -> Option<IrqHandler> {
        if matches!(Irq::new(irq), Irq::Source(_)) {
            Self::set_enable(irq, false);
        }
        Irq::new(irq).unregister()
    }

    #[cfg(not(feature = "preview"))]
    fn handle(irq: usize) {
        handle(irq);
    }

    /// Says which one it was; of devices it may have been several.
    #[cfg(feature = "preview")]
    fn handle(irq: usize) -> Option<usize> {
        handle(irq);
        Some(irq)
    }

    fn send_ipi(_irq_num: usize, target: IpiTarget) {
        match target {
            IpiTarget::Current { cpu_id } | IpiTarget::Other { cpu_id } => send(cpu_id),
            IpiTarget::AllExceptCurrent { cpu_id, cpu_num } => {
                (0..cpu_num).filter(|cpu| *cpu != cpu_id).for_each(send);
            }
        }
    }
}

fn handle(irq: usize) {
    match Irq::new(irq) {
        // Without a handler it is not set anew, and would be pending for ever.
        Irq::Timer if !OWN.handle(0) => {
            sbi_rt::set_timer(u64::MAX);
        }
        Irq::Timer => {}
        Irq::Ipi => {
            // First, so that one that comes meanwhile is not lost.
            // SAFETY: the bit says that an interrupt was sent, and it is being handled.
            unsafe { sip::clear_ssoft() };
            OWN.handle(1);
        }
        Irq::Devices => handle_devices(),
        Irq::Source(_) | Irq::Unknown => log::warn!("there is no interrupt {irq:#x} in scause"),
    }
}

fn send(cpu: usize) {
    match board().cpus.hart(cpu) {
        None => log::warn!("there is no CPU {cpu} to interrupt"),
        Some(hart) => {
            let sent = sbi_rt::send_ipi(HartMask::from_mask_base(1, hart));
            if sent.is_err() {
                log::warn!("CPU {cpu}, hart {hart}, cannot be interrupted: {sent:?}");
            }
        }
    }
}

fn set(source: usize, state: Source) {
    let board = board();
    let cpu = board.cpus.current();
    match board.external.as_ref().map(|external| external.set(source, cpu, state)) {
        Some(Ok(())) => {}
        None | Some(Err(Unavailable::Source)) => log::warn!("there is no interrupt {source:#x}"),
        Some(Err(Unavailable::Cpu)) => log::warn!("CPU {cpu} has no interrupts of devices"),
        Some(Err(Unavailable::Identity)) => {
            log::warn!("interrupt {source:#x} cannot be enabled: all identities of messages are taken");
        }
    }
}

/// An interrupt that no handler ends would be pending for ever, so it is turned off.
fn handle_devices() {
    let board = board();
    let Some(external) = board.external else { return };
    external.handle(board.cpus.current(), |source| {
        if !DEVICES.handle(source) {
            log::warn!("interrupt {source} has no handler, and is turned off");
            set(source, Source::Off);
        }
    });
}
