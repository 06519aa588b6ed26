//! The memory of a machine.

use std::collections::BTreeMap;

use landfall_kexec::Step;
use landfall_paging::PhysRange;

use crate::byte;

const PAGE: u64 = 4096;

/// Pages that were written. Each other byte has a value of its own that is not 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    pages: BTreeMap<u64, Vec<u8>>,
}

/// The first value of a byte.
const fn initial(at: u64) -> u8 {
    byte(at ^ (at >> 8) ^ (at >> 16))
}

impl Memory {
    fn page(&mut self, at: u64) -> &mut Vec<u8> {
        let start = at / PAGE * PAGE;
        self.pages.entry(start).or_insert_with(|| (start..start + PAGE).map(initial).collect())
    }

    pub(crate) fn read(&self, at: u64, size: u64) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(usize::try_from(size).expect("a small size"));
        let mut here = at;
        while here < at + size {
            let count = (PAGE - here % PAGE).min(at + size - here);
            let offset = usize::try_from(here % PAGE).expect("in a page");
            match self.pages.get(&(here / PAGE * PAGE)) {
                Some(page) => bytes.extend(&page[offset..][..usize::try_from(count).expect("in a page")]),
                None => bytes.extend((here..here + count).map(initial)),
            }
            here += count;
        }
        bytes
    }

    pub(crate) fn write(&mut self, at: u64, mut bytes: &[u8]) {
        let mut here = at;
        while !bytes.is_empty() {
            let offset = usize::try_from(here % PAGE).expect("in a page");
            let (now, rest) = bytes.split_at(bytes.len().min(4096 - offset));
            self.page(here)[offset..][..now.len()].copy_from_slice(now);
            (here, bytes) = (here + now.len() as u64, rest);
        }
    }

    /// Returns true if all of a range is 0.
    pub(crate) fn is_zero(&self, range: PhysRange) -> bool {
        self.read(range.start().get(), range.size()).iter().all(|byte| *byte == 0)
    }

    /// Carries a step out.
    pub(crate) fn step(&mut self, step: Step) {
        match step {
            Step::None => {}
            Step::Copy { from, to } => {
                let bytes = self.read(from.get(), to.size());
                self.write(to.start().get(), &bytes);
            }
            Step::Zero(range) => {
                let zeros = vec![0; usize::try_from(range.size()).expect("a small size")];
                self.write(range.start().get(), &zeros);
            }
            other => panic!("{other:?} is no step of a plan"),
        }
    }
}
