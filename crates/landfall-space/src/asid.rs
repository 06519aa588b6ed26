//! Numbers of address spaces.

/// The number by which a hart tells the translations of one address space from those of others
/// (privileged specification, `satp`). 0 belongs to the kernel's own root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asid(u16);

impl Asid {
    /// The kernel's own. Without ASIDs in the harts all address spaces have it.
    pub const KERNEL: Self = Self(0);

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

const WORDS: usize = 1 << 10;

/// The ASIDs that are in use: one bit for each.
#[derive(Debug)]
pub(crate) struct Asids {
    used: [u64; WORDS],
    /// There are `1 << bits`.
    bits: u32,
    /// The word in which the search begins.
    next: usize,
}

impl Asids {
    pub(crate) const fn new(bits: u32) -> Self {
        let mut used = [0; WORDS];
        used[0] = 1;
        Self { used, bits: if bits > 16 { 16 } else { bits }, next: 0 }
    }

    /// Takes an ASID that no address space has. Without ASIDs in the harts, that is the kernel's.
    /// `None` if all are in use.
    pub(crate) fn take(&mut self) -> Option<Asid> {
        if self.bits == 0 {
            return Some(Asid::KERNEL);
        }
        let count = 1_usize << self.bits;
        let words = count.div_ceil(64);
        let word = (0..words).map(|step| (self.next + step) % words).find(|word| {
            let room = if count < 64 { (1 << count) - 1 } else { u64::MAX };
            self.used[*word] & room != room
        })?;
        let bit = self.used[word].trailing_ones();
        self.used[word] |= 1 << bit;
        self.next = word;
        u16::try_from(word * 64 + bit as usize).ok().map(Asid)
    }

    /// Takes an ASID back whose translations no hart keeps.
    pub(crate) fn give_back(&mut self, asid: Asid) {
        if asid != Asid::KERNEL {
            self.used[usize::from(asid.0) / 64] &= !(1 << (asid.0 % 64));
        }
    }
}
