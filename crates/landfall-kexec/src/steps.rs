//! The steps of the copier, and their order: no step overwrites what a later one reads.

use landfall_paging::{PhysAddr, PhysRange};

/// A step of the copier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Nothing.
    #[default]
    None,
    /// Copies bytes. The two places may overlap.
    Copy {
        /// The first byte to read.
        from: PhysAddr,
        /// The memory to write.
        to: PhysRange,
    },
    /// Writes zeros.
    Zero(PhysRange),
    /// Compares a [checksum](crate::sum) with that of memory. If they differ, the machine powers
    /// off.
    Check {
        /// The memory: whole words.
        range: PhysRange,
        /// The checksum.
        sum: u64,
    },
}

impl Step {
    /// Bytes of a step in the copier's list.
    pub const SIZE: usize = 32;

    /// Returns the step as the copier reads it: kind, then up to three numbers.
    #[must_use]
    pub const fn words(&self) -> [u64; 4] {
        match self {
            Self::None => [0; 4],
            Self::Copy { from, to } => [1, from.get(), to.start().get(), to.size()],
            Self::Zero(range) => [2, 0, range.start().get(), range.size()],
            Self::Check { range, sum } => [3, *sum, range.start().get(), range.size()],
        }
    }

    /// Returns the memory that the step writes.
    #[must_use]
    pub const fn target(&self) -> PhysRange {
        match self {
            Self::Copy { to, .. } => *to,
            Self::Zero(range) => *range,
            Self::None | Self::Check { .. } => PhysRange::EMPTY,
        }
    }

    /// Returns the memory that the step reads.
    #[must_use]
    pub const fn source(&self) -> PhysRange {
        match self {
            Self::Copy { from, to } => PhysRange::new(*from, to.size()),
            Self::Check { range, .. } => *range,
            Self::None | Self::Zero(_) => PhysRange::EMPTY,
        }
    }
}

/// The steps of a plan, in memory of the caller's.
#[derive(Debug)]
pub(crate) struct Steps<'a> {
    all: &'a mut [Step],
    count: usize,
}

/// There is no order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OrderError {
    /// The memory for steps is too small.
    Full,
    /// Steps overwrite each other's sources in a circle, and there is no memory to put one aside.
    NoRoom {
        /// Bytes that must be put aside.
        size: u64,
    },
}

impl<'a> Steps<'a> {
    pub(crate) const fn new(all: &'a mut [Step]) -> Self {
        Self { all, count: 0 }
    }

    pub(crate) fn as_slice(&self) -> &[Step] {
        self.all.get(..self.count).unwrap_or_default()
    }

    pub(crate) fn push(&mut self, step: Step) -> Result<(), OrderError> {
        *self.all.get_mut(self.count).ok_or(OrderError::Full)? = step;
        self.count += 1;
        Ok(())
    }

    /// Adds a copy of a piece. Nothing if it is in its place already; one step with the one before
    /// if they touch.
    pub(crate) fn copy(&mut self, from: PhysRange, to: PhysAddr) -> Result<(), OrderError> {
        if from.is_empty() || from.start() == to {
            return Ok(());
        }
        let last = self.count.checked_sub(1).and_then(|last| self.all.get_mut(last));
        if let Some(Step::Copy { from: before, to: target }) = last
            && target.end() == to
            && before.wrapping_add(target.size()) == from.start()
        {
            *target = PhysRange::new(target.start(), target.size() + from.size());
            return Ok(());
        }
        self.push(Step::Copy { from: from.start(), to: PhysRange::new(to, from.size()) })
    }

    /// Orders the steps: each comes after all others that read what it overwrites. No two steps
    /// write the same memory. `spare` returns memory, of at most so many bytes, that no step reads
    /// or writes; each call returns other memory. A piece is put aside there where steps form a
    /// circle.
    pub(crate) fn order(
        &mut self,
        mut spare: impl FnMut(u64, &[Step]) -> Option<PhysRange>,
    ) -> Result<(), OrderError> {
        let mut done = 0;
        while done < self.count {
            if let Some(next) = self.unblocked(done) {
                self.all.swap(done, next);
                done += 1;
            } else {
                self.put_aside(done, &mut spare)?;
                done += 1;
            }
        }
        Ok(())
    }

    /// Returns a step from `done` on whose target no other one from `done` on reads.
    fn unblocked(&self, done: usize) -> Option<usize> {
        let pending = self.as_slice().get(done..)?;
        let is_read = |index: usize, target: PhysRange| {
            let others = pending.iter().enumerate().filter(|(other, _)| *other != index);
            others.map(|(_, step)| step.source()).any(|source| source.overlaps(target))
        };
        let mut steps = pending.iter().enumerate();
        steps.find(|(index, step)| !is_read(*index, step.target())).map(|(index, _)| done + index)
    }

    /// Copies the source of the smallest step that blocks another one from `done` on to spare
    /// memory. The copy takes the place `done` in the order.
    fn put_aside(
        &mut self,
        done: usize,
        spare: &mut impl FnMut(u64, &[Step]) -> Option<PhysRange>,
    ) -> Result<(), OrderError> {
        let pending = self.as_slice().get(done..).unwrap_or_default();
        let blocks = |(index, step): &(usize, &Step)| {
            let others = pending.iter().enumerate().filter(|(other, _)| other != index);
            others.map(|(_, other)| other.target()).any(|target| target.overlaps(step.source()))
        };
        let blocking = pending.iter().enumerate().filter(blocks);
        let smallest = blocking.min_by_key(|(_, step)| step.source().size());
        // Steps that read nothing block no other one.
        let (index, step) = smallest.ok_or(OrderError::NoRoom { size: 0 })?;
        let (source, target) = (step.source(), step.target());
        let index = done + index;
        let room = spare(source.size(), self.as_slice()).filter(|room| !room.is_empty());
        let room = room.ok_or(OrderError::NoRoom { size: source.size() })?;
        let size = room.size().min(source.size());
        // The rest stays a step of its own.
        let (aside, rest) = (PhysRange::new(source.start(), size), source.size() - size);
        if rest != 0 {
            let from = source.start().wrapping_add(size);
            self.push(Step::Copy { from, to: PhysRange::new(target.start().wrapping_add(size), rest) })?;
        }
        let put_aside = Step::Copy { from: aside.start(), to: PhysRange::new(room.start(), size) };
        self.push(put_aside)?;
        if let Some(step) = self.all.get_mut(index) {
            *step = Step::Copy { from: room.start(), to: PhysRange::new(target.start(), size) };
        }
        self.all.swap(done, self.count - 1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn range(start: u64, end: u64) -> PhysRange {
        PhysRange::between(PhysAddr::new(start), PhysAddr::new(end))
    }

    /// Carries steps out byte by byte on a small memory.
    fn carry_out(memory: &mut [u8], steps: &[Step]) {
        for step in steps {
            let [kind, from, to, size] =
                step.words().map(|word| usize::try_from(word).expect("a small memory"));
            match kind {
                1 => memory.copy_within(from..from + size, to),
                2 => memory[to..to + size].fill(0),
                _ => {}
            }
        }
    }

    #[test]
    fn a_circle_is_broken_by_a_piece_put_aside() {
        let mut room = [Step::None; 8];
        let mut steps = Steps::new(&mut room);
        steps.copy(range(0, 16), PhysAddr::new(16)).expect("room");
        steps.copy(range(16, 24), PhysAddr::new(0)).expect("room");
        steps.copy(range(24, 32), PhysAddr::new(8)).expect("room");
        let mut memory: Vec<u8> = (0..64).collect();
        steps.order(|size, _| Some(range(40, 40 + size))).expect("an order");
        carry_out(&mut memory, steps.as_slice());
        let expected: Vec<u8> = (16..32).chain(0..16).collect();
        assert_eq!(memory[..32], expected);
    }

    #[test]
    fn without_spare_memory_a_circle_has_no_order() {
        let mut room = [Step::None; 8];
        let mut steps = Steps::new(&mut room);
        steps.copy(range(0, 16), PhysAddr::new(16)).expect("room");
        steps.copy(range(16, 24), PhysAddr::new(0)).expect("room");
        assert_eq!(steps.order(|_, _| None), Err(OrderError::NoRoom { size: 8 }));
    }

    #[test]
    fn spare_memory_in_pieces_does() {
        let mut room = [Step::None; 64];
        let mut steps = Steps::new(&mut room);
        steps.copy(range(0, 16), PhysAddr::new(16)).expect("room");
        steps.copy(range(16, 32), PhysAddr::new(0)).expect("room");
        let mut at = 32;
        let spare = |_, _: &[Step]| {
            at += 2;
            Some(range(at - 2, at))
        };
        steps.order(spare).expect("an order");
        let mut memory: Vec<u8> = (0..64).collect();
        carry_out(&mut memory, steps.as_slice());
        let expected: Vec<u8> = (16..32).chain(0..16).collect();
        assert_eq!(memory[..32], expected);
    }

    #[test]
    fn bytes_in_their_place_need_no_step() {
        let mut room = [Step::None; 2];
        let mut steps = Steps::new(&mut room);
        steps.copy(range(0, 16), PhysAddr::new(0)).expect("room");
        assert!(steps.as_slice().is_empty());
        steps.copy(range(0, 16), PhysAddr::new(32)).expect("room");
        steps.copy(range(16, 24), PhysAddr::new(48)).expect("room");
        assert_eq!(steps.as_slice(), [Step::Copy { from: PhysAddr::new(0), to: range(32, 56) }]);
    }
}
