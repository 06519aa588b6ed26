//! The crash kernel, loaded into crash memory.

use core::fmt::{self, Write};

use landfall::address::{PhysAddr, PhysRange};
use landfall::space::{
    CurrentHart, DataAccess, FenceFailed, LiveSpace, Memory, Region, RemoteFences, SpaceError,
};
use landfall::{HartIndex, Landing};
use landfall_paging::{Frames, VirtAddr};

use super::super::fill::{fill, running};
use super::armed::{Jump, arm, claim_loading};
use crate::Block;
use crate::crash::{CoreHeaders, CrashError, CrashNext, CrashPlan, MAX_NOTE, SaveArea};

/// The reason why the crash kernel is not loaded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// It cannot be placed, or passed on.
    Crash(CrashError),
    /// Crash memory cannot be mapped for the copy.
    Space(SpaceError),
    /// A hart did not execute the fence behind the mapping, so it may still reach crash memory.
    Fence(FenceFailed),
    /// There are fewer save areas than harts.
    Areas {
        /// Areas.
        found: usize,
        /// Harts.
        harts: usize,
    },
    /// A crash kernel is loaded already.
    Loaded,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crash(error) => error.fmt(f),
            Self::Space(error) => write!(f, "crash memory cannot be mapped: {error}"),
            Self::Fence(error) => write!(f, "the mapping of crash memory cannot be ended: {error}"),
            Self::Areas { found, harts } => {
                write!(f, "{found} save areas do not suffice for {harts} harts; make the array larger")
            }
            Self::Loaded => f.write_str("a crash kernel is loaded already, and cannot be replaced"),
        }
    }
}

impl core::error::Error for LoadError {}

impl From<CrashError> for LoadError {
    fn from(error: CrashError) -> Self {
        Self::Crash(error)
    }
}

/// Loads a crash kernel, which [`crash`](super::crash) starts from then on. `areas` has a save area
/// for each hart, by its number.
///
/// Crash memory is mapped in the dynamic region for the copy. When this returns, the mapping is
/// gone, and each hart has executed the fence.
///
/// # Errors
/// [`LoadError`]. No crash kernel is loaded then.
pub fn load_crash_kernel<F: Frames + Send, H: CurrentHart, R: RemoteFences>(
    landing: &'static Landing,
    space: &LiveSpace<F, H, R>,
    next: &CrashNext<'_>,
    areas: &'static [SaveArea],
) -> Result<(), LoadError> {
    let region = landing.crash_memory().ok_or(CrashError::NoCrashMemory)?;
    let harts = landing.plan().stacks.count as usize;
    let areas = areas.get(..harts).ok_or(LoadError::Areas { found: areas.len(), harts })?;
    let jump = claim_loading().ok_or(LoadError::Loaded)?;
    // SAFETY: the landing leaves crash memory to crash kernels, and `claim_loading` returns once.
    // No linear mapping of it exists, and only this mapping reaches it.
    let memory = unsafe { Memory::new(region) };
    let area = space.map(memory, DataAccess::ReadWrite, Region::Dynamic);
    let area = area.map_err(|refused| LoadError::Space(refused.error))?;
    let first = core::ptr::with_exposed_provenance_mut::<u8>(area.range().start().get() as usize);
    // SAFETY: the area maps all of crash memory, and nothing else refers to it.
    let bytes = unsafe { core::slice::from_raw_parts_mut(first, region.size() as usize) };
    let loaded = write(landing, next, areas, &mut Block { bytes, at: region.start() });
    let unmapped = space.unmap(area).map_err(|refused| LoadError::Space(refused.error));
    let unmapped = unmapped.and_then(|withdrawal| withdrawal.complete().map_err(LoadError::Fence));
    if let Err(error) = unmapped {
        // The mapping may live on, so nothing maps crash memory again.
        core::mem::forget(jump);
        return Err(error);
    }
    arm(jump, landing, areas, &loaded?);
    Ok(())
}

/// Writes all of crash memory that the jump needs.
fn write(
    landing: &'static Landing,
    next: &CrashNext<'_>,
    areas: &'static [SaveArea],
    memory: &mut Block<'_>,
) -> Result<Jump, LoadError> {
    let running = running(landing, HartIndex::BOOT);
    let note = Note::of(landing);
    let first = VirtAddr::new(areas.as_ptr().addr() as u64);
    let areas = PhysRange::new(landfall::address::virt_to_phys(first), size_of_val(areas) as u64);
    let core = CoreHeaders { running, areas, note: note.text() };
    let plan = CrashPlan::new(&core, next, memory)?;
    let satp = fill(landing, &mut plan.block(memory), plan.parts).map_err(CrashError::Kexec)?;
    plan.write_list(memory);
    let physical = |at: PhysAddr| at.get();
    Ok(Jump {
        tree: physical(plan.tree.start()),
        list: physical(plan.parts.list.start()),
        entry: physical(plan.entry),
        copier: physical(plan.parts.copier.start()),
        satp: satp.bits(),
    })
}

/// The text of landfall's own note.
struct Note {
    bytes: [u8; MAX_NOTE],
    size: usize,
}

impl Note {
    fn of(landing: &Landing) -> Self {
        let mut note = Self { bytes: [0; MAX_NOTE], size: 0 };
        let plan = landing.plan();
        // All of it is a few hundred bytes. Lines that do not fit are left out.
        let _ = writeln!(note, "satp={:#x}", landing.satp().bits());
        let _ = writeln!(note, "harts={}", plan.stacks.count);
        let _ = writeln!(note, "mode={}", plan.mode);
        let _ = writeln!(note, "image_virtual={:#x}", plan.image.virt.get());
        let _ = writeln!(note, "image_physical={:#x}", plan.image.phys.base.get());
        let _ = writeln!(note, "image_size={:#x}", plan.image.phys.size());
        let _ = writeln!(note, "linear_offset={:#x}", plan.linear.offset);
        let _ = write!(note, "build_id=");
        landing.build_id().iter().for_each(|byte| _ = write!(note, "{byte:02x}"));
        let _ = writeln!(note);
        note
    }

    fn text(&self) -> &str {
        core::str::from_utf8(self.bytes.get(..self.size).unwrap_or_default()).unwrap_or_default()
    }
}

impl Write for Note {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let place = self.bytes.get_mut(self.size..self.size + text.len()).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.size += text.len();
        Ok(())
    }
}
