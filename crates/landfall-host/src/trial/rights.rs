//! The access rights in the tables of any kernel, at its verdict.

use std::fmt;

use landfall_judge::rules::{Violation, check};
use landfall_judge::walk::Root;
use landfall_judge::{Extensions, Leaf, tables::Tables};
use landfall_predict::units::Size;

use crate::gdb::{Client, GdbError};

/// The access rights in the tables of one machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// The paging mode of the harts with paging on: 39, 48 or 57 bits.
    pub mode: Option<u32>,
    /// Bytes that can be executed.
    pub executable: u64,
    /// Bytes that can be written.
    pub writable: u64,
    /// Bytes that can be both written and executed at one address.
    pub both: u64,
    /// Stretches that can be executed at one address, and written at another.
    pub elsewhere: usize,
    /// The first of all those, in words.
    pub first: Option<String>,
}

impl Rights {
    /// Reads the tables of all harts of a stopped machine. Shared tables count once.
    ///
    /// # Errors
    /// Returns the reason if the debugger does not answer.
    pub(super) fn read(gdb: &mut Client) -> Result<Self, String> {
        let mut roots: Vec<(u64, Root)> = Vec::new();
        for hart in gdb.harts().map_err(|error| error.to_string())? {
            gdb.select(hart).map_err(|error| error.to_string())?;
            let satp = match gdb.register("satp") {
                Ok(satp) => satp,
                Err(GdbError::Register { .. } | GdbError::Answer { .. }) => continue,
                Err(error) => return Err(error.to_string()),
            };
            if let Ok(root) = Root::from_satp(satp)
                && !roots.iter().any(|(_, known)| known.table == root.table)
            {
                roots.push((satp, root));
            }
        }
        let mut rights = Self::default();
        for (satp, root) in roots {
            rights.mode = Some(root.virtual_bits());
            let tables = Tables::read(gdb, satp, Extensions::Svnapot)?;
            rights.add(&tables.walk.leaves);
        }
        Ok(rights)
    }

    /// Returns the name of the mode.
    pub(super) const fn mode_name(&self) -> Option<&'static str> {
        match self.mode {
            Some(39) => Some("sv39"),
            Some(48) => Some("sv48"),
            Some(57) => Some("sv57"),
            _ => None,
        }
    }

    fn add(&mut self, leaves: &[Leaf]) {
        let bytes = |has: &dyn Fn(&Leaf) -> bool| {
            leaves.iter().filter(|leaf| has(leaf)).map(|leaf| leaf.size).sum::<u64>()
        };
        self.executable += bytes(&|leaf| leaf.flags.x());
        self.writable += bytes(&|leaf| leaf.flags.w());
        self.both += bytes(&|leaf| leaf.flags.w() && leaf.flags.x());
        for violation in check(leaves) {
            let against = match violation {
                Violation::WritableElsewhere { .. } => {
                    self.elsewhere += 1;
                    true
                }
                Violation::WritableAndExecutable(_) => true,
                _ => false,
            };
            if against {
                self.first.get_or_insert_with(|| violation.to_string());
            }
        }
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(bits) = self.mode else { return f.write_str("no paging") };
        write!(f, "sv{bits}, {} executable, {} writable", Size(self.executable), Size(self.writable))?;
        match (self.both, self.elsewhere) {
            (0, 0) => f.write_str(", nothing both"),
            (both, 0) => write!(f, ", {} both", Size(both)),
            (both, elsewhere) => {
                write!(f, ", {} both, {elsewhere} executable stretches writable elsewhere", Size(both))
            }
        }
    }
}
