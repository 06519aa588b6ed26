//! Code that comes at run time: written at one address, executed at another, never both.
//!
//! ```text
//! Draft       the linear address is writable, the code's address unmapped
//! Code        the linear address is read-only, the code's address executable
//! Constants   the linear address is read-only, the address of the constants readable
//! ```
//!
//! From one to the other, the permission that is lost goes first, at every address and on every
//! hart. Only then is the other given.

use landfall_paging::{Access, MemoryType, PhysRange, VirtRange};

use crate::area::{self, Area, Guards, Leaves};
use crate::error::{Refused, SpaceError};
use crate::kernel::{KernelSpace, Region};
use crate::kind::Kind;
use crate::machine::Machine;
use crate::memory::Memory;

/// Memory that will be code: writable at its linear address, and executable nowhere. The addresses
/// at which it will be executed are reserved, so it can be relocated.
///
/// Dropping it loses its memory and its addresses.
#[derive(Debug)]
#[must_use = "the memory is lost with the value"]
pub struct Draft {
    area: Area,
    linear: VirtRange,
}

impl Draft {
    /// Returns the addresses at which the code will be executed.
    #[must_use]
    pub const fn range(&self) -> VirtRange {
        self.area.range
    }

    /// Returns the addresses at which it is written. No other user of this memory exists.
    #[must_use]
    pub const fn writable(&self) -> VirtRange {
        self.linear
    }
}

/// Code that harts may execute. It is writable nowhere.
///
/// Dropping it leaves the code in place for good.
#[derive(Debug)]
#[must_use = "the code stays for good without its value"]
pub struct Code {
    draft: Draft,
}

impl Code {
    /// Returns the addresses at which it is executed.
    #[must_use]
    pub const fn range(&self) -> VirtRange {
        self.draft.area.range
    }

    /// Returns the addresses at which it can be read as memory: its linear ones.
    #[must_use]
    pub const fn readable(&self) -> VirtRange {
        self.draft.linear
    }
}

/// Constants that came at run time, such as those of code. They are writable nowhere.
///
/// Dropping it leaves the constants in place for good.
#[derive(Debug)]
#[must_use = "the constants stay for good without their value"]
pub struct Constants {
    draft: Draft,
}

impl Constants {
    /// Returns their addresses.
    #[must_use]
    pub const fn range(&self) -> VirtRange {
        self.draft.area.range
    }
}

impl<M: Machine> KernelSpace<M> {
    /// Reserves addresses for code that will be written to `memory`, which belongs to a pool.
    ///
    /// # Errors
    /// [`SpaceError::OutsidePools`], [`SpaceError::NoRoom`] and [`SpaceError::Tables`].
    pub fn draft(&self, memory: Memory, region: Region) -> Result<Draft, Refused<Memory>> {
        let linear = self.linear(memory.range());
        if let Err(error) = self.check_pool(memory.range()) {
            return Err(Refused::new(error, memory));
        }
        let reserved = self.state.with(&self.machine, |state| {
            let area = self.reserve_area(state, memory.range(), Guards::PAGES, Kind::Code, region)?;
            let mut editor = self.editor(&mut state.frames);
            match editor.reserve(area.range, Kind::Code.label()) {
                Ok(fence) => {
                    // Nothing is mapped yet, but tables may have been made.
                    let _ = self.changes.note(fence);
                    Ok(area)
                }
                Err(error) => {
                    area::free::<M>(&mut editor, &area);
                    Err(SpaceError::Tables(error))
                }
            }
        });
        match reserved {
            Ok(area) => Ok(Draft { area, linear }),
            Err(error) => Err(Refused::new(error, memory)),
        }
    }

    /// Makes a draft executable: all harts lose write permission first, and see the instructions
    /// after.
    ///
    /// # Errors
    /// [`SpaceError::Tables`], with the draft as it was, and [`SpaceError::Fence`].
    pub fn make_executable(&self, draft: Draft) -> Result<Code, Refused<Draft>> {
        let draft = self.seal(draft, Access::ReadExecute)?;
        match self.fence_instructions() {
            Ok(()) => Ok(Code { draft }),
            Err(error) => Err(Refused::withheld(error)),
        }
    }

    /// Makes a draft readable, and writable nowhere: all harts lose write permission first.
    ///
    /// # Errors
    /// As [`KernelSpace::make_executable`].
    pub fn make_constant(&self, draft: Draft) -> Result<Constants, Refused<Draft>> {
        self.seal(draft, Access::ReadOnly).map(|draft| Constants { draft })
    }

    /// Makes code a draft again: all harts lose execute permission first.
    ///
    /// # Errors
    /// [`SpaceError::Fence`]; the code is withheld for good, and stays executable.
    ///
    /// # Safety
    /// No hart executes the code, and none will.
    pub unsafe fn make_writable(&self, code: Code) -> Result<Draft, Refused<Code>> {
        self.unseal(code.draft).map_err(|refused| refused.map(|draft| Code { draft }))
    }

    /// Makes constants a draft again: all harts lose their mapping first.
    ///
    /// # Errors
    /// As [`KernelSpace::make_writable`].
    pub fn make_changeable(&self, constants: Constants) -> Result<Draft, Refused<Constants>> {
        self.unseal(constants.draft).map_err(|refused| refused.map(|draft| Constants { draft }))
    }

    /// Takes write permission from a draft at its linear address, and then maps it at its own.
    fn seal(&self, draft: Draft, access: Access) -> Result<Draft, Refused<Draft>> {
        if let Err(error) = self.protect_linear(draft.linear, Access::ReadOnly) {
            return Err(refuse(error, draft));
        }
        let leaves = Leaves { access, memory: MemoryType::Ordinary };
        let mapping = leaves.mapping(draft.area.range.start(), draft.area.memory);
        let mapped = self.change(|editor| editor.map_as(mapping, leaves.kind(Kind::Code)));
        let change = match mapped {
            Ok(change) => change,
            Err(error) => {
                // The draft was writable before, and it is mapped nowhere else.
                return match self.protect_linear(draft.linear, Access::ReadWrite) {
                    Ok(()) => Err(Refused::new(error, draft)),
                    Err(error) => Err(Refused { error, returned: None }),
                };
            }
        };
        match self.complete(change) {
            Ok(()) => Ok(draft),
            Err(error) => Err(Refused::withheld(error)),
        }
    }

    /// Unmaps a draft at its own address, and then gives write permission back at its linear one.
    fn unseal(&self, draft: Draft) -> Result<Draft, Refused<Draft>> {
        let (range, label) = (draft.range(), Kind::Code.label());
        let change = match self.change(|editor| editor.withdraw(range.start(), range.size())) {
            Ok(change) => change,
            Err(error) => return Err(Refused::new(error, draft)),
        };
        if let Err(error) = self.complete(change) {
            return Err(Refused::withheld(error));
        }
        let reserved = self.change(|editor| {
            // SAFETY: every hart has executed the fence of the withdrawal.
            unsafe { editor.sweep(range.start(), range.size(), |_| {}) };
            editor.reserve(range, label)
        });
        let error = match (reserved, self.protect_linear(draft.linear, Access::ReadWrite)) {
            (Ok(_), Ok(())) => return Ok(draft),
            (Err(error), _) => error.into(),
            (_, Err(error)) => error,
        };
        Err(Refused { error, returned: None })
    }

    /// Returns the memory of a draft, and frees its addresses.
    pub fn discard(&self, draft: Draft) -> Memory {
        let Draft { area, .. } = draft;
        self.with_editor(|editor| {
            area::release::<M>(editor, area.range);
            area::free::<M>(editor, &area);
        });
        // SAFETY: the draft held this memory. It is mapped at its linear address alone, writable.
        unsafe { Memory::new(area.memory) }
    }

    /// Checks that no root entry maps the linear address of memory: other roots have copies.
    pub(crate) fn check_pool(&self, memory: PhysRange) -> Result<(), SpaceError> {
        let linear = self.linear(memory);
        let reach = self.mode().largest_leaf().bytes();
        let last = linear.end().wrapping_sub(1);
        let mut virt = linear.start();
        loop {
            if self.is_root_leaf(virt) {
                return Err(SpaceError::OutsidePools(memory));
            }
            if last.wrapping_offset_from(virt) < reach {
                break;
            }
            virt = virt.wrapping_add(reach);
        }
        if self.is_root_leaf(last) { Err(SpaceError::OutsidePools(memory)) } else { Ok(()) }
    }

    /// Changes the permission of memory at its linear address, on all harts.
    fn protect_linear(&self, linear: VirtRange, access: Access) -> Result<(), SpaceError> {
        let change = self.change(|editor| {
            // SAFETY: the memory has one owner, which has no reference to it: it was given to this
            // space as `Memory`.
            unsafe { editor.protect_anywhere(linear.start(), linear.size(), access) }
        })?;
        self.complete(change).map_err(SpaceError::Fence)
    }
}

fn refuse(error: SpaceError, draft: Draft) -> Refused<Draft> {
    match error {
        SpaceError::Fence(failed) => Refused::withheld(failed),
        error => Refused::new(error, draft),
    }
}
