//! CPUs as axplat counts them: 0, 1, 2 and so on, the one that boots first. Harts have any ids, and
//! some may not have come.

#[cfg(feature = "smp")]
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use landfall::Landing;
#[cfg(feature = "smp")]
use landfall_plan::harts::MAX_HARTS;

use crate::config::plat::MAX_CPU_NUM;

/// All CPUs.
#[derive(Debug)]
pub(super) struct Cpus {
    cpus: [Cpu; MAX_CPU_NUM],
    len: usize,
}

/// A hart that has landed.
#[derive(Clone, Copy, Debug, Default)]
struct Cpu {
    hart: usize,
    /// Its number among those that were to land ([`landfall::HartIndex`]), by which it waits.
    index: usize,
}

impl Cpus {
    /// Numbers the harts that have landed.
    pub(super) fn new(landing: &Landing) -> Self {
        let mut all = Self { cpus: [Cpu::default(); MAX_CPU_NUM], len: 0 };
        for index in landing.online_harts().iter() {
            if let Some(known) = landing.hart(index) {
                all.push(known.hart.id, usize::try_from(index.get()).unwrap_or(usize::MAX));
            }
        }
        all
    }

    fn push(&mut self, hart: u64, index: usize) {
        if let (Some(slot), Ok(hart)) = (self.cpus.get_mut(self.len), usize::try_from(hart)) {
            *slot = Cpu { hart, index };
            self.len += 1;
        }
    }

    /// The number of harts.
    pub(super) const fn count(&self) -> usize {
        self.len
    }

    fn cpu(&self, id: usize) -> Option<Cpu> {
        self.cpus.get(..self.len)?.get(id).copied()
    }

    /// The hart of CPU `id`.
    pub(super) fn hart(&self, id: usize) -> Option<usize> {
        self.cpu(id).map(|cpu| cpu.hart)
    }

    /// The ids of the harts, CPU by CPU.
    #[cfg(feature = "irq")]
    pub(super) fn harts(&self) -> impl Iterator<Item = u64> {
        self.cpus.iter().take(self.len).map(|cpu| cpu.hart as u64)
    }

    /// Returns the CPU that executes this. Its number is in `gp`, which neither the compiler nor
    /// the linker uses. ArceOS 0.3.0-preview has the address of the CPU's data there.
    #[cfg(feature = "irq")]
    pub(super) fn current(&self) -> usize {
        let register: usize;
        // SAFETY: a register is read.
        unsafe {
            core::arch::asm!("mv {}, gp", out(reg) register, options(nomem, nostack, preserves_flags));
        }
        #[cfg(feature = "preview")]
        let current = super::percpu::owner(register);
        #[cfg(not(feature = "preview"))]
        let current = register;
        // A kernel that uses the register itself has its interrupts on the CPU that booted.
        if current < self.len { current } else { 0 }
    }

    /// Lets the hart of CPU `id` go on with this stack, by its physical address. `None` where there
    /// is no such CPU, or it has gone on before.
    #[cfg(feature = "smp")]
    pub(super) fn call(&self, id: usize, stack: usize) -> Option<()> {
        let cpu = self.cpu(id).filter(|_| id != 0)?;
        let turn = TURNS.get(cpu.index)?;
        if turn.called.swap(true, Ordering::Relaxed) {
            return None;
        }
        turn.cpu.store(id, Ordering::Relaxed);
        // The hart sleeps. If firmware cannot wake it, it has not slept: see `wait`.
        let woken = sbi_rt::send_ipi(sbi_rt::HartMask::from_mask_base(1, cpu.hart)).is_ok();
        turn.woken.store(woken, Ordering::Relaxed);
        turn.stack.store(stack, Ordering::Release);
        Some(())
    }
}

/// The event that a landed hart waits for.
#[cfg(feature = "smp")]
#[derive(Debug)]
struct Turn {
    /// The top of its stack, physical; 0 until it may go on.
    stack: AtomicUsize,
    cpu: AtomicUsize,
    called: AtomicBool,
    /// True if a hart waits, or has waited.
    awaited: AtomicBool,
    /// True if an interrupt was sent, which may come later.
    woken: AtomicBool,
}

/// By a hart's number among those that were to land.
#[cfg(feature = "smp")]
static TURNS: [Turn; MAX_HARTS] = [const {
    Turn {
        stack: AtomicUsize::new(0),
        cpu: AtomicUsize::new(0),
        called: AtomicBool::new(false),
        awaited: AtomicBool::new(false),
        woken: AtomicBool::new(false),
    }
}; MAX_HARTS];

/// Waits for this hart's turn; returns its CPU number and its stack.
///
/// # Panics
/// If a hart has waited by this number before: a stack is for one hart.
#[cfg(feature = "smp")]
pub(super) fn wait(index: landfall::HartIndex) -> (usize, usize) {
    let turn = usize::try_from(index.get()).ok().and_then(|index| TURNS.get(index));
    let is_again = turn.is_some_and(|turn| turn.awaited.swap(true, Ordering::AcqRel));
    assert!(!is_again, "a hart waits for its turn once");
    // `wfi` goes on when an interrupt is pending that `sie` names, although `sstatus.SIE` is 0
    // (privileged specification, "Wait for Interrupt").
    let sleeps = sbi_rt::probe_extension(sbi_rt::Ipi).is_available();
    // SAFETY: interrupts are off; the kernel's own code says which ones it wants.
    unsafe { riscv::register::sie::set_ssoft() };
    loop {
        let stack = turn.map_or(0, |turn| turn.stack.load(Ordering::Acquire));
        if let Some(turn) = turn.filter(|_| stack != 0) {
            // The kernel must not take our interrupt for one of its own, so it is waited for.
            while turn.woken.load(Ordering::Relaxed) && !riscv::register::sip::read().ssoft() {
                core::hint::spin_loop();
            }
            // SAFETY: the interrupt that has woken this hart is ours; no other code waits for it
            // yet.
            unsafe {
                riscv::register::sie::clear_ssoft();
                riscv::register::sip::clear_ssoft();
            }
            return (turn.cpu.load(Ordering::Relaxed), stack);
        }
        if sleeps {
            riscv::asm::wfi();
        } else {
            core::hint::spin_loop();
        }
    }
}
