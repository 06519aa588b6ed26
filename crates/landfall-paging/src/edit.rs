//! The editor: changes tables that are in use.
//!
//! ```text
//! edit        the editor, and the addresses that it owns
//! operations  map, protect, unmap: in those addresses, or anywhere
//! whole       stretches that are whole entries of one table
//! withdraw    unmap in two steps: withdraw leaves, and sweep them after the fence
//! user        the lower half of an address space, and its end
//! change      the stores, in the order in which harts may see them
//! position    the entries that serve a stretch, before anything changes
//! fence       the fence that a change requires
//! frames      frames for tables
//! ```
//!
//! Each operation first looks at everything that it will touch and sets aside all the frames that
//! it will take. An operation that fails has changed nothing. At any moment and
//! for any hart, a changed address has either the old translation or the new one:
//!
//! - An entry is one store of 64 bits ([`TableMemory`]). "It is generally unsafe to update a leaf
//!   PTE using a set of stores of a width less than the width of the PTE". (Privileged
//!   specification, "Supervisor Memory-Management Fence Instruction".)
//! - A table is full before an entry points to it, with a `fence` between the two.
//! - A leaf that is split becomes a table of smaller leaves that translate the same, and only then
//!   are some of those changed. One of 64 KiB becomes 16 of 4 KiB in its place, entry by entry.
//!
//! An operation on a stretch of many leaves is not one store: another hart may see some of them
//! changed and others not yet. Nothing is certain to have happened before every hart that uses the
//! tables has executed the returned [`Fence`].
//!
//! # Safety
//!
//! An editor owns regions of addresses ([`Editor::new`]): nothing but its caller has objects there.
//! Changes within them are safe, because an access to what they map takes a raw pointer, and
//! following that is unsafe. Changes anywhere else may take memory away from a reference that is
//! alive, so they are unsafe ([`Editor::map_anywhere`] and the like). Tables lie only in frames
//! that nothing else uses: [`Frames`] is an unsafe trait.
//!
//! An editor of the kernel's half makes leaves that are global and for the supervisor alone. It
//! maps nothing in the lower half ([`EditError::LowerHalf`]). An editor of a user address space
//! ([`Editor::of_user`]) makes leaves for user mode that are not global, in the lower half alone.

mod change;
mod error;
mod fence;
mod frames;
mod levels;
mod operations;
mod position;
mod user;
mod whole;
mod withdraw;

use core::fmt;

use crate::addr::{PhysAddr, VirtAddr};
use crate::entry::{LeafFormat, MemoryType};
use crate::label::Label;
use crate::memory::{TableMemory, TableReader};
use crate::range::VirtRange;
use crate::walk::{Translation, translate};

pub use error::EditError;
pub use fence::Fence;
pub use frames::Frames;
pub use levels::{Levels, Sv39, Sv48, Sv57};

use position::{Position, bytes, leaf_size};

/// Changes the tables below a root. One at a time may do so; harts may use the tables meanwhile.
///
/// `L` is the paging mode: a [`Mode`](crate::Mode), or [`Sv39`], [`Sv48`], [`Sv57`], which fix it
/// when the program is compiled.
///
/// It knows of one root. If several roots share a table, that table must not become empty:
/// [`Editor::unmap`] would release it, and [`Editor::withdraw`] does not.
pub struct Editor<L, M, F> {
    levels: L,
    format: LeafFormat,
    memory: M,
    frames: F,
    root: PhysAddr,
    owned: [VirtRange; 2],
    half: Half,
}

/// The half of the address space that an editor changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    /// The upper half: leaves are global, and for the supervisor.
    Kernel,
    /// The lower half: leaves are of one address space, and for user mode.
    User,
}

/// The bits of a leaf besides its place and its access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeafKind {
    /// The type of the memory.
    pub memory: MemoryType,
    /// The label, which harts ignore.
    pub label: Label,
}

impl<L: fmt::Debug, M, F> fmt::Debug for Editor<L, M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Editor")
            .field("levels", &self.levels)
            .field("format", &self.format)
            .field("root", &self.root)
            .field("owned", &self.owned)
            .finish_non_exhaustive()
    }
}

impl<L: Levels, M: TableReader + TableMemory, F: Frames> Editor<L, M, F> {
    /// Returns an editor of the tables at `root`, which owns the addresses `owned`. A second region
    /// may be [`VirtRange::EMPTY`].
    ///
    /// # Safety
    /// - `root` is the root of tables in `memory`, in the mode of `levels`, with leaves of
    ///   `format`, and as strict as this crate's own.
    /// - No other editor, and nothing else, writes to these tables while this editor lives.
    /// - Nothing but the caller keeps objects, code, stacks or guards at addresses in `owned`.
    /// - No other root shares a table that serves addresses in `owned`.
    #[expect(unsafe_code, reason = "the tables may be those of the hart that runs this")]
    pub const unsafe fn new(
        levels: L,
        format: LeafFormat,
        memory: M,
        frames: F,
        root: PhysAddr,
        owned: [VirtRange; 2],
    ) -> Self {
        Self { levels, format, memory, frames, root, owned, half: Half::Kernel }
    }

    /// Returns the regions in which changes are safe.
    pub const fn owned(&self) -> [VirtRange; 2] {
        self.owned
    }

    /// Returns where `virt` leads, as [`translate`](crate::translate) does.
    pub fn walk(&self, virt: VirtAddr) -> Translation {
        if !self.levels.mode().is_canonical(virt) {
            return Translation::Unmapped;
        }
        let Position { level, entry, .. } = self.find(virt);
        if !entry.is_valid() {
            return Translation::Unmapped;
        }
        match entry.access() {
            Some(access) if self.is_leaf(entry, level) && !self.is_one_of_many(entry, level) => {
                let offset = virt.get() & (bytes(level) - 1);
                Translation::Mapped {
                    physical: entry.target().wrapping_add(offset),
                    access,
                    leaf: leaf_size(level),
                }
            }
            // The walker may know entries that the editor does not write.
            _ => translate(&self.memory, self.levels.mode(), self.format, self.root, virt),
        }
    }
}
