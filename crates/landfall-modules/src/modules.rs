//! The modules of a kernel: loading, unloading, and who uses them.

use core::fmt;

use landfall_paging::{VirtAddr, VirtRange};
use landfall_space::{Area, Code, Constants, KernelSpace, Machine, Memory, Region};

use crate::error::{LoadError, UnloadError};
use crate::exports::Exports;
use crate::float_abi::FloatAbi;
use crate::part::Part;
use crate::platform::Platform;
use crate::table::{CAPACITY, Table};

/// The running kernel, as modules see it.
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    /// Its build ID: a module that was built for it binds each export.
    pub build_id: &'static [u8],
    /// Its exports.
    pub exports: Exports<'static>,
    /// The registers by which its functions pass arguments.
    pub abi: FloatAbi,
    /// Returns the bytes at the start of a file that are the module, if the file's signature is
    /// right. `None` refuses it. Nothing of the file is parsed before.
    pub verify: fn(&[u8]) -> Option<usize>,
}

impl Kernel {
    /// Accepts each file as a whole: for a kernel that takes modules from a trusted place alone.
    #[must_use]
    pub fn unsigned(file: &[u8]) -> Option<usize> {
        Some(file.len())
    }
}

/// Memory for modules. It comes from a pool with which the address space was made.
pub trait Pages {
    /// Takes `pages` pages of 4 KiB, or more. `None` if so many are not left.
    fn take(&mut self, pages: u64) -> Option<Memory>;
    /// Takes memory back. It holds zeros.
    fn give_back(&mut self, memory: Memory);
}

/// The number of a loaded module. It is of no other module, ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ModuleId {
    pub(crate) slot: usize,
    generation: u64,
}

impl ModuleId {
    pub(crate) const fn new(slot: usize, generation: u64) -> Self {
        Self { slot, generation }
    }
}

/// The modules of a kernel.
///
/// A kernel with several harts puts it behind a lock. `landfall_init` and `landfall_exit` are
/// called while a caller has exclusive access: they must not take that lock.
#[derive(Debug)]
pub struct Modules<M: Machine + 'static, P> {
    pub(crate) space: &'static KernelSpace<M>,
    pub(crate) platform: P,
    pub(crate) kernel: Kernel,
    pub(crate) table: &'static Table,
    pub(crate) slots: [Option<Loaded>; CAPACITY],
    generation: u64,
}

/// A module that is loaded.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) name: [u8; crate::MOST_NAME],
    pub(crate) name_size: usize,
    pub(crate) parts: Parts,
    /// Its exports, in its constants.
    pub(crate) exports: VirtRange,
    pub(crate) exit: Option<VirtAddr>,
    /// A bit for each slot whose exports it uses.
    pub(crate) uses: u32,
    pub(crate) holds: u32,
    pub(crate) generation: u64,
}

/// The memory of a module. A part without bytes has none.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) text: Option<Code>,
    pub(crate) constants: Option<Constants>,
    pub(crate) data: Option<Area>,
}

impl Parts {
    pub(crate) fn ranges(&self) -> [VirtRange; 3] {
        [
            self.text.as_ref().map_or(VirtRange::EMPTY, Code::range),
            self.constants.as_ref().map_or(VirtRange::EMPTY, Constants::range),
            self.data.as_ref().map_or(VirtRange::EMPTY, Area::range),
        ]
    }
}

impl Loaded {
    pub(crate) fn name(&self) -> &[u8] {
        &self.name[..self.name_size]
    }
}

impl<M: Machine, P: Platform> Modules<M, P> {
    /// Returns the modules of a kernel: none yet.
    ///
    /// # Errors
    /// [`LoadError::NoNearRegion`] if the kernel lies in the linear map.
    pub fn new(
        space: &'static KernelSpace<M>,
        platform: P,
        kernel: Kernel,
        table: &'static Table,
    ) -> Result<Self, LoadError> {
        if space.region(Region::Near).is_empty() {
            return Err(LoadError::NoNearRegion);
        }
        Ok(Self { space, platform, kernel, table, slots: [const { None }; CAPACITY], generation: 0 })
    }

    /// Returns the modules that are loaded.
    pub fn iter(&self) -> impl Iterator<Item = Info<'_>> {
        self.slots.iter().enumerate().filter_map(|(slot, loaded)| {
            let loaded = loaded.as_ref()?;
            let id = ModuleId { slot, generation: loaded.generation };
            Some(Info { id, loaded, dependents: self.dependents(slot) })
        })
    }

    /// Returns the module with a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Info<'_>> {
        self.iter().find(|info| info.name() == name)
    }

    /// Returns the address of an export of a module, for a caller that [holds](Self::hold) it.
    #[must_use]
    pub fn address_of(&self, id: ModuleId, symbol: &str) -> Option<VirtAddr> {
        let loaded = self.loaded(id)?;
        self.find_in(loaded.exports, symbol.as_bytes(), |export| export.address)
    }

    /// Holds a module: it cannot be unloaded before [`Modules::release`].
    ///
    /// # Errors
    /// [`UnloadError::NotLoaded`].
    pub fn hold(&mut self, id: ModuleId) -> Result<(), UnloadError> {
        let loaded = self.loaded_mut(id).ok_or(UnloadError::NotLoaded)?;
        loaded.holds = loaded.holds.saturating_add(1);
        Ok(())
    }

    /// Ends one hold of a module.
    ///
    /// # Errors
    /// [`UnloadError::NotLoaded`] if it is not loaded or not held.
    pub fn release(&mut self, id: ModuleId) -> Result<(), UnloadError> {
        let loaded = self.loaded_mut(id).filter(|loaded| loaded.holds != 0);
        loaded.ok_or(UnloadError::NotLoaded)?.holds -= 1;
        Ok(())
    }

    /// Calls the module's `landfall_exit` and unloads it: it is unmapped on every hart, wiped, and
    /// its memory returned.
    ///
    /// # Errors
    /// [`UnloadError`]. If the address space fails, what is left of the module's memory is withheld
    /// for good.
    ///
    /// # Safety
    /// After `landfall_exit` no hart executes the module's code or uses its data, and none will.
    /// Each user that is no module [holds](Modules::hold) it.
    pub unsafe fn unload(&mut self, id: ModuleId, pages: &mut impl Pages) -> Result<(), UnloadError> {
        let holds = self.loaded(id).ok_or(UnloadError::NotLoaded)?.holds;
        let dependents = self.dependents(id.slot);
        if holds != 0 || dependents != 0 {
            return Err(UnloadError::InUse { holds, dependents });
        }
        let Some(loaded) = self.slots[id.slot].take() else { return Err(UnloadError::NotLoaded) };
        if let Some(exit) = loaded.exit {
            // SAFETY: it is a function of the module, which is mapped still.
            unsafe { self.platform.exit(exit) };
        }
        self.table.withdraw(id.slot);
        // SAFETY: the caller vouches for the code.
        unsafe { self.take_down(loaded.parts, pages) }.map_err(UnloadError::Space)
    }

    pub(crate) fn next_generation(&mut self) -> u64 {
        self.generation += 1;
        self.generation
    }

    fn loaded(&self, id: ModuleId) -> Option<&Loaded> {
        self.slots.get(id.slot)?.as_ref().filter(|loaded| loaded.generation == id.generation)
    }

    fn loaded_mut(&mut self, id: ModuleId) -> Option<&mut Loaded> {
        self.slots.get_mut(id.slot)?.as_mut().filter(|loaded| loaded.generation == id.generation)
    }

    /// Returns the number of modules that use exports of the one in `slot`.
    fn dependents(&self, slot: usize) -> u32 {
        let uses = |loaded: &&Loaded| loaded.uses & 1 << slot != 0;
        self.slots.iter().flatten().filter(uses).fold(0, |count, _| count + 1)
    }
}

/// A module that is loaded.
#[derive(Clone, Copy, Debug)]
pub struct Info<'a> {
    id: ModuleId,
    loaded: &'a Loaded,
    dependents: u32,
}

impl fmt::Display for Info<'_> {
    /// Writes the name and the addresses of the parts. Behind `landfall: ` it is the line by which
    /// `cargo landfall run` and `symbolize` know a module: a kernel prints it if its policy
    /// discloses addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "module {}", self.name())?;
        for part in Part::ALL {
            write!(f, " {part} {:#x}", self.part(part).start().get())?;
        }
        Ok(())
    }
}

impl Info<'_> {
    /// Returns its number.
    #[must_use]
    pub const fn id(&self) -> ModuleId {
        self.id
    }

    /// Returns its name.
    #[must_use]
    pub fn name(&self) -> &str {
        str::from_utf8(self.loaded.name()).unwrap_or_default()
    }

    /// Returns the addresses of a part, in whole pages. Empty if the module has no such part.
    #[must_use]
    pub fn part(&self, part: Part) -> VirtRange {
        self.loaded.parts.ranges()[part as usize]
    }

    /// Returns the number of its holds.
    #[must_use]
    pub const fn holds(&self) -> u32 {
        self.loaded.holds
    }

    /// Returns the number of modules that use its exports.
    #[must_use]
    pub const fn dependents(&self) -> u32 {
        self.dependents
    }
}
