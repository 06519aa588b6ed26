//! Finds a kernel in a stopped machine, at any stage of its boot.
//!
//! 1. A hart has translation enabled. All of its tables are read, and the kernel's first bytes are
//!    searched in each page that the supervisor may execute. That finds a kernel in its own region,
//!    in the linear map, and under tables of its own. Pages whose virtual address is the physical
//!    one are skipped: UEFI has such tables, and a landing does not create one.
//! 2. Else a hart that runs in the image, or that firmware will return there (`mepc`), stands
//!    behind the image's first bytes.
//! 3. Else nothing has come to the kernel yet, and it lies where the loader put it.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use landfall_judge::extensions::Extensions;
use landfall_judge::walk::Root;

use super::files::{HEAD, Known};
use crate::gdb::{Client, GdbError, Hart, Space};
use landfall_predict::units::Address;

const PAGE: u64 = 4096;

/// The searched part of a leaf, in bytes. An image begins in it, whether the tables map it page by
/// page or at once.
const SEARCHED: u64 = 4 << 20;

/// The place of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// No hart has landed: its first byte is at this physical address.
    Physical(Address),
    /// It has landed.
    Landed {
        /// The physical address of its first byte.
        physical: Address,
        /// The virtual one.
        at_virtual: Address,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Physical(base) => {
                write!(f, "the kernel has not landed; its first byte is at {base} in memory")
            }
            Self::Landed { physical, at_virtual } => {
                write!(f, "the kernel has landed at {at_virtual}; its first byte is at {physical} in memory")
            }
        }
    }
}

/// The state of a hart where no kernel was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doing {
    hart: Hart,
    pc: Address,
    satp: u64,
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has pc {} and satp {:#x}", self.hart, self.pc, self.satp)
    }
}

/// Finds the kernel. `loaded` are addresses where a loader may have put it.
///
/// # Errors
/// [`GdbError`] where the connection breaks. A kernel that is not there is the harts' doings.
pub(super) fn locate(
    gdb: &mut Client,
    kernel: &Known,
    loaded: &[Address],
) -> Result<Result<Place, Vec<Doing>>, GdbError> {
    let mut harts = Vec::new();
    for hart in gdb.harts()? {
        gdb.select(hart)?;
        let satp = match gdb.register("satp") {
            Ok(satp) => satp,
            // It has no MMU, and no kernel.
            Err(GdbError::Register { .. } | GdbError::Answer { .. }) => continue,
            Err(error) => return Err(error),
        };
        let doing = Doing { hart, pc: Address(gdb.register("pc")?), satp };
        // A hart without the register has no firmware below it.
        let returns = gdb.register("mepc").map_or(doing.pc, Address);
        harts.push((doing, returns));
    }
    let mut search = Search { gdb, kernel };
    let roots: BTreeSet<_> = harts.iter().map(|(doing, _)| doing.satp).collect();
    for root in roots.into_iter().filter_map(|satp| Root::from_satp(satp).ok()) {
        if let Some(place) = search.in_tables(root) {
            return Ok(Ok(place));
        }
    }
    for pc in harts.iter().flat_map(|(doing, returns)| [doing.pc, *returns]) {
        if let Some(base) = search.below(pc) {
            return Ok(Ok(Place::Physical(base)));
        }
    }
    let nobody_pages = harts.iter().all(|(doing, _)| doing.satp == 0);
    if let Some(&base) = loaded.iter().filter(|_| nobody_pages).find(|&&base| search.is_at(base)) {
        return Ok(Ok(Place::Physical(base)));
    }
    Ok(Err(harts.into_iter().map(|(doing, _)| doing).collect()))
}

struct Search<'a> {
    gdb: &'a mut Client,
    kernel: &'a Known,
}

impl Search<'_> {
    /// Returns true if the kernel's first byte is at this physical address. An address without
    /// memory is a mismatch.
    fn is_at(&mut self, base: Address) -> bool {
        let head = self.gdb.read_memory(Space::Physical, base, HEAD);
        head.is_ok_and(|head| self.kernel.begins_with(&head))
    }

    /// Returns the place of the image in which `pc` lies, as a physical address.
    fn below(&mut self, pc: Address) -> Option<Address> {
        let last = pc.0 - pc.0 % PAGE;
        let pages = 0..=self.kernel.size() / PAGE;
        let mut bases = pages.map_while(|page| last.checked_sub(page * PAGE)).map(Address);
        bases.find(|&base| self.is_at(base))
    }

    fn in_tables(&mut self, root: Root) -> Option<Place> {
        let mut tables: HashMap<u64, Vec<u8>> = HashMap::new();
        let walk = root.with_extensions(Extensions::Svnapot).walk(|address| {
            let table = address - address % PAGE;
            let words = tables.entry(table).or_insert_with(|| {
                let read = self.gdb.read_memory(Space::Physical, Address(table), 4096);
                // A pointer to where no memory is leads nowhere.
                read.unwrap_or_default()
            });
            let offset = usize::try_from(address - table).unwrap_or_default();
            words
                .get(offset..)
                .and_then(|words| words.first_chunk())
                .map_or(0, |word| u64::from_le_bytes(*word))
        });
        let executable = walk.leaves.iter().filter(|leaf| leaf.flags.x() && !leaf.flags.u());
        let pages = executable.flat_map(|leaf| {
            let pages = (0..leaf.size.min(SEARCHED)).step_by(4096);
            pages.map(move |offset| (leaf.phys + offset, leaf.virt.wrapping_add(offset)))
        });
        let places = pages.map(|(physical, at_virtual)| (Address(physical), Address(at_virtual)));
        let mut places =
            places.filter(|&(physical, at_virtual)| physical != at_virtual && self.is_at(physical));
        places.next().map(|(physical, at_virtual)| Place::Landed { physical, at_virtual })
    }
}
