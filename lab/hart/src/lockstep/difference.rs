//! A difference, with the instructions before it.

use std::fmt;

use crate::program::table;
use crate::state::{Privilege, Unequal};

/// An instruction that was executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Executed {
    /// Its address.
    pub pc: u64,
    /// The privilege mode.
    pub privilege: Privilege,
    /// Its bits; `None` if its fetch faulted.
    pub instruction: Option<u32>,
}

/// The first difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Instructions that were equal.
    pub number: u64,
    /// The values that differ.
    pub unequal: Vec<Unequal>,
    /// The last instructions, the latest at the end: after it the values differ.
    pub before: Vec<Executed>,
    /// Another reason than values, if there is one.
    pub reason: String,
}

impl std::error::Error for Difference {}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "after {} equal instructions: {}", self.number, self.reason)?;
        for unequal in &self.unequal {
            writeln!(f, "  {unequal}")?;
        }
        writeln!(f, "the instructions before:")?;
        for executed in &self.before {
            writeln!(f, "  {executed}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Executed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.privilege {
            Privilege::User => 'U',
            Privilege::Supervisor => 'S',
        };
        match self.instruction {
            Some(bits) => write!(f, "{mode} {:#018x} ({bits:#010x}) {}", self.pc, table::name(bits)),
            None => write!(f, "{mode} {:#018x} not fetched", self.pc),
        }
    }
}
