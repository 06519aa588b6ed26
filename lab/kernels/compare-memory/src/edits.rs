//! Mappings in the dynamic region: edits of the live tables.

use landfall::Landing;
use landfall::space::{DataAccess, LiveSpace, Memory, Placing, Region, SpaceOptions, Withdrawal};

use crate::free::Free;

/// The pages that are mapped at a time.
pub(crate) const PAGES: u64 = 4;

/// The live address space, and the memory that it maps.
pub(crate) struct Edits {
    space: LiveSpace<Free>,
    memory: Option<Memory>,
}

impl Edits {
    pub(crate) fn new(landing: &'static Landing, memory: Memory, frames: Free) -> Self {
        let Some(tables) = landing.take_tables() else { panic!("nothing else takes the tables") };
        let placing = match landing.take_entropy() {
            Some(entropy) => Placing::Random(*entropy.bytes()),
            None => Placing::FirstFit,
        };
        let space = match tables.into_space(frames, &SpaceOptions { placing, pools: &[] }) {
            Ok(space) => space,
            Err(error) => panic!("{error}"),
        };
        Self { space, memory: Some(memory) }
    }

    /// Maps the memory, writes to it, and unmaps it. Returns false if that memory is not what was
    /// mapped.
    pub(crate) fn map_and_unmap(&mut self) -> bool {
        let Some(memory) = self.memory.take() else { panic!("the memory is mapped") };
        let linear = self.space.linear(memory.range());
        let area = match self.space.map(memory, DataAccess::ReadWrite, Region::Dynamic) {
            Ok(area) => area,
            Err(refused) => panic!("{refused}"),
        };
        let [new, old] = [area.range(), linear]
            .map(|range| core::ptr::with_exposed_provenance_mut::<u64>(range.start().get() as usize));
        let mut right = true;
        for page in 0..PAGES as usize {
            let word = page * 4096 / 8;
            // SAFETY: the area maps this memory, readable and writable, and so does the linear map.
            unsafe {
                new.add(word).write_volatile(word as u64);
                right &= old.add(word).read_volatile() == word as u64;
            }
        }
        match self.space.unmap(area).map(Withdrawal::complete) {
            Ok(Ok(memory)) => self.memory = Some(memory),
            Ok(Err(error)) => panic!("{error}"),
            Err(refused) => panic!("{refused}"),
        }
        right
    }
}
