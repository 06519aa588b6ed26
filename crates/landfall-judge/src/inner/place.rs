//! The place of an inner kernel, which follows from the entry.

use super::segment::Segment;
use super::{Departure, PAGE, mapped};
use crate::entry::{Leaf, Permission};
use crate::intervals::Interval;
use crate::unreadable::Unreadable;

/// The first words of a request for another entry than the file's, by Limine's protocol.
const REQUEST: [u64; 4] =
    [0xc7b1_dd30_df4c_8b88, 0x0a82_e883_a194_f07b, 0x13d8_6c03_5a1c_d3e1, 0x2b0c_aa89_d8f3_026a];
/// The offset of the requested entry, behind a revision and the address of a response.
const REQUESTED: u64 = 48;

impl Departure<'_> {
    /// Returns the kernel's addresses, from its first page to its last. `read` returns bytes of
    /// physical memory.
    ///
    /// # Errors
    /// [`Unreadable`] names the input that cannot be read.
    pub fn place(
        &self,
        leaves: &[Leaf],
        mut read: impl FnMut(u64, u64) -> Result<Vec<u8>, Unreadable>,
    ) -> Result<Interval, Unreadable> {
        let segments = self.placed(leaves, &mut read)?;
        let start = segments.iter().map(|segment| segment.pages.start).min();
        let end = segments.iter().map(|segment| segment.pages.end).max();
        let place = start.zip(end).map(|(start, end)| Interval { start, end });
        place.ok_or_else(|| Unreadable::from("the inner kernel has no segment"))
    }

    /// Returns the segments at their addresses. The entry is the file's, unless the kernel in
    /// memory requests this one.
    pub(super) fn placed(
        &self,
        leaves: &[Leaf],
        read: &mut impl FnMut(u64, u64) -> Result<Vec<u8>, Unreadable>,
    ) -> Result<Vec<Segment<'_>>, Unreadable> {
        let linked = self.segments(0)?;
        let text = linked.iter().filter(|segment| segment.permission == Permission::READ_EXECUTE);
        for text in text {
            // Two segments of text may follow each other without a gap, so each is tried.
            let Some(start) = self.executable_from(leaves) else { break };
            let segments = self.segments(start.wrapping_sub(text.pages.start))?;
            if self.is_requested(&segments, leaves, read)? {
                return Ok(segments);
            }
        }
        self.segments(self.entry.wrapping_sub(self.file_entry()?))
    }

    /// Returns the lowest address from which on all is executable, up to the entry. The page of the
    /// jump does not count.
    fn executable_from(&self, leaves: &[Leaf]) -> Option<u64> {
        let jump = self.pc & !(PAGE - 1);
        let executable = |address| {
            let leaf = mapped(leaves, address).filter(|leaf| leaf.flags.x() && leaf.virt != jump)?;
            Some(leaf.virt)
        };
        let mut start = executable(self.entry)?;
        while let Some(lower) = start.checked_sub(1).and_then(executable) {
            start = lower;
        }
        Some(start)
    }

    /// Returns true if these segments have a request for this entry. A relocation has written the
    /// entry there, so memory decides and not the file.
    fn is_requested(
        &self,
        segments: &[Segment<'_>],
        leaves: &[Leaf],
        read: &mut impl FnMut(u64, u64) -> Result<Vec<u8>, Unreadable>,
    ) -> Result<bool, Unreadable> {
        let request = REQUEST.map(u64::to_le_bytes);
        let request = request.as_flattened();
        for segment in segments {
            let places = (0..).zip(segment.contents.windows(request.len()));
            for (offset, _) in places.filter(|(_, words)| *words == request) {
                let virt = segment.start.wrapping_add(offset + REQUESTED);
                let Some(leaf) = mapped(leaves, virt) else { continue };
                let word = read(leaf.phys + (virt - leaf.virt), 8)?;
                if word == self.entry.to_le_bytes() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}
