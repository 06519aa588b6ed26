//! Damage that the judge must see. A judge that cannot object proves nothing.

use landfall_oracle::Leaf;

use super::image::Image;
use super::judge::Landed;
use super::session::Session;

/// What is damaged in the machine's memory, by the debugger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mutation {
    /// A leaf of the kernel's text becomes writable.
    WritableText,
    /// A leaf of the kernel's data becomes executable.
    ExecutableData,
    /// The alias of the kernel's text in the linear map becomes writable.
    WritableAlias,
    /// A leaf loses its A bit.
    NotAccessed,
    /// A leaf loses its D bit.
    NotDirty,
    /// User mode reaches a leaf.
    User,
    /// The root gets an identity leaf.
    Identity,
    /// A leaf of the linear map is no longer valid.
    Hole,
    /// A leaf of the linear map leads to other memory.
    Elsewhere,
    /// The guard page below a stack is mapped.
    Guard,
    /// A slot is not what it should be.
    Slot,
    /// A word of data holds a physical address of the image.
    StrayPointer,
    /// A seed stands in the tree again.
    SeedLeft,
}

/// When the damage is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// To the tables, before the leap.
    Leap,
    /// To other memory, before `main`.
    Main,
}

const V: u64 = 1;
const W: u64 = 1 << 2;
const X: u64 = 1 << 3;
const U: u64 = 1 << 4;
const A: u64 = 1 << 6;
const D: u64 = 1 << 7;

impl Mutation {
    pub(super) const ALL: [Self; 13] = [
        Self::WritableText,
        Self::ExecutableData,
        Self::WritableAlias,
        Self::NotAccessed,
        Self::NotDirty,
        Self::User,
        Self::Identity,
        Self::Hole,
        Self::Elsewhere,
        Self::Guard,
        Self::Slot,
        Self::StrayPointer,
        Self::SeedLeft,
    ];

    pub(super) const fn moment(self) -> Moment {
        match self {
            Self::Slot | Self::StrayPointer | Self::SeedLeft => Moment::Main,
            _ => Moment::Leap,
        }
    }

    /// Does the damage.
    pub(super) fn apply(self, session: &mut Session, image: &Image, landed: &Landed) -> Result<(), String> {
        let (base, kernel) = (landed.base, landed.expected.kernel);
        let leaves = &landed.tables.walk.leaves;
        let find = |what: &str, is: &dyn Fn(&Leaf) -> bool| {
            leaves.iter().find(|leaf| is(leaf)).copied().ok_or_else(|| format!("there is no leaf of {what}"))
        };
        let text = find("text", &|leaf| leaf.flags.x());
        let data = find("data", &|leaf| leaf.virt >= kernel && leaf.flags.w());
        let alias = find("the alias", &|leaf| leaf.virt < kernel && !leaf.flags.w());
        let linear = find("the linear map", &|leaf| leaf.virt < kernel && leaf.flags.w());
        let mut change = |leaf: Result<Leaf, String>, turn: u64| {
            let entry = leaf?.entry;
            let old = word(session, entry)?;
            session.write(entry, &(old ^ turn).to_le_bytes())
        };
        match self {
            Self::WritableText => change(text, W),
            Self::ExecutableData => change(data, X),
            Self::WritableAlias => change(alias, W),
            Self::NotAccessed => change(linear, A),
            Self::NotDirty => change(text, D),
            Self::User => change(data, U),
            Self::Hole => change(linear, V),
            Self::Elsewhere => change(linear, 1 << 20),
            Self::Identity => {
                let leaf = 0xcf_u64;
                session.write(landed.tables.root.table, &leaf.to_le_bytes())
            }
            Self::Guard => {
                // The entry before that of the first stack's lowest page, which is in the same table or this is no guard test.
                let top = landed.expected.stacks.first().copied().unwrap_or_default();
                let bottom = top - landed.wishes.stack_size;
                let lowest = find("the first stack", &|leaf| leaf.virt == bottom)?;
                if lowest.entry % 4096 == 0 {
                    return Err("the guard page's entry is in another table; take another seed".to_owned());
                }
                let entry = word(session, lowest.entry)?;
                session.write(lowest.entry - 8, &entry.to_le_bytes())
            }
            Self::Slot => {
                let slot = base + image.slots.last().copied().ok_or("the kernel has no slot")?;
                let old = word(session, slot)?;
                session.write(slot, &old.wrapping_add(8).to_le_bytes())
            }
            Self::StrayPointer => {
                let last = base + image.size - 8;
                session.write(last, &(base + 0x40).to_le_bytes())
            }
            Self::SeedLeft => {
                let seed = landed.tree.seeds.first().ok_or("the tree had no seed")?;
                session.write(landed.entry.tree_at + landed.tree.size - seed.len() as u64, seed)
            }
        }
    }
}

fn word(session: &mut Session, at: u64) -> Result<u64, String> {
    let bytes = session.read(at, 8)?;
    bytes.first_chunk().map(|bytes| u64::from_le_bytes(*bytes)).ok_or_else(|| "half a word".to_owned())
}
