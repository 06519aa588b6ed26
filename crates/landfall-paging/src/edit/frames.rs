//! Where frames for tables come from.

use super::EditError;
use crate::addr::PhysAddr;
use crate::entry::Entry;
use crate::memory::{TableMemory, TableReader};

/// A source of frames for tables: 4 KiB each, aligned, reached through the editor's memory.
pub trait Frames {
    /// A frame that is nobody's, or `None` where there are no more. It may hold anything.
    fn take(&mut self) -> Option<PhysAddr>;

    /// Takes a frame back: one that [`Frames::take`] gave, or one that held a table before there was an editor.
    ///
    /// Harts may still read it as a table, so nothing may be written to it before all of them have executed the [`Fence`](super::Fence)
    /// that the operation returns. An editor that takes it again before that writes to it.
    fn give_back(&mut self, frame: PhysAddr);
}

impl<F: Frames + ?Sized> Frames for &mut F {
    fn take(&mut self) -> Option<PhysAddr> {
        (**self).take()
    }

    fn give_back(&mut self, frame: PhysAddr) {
        (**self).give_back(frame);
    }
}

/// The frames of one operation, taken before it begins. They are nobody's yet, so each holds the address of the next in its first word, and
/// any number of them takes no room.
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
