//! The memory of a module while it is written, and its end.

use landfall_paging::{VirtAddr, VirtRange};
use landfall_space::{
    Area, DataAccess, Draft, KernelSpace, Machine, Memory, Refused, Region, SpaceError, Withdrawal,
};

use crate::error::LoadError;
use crate::layout::Sizes;
use crate::modules::{Modules, Pages, Parts};
use crate::part::{Bases, Part};
use crate::platform::Platform;

/// The parts of a module that is not complete: writable, and executable nowhere.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    text: Option<Draft>,
    constants: Option<Draft>,
    data: Option<Area>,
    /// The linear addresses of the data.
    data_linear: Option<VirtRange>,
}

impl Drafts {
    /// Takes addresses for a part.
    fn reserve<M: Machine>(
        &mut self,
        space: &KernelSpace<M>,
        part: Part,
        memory: Memory,
    ) -> Result<(), Refused<Memory>> {
        let linear = space.linear(memory.range());
        match part {
            Part::Text => space.draft(memory, Region::Near).map(|draft| self.text = Some(draft)),
            Part::Constants => space.draft(memory, Region::Near).map(|draft| self.constants = Some(draft)),
            Part::Data => space.map(memory, DataAccess::ReadWrite, Region::Near).map(|area| {
                self.data = Some(area);
                self.data_linear = Some(linear);
            }),
        }
    }

    /// Returns the addresses of the parts. A part without bytes has the address 0.
    pub(crate) fn bases(&self) -> Bases {
        let start = |range: Option<VirtRange>| range.map_or(VirtAddr::new(0), VirtRange::start);
        Bases([
            start(self.text.as_ref().map(Draft::range)),
            start(self.constants.as_ref().map(Draft::range)),
            start(self.data.as_ref().map(Area::range)),
        ])
    }

    /// Returns the addresses at which a part is written: whole pages.
    pub(crate) fn writable(&self, part: Part) -> VirtRange {
        let range = match part {
            Part::Text => self.text.as_ref().map(Draft::writable),
            Part::Constants => self.constants.as_ref().map(Draft::writable),
            Part::Data => self.data_linear,
        };
        range.unwrap_or(VirtRange::EMPTY)
    }

    /// Ends the drafts, and returns their memory. Memory that a failed fence withholds is missing.
    fn into_memory<M: Machine>(self, space: &KernelSpace<M>) -> impl Iterator<Item = Memory> {
        let data = self.data.and_then(|area| unmap(space, area).ok());
        let drafts = self.text.into_iter().chain(self.constants);
        drafts.map(move |draft| space.discard(draft)).chain(data)
    }
}

fn unmap<M: Machine>(space: &KernelSpace<M>, area: Area) -> Result<Memory, SpaceError> {
    let withdrawal = space.unmap(area).map_err(|refused| refused.error)?;
    Withdrawal::complete(withdrawal).map_err(SpaceError::Fence)
}

impl<M: Machine, P: Platform> Modules<M, P> {
    /// Takes memory and addresses for each part.
    pub(crate) fn reserve(&self, sizes: &Sizes, pages: &mut impl Pages) -> Result<Drafts, LoadError> {
        let mut drafts = Drafts::default();
        for part in Part::ALL.into_iter().filter(|part| sizes.of(*part) != 0) {
            let count = sizes.pages(part);
            let memory = pages.take(count).ok_or(LoadError::NoMemory { part, pages: count });
            let reserved = memory.and_then(|memory| {
                drafts.reserve(self.space, part, memory).map_err(|Refused { error, returned, .. }| {
                    if let Some(memory) = returned {
                        self.give_back(memory, pages);
                    }
                    LoadError::Space(error)
                })
            });
            if let Err(error) = reserved {
                self.discard(drafts, pages);
                return Err(error);
            }
        }
        Ok(drafts)
    }

    /// Ends drafts: their memory is wiped and given back.
    pub(crate) fn discard(&self, drafts: Drafts, pages: &mut impl Pages) {
        drafts.into_memory(self.space).for_each(|memory| self.give_back(memory, pages));
    }

    /// Gives each part its permissions.
    pub(crate) fn seal(&self, drafts: Drafts, pages: &mut impl Pages) -> Result<Parts, LoadError> {
        let Drafts { text, constants, data, .. } = drafts;
        let mut parts = Parts { text: None, constants: None, data };
        // The text last: its instructions reach the rest.
        let sealed = match constants.map(|draft| self.space.make_constant(draft)).transpose() {
            Ok(constants) => {
                parts.constants = constants;
                match text.map(|draft| self.space.make_executable(draft)).transpose() {
                    Ok(text) => {
                        parts.text = text;
                        return Ok(parts);
                    }
                    Err(refused) => refused,
                }
            }
            Err(refused) => {
                if let Some(draft) = text {
                    self.give_back(self.space.discard(draft), pages);
                }
                refused
            }
        };
        let Refused { error, returned, .. } = sealed;
        if let Some(draft) = returned {
            self.give_back(self.space.discard(draft), pages);
        }
        // SAFETY: the text was not made executable.
        let _ = unsafe { self.take_down(parts, pages) };
        Err(LoadError::Space(error))
    }

    /// Unmaps the parts of a module on every hart, wipes them, and gives their memory back.
    ///
    /// # Safety
    /// No hart executes the text, and none will.
    pub(crate) unsafe fn take_down(&self, parts: Parts, pages: &mut impl Pages) -> Result<(), SpaceError> {
        let Parts { text, constants, data } = parts;
        let mut result = Ok(());
        let mut end = |memory: Result<Memory, SpaceError>| match memory {
            Ok(memory) => self.give_back(memory, pages),
            Err(error) => result = Err(error),
        };
        if let Some(code) = text {
            // SAFETY: the caller vouches for it.
            let draft = unsafe { self.space.make_writable(code) };
            end(draft.map(|draft| self.space.discard(draft)).map_err(|refused| refused.error));
        }
        if let Some(constants) = constants {
            let draft = self.space.make_changeable(constants);
            end(draft.map(|draft| self.space.discard(draft)).map_err(|refused| refused.error));
        }
        if let Some(area) = data {
            end(unmap(self.space, area));
        }
        result
    }

    fn give_back(&self, memory: Memory, pages: &mut impl Pages) {
        self.zero(self.space.linear(memory.range()));
        pages.give_back(memory);
    }
}
