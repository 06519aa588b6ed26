//! Tables with right sums, and anything between.

use super::Memory;

/// The content of MADT and RHCT behind their headers.
#[derive(Clone, Default)]
pub(super) struct Tables {
    pub(super) madt: Vec<u8>,
    pub(super) rhct: Vec<u8>,
    /// RHCT's number of nodes; counted if it is not set.
    pub(super) nodes: u32,
}

/// The offset of RHCT's first node.
pub(super) const NODES: u32 = 56;

/// Puts a table's length and its sum right.
pub(super) fn seal(mut table: Vec<u8>) -> Vec<u8> {
    let size = u32::try_from(table.len()).expect("a small table");
    table[4..8].copy_from_slice(&size.to_le_bytes());
    table[9] = 0;
    table[9] = table.iter().fold(0_u8, |sum, byte| sum.wrapping_sub(*byte));
    table
}

fn header(name: [u8; 4], more: &[u8]) -> Vec<u8> {
    let mut table = vec![0; 36];
    table[..4].copy_from_slice(&name);
    table.extend(more);
    table
}

/// A root pointer, sealed.
pub(super) fn root(list: u64, revision: u8) -> Vec<u8> {
    let mut root =
        [b"RSD PTR \0OEMIDS\0".as_slice(), &[0; 4], &36_u32.to_le_bytes(), &list.to_le_bytes(), &[0; 4]]
            .concat();
    root[15] = revision;
    root[8] = root[..20].iter().fold(0_u8, |sum, byte| sum.wrapping_sub(*byte));
    root[32] = root.iter().fold(0_u8, |sum, byte| sum.wrapping_sub(*byte));
    root
}

/// A list of the tables at these addresses.
pub(super) fn list(addresses: &[u64]) -> Vec<u8> {
    seal(header(*b"XSDT", &addresses.iter().flat_map(|at| at.to_le_bytes()).collect::<Vec<_>>()))
}

impl Tables {
    /// A hart's entry in MADT.
    pub(super) fn hart(mut self, id: u64, uid: u32, flags: u32) -> Self {
        self.madt.extend([0x18, 36, 1, 0]);
        self.madt.extend(flags.to_le_bytes());
        self.madt.extend(id.to_le_bytes());
        self.madt.extend(uid.to_le_bytes());
        self.madt.extend([0; 16]);
        self
    }

    /// A node of RHCT, of this kind, and where it is.
    pub(super) fn node(&mut self, kind: u16, bytes: &[u8]) -> u32 {
        let at = NODES + u32::try_from(self.rhct.len()).expect("a small table");
        let size = u16::try_from(6 + bytes.len()).expect("a small node");
        for half in [kind, size, 1] {
            self.rhct.extend(half.to_le_bytes());
        }
        self.rhct.extend(bytes);
        self.nodes += 1;
        at
    }

    pub(super) fn isa(&mut self, isa: &str) -> u32 {
        let size = u16::try_from(isa.len()).expect("a short text");
        self.node(0, &[&size.to_le_bytes(), isa.as_bytes()].concat())
    }

    pub(super) fn mmu(&mut self, kind: u8) -> u32 {
        self.node(2, &[0, kind])
    }

    /// Which nodes belong to a processor.
    pub(super) fn info(&mut self, uid: u32, offsets: &[u32]) {
        let count = u16::try_from(offsets.len()).expect("a few");
        let offsets: Vec<u8> = offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect();
        self.node(0xffff, &[&count.to_le_bytes()[..], &uid.to_le_bytes(), &offsets].concat());
    }

    pub(super) fn memory(&self) -> Memory {
        let madt = seal(header(*b"APIC", &[&[0; 8], &self.madt[..]].concat()));
        let mut fields = [&[0; 4][..], &10_000_000_u64.to_le_bytes()].concat();
        fields.extend([self.nodes, NODES].map(u32::to_le_bytes).concat());
        fields.extend(&self.rhct);
        let rhct = seal(header(*b"RHCT", &fields));
        let parts = vec![
            (0x1000, root(0x2000, 2)),
            (0x2000, list(&[0x10_0000, 0x40_0000])),
            (0x10_0000, rhct),
            (0x40_0000, madt),
        ];
        Memory { parts, root: 0x1000 }
    }
}
