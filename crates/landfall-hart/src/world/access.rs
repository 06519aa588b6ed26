//! Loads and stores of a hart, by virtual address.

use super::{Access, World};
use crate::config::BLOCK;
use crate::hart::Hart;
use crate::hart::trap::{Cause, Trap};
use crate::memory::{Bytes, FrameId, Store, ones, shift, word_of};

/// The target of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Memory.
    Memory(FrameId),
    /// A device's registers, at a physical address.
    Device(u64),
}

impl World {
    /// Loads `size` bytes (1, 2, 4 or 8) and returns them zero-extended.
    #[inline]
    pub(crate) fn load(&mut self, hart: &mut Hart, address: u64, size: u64) -> Result<u64, Trap> {
        if let Some(frame) = hart.translations.quick(Access::Load, address)
            && address.is_multiple_of(size)
        {
            return Ok(self.load_from(hart, frame, address, size));
        }
        self.load_slowly(hart, address, size)
    }

    #[cold]
    #[inline(never)]
    fn load_slowly(&mut self, hart: &mut Hart, address: u64, size: u64) -> Result<u64, Trap> {
        if !address.is_multiple_of(size) {
            if !self.config.extensions.misaligned {
                return Err(Trap::new(Cause::LoadMisaligned, address));
            }
            let mut value = 0;
            for at in 0..size {
                value |= self.load(hart, address.wrapping_add(at), 1)? << (8 * at);
            }
            return Ok(value);
        }
        match self.place(hart, address, Access::Load)? {
            Place::Device(physical) => {
                self.device_loads += 1;
                let loaded = self.devices.load(physical, size);
                loaded.ok_or(Trap::new(Cause::LoadAccess, address))
            }
            Place::Memory(frame) => Ok(self.load_from(hart, frame, address, size)),
        }
    }

    /// Loads bytes of one word from a frame.
    #[inline]
    fn load_from(&mut self, hart: &mut Hart, frame: FrameId, address: u64, size: u64) -> u64 {
        let word = if self.ordered {
            self.ordered_load(hart, Bytes::new(frame, address, size), address)
        } else {
            self.memory.frame(frame).word(word_of(address))
        };
        word >> shift(address) & ones(size)
    }

    /// Stores the low `size` bytes (1, 2, 4 or 8) of `value`.
    #[inline]
    pub(crate) fn store(&mut self, hart: &mut Hart, address: u64, size: u64, value: u64) -> Result<(), Trap> {
        if let Some(frame) = hart.translations.quick(Access::Store, address)
            && address.is_multiple_of(size)
        {
            self.put(hart, Bytes::new(frame, address, size), value << shift(address));
            return Ok(());
        }
        self.store_slowly(hart, address, size, value)
    }

    #[cold]
    #[inline(never)]
    fn store_slowly(&mut self, hart: &mut Hart, address: u64, size: u64, value: u64) -> Result<(), Trap> {
        if !address.is_multiple_of(size) {
            if !self.config.extensions.misaligned {
                return Err(Trap::new(Cause::StoreMisaligned, address));
            }
            // Nothing is stored if the last byte faults.
            self.place(hart, address, Access::Store)?;
            self.place(hart, address.wrapping_add(size - 1), Access::Store)?;
            for at in 0..size {
                self.store(hart, address.wrapping_add(at), 1, value >> (8 * at))?;
            }
            return Ok(());
        }
        match self.place(hart, address, Access::Store)? {
            Place::Device(physical) => self
                .devices
                .store(physical, size, value & ones(size))
                .ok_or(Trap::new(Cause::StoreAccess, address)),
            Place::Memory(frame) => {
                self.put(hart, Bytes::new(frame, address, size), value << shift(address));
                Ok(())
            }
        }
    }

    /// Stores bytes of a word.
    #[inline]
    fn put(&mut self, hart: &mut Hart, bytes: Bytes, word: u64) {
        let store = Store {
            bytes,
            value: word & bytes.mask,
            hart: hart.index,
            pc: hart.pc,
            issued: hart.retired,
            carried: hart.view.operand,
        };
        if self.ordered {
            self.ordered_store(hart, store);
        } else {
            self.memory.perform(store, self.now);
        }
    }

    /// Returns what a virtual address leads to.
    pub(crate) fn place(&mut self, hart: &mut Hart, address: u64, access: Access) -> Result<Place, Trap> {
        let physical = self.translate(hart, address, access)?;
        if self.observer.is_some() {
            self.observe(hart, address, access);
        }
        if let Some(frame) = self.memory.frame_at(physical) {
            if access != Access::Store || !self.memory.frame(frame).faults_on_stores() {
                if self.observer.is_none() {
                    hart.translations.keep_quick(access, address, frame);
                }
                return Ok(Place::Memory(frame));
            }
        } else if access != Access::Fetch && self.devices.covers(physical) {
            return Ok(Place::Device(physical));
        }
        let cause = match access {
            Access::Load => Cause::LoadAccess,
            Access::Store => Cause::StoreAccess,
            Access::Fetch => Cause::InstructionAccess,
        };
        Err(Trap::new(cause, address))
    }

    /// Fills the block of `cbo.zero`, whose size is [`BLOCK`], with zeros.
    pub(crate) fn zero_block(&mut self, hart: &mut Hart, address: u64) -> Result<(), Trap> {
        let start = address & !(BLOCK - 1);
        // The trap's value is the address that the instruction names.
        self.manage_block(hart, address)?;
        for at in (0..BLOCK).step_by(8) {
            self.store(hart, start + at, 8, 0)?;
        }
        Ok(())
    }

    /// Checks the access of `cbo.inval`, `cbo.clean`, `cbo.flush` and `cbo.zero`: memory is
    /// coherent, so nothing else happens. They need a translation that permits stores; devices
    /// refuse them.
    pub(crate) fn manage_block(&mut self, hart: &mut Hart, address: u64) -> Result<(), Trap> {
        match self.place(hart, address, Access::Store)? {
            Place::Memory(_) => Ok(()),
            Place::Device(_) => Err(Trap::new(Cause::StoreAccess, address)),
        }
    }
}
