//! Breaks every rule that a loader or a machine can break: the kernel names the rule, and powers
//! off.
//!
//! Rule 17 (a panic before landing) and rule 18 (a plan that does not fit its own tables) are
//! faults of landfall's own. No input is known to cause them.

mod memory;
mod policies;

use super::case::{Case, Expect, Load};
use super::checksums;
use super::devicetree::{self, Mapped};
use super::image::{Alter, Image};
use super::images::Images;
use super::matrix::{harts, machine};
use super::trees;
use landfall_host::machine::{Machine, Mode};
use landfall_host::random::Random;
use landfall_judge::intervals::Interval;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const RAM: u64 = 0x8000_0000;
const AT: u64 = 0x8412_3000;

/// The amount of damage to the sealed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Damaged {
    /// One bit of each word is damaged.
    EachWord,
    /// Each bit is damaged.
    EachBit,
}

fn small() -> Machine {
    machine(Mode::Sv57, 1, 128 * MIB)
}

fn refusal(rule: &'static str, name: &str, machine: Machine) -> Case {
    Case::new(format!("refusal/{rule}/{name}"), "hello", machine)
        .expecting(Expect::Refusal(rule))
        .on("refusals", rule)
}

fn at(rule: &'static str, name: &str, address: u64) -> Case {
    let mut case = refusal(rule, name, small());
    case.load = Load::At(address);
    case
}

/// Returns all of these cases.
pub(super) fn cases(images: Images, seed: u64, damaged: Damaged) -> Vec<Case> {
    let hello = images.get("hello");
    let mut cases = vec![
        at("R1", "4-bytes", 0x8400_0004),
        at("R1", "2-KiB", 0x8400_0800),
        at("R1", "2-bytes", 0x8400_0002),
    ];
    cases.extend(sealed(hello, &mut Random::new(seed), damaged));
    cases.extend(relocations());
    cases.extend(policies::damaged());
    cases.extend(policies::without_room());
    cases.push(policies::moved_to_nowhere());
    cases.push(policies::copier_traps());
    cases.extend(trees::cases());
    cases.extend(places(hello.map_or(MIB, |image| image.size)));
    cases.extend(modes());
    cases.extend(memory::cases(images));
    cases.extend(others());
    cases.push(missing_instruction());
    cases.push(stack_overflow());
    cases
}

/// Returns the case of rule 16 with an instruction that the hart lacks. An invalid encoding stands
/// for it.
fn missing_instruction() -> Case {
    let case =
        at("R16", "missing-instruction", AT).saying("; the extension of the instruction at sepc is missing");
    case.with_damage(|image| {
        let place = super::image::at(image.symbol("landfall_rebase")?.offset);
        let mut flat = image.unsealed();
        flat[place..place + 4].fill(0);
        Ok(flat)
    })
}

/// Returns the case of rule 17. A word that only an overflow could reach is not 0.
fn stack_overflow() -> Case {
    at("R17", "stack-overflow", AT).saying("overflowed").with_change(|session, entry, image| {
        let bottom = entry.base + image.symbol("landfall_early_stack_bottom")?.offset;
        // The test of pages overwrites each first word.
        session.write(bottom + 8, &[1])
    })
}

/// The number of tests that damage the sealed tables. Each has a share of the words, whose number
/// only the image gives.
const SHARES: u64 = 16;

/// Returns the cases of rule 2: damage of the header, the record, or the sealed tables. The first
/// two instructions run before any check, so their six bytes are left out.
fn sealed(image: Option<&Image>, random: &mut Random, damaged: Damaged) -> Vec<Case> {
    let mut bits_of = |word: u64| {
        let lowest = if word == 0 { 48 } else { 0 };
        match damaged {
            Damaged::EachWord => vec![word * 8 + lowest + random.below(64 - lowest)],
            Damaged::EachBit => (word * 8 + lowest..word * 8 + 64).collect(),
        }
    };
    let head = (0..0x80).step_by(8).flat_map(&mut bits_of).map(|bit| (format!("bit-{bit:#x}"), bit));
    let mut cases: Vec<_> = head.map(|(name, bit)| with_bit(&name, bit, image)).collect();
    let share = |index: u64| format!("tables-{}-of-{SHARES}", index % SHARES + 1);
    let Some(image) = image else {
        cases.extend((0..SHARES).map(|index| at("R2", &share(index), AT)));
        return cases;
    };
    let tables = image.word(0x60);
    let (start, size) = (tables & 0xffff_ffff, tables >> 32);
    for (index, word) in (0..).zip((start..start + size).step_by(8)) {
        cases.extend(bits_of(word).into_iter().map(|bit| with_bit(&share(index), bit, Some(image))));
    }
    cases
}

/// An image with one bit turned. The refusal shows both checksums.
fn with_bit(name: &str, bit: u64, known: Option<&Image>) -> Case {
    let turn = move |image: &Image| {
        let mut flat = image.flat.clone();
        flat[super::image::at(bit / 8)] ^= 1 << (bit % 8);
        flat
    };
    let case = at("R2", name, AT).on("bit", format!("{bit:#x}"));
    let case = match known {
        Some(image) if !checksums::is_compared_before(bit / 8) => {
            case.saying(checksums::words(&image.flat, &turn(image)))
        }
        _ => case,
    };
    case.with_damage(move |image| Ok(turn(image)))
}

/// Returns a damaged word of the relocation data.
type Word = fn(&Image) -> u64;

/// Returns the cases of rule 3: relocation data of an image without a seal, as a linker writes it.
fn relocations() -> Vec<Case> {
    let changes: [(&str, usize, Word); 11] = [
        ("slot-in-text", 0, |image| image.link_base + 0x100),
        ("slot-below", 0, |image| image.link_base - 8),
        ("slot-behind-file", 0, file_end),
        ("slot-across-end", 0, |image| file_end(image) - 2),
        ("slot-behind-image", 0, |image| image.link_base + image.size),
        ("slot-far", 0, |_| 0x8000_0000),
        ("slot-zero", 0, |_| 0),
        ("slot-misaligned", 0, |image| first_slot(image) + 4),
        ("bitmap-first", 0, |_| 0b111),
        ("slot-not-ascending", 1, |image| first_slot(image) & !7),
        ("slot-in-text-later", 1, |image| image.link_base + 0x200),
    ];
    let mut cases = Vec::new();
    for (name, index, word) in changes {
        cases.push(at("R3", name, AT).with_damage(move |image| {
            let mut flat = image.unsealed();
            let place = image.relr().0 + index * 8;
            flat[place..place + 8].copy_from_slice(&word(image).to_le_bytes());
            Ok(flat)
        }));
    }
    cases.push(at("R3", "bitmap-beyond-file", AT).with_damage(move |image| {
        let mut flat = image.unsealed();
        let place = image.relr().0;
        flat[place..place + 8].copy_from_slice(&(file_end(image) - 8).to_le_bytes());
        flat[place + 8..place + 16].copy_from_slice(&u64::MAX.to_le_bytes());
        Ok(flat)
    }));
    // An empty bitmap leads beyond the file's end, and the next one has slots there.
    cases.push(at("R3", "bitmap-behind-file", AT).with_damage(move |image| {
        let mut flat = image.unsealed();
        let (place, size) = image.relr();
        let words = [file_end(image) - 8, 1, 0b111].into_iter().chain(std::iter::repeat(1));
        for (slot, word) in flat[place..place + size].as_chunks_mut().0.iter_mut().zip(words) {
            *slot = word.to_le_bytes();
        }
        Ok(flat)
    }));
    cases
}

/// Returns the end of the file, at the link's addresses.
fn file_end(image: &Image) -> u64 {
    image.link_base + image.flat.len() as u64
}

/// Returns the first slot, at the link's addresses.
fn first_slot(image: &Image) -> u64 {
    image.link_base + image.slots.first().copied().unwrap_or_default()
}

/// Returns the cases of rules 9, 10, 13 and 14: the image's place, and the free memory.
fn places(size: u64) -> Vec<Case> {
    // Not even the file fits here, so no loader can load it: the first rebase traps.
    let mut cases = vec![at("R16", "file-reaches-out", RAM + 128 * MIB - size + 0x1000)];
    for (name, memory) in [
        ("memory-cut", Interval { start: RAM, end: AT + size - 0x1000 }),
        ("memory-elsewhere", Interval::new(RAM + 64 * MIB + 32 * MIB, 32 * MIB)),
        ("memory-begins-within", Interval { start: AT + 0x1000, end: RAM + 128 * MIB }),
    ] {
        cases.push(at("R9", name, AT).with_change(move |session, entry, _| {
            session.edit_tree(entry, |tree| devicetree::set_memory(tree, &[memory]))
        }));
    }
    cases.push(at("R9", "hole-within", AT).with_change(move |session, entry, _| {
        let nodes = [
            Interval { start: RAM, end: AT + 0x4000 },
            Interval { start: AT + 0x5000, end: RAM + 128 * MIB },
        ];
        session.edit_tree(entry, |tree| devicetree::set_memory(tree, &nodes))
    }));
    for (name, range, mapped) in [
        ("no-map-last-page", Interval::new(AT + size - 0x1000, 0x1000), Mapped::No),
        ("no-map-first-byte", Interval::new(AT, 1), Mapped::No),
        ("reserved-all", Interval::new(AT - 0x1000, size + 0x2000), Mapped::Yes),
        ("reserved-within", Interval::new(AT + 0x2000, 0x10), Mapped::Yes),
    ] {
        cases.push(at("R10", name, AT).with_change(move |session, entry, _| {
            session.edit_tree(entry, |tree| devicetree::reserve(tree, range, mapped))
        }));
    }
    for (mode, address) in
        [(Mode::Sv39, RAM + 128 * GIB), (Mode::Sv39, RAM + 200 * GIB), (Mode::Sv39, RAM + 128 * GIB - 0x1000)]
    {
        let mut case = refusal("R13", &format!("beyond-reach-{address:x}"), machine(mode, 1, 256 * GIB));
        case.load = Load::At(address);
        cases.push(case);
    }
    cases.push(at("R14", "all-reserved", AT).with_change(move |session, entry, _| {
        let below = Interval { start: RAM, end: AT };
        let above = Interval { start: AT + size, end: RAM + 128 * MIB };
        session.edit_tree(entry, |tree| {
            for range in [below, above] {
                devicetree::reserve(tree, range, Mapped::Yes);
            }
        })
    }));
    cases.push(at("R14", "a-few-pages", AT).with_change(move |session, entry, _| {
        let below = Interval { start: RAM, end: AT };
        let above = Interval { start: AT + size + 0x4000, end: RAM + 128 * MIB };
        session.edit_tree(entry, |tree| {
            for range in [below, above] {
                devicetree::reserve(tree, range, Mapped::Yes);
            }
        })
    }));
    cases
}

/// Returns the cases of rules 11 and 12: no mode.
fn modes() -> Vec<Case> {
    let with_cpu =
        |property: &str| Machine { cpu: vec![property.to_owned()], ..Machine { mode: None, ..small() } };
    let limited = |mode, words: &str| Machine { append: Some(words.into()), ..machine(mode, 1, 128 * MIB) };
    let mut cases = vec![
        refusal("R11", "no-translation", with_cpu("sv39=off")),
        refusal("R12", "a-tree-that-lies", with_cpu("mmu=off")),
        refusal("R12", "a-tree-that-lies-4-harts", Machine { harts: harts(4), ..with_cpu("mmu=off") }),
    ];
    for (name, machine) in
        [("machine", limited(Mode::Sv39, "")), ("command-line", limited(Mode::Sv57, "landfall.mode=sv39"))]
    {
        let mut case = refusal("R11", &format!("wants-sv48-{name}"), machine);
        case.kernel = "wants-sv48";
        cases.push(case);
    }
    cases
}

/// Returns the cases of rules 4, 5 and 16, about the tree's place, and those after landing: a
/// panic, a trap.
fn others() -> Vec<Case> {
    let mut cases = Vec::new();
    for (rule, name, tree) in [
        ("R4", "zero", 0),
        ("R4", "no-tree", RAM + 16 * MIB),
        ("R4", "end-of-memory", RAM + 128 * MIB - 4),
        ("R16", "no-memory", 0x40_0000_0000_0000),
        ("R16", "end-of-addresses", u64::MAX),
        ("R16", "firmware", RAM),
    ] {
        cases.push(at(rule, name, AT).with_change(move |session, entry, _| session.set_tree(entry, tree)));
    }
    // The tree lies before the image's end, or reaches into the image from before its start.
    for (name, reaches_in, distance) in
        [("last-bytes", false, 8), ("in-data", false, 0x1000), ("reaches-in", true, 0x800)]
    {
        cases.push(at("R5", name, AT).with_change(move |session, entry, image| {
            let mut tree = session.tree(entry.tree_at)?;
            // Only the tree's stated size reaches into the image; its bytes do not damage the
            // image.
            tree.truncate(if reaches_in { 0x800 } else { tree.len() });
            let place = if reaches_in { entry.base } else { entry.base + image.size } - distance;
            session.write(place, &tree)?;
            session.set_tree(entry, place)
        }));
    }
    let panics = |name: &str, words: &str, message| {
        let mut case = Case::new(format!("panic/{name}"), "panic", machine(Mode::Sv48, 2, 128 * MIB))
            .expecting(Expect::Panic(message));
        case.machine.append = Some(words.into());
        case.on("panics", name)
    };
    cases.push(panics("in-main", "", "on purpose"));
    cases.push(panics("trap", "trap", "does not handle: load page fault (scause 0xd), hart "));
    cases.push(panics("overflow", "overflow", ", stval sp"));
    cases
}
