//! The PLIC.
//!
//! Source: RISC-V Platform-Level Interrupt Controller Specification 1.0.0. Contexts are those of
//! QEMU's `virt`: 2 × index is a hart's machine mode, 2 × index + 1 its supervisor mode.

use crate::config::Controller;

/// The number of sources, with source 0, which does not exist.
const SOURCES: usize = Controller::SOURCES as usize + 1;
/// Words of one bit for each source.
const WORDS: usize = SOURCES.div_ceil(32);
/// The bits of priorities and thresholds that are variable.
const PRIORITY: u32 = 7;

/// A PLIC.
#[derive(Debug)]
pub(super) struct Plic {
    priority: [u32; SOURCES],
    pending: [bool; SOURCES],
    /// The gateway has forwarded a request, and waits for its completion.
    forwarded: [bool; SOURCES],
    wires: [bool; SOURCES],
    contexts: Vec<Context>,
}

/// A context: one mode of one hart.
#[derive(Clone, Debug, Default)]
struct Context {
    enabled: [u32; WORDS],
    threshold: u32,
}

/// A register.
#[derive(Clone, Copy, Debug)]
enum Register {
    Priority(usize),
    Pending(usize),
    Enabled { context: usize, word: usize },
    Threshold(usize),
    Claim(usize),
}

impl Plic {
    /// Returns the PLIC of a machine with `harts` harts.
    pub(super) fn new(harts: usize) -> Self {
        Self {
            priority: [0; SOURCES],
            pending: [false; SOURCES],
            forwarded: [false; SOURCES],
            wires: [false; SOURCES],
            contexts: vec![Context::default(); 2 * harts],
        }
    }

    /// Sets the level of a source's wire. Returns true if it has changed.
    pub(super) fn set_wire(&mut self, source: u32, level: bool) -> bool {
        let source = source as usize;
        let Some(wire) = self.wires.get_mut(source).filter(|wire| **wire != level) else { return false };
        *wire = level;
        self.forward(source);
        true
    }

    /// Returns true if a hart's supervisor mode has an interrupt above its threshold.
    pub(super) fn interrupts(&self, hart: usize) -> bool {
        let context = 2 * hart + 1;
        self.best(context).is_some_and(|source| self.priority[source] > self.contexts[context].threshold)
    }

    /// Loads a register. Reserved ones are 0.
    pub(super) fn load(&mut self, offset: u64) -> u32 {
        match self.decode(offset) {
            Some(Register::Priority(source)) => self.priority[source],
            Some(Register::Pending(word)) => self.pending_word(word),
            Some(Register::Enabled { context, word }) => self.contexts[context].enabled[word],
            Some(Register::Threshold(context)) => self.contexts[context].threshold,
            Some(Register::Claim(context)) => self.claim(context),
            None => 0,
        }
    }

    /// Stores into a register. Stores into reserved and read-only ones are ignored.
    pub(super) fn store(&mut self, offset: u64, value: u32) {
        match self.decode(offset) {
            Some(Register::Priority(source)) => self.priority[source] = value & PRIORITY,
            Some(Register::Enabled { context, word }) => {
                // Source 0 does not exist.
                self.contexts[context].enabled[word] = if word == 0 { value & !1 } else { value };
            }
            Some(Register::Threshold(context)) => self.contexts[context].threshold = value & PRIORITY,
            Some(Register::Claim(context)) => self.complete(context, value),
            Some(Register::Pending(_)) | None => {}
        }
    }

    /// Returns the register at an offset; `None` if it is reserved.
    fn decode(&self, offset: u64) -> Option<Register> {
        let offset = usize::try_from(offset).ok()?;
        let register = match offset {
            0..0x1000 => {
                Some(offset / 4).filter(|source| (1..SOURCES).contains(source)).map(Register::Priority)
            }
            0x1000..0x1080 => Some((offset - 0x1000) / 4).filter(|&word| word < WORDS).map(Register::Pending),
            0x2000..0x20_0000 => {
                let (context, word) = ((offset - 0x2000) / 0x80, offset % 0x80 / 4);
                Some(Register::Enabled { context, word }).filter(|_| word < WORDS)
            }
            0x20_0000.. => {
                let context = (offset - 0x20_0000) / 0x1000;
                match offset % 0x1000 {
                    0 => Some(Register::Threshold(context)),
                    4 => Some(Register::Claim(context)),
                    _ => None,
                }
            }
            _ => None,
        }?;
        let (Register::Enabled { context, .. } | Register::Threshold(context) | Register::Claim(context)) =
            register
        else {
            return Some(register);
        };
        (context < self.contexts.len()).then_some(register)
    }

    /// Returns the pending bits of 32 sources.
    fn pending_word(&self, word: usize) -> u32 {
        let bits = self.pending.iter().skip(word * 32).take(32).enumerate();
        bits.fold(0, |word, (bit, &pending)| word | u32::from(pending) << bit)
    }

    /// Returns the pending and enabled source with the highest priority; of equals, the lowest.
    fn best(&self, context: usize) -> Option<usize> {
        let ready = (1..SOURCES).filter(|&source| {
            self.pending[source] && self.priority[source] != 0 && self.enables(context, source)
        });
        ready.max_by_key(|&source| (self.priority[source], SOURCES - source))
    }

    /// Returns true if a context enables a source.
    fn enables(&self, context: usize, source: usize) -> bool {
        self.contexts[context].enabled[source / 32] >> (source % 32) & 1 != 0
    }

    /// Claims the best source, whatever the threshold is.
    fn claim(&mut self, context: usize) -> u32 {
        let Some(source) = self.best(context) else { return 0 };
        self.pending[source] = false;
        u32::try_from(source).unwrap_or_default()
    }

    /// Completes a source. It is ignored unless the context enables the source.
    fn complete(&mut self, context: usize, source: u32) {
        let source = source as usize;
        if (1..SOURCES).contains(&source) && self.enables(context, source) && !self.pending[source] {
            self.forwarded[source] = false;
            self.forward(source);
        }
    }

    /// Forwards a request if the wire is high and no earlier request is incomplete.
    fn forward(&mut self, source: usize) {
        if self.wires[source] && !self.forwarded[source] && source != 0 {
            self.forwarded[source] = true;
            self.pending[source] = true;
        }
    }
}

#[cfg(test)]
mod tests;
