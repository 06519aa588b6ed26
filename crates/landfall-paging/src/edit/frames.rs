//! The source of frames for tables.

use super::EditError;
use crate::addr::PhysAddr;
use crate::entry::Entry;
use crate::memory::{TableMemory, TableReader};

/// A source of frames for tables: 4 KiB each, aligned, reached through the editor's memory.
///
/// # Safety
/// Tables are written to these frames, and harts walk them. So, for every frame that
/// [`Frames::take`] returns:
///
/// - It is RAM that the editor's memory reaches. With the editor of the landing's tables, the
///   linear map holds it.
/// - Nothing else uses it from then on until it is given back: no object, no other source, no
///   device, no other table.
///
/// A released frame must not be reused, even as a table, until every hart that uses the
/// tables has executed the [`Fence`](super::Fence) of the operation. Until then a hart may read it
/// as a table, and a hart that sets A and D by itself may write to it. A source that does not learn
/// of fences keeps such frames for good.
#[expect(unsafe_code, reason = "a frame that is not free would be overwritten by a table")]
pub unsafe trait Frames {
    /// Returns a frame that nothing else uses, or `None` if there are no more. It may hold
    /// anything.
    fn take(&mut self) -> Option<PhysAddr>;

    /// Takes a frame back: one that [`Frames::take`] returned, or one that held a table before
    /// there was an editor.
    fn give_back(&mut self, frame: PhysAddr);
}

// SAFETY: it is the same source.
#[expect(unsafe_code, reason = "it passes on what the other source promises")]
unsafe impl<F: Frames + ?Sized> Frames for &mut F {
    fn take(&mut self) -> Option<PhysAddr> {
        (**self).take()
    }

    fn give_back(&mut self, frame: PhysAddr) {
        (**self).give_back(frame);
    }
}

/// The frames of one operation, taken before it begins. They have no user yet, so each holds the
/// address of the next in its first word, and the list takes no memory.
#[derive(Debug)]
pub(super) struct Reserve {
    next: PhysAddr,
}

impl Reserve {
    /// Takes `needed` frames.
    ///
    /// # Errors
    /// [`EditError::OutOfFrames`]; all are back where they came from then.
    pub(super) fn fill<M: TableReader + TableMemory>(
        needed: u64,
        frames: &mut impl Frames,
        memory: &mut M,
    ) -> Result<Self, EditError> {
        let mut reserve = Self { next: PhysAddr::new(0) };
        for found in 0..needed {
            let Some(frame) = frames.take() else {
                for _ in 0..found {
                    frames.give_back(reserve.take(memory));
                }
                return Err(EditError::OutOfFrames { needed, found });
            };
            memory.write_run(frame, Entry::from_bits(reserve.next.get()), 0, 1);
            reserve.next = frame;
        }
        Ok(reserve)
    }

    /// One of the frames. There are as many as were counted, so the last is never passed.
    pub(super) fn take(&mut self, memory: &impl TableReader) -> PhysAddr {
        let frame = self.next;
        self.next = PhysAddr::new(memory.read(frame).bits());
        frame
    }
}
