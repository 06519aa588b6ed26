//! The tickets: a hart finds its registers in its own, and reports there that it has left the
//! wrapper. They lie before the boot information, in the linear map.

use core::sync::atomic::{AtomicU64, Ordering};

use landfall::Landing;
use landfall::address::VirtAddr;
use landfall::harts::LandingHart;

/// Bytes of a ticket.
///
/// ```text
/// 0 the hart's id    8 state    16 the address of its release word    24 a0    32 a1    40 stack
/// ```
const SIZE: usize = 6 * 8;

/// The tickets of the harts that landed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tickets {
    first: VirtAddr,
    count: usize,
}

/// A ticket in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket(VirtAddr);

/// The contents of a ticket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) id: u64,
    pub(super) release: VirtAddr,
    pub(super) a0: u64,
    pub(super) a1: u64,
    pub(super) stack: VirtAddr,
}

/// The words of a hart that waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    /// The inner kernel writes the address at which the hart goes on.
    pub(super) release: VirtAddr,
    /// The hart writes 1.
    pub(super) state: VirtAddr,
}

/// Returns the harts that landed.
pub(super) fn online(landing: &Landing) -> impl Iterator<Item = LandingHart> + '_ {
    landing.harts().filter(LandingHart::is_online)
}

/// Returns true if the firmware holds the hart.
pub(super) fn is_stopped(id: u64) -> bool {
    /// The value of `hart_get_status` for such a hart (SBI, table 9.1).
    const STOPPED: usize = 1;
    sbi_rt::hart_get_status(id as usize).value == STOPPED
}

/// Returns the bytes of all tickets.
pub(super) fn size(landing: &Landing) -> usize {
    online(landing).count() * SIZE
}

impl Tickets {
    /// Writes tickets to `room`, which begins at `first` in the linear map, as many as fit.
    pub(super) fn write(room: &mut [u8], first: VirtAddr, entries: impl Iterator<Item = Entry>) -> Self {
        let mut count = 0;
        for (place, entry) in room.chunks_exact_mut(SIZE).zip(entries) {
            let Entry { id, release, a0, a1, stack } = entry;
            let words = [id, 0, release.get(), a0, a1, stack.get()];
            place
                .as_chunks_mut()
                .0
                .iter_mut()
                .zip(words)
                .for_each(|(place, word)| *place = word.to_le_bytes());
            count += 1;
        }
        Self { first, count }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Ticket> {
        (0..self.count).map(move |number| Ticket(self.first.wrapping_add((number * SIZE) as u64)))
    }

    /// Returns the ticket of a hart.
    pub(super) fn find(self, id: u64) -> Option<Ticket> {
        self.iter().find(|ticket| ticket.id() == id)
    }
}

impl Ticket {
    pub(super) fn id(self) -> u64 {
        self.word(0).load(Ordering::Relaxed)
    }

    /// Returns true if the hart has left the wrapper: it waits, or the firmware has it.
    pub(super) fn has_left(self) -> bool {
        if self.has_release() { self.word(8).load(Ordering::Acquire) != 0 } else { is_stopped(self.id()) }
    }

    /// Returns true if the inner kernel can start the hart. The hart stops otherwise.
    pub(super) fn has_release(self) -> bool {
        self.address(16).get() != 0
    }

    pub(super) fn waiting(self) -> Waiting {
        Waiting { release: self.address(16), state: self.0.wrapping_add(8) }
    }

    pub(super) fn a0(self) -> u64 {
        self.word(24).load(Ordering::Relaxed)
    }

    pub(super) fn a1(self) -> u64 {
        self.word(32).load(Ordering::Relaxed)
    }

    pub(super) fn stack(self) -> VirtAddr {
        self.address(40)
    }

    fn address(self, offset: u64) -> VirtAddr {
        VirtAddr::new(self.word(offset).load(Ordering::Relaxed))
    }

    fn word(self, offset: u64) -> &'static AtomicU64 {
        let place = self.0.wrapping_add(offset).get() as usize;
        // SAFETY: `Tickets::write` made this value, and its reference to the memory has ended.
        // Harts change words of tickets as a whole.
        unsafe { AtomicU64::from_ptr(core::ptr::with_exposed_provenance_mut(place)) }
    }
}
