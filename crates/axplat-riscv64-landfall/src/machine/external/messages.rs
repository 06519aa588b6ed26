//! An APLIC that sends messages (AIA 1.0, 4.9), and the IMSIC that receives them (3). Each hart has
//! an interrupt file, whose registers are its own CSRs: to receive messages it needs no memory.
//!
//! A source gets an identity when it is first enabled, and keeps it.

use core::sync::atomic::{AtomicU16, Ordering};

use super::aplic::Aplic;
use super::{Unavailable, csr};
use crate::devices::Outputs;

/// Identities (3.1), and 0, which is no identity.
const IDENTITIES: usize = 2048;

#[derive(Debug)]
pub(super) struct Messages {
    aplic: Aplic,
    indexes: Outputs,
    last_identity: u32,
}

/// The source of each identity; 0 if it has none. It changes while the lock is held.
static SOURCES: [AtomicU16; IDENTITIES] = [const { AtomicU16::new(0) }; IDENTITIES];

impl Messages {
    pub(super) const fn new(aplic: Aplic, indexes: Outputs, last_identity: u32) -> Self {
        Self { aplic, indexes, last_identity }
    }

    /// Lets messages through to this CPU.
    pub(super) fn open(&self, cpu: usize) -> Option<()> {
        self.indexes.of(cpu)?;
        // SAFETY: the tree says that this hart has an IMSIC, and with it the registers; the holder
        // of the lock is not interrupted.
        unsafe { csr::open(self.last_identity) };
        Some(())
    }

    /// Routes a source to this CPU, or to none. A message that is under way still arrives at the
    /// CPU that had the source.
    pub(super) fn set(&self, source: usize, to: Option<u8>) -> Result<(), Unavailable> {
        let Some(cpu) = to else {
            self.aplic.turn_off(source);
            return Ok(());
        };
        let index = self.indexes.of(cpu.into()).ok_or(Unavailable::Cpu)?;
        let identity = self.identity(source)?;
        // SAFETY: as in `open`.
        unsafe { csr::enable(identity) };
        self.aplic.turn_on(source, index, identity)?;
        // The level may have become active while the source was off.
        self.look_again(source);
        Ok(())
    }

    /// Sends a message if the level of a source is active. A level is reported once, when it
    /// becomes active. A source that reports edges keeps them (4.9.2).
    fn look_again(&self, source: usize) {
        if self.aplic.is_level(source) {
            self.aplic.look_again(source);
        }
    }

    /// The identity of a source: the one that it has, or else the first that is free.
    fn identity(&self, source: usize) -> Result<u32, Unavailable> {
        let number = u16::try_from(source).map_err(|_| Unavailable::Source)?;
        let usable = SOURCES.iter().enumerate().skip(1).take(self.last_identity as usize);
        let with = |wanted| {
            let mut usable = usable.clone();
            usable.find(|(_, source)| source.load(Ordering::Relaxed) == wanted)
        };
        let (identity, slot) = with(number).or_else(|| with(0)).ok_or(Unavailable::Identity)?;
        slot.store(number, Ordering::Relaxed);
        Ok(identity as u32)
    }

    /// Handles all messages that are pending at this CPU.
    pub(super) fn handle(&self, mut handler: impl FnMut(usize)) {
        // SAFETY: this interrupt comes from the interrupt file, so there is one.
        while let Some(identity) = unsafe { csr::claim() } {
            let source = SOURCES.get(identity as usize).map_or(0, |slot| slot.load(Ordering::Relaxed));
            if source == 0 {
                continue;
            }
            let source = usize::from(source);
            handler(source);
            self.look_again(source);
        }
    }
}
