//! The tables that a `satp` names, as they lie in the machine's memory, and the rules that they
//! must keep.
//!
//! ```
//! use landfall_judge::memory::PhysicalMemory;
//! use landfall_judge::tables::Tables;
//! use landfall_judge::{Extensions, Unreadable};
//!
//! /// A machine with one table at 0x8020_0000, whose entry 256 is a 1 GiB leaf: R, X, G, A, D.
//! struct Machine;
//!
//! impl PhysicalMemory for Machine {
//!     fn read(&mut self, at: u64, size: u64) -> Result<Vec<u8>, Unreadable> {
//!         let word = |at: u64| if at == 0x8020_0000 + 256 * 8 { 0x2000_00eb_u64 } else { 0 };
//!         Ok((at..at + size).step_by(8).flat_map(|at| word(at).to_le_bytes()).collect())
//!     }
//! }
//!
//! let tables = Tables::read(&mut Machine, 8 << 60 | 0x8020_0000 >> 12, Extensions::default())?;
//! assert_eq!(tables.walk.leaves[0].virt, 0xffff_ffc0_0000_0000);
//! assert!(tables.check_rules().is_empty());
//! assert!(tables.check_unchanged(&mut Machine)?.is_none());
//! # Ok::<(), Unreadable>(())
//! ```

use std::collections::BTreeMap;

use crate::Extensions;
use crate::rules::{self, Violation};
use crate::walk::{Root, Walk};

use crate::image::at;
use crate::memory::PhysicalMemory;
use crate::unreadable::Unreadable;

const PAGE: u64 = 4096;

/// Tables at one moment.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The register that names them.
    pub satp: u64,
    /// The root table and the mode.
    pub root: Root,
    /// The leaves, tables and malformed entries.
    pub walk: Walk,
    /// The pages that were read.
    pub pages: BTreeMap<u64, Vec<u8>>,
}

impl Tables {
    /// Walks the tables that `satp` names, from the machine's physical memory. Entries may say what
    /// these extensions let them say.
    ///
    /// # Errors
    /// [`Unreadable`] names the input that cannot be read.
    pub fn read(
        memory: &mut impl PhysicalMemory,
        satp: u64,
        extensions: Extensions,
    ) -> Result<Self, Unreadable> {
        let root = Root::from_satp(satp).map_err(|error| format!("satp {satp:#x}: {error}"))?;
        let root = root.with_extensions(extensions);
        let mut pages = BTreeMap::new();
        let mut failed = None;
        let walk = root.walk(|address| {
            let page = address & !(PAGE - 1);
            let bytes = pages.entry(page).or_insert_with(|| {
                memory.read(page, PAGE).unwrap_or_else(|error| {
                    failed.get_or_insert(format!("the table at {page:#x} is not in memory: {error}"));
                    Vec::new()
                })
            });
            let word = bytes.get(at(address - page)..).and_then(<[u8]>::first_chunk);
            word.map_or(0, |word| u64::from_le_bytes(*word))
        });
        match failed {
            Some(error) => Err(error.into()),
            None => Ok(Self { satp, root, walk, pages }),
        }
    }

    /// Returns a finding if the machine's memory holds other tables now.
    ///
    /// # Errors
    /// [`Unreadable`] if the memory cannot be read.
    pub fn check_unchanged(&self, memory: &mut impl PhysicalMemory) -> Result<Option<String>, Unreadable> {
        for (page, bytes) in &self.pages {
            if memory.read(*page, PAGE)? != *bytes {
                return Ok(Some(format!("the table at {page:#x} has changed between the leap and main")));
            }
        }
        Ok(None)
    }

    /// Returns the violations of the rules for every table.
    pub fn check_rules(&self) -> Vec<String> {
        let malformed = self.walk.malformed.iter().map(ToString::to_string);
        malformed.chain(rules::check(&self.walk.leaves).iter().map(ToString::to_string)).collect()
    }

    /// Returns the violations of the rules for the probe's table, whose one page holds `pc`.
    pub fn check_probe(&self, pc: u64) -> Vec<String> {
        let page = pc & !(PAGE - 1);
        let mut findings: Vec<_> = self.walk.malformed.iter().map(ToString::to_string).collect();
        let violations = rules::check(&self.walk.leaves);
        let others = violations.iter().filter(|violation| !matches!(violation, Violation::LowerHalf(_)));
        findings.extend(others.map(ToString::to_string));
        match self.walk.leaves.as_slice() {
            [leaf] if (leaf.virt, leaf.phys, leaf.size) == (page, page, PAGE) => {
                if !leaf.flags.r() || !leaf.flags.x() {
                    findings.push(format!("the probe's page is not R-X: {leaf}"));
                }
            }
            leaves => findings
                .push(format!("the probe's table must map the page {page:#x} alone, and maps {leaves:?}")),
        }
        findings.iter().map(|finding| format!("the probe: {finding}")).collect()
    }
}
