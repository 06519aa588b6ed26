//! Code with labels, in an image with Linux's boot header.

use std::collections::HashMap;

use super::encode::{NOP, immediate, split};

/// The physical address at which QEMU loads the image.
pub const BASE: u64 = 0x8020_0000;

/// The length of Linux's boot header.
const HEADER: usize = 64;

/// A place in the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Label(usize);

/// The form in which an instruction holds the distance to a label.
#[derive(Clone, Copy, Debug)]
enum Reach {
    /// `beq` and others.
    Branch,
    /// `jal`.
    Jump,
    /// `c.beqz` and `c.bnez`.
    CompressedBranch,
    /// `c.j`.
    CompressedJump,
    /// `auipc` and `addi` behind it.
    Address,
    /// 8 bytes of data: a page-table entry with the address's page number.
    Entry,
}

/// An image that grows.
#[derive(Debug)]
pub struct Assembler {
    bytes: Vec<u8>,
    labels: HashMap<Label, usize>,
    next: usize,
    fixes: Vec<(usize, Label, Reach)>,
}

impl Assembler {
    /// Returns an image with a header whose first instruction goes to the code behind it.
    #[must_use]
    pub fn new() -> Self {
        let mut this = Self { bytes: Vec::new(), labels: HashMap::new(), next: 0, fixes: Vec::new() };
        let start = this.label();
        this.jump(0, start);
        this.emit(NOP);
        // text_offset; image_size comes at the end; flags: little-endian.
        for value in [0x20_0000_u64, 0, 0] {
            this.data(&value.to_le_bytes());
        }
        // Version 0.2, two reserved fields, both magic numbers, a reserved field.
        this.data(&2_u32.to_le_bytes());
        this.data(&[0; 12]);
        this.data(b"RISCV\0\0\0RSC\x05\0\0\0\0");
        debug_assert_eq!(this.bytes.len(), HEADER, "the header's length");
        this.place(start);
        this
    }

    /// Returns a label that is placed later.
    pub const fn label(&mut self) -> Label {
        self.next += 1;
        Label(self.next)
    }

    /// Places a label here.
    pub fn place(&mut self, label: Label) {
        self.labels.insert(label, self.bytes.len());
    }

    /// Returns the physical address of what comes next.
    #[must_use]
    pub const fn here(&self) -> u64 {
        BASE + self.bytes.len() as u64
    }

    /// Adds bytes.
    pub fn data(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// Adds zeros up to a multiple of `alignment`.
    pub fn align(&mut self, alignment: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(alignment), 0);
    }

    /// Adds an instruction of 2 or 4 bytes.
    pub fn emit(&mut self, bits: u32) {
        let bytes = bits.to_le_bytes();
        self.data(if bits & 3 == 3 { &bytes } else { &bytes[..2] });
    }

    /// Adds `jal register, label`.
    pub fn jump(&mut self, register: u32, label: Label) {
        self.fixes.push((self.bytes.len(), label, Reach::Jump));
        self.emit(0x6f | register << 7);
    }

    /// Adds a branch whose immediate is 0 in `bits`.
    pub fn branch(&mut self, bits: u32, label: Label) {
        self.fixes.push((self.bytes.len(), label, Reach::Branch));
        self.emit(bits);
    }

    /// Adds `c.beqz` or `c.bnez` whose immediate is 0 in `bits`.
    pub fn compressed_branch(&mut self, bits: u32, label: Label) {
        self.fixes.push((self.bytes.len(), label, Reach::CompressedBranch));
        self.emit(bits);
    }

    /// Adds `c.j`.
    pub fn compressed_jump(&mut self, label: Label) {
        self.fixes.push((self.bytes.len(), label, Reach::CompressedJump));
        self.emit(0xa001);
    }

    /// Adds `auipc` and `addi`, which load the address of a label.
    pub fn address(&mut self, register: u32, label: Label) {
        self.fixes.push((self.bytes.len(), label, Reach::Address));
        self.emit(0x17 | register << 7);
        self.emit(immediate("addi", register, register, 0));
    }

    /// Adds a page-table entry that points to the page of a label.
    pub fn entry(&mut self, label: Label, flags: u64) {
        self.fixes.push((self.bytes.len(), label, Reach::Entry));
        self.data(&flags.to_le_bytes());
    }

    /// Adds instructions that load a constant.
    pub fn constant(&mut self, register: u32, value: u64) {
        let low = value << 52 >> 52;
        let low_signed = i64::from_le_bytes((low << 52).to_le_bytes()) >> 52;
        let rest = value.wrapping_sub(u64::from_le_bytes(low_signed.to_le_bytes()));
        let low = i32::try_from(low_signed).unwrap_or_default();
        if rest == 0 {
            self.emit(immediate("addi", register, 0, low));
            return;
        }
        let signed = i64::from_le_bytes(value.to_le_bytes());
        if i32::try_from(signed).is_ok() {
            let upper = u32::try_from(rest & 0xffff_f000).unwrap_or_default();
            self.emit(0x37 | register << 7 | upper);
            // `addiw`, since `lui` and `addi` together may leave the range of 32 bits.
            self.emit(immediate("addiw", register, register, low));
            return;
        }
        self.constant(
            register,
            u64::from_le_bytes((i64::from_le_bytes(rest.to_le_bytes()) >> 12).to_le_bytes()),
        );
        self.emit(immediate("slli", register, register, 12));
        self.emit(immediate("addi", register, register, low));
    }

    /// Returns the image.
    ///
    /// # Panics
    /// Panics if a label is out of reach or was never placed.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.align(4096);
        for (at, label, reach) in std::mem::take(&mut self.fixes) {
            let target = self.labels[&label];
            let (from, to) = (i64::try_from(at), i64::try_from(target));
            let (Ok(from), Ok(to)) = (from, to) else { panic!("an image of {} bytes", self.bytes.len()) };
            self.fix(at, to - from, reach);
        }
        let size = self.bytes.len() as u64;
        self.bytes[16..24].copy_from_slice(&size.to_le_bytes());
        self.bytes
    }

    fn fix(&mut self, at: usize, distance: i64, reach: Reach) {
        let field = match reach {
            Reach::Branch => split(distance, &[(12, 31, 1), (5, 25, 6), (1, 8, 4), (11, 7, 1)], 13),
            Reach::Jump => split(distance, &[(20, 31, 1), (1, 21, 10), (11, 20, 1), (12, 12, 8)], 21),
            Reach::CompressedBranch => {
                split(distance, &[(8, 12, 1), (3, 10, 2), (6, 5, 2), (1, 3, 2), (5, 2, 1)], 9)
            }
            Reach::CompressedJump => {
                let fields = [
                    (11, 12, 1),
                    (4, 11, 1),
                    (8, 9, 2),
                    (10, 8, 1),
                    (6, 7, 1),
                    (7, 6, 1),
                    (1, 3, 3),
                    (5, 2, 1),
                ];
                split(distance, &fields, 12)
            }
            Reach::Address => {
                let upper = (distance + 0x800) >> 12;
                self.or(at, split(upper, &[(0, 12, 20)], 20));
                self.or(at + 4, split(distance - (upper << 12), &[(0, 20, 12)], 12));
                return;
            }
            Reach::Entry => {
                let target = (BASE + at as u64).wrapping_add_signed(distance);
                let entry = (target >> 12 << 10).to_le_bytes();
                for (byte, more) in self.bytes[at..].iter_mut().zip(entry) {
                    *byte |= more;
                }
                return;
            }
        };
        self.or(at, field);
    }

    fn or(&mut self, at: usize, field: u32) {
        for (byte, more) in self.bytes[at..].iter_mut().zip(field.to_le_bytes()) {
            *byte |= more;
        }
    }
}

impl Default for Assembler {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(bytes: &[u8], at: usize) -> u32 {
        bytes[at..at + 4].try_into().map(u32::from_le_bytes).expect("4 bytes")
    }

    #[test]
    fn distances_are_encoded_as_binutils_does() {
        let mut code = Assembler::new();
        let (back, ahead) = (code.label(), code.label());
        code.place(back);
        code.emit(NOP);
        code.branch(0x63, back);
        code.branch(0x0020_9063, ahead);
        code.jump(1, back);
        code.compressed_jump(back);
        code.compressed_branch(0xc101, ahead);
        code.place(ahead);
        let image = code.finish();
        // beqz zero, .-4; bne ra, sp, .+12; jal .-12; j .-16; beqz a0, .+2
        assert_eq!(word(&image, 68), 0xfe00_0ee3);
        assert_eq!(word(&image, 72), 0x0020_9663);
        assert_eq!(word(&image, 76), 0xff5f_f0ef);
        assert_eq!(word(&image, 80), 0xc109_bfc5);
    }

    #[test]
    fn the_header_is_linux_s() {
        let image = Assembler::new().finish();
        assert_eq!((&image[48..53], &image[56..60]), (&b"RISCV"[..], &b"RSC\x05"[..]));
        assert_eq!(image.len(), 4096);
        assert_eq!(&image[16..24], &4096_u64.to_le_bytes());
        // jal zero, .+64
        assert_eq!(word(&image, 0), 0x0400_006f);
    }
}
