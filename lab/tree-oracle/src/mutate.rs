//! Mutations of trees: of nodes and properties, and of bytes. Most stay sound, so that both readers
//! come to the end of them.

use std::rc::Rc;

use crate::model::{Item, Model, Names};

/// Names that mean something to a landing, and some that nearly do.
const NODES: [&str; 16] = [
    "cpus",
    "cpu@1",
    "cpu",
    "memory@80000000",
    "memory",
    "chosen",
    "chosen@0",
    "reserved-memory",
    "cpus@0",
    "mmode_resv1@80000000",
    "mmode_pmp0",
    "",
    "cpux",
    "soc",
    "choser",
    "a-name-of-more-than-31-characters@0",
];
const PROPERTIES: [&str; 29] = [
    "reg",
    "status",
    "device_type",
    "#address-cells",
    "#size-cells",
    "compatible",
    "mmu-type",
    "riscv,isa",
    "riscv,isa-extensions",
    "riscv,cbom-block-size",
    "riscv,cboz-block-size",
    "timebase-frequency",
    "no-map",
    "bootargs",
    "kaslr-seed",
    "rng-seed",
    "linux,initrd-start",
    "linux,initrd-end",
    "linux,usable-memory",
    "linux,usable-memory-range",
    "linux,elfcorehdr",
    "linux,booted-from-kexec",
    "linux,uefi-mmap-start",
    "landfall,efi-memory-map",
    "",
    "regs",
    "statu",
    "linux,usable-memor",
    "riscv,isa-extension",
];
const TEXTS: [&[u8]; 20] = [
    b"okay\0",
    b"ok\0",
    b"okay",
    b"disabled\0",
    b"okay\0x",
    b"memory\0",
    b"memory",
    b"cpu\0",
    b"cpus\0",
    b"riscv,sv39\0",
    b"riscv,sv57\0",
    b"riscv,none\0",
    b"riscv\0",
    b"a\0riscv\0",
    b"arm,cortex-a53\0",
    b"zkr\0svnapot",
    b"rv64imac_zkr2p0\0",
    b"nokaslr\0",
    b"\0",
    b"",
];
/// Numbers at which programs go wrong.
const EDGES: [u64; 12] =
    [0, 1, 2, 3, 9, 0xfff, 0x1000, 0x8000_0000, 0xffff_f000, 0xffff_ffff, u64::MAX - 1, u64::MAX];

/// An endless row of trees, the same ones for the same seed.
#[derive(Debug)]
pub struct Mutator {
    state: u64,
    models: Vec<Model>,
}

impl Mutator {
    /// Begins with these trees, which are sound.
    #[must_use]
    pub fn new(seed: u64, trees: &[Vec<u8>]) -> Self {
        Self { state: seed, models: trees.iter().map(|tree| Model::parse(tree)).collect() }
    }

    /// Returns the next tree.
    pub fn tree(&mut self) -> Vec<u8> {
        let mut model = {
            let index = self.below(self.models.len());
            self.models[index].clone()
        };
        for _ in 0..=self.below(5) {
            self.change(&mut model);
        }
        let names = if self.below(4) == 0 { Names::Own } else { Names::Shared };
        let mut tree = model.write(names);
        if self.below(3) == 0 {
            for _ in 0..=self.below(3) {
                self.damage(&mut tree);
            }
        }
        tree
    }

    /// Returns the id of a boot hart.
    pub fn boot_hart(&mut self) -> u64 {
        self.below(4) as u64
    }

    /// `SplitMix64`.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ self.state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.random() % limit.max(1) as u64).unwrap_or_default()
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// Changes nodes or properties.
    fn change(&mut self, model: &mut Model) {
        let at = self.below(model.items.len());
        match self.below(16) {
            0..=4 => self.change_item(&mut model.items, at),
            5 | 6 => model.items.insert(at, Item::Property { name: self.name(), value: self.value() }),
            7 => model.items.insert(at, Item::Word(4)),
            8 => {
                if let Some(item) = model.items.get(at).filter(|item| matches!(item, Item::Property { .. })) {
                    let copy = item.clone();
                    model.items.insert(at, copy);
                }
            }
            9 | 10 => {
                let node = node(&model.items, at);
                model.items.drain(node);
            }
            11 | 12 => self.splice(&mut model.items, at),
            13 => {
                let depth = self.one_of(&[1, 2, 3, 27, 28, 29, 30, 31, 32, 33]);
                let name = self.one_of(&NODES).as_bytes().into();
                let nested = vec![Item::Begin(name); depth].into_iter().chain(vec![Item::End; depth]);
                model.items.splice(at..at, nested);
            }
            14 => model.reservations.push([self.number(), self.number()]),
            _ => {
                let stray = [
                    Item::End,
                    Item::Word(9),
                    Item::Word(0),
                    Item::Word(5),
                    Item::Begin(b"x".as_slice().into()),
                ];
                let stray = stray[self.below(stray.len())].clone();
                model.items.insert(at, stray);
            }
        }
    }

    fn change_item(&mut self, items: &mut [Item], at: usize) {
        let renames = self.below(3) == 0;
        match items.get_mut(at) {
            Some(Item::Begin(name)) => *name = self.one_of(&NODES).as_bytes().into(),
            Some(Item::Property { name, .. }) if renames => *name = self.name(),
            Some(Item::Property { value, .. }) => *value = self.value(),
            _ => {}
        }
    }

    /// Puts a node of any tree behind or into another one.
    fn splice(&mut self, items: &mut Vec<Item>, at: usize) {
        let model = self.below(self.models.len());
        let from = self.below(self.models[model].items.len());
        let donor = &self.models[model].items;
        let node = donor[node(donor, from)].to_vec();
        // A child begins behind all properties.
        let at = at + items.iter().skip(at).take_while(|item| matches!(item, Item::Property { .. })).count();
        for copy in 0..self.one_of(&[1, 1, 2, 9, 70]) {
            let mut node = node.clone();
            for item in &mut node {
                if let Item::Property { name, value } = item
                    && copy > 0
                    && **name == *b"reg"
                {
                    // Ranges that neither touch nor ascend.
                    let start = ((copy ^ 5) << 20) + self.random() % 0x8000;
                    *value = [start.to_be_bytes(), 0x2000_u64.to_be_bytes()].as_flattened().into();
                }
            }
            items.splice(at..at, node);
            if items.len() > 2000 {
                break;
            }
        }
    }

    fn name(&mut self) -> Rc<[u8]> {
        self.one_of(&PROPERTIES).as_bytes().into()
    }

    fn number(&mut self) -> u64 {
        let edge = self.one_of(&EDGES);
        match self.below(4) {
            0 => self.random() >> self.below(64),
            1 => edge.wrapping_add(self.random() % 0x10_0000),
            2 => edge << self.below(32),
            _ => edge,
        }
    }

    fn value(&mut self) -> Rc<[u8]> {
        match self.below(4) {
            0 => self.one_of(&TEXTS).into(),
            1 => self.number().to_be_bytes()[4..].into(),
            2 => self.number().to_be_bytes().into(),
            _ => {
                let mut value: Vec<u8> =
                    (0..self.below(9)).flat_map(|_| self.number().to_be_bytes()).collect();
                value.truncate(value.len().saturating_sub(self.one_of(&[0, 0, 0, 1, 4])));
                value.into()
            }
        }
    }

    /// Changes bytes, of the header more often than others.
    fn damage(&mut self, tree: &mut Vec<u8>) {
        if tree.is_empty() {
            return;
        }
        let limit = if self.below(3) == 0 { 56 } else { tree.len() };
        let at = self.below(limit.min(tree.len()));
        let edge = self.number().to_be_bytes();
        match self.below(6) {
            0 => tree.truncate(at),
            1 | 2 => tree[at] ^= 1 << self.below(8),
            3 => tree[at] = edge[7],
            4 => {
                let at = at & !3;
                if let Some(word) = tree.get_mut(at..at + 4) {
                    word.copy_from_slice(&edge[4..]);
                }
            }
            _ => {
                let at = at & !3;
                if let Some(word) = tree.get_mut(at..at + 4) {
                    let less = self.one_of(&[1, 2, 4, 8, 16, u32::MAX]);
                    let old = u32::from_be_bytes([word[0], word[1], word[2], word[3]]);
                    word.copy_from_slice(&old.wrapping_sub(less).to_be_bytes());
                }
            }
        }
    }
}

/// Returns the items of the node that begins at `at`, or of the item alone.
fn node(items: &[Item], at: usize) -> std::ops::Range<usize> {
    let mut depth = 0_usize;
    for (index, item) in items.iter().enumerate().skip(at) {
        match item {
            Item::Begin(_) => depth += 1,
            Item::End => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            let is_end = matches!(item, Item::End) && index == at;
            return at..if is_end { at } else { index + 1 };
        }
    }
    at..at
}
