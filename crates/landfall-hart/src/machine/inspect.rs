//! A machine's state, for debuggers, judges and comparisons with other machines.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::Machine;
use crate::hart::csr::{self, status};
use crate::hart::{Hart, Privilege};
use crate::world::World;

/// A hart that is about to execute an instruction.
#[derive(Clone, Copy, Debug)]
pub struct Inspected<'a> {
    pub(super) hart: &'a Hart,
    pub(super) world: &'a World,
}

/// An inspector of each instruction of a machine.
pub trait Inspector: fmt::Debug {
    /// Looks at a hart that is about to execute an instruction. Its fetch has succeeded.
    fn look(&mut self, hart: &Inspected<'_>);
}

/// A machine owns its inspector; another owner reads the result.
impl<T: Inspector> Inspector for Rc<RefCell<T>> {
    fn look(&mut self, hart: &Inspected<'_>) {
        self.borrow_mut().look(hart);
    }
}

impl Inspected<'_> {
    /// Returns the hart's index in the machine.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.hart.index
    }

    /// Returns the hart's id.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.hart.id
    }

    /// Returns the address of the instruction.
    #[must_use]
    pub const fn pc(&self) -> u64 {
        self.hart.pc
    }

    /// Returns true in supervisor mode, false in user mode.
    #[must_use]
    pub fn is_supervisor(&self) -> bool {
        self.hart.privilege == Privilege::Supervisor
    }

    /// Returns an integer register.
    #[must_use]
    pub fn register(&self, register: u8) -> u64 {
        self.hart.get(register)
    }

    /// Returns the value that a CSR holds; `None` if the hart does not have it.
    ///
    /// Neither the privilege mode matters, nor units that are off. `seed` has no value, since a
    /// read changes it.
    #[must_use]
    pub fn csr(&self, number: u16) -> Option<u64> {
        match number {
            csr::number::FCSR => Some(self.hart.csrs.fcsr),
            _ => csr::read(self.hart, self.world, number).or_else(|| csr::more::held(self.hart, number)),
        }
    }

    /// Returns the value that `sstatus` would hold after a write.
    #[must_use]
    pub const fn legal_status(&self, value: u64) -> u64 {
        status::legal(self.hart, value)
    }
}

impl Machine {
    /// Shows each instruction to an inspector from now on.
    pub fn inspect(&mut self, inspector: Box<dyn Inspector>) {
        self.inspector = Some(inspector);
    }

    /// Reads physical memory as it is now; `None` outside memory.
    pub fn read_memory(&mut self, address: u64, bytes: &mut [u8]) -> Option<()> {
        self.world.memory.read(address, bytes)
    }

    /// Writes physical memory, as a loader does; `None` outside memory.
    pub fn write_memory(&mut self, address: u64, bytes: &[u8]) -> Option<()> {
        self.world.memory.write(address, bytes)
    }
}
