//! A tree as a row of items, which need not make sense together.

use std::rc::Rc;

/// A piece of a structure block. A copy of it shares its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Begin(Rc<[u8]>),
    End,
    Property {
        name: Rc<[u8]>,
        value: Rc<[u8]>,
    },
    /// A word of any meaning.
    Word(u32),
}

/// A tree under change.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) reservations: Vec<[u64; 2]>,
    pub(crate) items: Vec<Item>,
}

fn word(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |word| u32::from_be_bytes(*word) as usize)
}

fn text(bytes: &[u8], at: usize) -> Rc<[u8]> {
    bytes.get(at..).unwrap_or_default().split(|byte| *byte == 0).next().unwrap_or_default().into()
}

impl Model {
    /// Reads a tree that is sound.
    pub(crate) fn parse(tree: &[u8]) -> Self {
        let mut model = Self::default();
        let entries = tree.get(word(tree, 16)..).unwrap_or_default().as_chunks::<8>().0.as_chunks::<2>().0;
        for entry in entries.iter().take_while(|entry| **entry != [[0; 8]; 2]) {
            model.reservations.push(entry.map(u64::from_be_bytes));
        }
        let (mut at, strings) = (word(tree, 8), word(tree, 12));
        loop {
            let token = word(tree, at);
            at += 4;
            model.items.push(match token {
                1 => {
                    let name = text(tree, at);
                    at += (name.len() + 1).next_multiple_of(4);
                    Item::Begin(name)
                }
                2 => Item::End,
                3 => {
                    let (size, name) = (word(tree, at), text(tree, strings + word(tree, at + 4)));
                    let value = tree.get(at + 8..at + 8 + size).unwrap_or_default().into();
                    at += 8 + size.next_multiple_of(4);
                    Item::Property { name, value }
                }
                4 => Item::Word(4),
                _ => return model,
            });
        }
    }

    /// Writes the tree, with its end.
    pub(crate) fn write(&self, names: Names) -> Vec<u8> {
        let mut structure = Vec::new();
        let mut strings = Strings { names, bytes: Vec::new(), known: Vec::new() };
        let word = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
        for item in &self.items {
            match item {
                Item::Begin(name) => {
                    structure.extend(word(1));
                    structure.extend_from_slice(name);
                    structure.push(0);
                }
                Item::End => structure.extend(word(2)),
                Item::Property { name, value } => {
                    let offset = strings.offset(name);
                    structure.extend([3, value.len(), offset].map(word).as_flattened());
                    structure.extend_from_slice(value);
                }
                Item::Word(number) => structure.extend(number.to_be_bytes()),
            }
            structure.resize(structure.len().next_multiple_of(4), 0);
        }
        structure.extend(word(9));
        let strings = strings.bytes;
        let reservations = self.reservations.iter().chain([&[0; 2]]).flatten();
        let reservations: Vec<u8> = reservations.flat_map(|number| number.to_be_bytes()).collect();
        let structure_at = 40 + reservations.len();
        let strings_at = structure_at + structure.len();
        let total = strings_at + strings.len();
        let header =
            [0xd00d_feed, total, structure_at, strings_at, 40, 17, 16, 0, strings.len(), structure.len()];
        [header.map(word).concat(), reservations, structure, strings].concat()
    }
}

/// The places of names in the strings block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// A name lies wherever its bytes are, at the end of another one too, as compilers place it.
    Shared,
    /// Each property has a name of its own.
    Own,
}

/// A strings block.
struct Strings<'a> {
    names: Names,
    bytes: Vec<u8>,
    known: Vec<(&'a [u8], usize)>,
}

impl<'a> Strings<'a> {
    fn offset(&mut self, name: &'a [u8]) -> usize {
        let known = self.known.iter().find(|(known, _)| known.ends_with(name));
        if let Some((known, offset)) = known.filter(|_| self.names == Names::Shared) {
            return offset + known.len() - name.len();
        }
        let offset = self.bytes.len();
        self.bytes.extend(name);
        self.bytes.push(0);
        self.known.push((name, offset));
        offset
    }
}
