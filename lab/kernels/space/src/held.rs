//! Mappings of the kernel's half, and what their memory must hold.

use core::sync::atomic::{AtomicU64, Ordering};

use landfall::address::{LinearAddr, PAGE_SIZE, PhysAddr, PhysRange, VirtAddr, VirtRange};
use landfall::space::{
    Area, Code, DataAccess, Device, Explanation, Kind, Refused, Region, SpaceError, Uncached,
};

use crate::machine::Space;
use crate::probe;
use crate::random::Random;
use crate::shown::Shown;
use crate::store;

/// A mapping that a hart holds.
#[derive(Debug)]
pub(crate) enum Held {
    /// Memory, and its tag, and the part of it that is read-only.
    Memory {
        area: Area,
        tag: u64,
        read_only: VirtRange,
    },
    Stack {
        area: Area,
        tag: u64,
    },
    Code {
        code: Code,
        number: u32,
    },
    Device(Device),
    Uncached {
        uncached: Uncached,
        tag: u64,
    },
}

/// Mappings that no hart caches, of all harts.
pub(crate) static UNCACHED: AtomicU64 = AtomicU64::new(0);

/// The physical address of the UART's line status, an offset within a page: without another one on
/// the command line, that of QEMU's `virt`.
static UART: AtomicU64 = AtomicU64::new(0x1000_0005);
/// Bit 6: the transmitter is empty. Any bit will do to show that the device answers.
const ANSWERS: u8 = 0x60;

/// `li a0, NUMBER` and `ret`.
pub(crate) const fn instructions(number: u32) -> u64 {
    let load = number << 20 | 0x513;
    (0x0000_8067_u64) << 32 | load as u64
}

/// Names the UART's line status, before harts work.
pub(crate) fn use_uart(line_status: u64) {
    UART.store(line_status, Ordering::Relaxed);
}

impl Held {
    /// Maps something. `None` if there is no memory at this moment.
    pub(crate) fn new(space: &Space, random: &mut Random, tag: u64) -> Option<Self> {
        let region = if random.below(3) == 0 { Region::Near } else { Region::Dynamic };
        Some(match random.below(9) {
            8 => Self::uncached(space, random, tag)?,
            0 => Self::device(space),
            1 | 2 => Self::code(space, random, region)?,
            3 => {
                let area = space
                    .map_stack(store::take(random, 1..=16)?)
                    .unwrap_or_else(|refused| panic!("{refused}"));
                stamp(area.range(), tag);
                Self::Stack { area, tag }
            }
            _ => {
                let memory = store::take(random, 1..=1024)?;
                let area = space
                    .map(memory, DataAccess::ReadWrite, region)
                    .unwrap_or_else(|refused| panic!("{refused}"));
                stamp(area.range(), tag);
                Self::Memory { area, tag, read_only: VirtRange::EMPTY }
            }
        })
    }

    /// Maps memory that no hart caches. `None` also if the harts lack Svpbmt or Zicbom.
    fn uncached(space: &Space, random: &mut Random, tag: u64) -> Option<Self> {
        let memory = store::take(random, 1..=16)?;
        let cached = linear(memory.range()).start().get();
        match space.map_uncached(memory) {
            Ok(uncached) => {
                UNCACHED.fetch_add(1, Ordering::Relaxed);
                assert!(!probe::can_load(cached), "uncached memory has a cached address");
                stamp(uncached.range(), tag);
                Some(Self::Uncached { uncached, tag })
            }
            Err(Refused { error: SpaceError::NoMemoryTypes | SpaceError::NoCacheFlush, returned }) => {
                store::give_back(returned?);
                None
            }
            Err(refused) => panic!("{refused}"),
        }
    }

    fn device(space: &Space) -> Self {
        let line_status = PhysRange::new(PhysAddr::new(UART.load(Ordering::Relaxed)), 3);
        let device = space.map_device(line_status).unwrap_or_else(|error| panic!("{error}"));
        let status = core::ptr::with_exposed_provenance::<u8>(device.registers().start().get() as usize);
        // SAFETY: the register is mapped, and reading it changes nothing that this kernel needs.
        assert!(unsafe { status.read_volatile() } & ANSWERS != 0, "the UART does not answer");
        Self::Device(device)
    }

    fn code(space: &Space, random: &mut Random, region: Region) -> Option<Self> {
        let memory = store::take(random, 1..=17)?;
        let number = random.below(2000) as u32;
        let draft = space.draft(memory, region).unwrap_or_else(|refused| panic!("{refused}"));
        let word = core::ptr::with_exposed_provenance_mut::<u64>(draft.writable().start().get() as usize);
        // SAFETY: the draft is this hart's, and writable there.
        unsafe { word.write_volatile(instructions(number)) };
        assert!(!probe::can_load(draft.range().start().get()), "a draft is mapped");
        let code = space.make_executable(draft).unwrap_or_else(|refused| panic!("{refused}"));
        Some(Self::Code { code, number })
    }

    /// Checks what the mapping leads to, and its guards.
    pub(crate) fn check(&self, space: &Space) {
        match self {
            Self::Memory { area, tag, read_only } => {
                check_stamps(area, *tag);
                check_edges(space, area.range(), Kind::Memory, PAGE_SIZE);
                if !read_only.is_empty() {
                    // SAFETY: the store must fault.
                    assert!(!unsafe { probe::can_store(read_only.start().get(), 0) }, "a store to R--");
                }
            }
            Self::Stack { area, tag } => {
                check_stamps(area, *tag);
                check_edges(space, area.range(), Kind::Stack, 64 << 10);
            }
            Self::Code { code, number } => {
                check_edges(space, code.range(), Kind::Code, PAGE_SIZE);
                assert_eq!(call(code.range().start()), u64::from(*number), "other code");
                // SAFETY: the store must fault.
                assert!(!unsafe { probe::can_store(code.readable().start().get(), 0) }, "a store to code");
            }
            Self::Uncached { uncached, tag } => {
                check_words(uncached.range(), *tag);
                check_edges(space, uncached.range(), Kind::Memory, PAGE_SIZE);
            }
            Self::Device(device) => check_edges(space, device.registers(), Kind::Device, 1),
        }
    }

    /// Changes permissions, and returns whether something has changed.
    pub(crate) fn change(&mut self, space: &Space, random: &mut Random) {
        let Self::Memory { area, tag, read_only } = self else { return };
        let pages = area.range().size() / PAGE_SIZE;
        let part = if read_only.is_empty() {
            let first = random.below(pages);
            let count = 1 + random.below(pages - first);
            VirtRange::new(area.range().start().wrapping_add(first * PAGE_SIZE), count * PAGE_SIZE)
        } else {
            *read_only
        };
        let access = if read_only.is_empty() { DataAccess::ReadOnly } else { DataAccess::ReadWrite };
        let flush = space.protect(area, part, access).unwrap_or_else(|error| panic!("{error}"));
        if random.below(2) == 0 {
            flush.complete().unwrap_or_else(|error| panic!("{error}"));
        } else {
            drop(flush);
        }
        *read_only = if access == DataAccess::ReadOnly { part } else { VirtRange::EMPTY };
        if access == DataAccess::ReadWrite {
            *tag = random.next();
            stamp(area.range(), *tag);
        }
    }

    /// Returns the mapping as other harts must see it.
    pub(crate) fn shown(&self) -> Option<Shown> {
        match self {
            Self::Memory { area, tag, read_only } => {
                let at = if read_only.is_empty() { area.range().start() } else { read_only.start() };
                let page = at.wrapping_offset_from(area.range().start()) / PAGE_SIZE;
                let word = word(*tag, page);
                Some(Shown { at: at.get(), word, can_write: read_only.is_empty(), returns: None })
            }
            Self::Code { code, number } => Some(Shown {
                at: code.range().start().get(),
                word: instructions(*number),
                can_write: false,
                returns: Some(u64::from(*number)),
            }),
            Self::Stack { .. } | Self::Device(_) | Self::Uncached { .. } => None,
        }
    }

    /// Ends the mapping. Its memory goes to the store.
    pub(crate) fn end(self, space: &Space) {
        let area = match self {
            Self::Device(device) => {
                space.unmap_device(device).unwrap_or_else(|error| panic!("{error}"));
                return;
            }
            Self::Uncached { uncached, tag } => {
                let memory = space.unmap_uncached(uncached).unwrap_or_else(|refused| panic!("{refused}"));
                check_words(linear(memory.range()), tag);
                store::give_back(memory);
                return;
            }
            Self::Code { code, .. } => {
                let at = code.readable().start().get();
                // SAFETY: no other hart looks at it any more.
                let draft =
                    unsafe { space.make_writable(code) }.unwrap_or_else(|refused| panic!("{refused}"));
                // SAFETY: the draft is this hart's.
                assert!(unsafe { probe::can_store(at, 0) }, "a draft cannot be written");
                store::give_back(space.discard(draft));
                return;
            }
            Self::Memory { area, tag, .. } | Self::Stack { area, tag } => {
                check_stamps(&area, tag);
                area
            }
        };
        let withdrawal = space.unmap(area).unwrap_or_else(|refused| panic!("{refused}"));
        store::give_back(withdrawal.complete().unwrap_or_else(|error| panic!("{error}")));
    }
}

pub(crate) fn call(at: VirtAddr) -> u64 {
    // SAFETY: the code keeps to the C calling convention.
    let code: extern "C" fn() -> u64 = unsafe { core::mem::transmute(at.get() as usize) };
    code()
}

/// Checks the addresses directly before and behind a mapping, and the farthest of the guard below.
fn check_edges(space: &Space, range: VirtRange, kind: Kind, guard: u64) {
    if kind != Kind::Device {
        let before = range.start().wrapping_sub(1).get() & !7;
        let last = range.start().wrapping_sub(guard).get();
        for at in [before, last, range.end().get()] {
            assert!(!probe::can_load(at), "a guard can be read: {at:#x}");
        }
        assert_eq!(
            space.what_is(range.start().wrapping_sub(1)),
            Explanation::GuardBelow { kind, distance: 1 }
        );
        assert_eq!(space.what_is(range.end()), Explanation::GuardAbove { kind, distance: 1 });
    }
    assert!(matches!(space.what_is(range.start()), Explanation::Mapped(found, _) if found == kind));
}

/// The word of a page.
const fn word(tag: u64, page: u64) -> u64 {
    tag ^ page << 1
}

/// Writes the word of each page.
fn stamp(range: VirtRange, tag: u64) {
    for (page, at) in pages(range) {
        let pointer = core::ptr::with_exposed_provenance_mut::<u64>(at.get() as usize);
        // SAFETY: the mapping is this hart's, and writable.
        unsafe { pointer.write_volatile(word(tag, page)) };
    }
}

/// Checks the word of each page.
fn check_words(range: VirtRange, tag: u64) {
    for (page, at) in pages(range) {
        let pointer = core::ptr::with_exposed_provenance::<u64>(at.get() as usize);
        // SAFETY: the range is mapped.
        let found = unsafe { pointer.read_volatile() };
        assert_eq!(found, word(tag, page), "page {page} at {at} holds something else");
    }
}

fn pages(range: VirtRange) -> impl Iterator<Item = (u64, VirtAddr)> {
    (0..range.size() / PAGE_SIZE).map(move |page| (page, range.start().wrapping_add(page * PAGE_SIZE)))
}

/// Returns the linear addresses of memory.
fn linear(memory: PhysRange) -> VirtRange {
    VirtRange::new(LinearAddr::from_phys(memory.start()).virt(), memory.size())
}

/// Checks the word of each page at the area's addresses, and at the linear ones.
fn check_stamps(area: &Area, tag: u64) {
    check_words(area.range(), tag);
    check_words(linear(area.memory()), tag);
}
