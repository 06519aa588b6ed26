//! Loading a module: first all that can be refused, then its bytes, then its permissions.

use landfall_paging::{VirtAddr, VirtRange};
use landfall_plan::sites::{SITE_SIZE, Site};
use landfall_space::{Machine, Region};

use crate::drafts::Drafts;
use crate::error::LoadError;
use crate::exports::Exports;
use crate::file::File;
use crate::imports::{BuiltFor, Imports};
use crate::modules::{Loaded, ModuleId, Modules, Pages};
use crate::name::Name;
use crate::parameters;
use crate::part::{Bases, Part};
use crate::plan::{Plan, Records, Workspace};
use crate::platform::Platform;
use crate::relocation::MOST_LEB;
use crate::texts;

impl<M: Machine, P: Platform> Modules<M, P> {
    /// Loads a module, and calls its `landfall_init`. `parameters` are `name=value` pairs, with
    /// spaces between them.
    ///
    /// Each hart sees the code before this returns. No byte of it is ever writable and executable.
    ///
    /// # Errors
    /// [`LoadError`], with everything as it was: the memory is returned and wiped.
    ///
    /// # Safety
    /// The file is a module that its author wrote for this kernel: it does what its imports and
    /// exports say, and keeps to their contracts. Any damage of its form is refused.
    pub unsafe fn load(
        &mut self,
        file: &[u8],
        parameters: &str,
        workspace: &mut Workspace<'_>,
        pages: &mut impl Pages,
    ) -> Result<ModuleId, LoadError> {
        let signed = (self.kernel.verify)(file).and_then(|size| file.get(..size));
        let file = File::new(signed.ok_or(LoadError::Signature)?, self.kernel.abi)?;
        let name = file.module_name()?;
        if self.slots.iter().flatten().any(|loaded| loaded.name() == name) {
            return Err(LoadError::Loaded(Name::new(name)));
        }
        let slot = self.slots.iter().position(Option::is_none).ok_or(LoadError::NoSlot)?;
        let built_for = BuiltFor::of(file.kernel()?, self.kernel.build_id);
        let mut imports = Imports { modules: &*self, built_for, uses: 0 };
        let plan = Plan::new(&file, workspace, self.space.region(Region::Near), &mut imports)?;
        let uses = imports.uses;

        let drafts = self.reserve(&plan.sizes, pages)?;
        let written = check(&plan, drafts.bases()).and_then(|()| self.write(&plan, &drafts, parameters));
        let module = match written {
            Ok(module) => module,
            Err(error) => {
                self.discard(drafts, pages);
                return Err(error);
            }
        };
        let parts = self.seal(drafts, pages)?;
        let mut loaded = Loaded {
            name: [0; crate::MOST_NAME],
            name_size: name.len(),
            parts,
            exports: module.exports,
            exit: module.exit,
            uses,
            holds: 0,
            generation: self.next_generation(),
        };
        loaded.name[..name.len()].copy_from_slice(name);
        self.table.publish(slot, name, &loaded.parts.ranges());
        // SAFETY: the module is complete, and each hart sees it. The caller vouches for its code.
        let answer = module.init.map_or(0, |init| unsafe { self.platform.initialize(init) });
        if answer != 0 {
            self.table.withdraw(slot);
            // SAFETY: the module refused to start: nothing of it is in use.
            unsafe { self.take_down(loaded.parts, pages)? };
            return Err(LoadError::Init(answer));
        }
        let id = ModuleId::new(slot, loaded.generation);
        self.slots[slot] = Some(loaded);
        Ok(id)
    }

    /// Writes all bytes of a module, and returns its entry points.
    fn write(&self, plan: &Plan<'_, '_>, drafts: &Drafts, parameters: &str) -> Result<Entries, LoadError> {
        let bases = drafts.bases();
        for part in Part::ALL {
            self.zero(drafts.writable(part));
        }
        for (section, place) in plan.file.sections().zip(plan.sections) {
            if let Some((part, offset)) = place.place {
                self.store(drafts, part, offset, plan.file.contents(&section.1)?);
            }
        }
        for change in plan.changes(bases) {
            let change = change?;
            let mut bytes = [0; MOST_LEB];
            let bytes = &mut bytes[..change.size()];
            self.load_bytes(drafts, change.part, change.offset, bytes);
            // One place may be added to and subtracted from, one after the other.
            change.apply(bytes).map_err(|_| change.out_of_reach())?;
            self.store(drafts, change.part, change.offset, bytes);
        }
        for filled in plan.entries(bases) {
            let filled = filled?;
            self.store(drafts, filled.part, filled.offset, filled.bytes());
        }
        self.write_parameters(plan, drafts, parameters)?;
        self.patch(plan, drafts)?;
        let function = |name: &[u8]| match plan.find(name) {
            Some((Part::Text, offset, _)) => Some(bases.of(Part::Text).wrapping_add(offset)),
            _ => None,
        };
        Ok(Entries {
            init: function(b"landfall_init"),
            exit: function(b"landfall_exit"),
            exports: self.exports(plan, drafts)?,
        })
    }

    fn write_parameters(
        &self,
        plan: &Plan<'_, '_>,
        drafts: &Drafts,
        parameters: &str,
    ) -> Result<(), LoadError> {
        let types = plan.file.texts(texts::PARAMETERS)?;
        for (name, value) in parameters::pairs(parameters) {
            let unknown = || LoadError::UnknownParameter(Name::new(name.as_bytes()));
            let kind = texts::value(types, name.as_bytes()).ok_or_else(unknown)?;
            let encoded = parameters::encode(name, kind, value)?;
            let (part, offset, size) = plan.find_parameter(name.as_bytes()).ok_or_else(unknown)?;
            let room = plan.sizes.of(part).checked_sub(offset);
            if part != Part::Data
                || size != encoded.bytes().len() as u64
                || room.is_none_or(|room| room < size)
            {
                return Err(unknown());
            }
            self.store(drafts, part, offset, encoded.bytes());
        }
        Ok(())
    }

    /// Patches the constants of address conversions, as the landing did in the kernel.
    fn patch(&self, plan: &Plan<'_, '_>, drafts: &Drafts) -> Result<(), LoadError> {
        let bases = drafts.bases();
        for (constant, (part, start), size) in plan.sites() {
            let bad = || LoadError::BadSite(Name::new(constant.section().as_bytes()));
            for at in (start..start + size).step_by(4) {
                let mut word = [0; 4];
                self.load_bytes(drafts, part, at, &mut word);
                let distance = i64::from(i32::from_le_bytes(word)).cast_unsigned();
                let site = bases.of(part).wrapping_add(at).wrapping_add(distance);
                let offset = site.wrapping_offset_from(bases.of(Part::Text));
                let end = offset.checked_add(constant.size() as u64);
                if end.is_none_or(|end| end > plan.sizes.of(Part::Text)) {
                    return Err(bad());
                }
                let mut code = [0; SITE_SIZE];
                let code = &mut code[..constant.size()];
                self.load_bytes(drafts, Part::Text, offset, code);
                let mut instructions = Site::new(code);
                if !instructions.is(constant) {
                    return Err(bad());
                }
                instructions.patch(constant, self.space.plan());
                self.store(drafts, Part::Text, offset, code);
            }
        }
        Ok(())
    }

    /// Checks the records of exports, and returns their addresses.
    fn exports(&self, plan: &Plan<'_, '_>, drafts: &Drafts) -> Result<VirtRange, LoadError> {
        let Some(Records { bytes: records, place: (part, start) }) = plan.exports()? else {
            return Ok(VirtRange::EMPTY);
        };
        if part == Part::Data || !Exports::new(records).are_complete() {
            return Err(LoadError::BadExport);
        }
        for export in Exports::new(records).iter() {
            let mut address = [0; 8];
            self.load_bytes(drafts, part, start + export.offset as u64, &mut address);
            let address = VirtAddr::new(u64::from_le_bytes(address));
            let inside =
                |part| VirtRange::new(drafts.bases().of(part), plan.sizes.of(part)).contains_address(address);
            if export.symbol.is_empty() || !Part::ALL.into_iter().any(inside) {
                return Err(LoadError::BadExport);
            }
        }
        Ok(VirtRange::new(drafts.bases().of(part).wrapping_add(start), records.len() as u64))
    }

    fn store(&self, drafts: &Drafts, part: Part, offset: u64, bytes: &[u8]) {
        let at = drafts.writable(part).start().wrapping_add(offset);
        // SAFETY: the part is a draft: its memory is the caller's, writable there, and as large as
        // the plan's part.
        unsafe { self.platform.store(at, bytes) };
    }

    fn load_bytes(&self, drafts: &Drafts, part: Part, offset: u64, bytes: &mut [u8]) {
        let at = drafts.writable(part).start().wrapping_add(offset);
        // SAFETY: as above.
        unsafe { self.platform.load(at, bytes) };
    }

    /// Fills memory of which this caller is the owner with zeros.
    pub(crate) fn zero(&self, range: VirtRange) {
        const ZEROS: [u8; 4096] = [0; 4096];
        for at in (0..range.size()).step_by(ZEROS.len()) {
            // SAFETY: the caller owns these whole pages, which are mapped writable.
            unsafe { self.platform.store(range.start().wrapping_add(at), &ZEROS) };
        }
    }
}

/// Computes each change on a copy of the bytes that it changes, so that writing cannot fail.
fn check(plan: &Plan<'_, '_>, bases: Bases) -> Result<(), LoadError> {
    for filled in plan.entries(bases) {
        filled?;
    }
    for change in plan.changes(bases) {
        let change = change?;
        let mut bytes = [0; MOST_LEB];
        let bytes = &mut bytes[..change.size()];
        bytes.copy_from_slice(change.contents);
        change.apply(bytes).map_err(|_| change.out_of_reach())?;
    }
    Ok(())
}

/// The entry points of a module.
struct Entries {
    init: Option<VirtAddr>,
    exit: Option<VirtAddr>,
    exports: VirtRange,
}
