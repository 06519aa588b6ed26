//! Bytes of the running kernel that the next one gets, and the memory that holds them.

use landfall_paging::{PhysAddr, PhysRange};

/// Bytes that the next kernel gets: its image or its initrd.
#[derive(Clone, Copy, Debug)]
pub struct Blob<'a> {
    bytes: &'a [u8],
    pieces: Pieces<'a>,
}

/// The memory of the bytes, in their order.
#[derive(Clone, Copy, Debug)]
enum Pieces<'a> {
    One(PhysAddr),
    Many(&'a [PhysRange]),
}

impl<'a> Blob<'a> {
    /// Returns bytes that lie in one piece of physical memory, which begins at `at`. In the linear
    /// map all bytes do.
    #[must_use]
    pub const fn contiguous(bytes: &'a [u8], at: PhysAddr) -> Self {
        Self { bytes, pieces: Pieces::One(at) }
    }

    /// Returns bytes that lie in several pieces of physical memory, such as the frames behind a
    /// mapping. The pieces have the order of the bytes, and together as many bytes.
    #[must_use]
    pub const fn scattered(bytes: &'a [u8], pieces: &'a [PhysRange]) -> Self {
        Self { bytes, pieces: Pieces::Many(pieces) }
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns the number of bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Returns the physical memory of the bytes, in their order.
    pub fn pieces(self) -> impl Iterator<Item = PhysRange> + Clone + 'a {
        let (one, many) = match self.pieces {
            Pieces::One(at) => (Some(PhysRange::new(at, self.size())), &[][..]),
            Pieces::Many(pieces) => (None, pieces),
        };
        one.into_iter().chain(many.iter().copied())
    }

    /// Returns the physical memory of `size` bytes from `offset` on, in their order.
    pub(crate) fn pieces_of(self, offset: u64, size: u64) -> impl Iterator<Item = PhysRange> + Clone + 'a {
        let (mut skip, mut left) = (offset, size);
        self.pieces().filter_map(move |piece| {
            let skipped = skip.min(piece.size());
            let taken = left.min(piece.size() - skipped);
            (skip, left) = (skip - skipped, left - taken);
            (taken != 0).then(|| PhysRange::new(piece.start().wrapping_add(skipped), taken))
        })
    }

    /// Returns true if the pieces hold exactly the bytes, and each lies in one range of `ram`.
    pub(crate) fn is_in(self, ram: &[PhysRange]) -> bool {
        let is_ram = |piece: PhysRange| ram.iter().any(|ram| ram.contains(piece));
        let held = self.pieces().try_fold(0_u64, |held, piece| held.checked_add(piece.size()));
        held == Some(self.size()) && self.pieces().all(|piece| piece.is_empty() || is_ram(piece))
    }

    /// Returns the memory of the bytes if it is one piece.
    pub(crate) fn in_one_piece(self) -> Option<PhysRange> {
        let mut pieces = self.pieces().filter(|piece| !piece.is_empty());
        let first = pieces.next()?;
        pieces.try_fold(first, |all, piece| {
            (piece.start() == all.end()).then(|| PhysRange::between(all.start(), piece.end()))
        })
    }
}
