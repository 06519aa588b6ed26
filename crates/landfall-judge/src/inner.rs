//! The rules of a departure: the address space that a wrapper leaves to its inner kernel, at the
//! jump to that kernel's first instruction.
//!
//! ```
//! use landfall_judge::inner::Departure;
//! use landfall_judge::intervals::Interval;
//!
//! let wrapper = Interval::new(0xffff_ffff_0000_0000, 0x1_0000);
//! let departure = Departure { kernel: b"no ELF", pc: 0, entry: 0, stack: 0, wrapper };
//! assert!(departure.check(&[], |_, _| Ok(Vec::new())).is_err());
//! ```

use object::LittleEndian;
use object::elf::{FileHeader64, PF_W, PF_X, PT_GNU_RELRO, PT_LOAD};
use object::read::elf::{FileHeader, ProgramHeader};

use crate::entry::{Leaf, Permission};
use crate::intervals::Interval;
use crate::unreadable::Unreadable;
use segment::{Segment, contiguous};

mod place;
mod segment;

const LE: LittleEndian = LittleEndian;
const PAGE: u64 = 4096;
/// Bytes below a stack that are never mapped.
const GUARD: u64 = 64 << 10;
/// The most findings.
const FEW: usize = 8;

/// A hart at the jump to the inner kernel.
#[derive(Clone, Copy, Debug)]
pub struct Departure<'a> {
    /// The inner kernel's ELF.
    pub kernel: &'a [u8],
    /// The address of the jump.
    pub pc: u64,
    /// The address to which it leads.
    pub entry: u64,
    /// The stack pointer.
    pub stack: u64,
    /// The virtual addresses of the wrapper's image.
    pub wrapper: Interval,
}

impl Departure<'_> {
    /// Returns the broken rules. `read` returns bytes of physical memory.
    ///
    /// # Errors
    /// [`Unreadable`] names the input that cannot be read.
    pub fn check(
        &self,
        leaves: &[Leaf],
        mut read: impl FnMut(u64, u64) -> Result<Vec<u8>, Unreadable>,
    ) -> Result<Vec<String>, Unreadable> {
        let segments = self.placed(leaves, &mut read)?;
        let mut findings = Vec::new();
        for segment in &segments {
            findings.extend(segment.check_pages(leaves));
            findings.extend(segment.check_aliases(leaves));
            if segment.permission == Permission::READ_EXECUTE {
                findings.extend(segment.check_text(leaves, &mut read)?);
            }
        }
        findings.extend(contiguous(&segments, leaves));
        findings.extend(self.check_executable(&segments, leaves));
        findings.extend(self.check_wrapper(leaves));
        findings.extend(self.check_stack(leaves));
        findings.truncate(FEW);
        Ok(findings)
    }

    /// Returns the segments, so far from their link addresses.
    fn segments(&self, moved: u64) -> Result<Vec<Segment<'_>>, Unreadable> {
        let headers = self.header()?.program_headers(LE, self.kernel).map_err(unreadable)?;
        let of_kind = |kind| headers.iter().filter(move |header| header.p_type(LE) == kind);
        let mut relro = of_kind(PT_GNU_RELRO).map(|header| {
            let (start, size) = (header.p_vaddr(LE).wrapping_add(moved), header.p_memsz(LE));
            Interval { start: start & !(PAGE - 1), end: start.wrapping_add(size) & !(PAGE - 1) }
        });
        let relro = relro.next().unwrap_or(Interval::new(0, 0));
        let segment = |header: &object::elf::ProgramHeader64<LittleEndian>| {
            let start = header.p_vaddr(LE).wrapping_add(moved);
            let contents = header.data(LE, self.kernel);
            let contents = contents.map_err(|()| Unreadable::from("a segment has no bytes"))?;
            let flags = header.p_flags(LE);
            let permission = if flags & PF_X == PF_X {
                Permission::READ_EXECUTE
            } else if flags & PF_W == PF_W {
                Permission::READ_WRITE
            } else {
                Permission::READ
            };
            let pages = Interval::new(start, header.p_memsz(LE)).pages_touched();
            Ok(Segment { pages, start, contents, permission, relro })
        };
        of_kind(PT_LOAD).filter(|header| header.p_memsz(LE) != 0).map(segment).collect()
    }

    fn file_entry(&self) -> Result<u64, Unreadable> {
        Ok(self.header()?.e_entry(LE))
    }

    fn header(&self) -> Result<&FileHeader64<LittleEndian>, Unreadable> {
        FileHeader64::parse(self.kernel).map_err(unreadable)
    }

    /// Nothing can be executed but the kernel's text, and the page of the jump.
    fn check_executable(&self, segments: &[Segment<'_>], leaves: &[Leaf]) -> Vec<String> {
        let jump = Interval::new(self.pc & !(PAGE - 1), PAGE);
        let text = segments.iter().filter(|segment| segment.permission == Permission::READ_EXECUTE);
        let allowed: Vec<_> = text.map(|segment| segment.pages).chain([jump]).collect();
        let stray = leaves.iter().filter(|leaf| leaf.flags.x()).filter(|leaf| {
            let leaf = Interval::new(leaf.virt, leaf.size);
            !allowed.iter().any(|allowed| allowed.holds(leaf))
        });
        stray.map(|leaf| format!("executable, and not the inner kernel's: {leaf}")).collect()
    }

    /// Nothing of the wrapper is mapped but the page of the jump.
    fn check_wrapper(&self, leaves: &[Leaf]) -> Vec<String> {
        let jump = Interval::new(self.pc & !(PAGE - 1), PAGE);
        let of_wrapper = leaves.iter().filter(|leaf| {
            let leaf = Interval::new(leaf.virt, leaf.size);
            self.wrapper.overlaps(leaf) && leaf != jump
        });
        of_wrapper.map(|leaf| format!("the wrapper is still mapped: {leaf}")).collect()
    }

    /// The stack is readable and writable, and the addresses below it are not mapped.
    fn check_stack(&self, leaves: &[Leaf]) -> Vec<String> {
        let mut bottom = self.stack & !(PAGE - 1);
        let is_stack = |page| {
            let leaf = mapped(leaves, page);
            leaf.is_some_and(|leaf| leaf.flags.permission() == Permission::READ_WRITE)
        };
        while bottom >= PAGE && is_stack(bottom - PAGE) {
            bottom -= PAGE;
        }
        let mut findings = Vec::new();
        if !self.stack.is_multiple_of(16) || self.stack == bottom {
            findings
                .push(format!("the stack pointer {:#x} is misaligned or has no memory below", self.stack));
        }
        for page in (bottom.saturating_sub(GUARD)..bottom).step_by(4096) {
            if let Some(leaf) = mapped(leaves, page) {
                findings.push(format!("the guard below the stack at {bottom:#x} is mapped: {leaf}"));
                break;
            }
        }
        findings
    }
}

fn unreadable(error: object::read::Error) -> Unreadable {
    Unreadable::new(format!("the inner kernel: {error}"))
}

/// Returns the leaf that maps an address.
fn mapped(leaves: &[Leaf], virt: u64) -> Option<&Leaf> {
    leaves.iter().find(|leaf| leaf.virt <= virt && virt - leaf.virt < leaf.size)
}
