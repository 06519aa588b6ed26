//! The kernel's words in the machine's memory after landing. Every slot has moved by the same
//! number. No other word holds a physical address of the image. Text and constants are those of the
//! file.
//!
//! ```
//! use landfall_judge::image::Image;
//! use landfall_judge::memory::PhysicalMemory;
//! use landfall_judge::{Unreadable, slots};
//!
//! /// Judges the words of a kernel that was loaded at `base` and landed at `kernel`.
//! fn judge(
//!     memory: &mut impl PhysicalMemory,
//!     image: &Image,
//!     base: u64,
//!     kernel: u64,
//! ) -> Result<bool, Unreadable> {
//!     let faults = slots::check(memory, image, [base, base], kernel)?;
//!     faults.iter().for_each(|fault| println!("{fault}"));
//!     Ok(faults.is_empty())
//! }
//! ```

use crate::image::{Image, Segment, Use, at};
use crate::intervals::{Interval, union};
use crate::memory::PhysicalMemory;
use crate::unreadable::Unreadable;

/// Statics with numbers that are documented as physical addresses, not pointers.
///
/// They are the landing's facts and plan, the harts' start records, and the structure of a kernel
/// in C. Other harts make that one before the boot hart enters `main`.
const NUMBERS: [&str; 3] =
    ["__landfall_landing", "landfall::machine::harts::RECORDS", "landfall_c::target::entry::LANDING"];

/// A part of the image as it lies in memory.
struct Part {
    use_for: Use,
    offset: u64,
    bytes: Vec<u8>,
}

/// Everything but what only the landing uses.
fn read_parts(memory: &mut impl PhysicalMemory, image: &Image, base: u64) -> Result<Vec<Part>, Unreadable> {
    let parts = image.segments.iter().filter(|segment| segment.use_for != Use::Early);
    let read = |part: &Segment| {
        let bytes = memory.read(base + part.offset, part.size)?;
        Ok(Part { use_for: part.use_for, offset: part.offset, bytes })
    };
    parts.map(read).collect()
}

/// Returns the faults of the image's words. It was loaded at the first of `bases`, lies at the
/// second, and landed at `kernel`.
///
/// # Errors
/// [`Unreadable`] names the input that cannot be read.
pub fn check(
    memory: &mut impl PhysicalMemory,
    image: &Image,
    bases: [u64; 2],
    kernel: u64,
) -> Result<Vec<String>, Unreadable> {
    let parts = read_parts(memory, image, bases[1])?;
    let mut findings = check_read_only(image, &parts)?;
    findings.extend(check_slots(image, &parts, kernel));
    let numbers: Vec<_> = NUMBERS.iter().filter_map(|name| image.symbol(name).ok()).collect();
    let is_number =
        |offset| numbers.iter().any(|place| (place.offset..place.offset + place.size).contains(&offset));
    let physical = bases.map(|base| Interval::new(base, image.size));
    for part in parts.iter().filter(|part| part.use_for != Use::Text) {
        for (index, bytes) in part.bytes.as_chunks::<8>().0.iter().enumerate() {
            let (offset, value) = (part.offset + index as u64 * 8, u64::from_le_bytes(*bytes));
            // A value from the file is a number by chance.
            let is_pointer = physical.iter().any(|place| place.holds(Interval::new(value, 1)));
            if is_pointer && value != image.word(offset) && !is_number(offset) {
                findings.push(format!(
                    "the word at offset {offset:#x} holds the physical image address {value:#x}"
                ));
            }
        }
    }
    findings.truncate(5);
    Ok(findings)
}

/// Returns the faults of the slots of a kernel without a landing. It lies at `base`, and is about
/// to go on at `kernel`.
///
/// # Errors
/// [`Unreadable`] names the input that cannot be read.
pub fn check_own(
    memory: &mut impl PhysicalMemory,
    image: &Image,
    base: u64,
    kernel: u64,
) -> Result<Vec<String>, Unreadable> {
    let mut findings = check_slots(image, &read_parts(memory, image, base)?, kernel);
    findings.truncate(5);
    Ok(findings)
}

/// Each slot is what was linked, plus what the kernel has moved by.
fn check_slots(image: &Image, parts: &[Part], kernel: u64) -> Vec<String> {
    let word = |offset: u64| {
        let part = parts
            .iter()
            .find(|part| part.offset <= offset && offset < part.offset + part.bytes.len() as u64)?;
        Some(u64::from_le_bytes(*part.bytes.get(at(offset - part.offset)..)?.first_chunk()?))
    };
    let delta = kernel.wrapping_sub(image.link_base);
    let wrong = image.slots.iter().filter_map(|&slot| {
        let (found, right) = (word(slot), image.word(slot).wrapping_add(delta));
        (found != Some(right))
            .then(|| format!("the slot at offset {slot:#x} holds {found:x?}, and {right:#x} is right"))
    });
    wrong.collect()
}

/// Text and constants are those of the file, but for slots and for the instructions that landing
/// patches.
fn check_read_only(image: &Image, parts: &[Part]) -> Result<Vec<String>, Unreadable> {
    let slots = image.slots.iter().map(|slot| Interval::new(*slot, 8));
    let sites = image.sites()?.into_iter().map(|site| Interval::new(site.offset, site.size));
    let changed = union(slots.chain(sites));
    let may_change = |offset: u64| {
        let next = changed.partition_point(|change| change.end <= offset);
        changed.get(next).is_some_and(|change| change.start <= offset)
    };
    let mut findings = Vec::new();
    for part in parts.iter().filter(|part| matches!(part.use_for, Use::Text | Use::Constants)) {
        let file = image.flat.get(at(part.offset)..).unwrap_or_default();
        let differs = (part.offset..)
            .zip(part.bytes.iter().zip(file))
            .find(|(offset, (found, right))| found != right && !may_change(*offset));
        findings.extend(differs.map(|(offset, _)| {
            format!("text or constants differ from the image's file at offset {offset:#x}")
        }));
    }
    Ok(findings)
}

/// Returns true if the landing's own part, which is free memory now, holds one of these words.
///
/// # Errors
/// [`Unreadable`] names the input that cannot be read.
pub fn check_early(
    memory: &mut impl PhysicalMemory,
    image: &Image,
    base: u64,
    secrets: &[u64],
) -> Result<Vec<String>, Unreadable> {
    let mut findings = Vec::new();
    for early in image.segments.iter().filter(|segment| segment.use_for == Use::Early) {
        let bytes = memory.read(base + early.offset, early.size)?;
        for (word, offset) in bytes.as_chunks().0.iter().zip((early.offset..).step_by(8)) {
            let word = u64::from_le_bytes(*word);
            if secrets.contains(&word) {
                findings.push(format!("the landing has left {word:#x} on its stack, at offset {offset:#x}"));
            }
        }
    }
    findings.truncate(5);
    Ok(findings)
}

/// Returns true if a seed is left: in the tree at its old place, or in the image.
///
/// # Errors
/// [`Unreadable`] names the input that cannot be read.
pub fn check_seeds(
    memory: &mut impl PhysicalMemory,
    image: &Image,
    base: u64,
    tree: Interval,
    seeds: &[Vec<u8>],
) -> Result<Vec<String>, Unreadable> {
    let mut places = vec![("the device tree", memory.read(tree.start, tree.size())?)];
    for segment in image.segments.iter().filter(|segment| segment.use_for != Use::Text) {
        places.push(("the image", memory.read(base + segment.offset, segment.size)?));
    }
    let mut findings = Vec::new();
    for seed in seeds {
        // Eight bytes decide: a shorter stretch may stand somewhere by chance.
        for part in seed.chunks_exact(8) {
            let reversed: Vec<u8> = part.iter().rev().copied().collect();
            let holds = |bytes: &[u8]| bytes.windows(8).any(|window| window == part || window == reversed);
            findings.extend(
                places
                    .iter()
                    .filter(|(_, bytes)| holds(bytes))
                    .map(|(place, _)| format!("a seed is still in {place}: {part:02x?}")),
            );
        }
    }
    Ok(findings)
}
