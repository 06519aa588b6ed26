//! A board's device tree, with what it does not say, made into facts.
//!
//! ```
//! use landfall_paging::PhysAddr;
//! use landfall_plan::Rule;
//! use landfall_predict::board::facts_of;
//!
//! let refusal = facts_of(b"no device tree", PhysAddr::new(0), 0).expect_err("no device tree");
//! assert_eq!(refusal.rule(), Rule::BadTree);
//! ```

mod error;
mod harts;
mod place;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use landfall_paging::{Mode, PAGE_SIZE, PhysAddr, PhysRange};
use landfall_plan::facts::{BootOptions, MemoryTypes};
use landfall_plan::memory::{PhysRangeSet, RangeSetFull};
use landfall_plan::policy::PhysicalPlacement;
use landfall_plan::{Facts, Refusal};
use landfall_tree::Tree;

use super::blueprint::Blueprint;
use super::case::{Case, Refused, Taken};
use super::notes::Note;
use super::seeds::RawSeeds;
use crate::Randomness;
use crate::units::{Address, Extent};

pub use error::BoardError;

/// The choices of a boot loader, and facts that a tree does not state.
#[derive(Clone, Debug, Default)]
pub struct Loading {
    /// RAM, in place of what the tree says.
    pub memory: Vec<Extent>,
    /// More reserved memory.
    pub reserve: Vec<Extent>,
    /// More memory that must not be mapped.
    pub no_map: Vec<Extent>,
    /// The address of the image.
    pub at: Option<Address>,
    /// The address of the tree.
    pub tree_at: Option<Address>,
    /// Which hart boots.
    pub boot_hart: Option<u64>,
    /// The path of the initrd.
    pub initrd: Option<Extent>,
    /// The kernel's command line, in place of the tree's.
    pub append: Option<String>,
    /// No better mode is offered.
    pub mode: Option<Mode>,
    /// The marks of ordinary memory in page tables.
    pub memory_types: Option<MemoryTypes>,
    /// The source of random numbers; `Fresh` is the tree's own.
    pub randomness: Randomness,
}

/// The help for a tree that states no memory.
pub const MISSING_MEMORY: &str =
    "boot loaders add the memory to trees that state none; state the memory as BASE:SIZE";

/// The largest file that is read. A tree has 2 MiB at most, and some files are padded.
const LARGEST_FILE: u64 = 16 << 20;

/// Returns a tree in a file.
///
/// # Errors
/// [`BoardError`] states the reason.
pub fn read_tree(path: &Path) -> Result<Vec<u8>, BoardError> {
    let failed = |source| BoardError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LARGEST_FILE {
        let reason = format!("it has more than {} MiB, so it is no device tree", LARGEST_FILE >> 20);
        return Err(failed(io::Error::other(reason)));
    }
    trim_tree(path, bytes)
}

/// Returns the tree that the bytes of the file `path` begin with.
///
/// # Errors
/// [`BoardError`] states why they are no tree.
pub fn trim_tree(path: &Path, mut bytes: Vec<u8>) -> Result<Vec<u8>, BoardError> {
    if bytes.is_empty() {
        return Err(BoardError::Empty { path: path.to_owned() });
    }
    if !bytes.starts_with(&0xd00d_feed_u32.to_be_bytes()) {
        bytes.truncate(8);
        return Err(BoardError::NoTree { path: path.to_owned(), start: bytes });
    }
    // Some files are padded. The validation reports an impossible size.
    if let Some(stated) = bytes.first_chunk().and_then(|header| Tree::stated_size(*header).ok()) {
        if stated > bytes.len() {
            return Err(BoardError::CutOff { path: path.to_owned(), stated, found: bytes.len() });
        }
        bytes.truncate(stated);
    }
    Ok(bytes)
}

/// Returns the boot of a board, or why its tree is refused.
///
/// # Errors
/// [`BoardError`] if the options do not fit the tree.
pub fn case(tree: &[u8], loading: &Loading, kernel: &Blueprint) -> Result<Result<Case, Refused>, BoardError> {
    let mut notes = Vec::new();
    let boot_hart = match harts::boot_hart(tree, loading.boot_hart) {
        Err(refusal) => return Ok(Err(refusal.into())),
        Ok(boot_hart) => boot_hart?,
    };
    let (mut facts, seeds) = match facts_of(tree, PhysAddr::new(0), boot_hart) {
        Err(refusal) => return Ok(Err(refusal.into())),
        Ok(read) => read,
    };
    if loading.boot_hart.is_none() && facts.harts.len() > 1 {
        notes.push(Note::BootHartAssumed(boot_hart));
    }
    check_places(tree, loading)?;
    if !loading.memory.is_empty() {
        facts.ram = PhysRangeSet::EMPTY;
        add(&mut facts.ram, &loading.memory, PhysRange::pages_within, "the memory")?;
        notes.push(Note::MemorySupplied);
    }
    add(&mut facts.reserved, &loading.reserve, PhysRange::pages_touched, "the reserved memory")?;
    add(&mut facts.no_map, &loading.no_map, PhysRange::pages_touched, "the no-map memory")?;
    if let Some(initrd) = loading.initrd {
        facts.initrd = Some(initrd.range()).filter(|initrd| !initrd.is_empty());
        facts.initrd_fault = None;
    }
    if let Some(text) = &loading.append {
        facts.options = BootOptions::parse(text);
        facts.command_line = PhysRange::new(PhysAddr::new(0), text.len() as u64);
    }
    facts.options.nokaslr |= loading.randomness == Randomness::Off;
    place::put(&mut facts, tree.len() as u64, loading, kernel, &mut notes);
    if let Some(ram) = unreserved_firmware(&facts) {
        notes.push(Note::FirmwareUnreserved(ram));
    }
    match loading.mode {
        None => notes.push(Note::ModeAssumed),
        Some(mode) => facts.harts = harts::clamped(&facts.harts, mode),
    }
    facts.memory_types = loading.memory_types.unwrap_or_default();
    if loading.memory_types.is_none() && harts::names_thead(tree) {
        notes.push(Note::MemoryTypesAssumed);
    }
    let moves = kernel.policy.is_ok_and(|policy| policy.physical_placement() != PhysicalPlacement::Stay);
    if moves && facts.harts.len() > 1 {
        notes.push(Note::HsmAssumed);
    }
    if loading.randomness == Randomness::Fresh && seeds != RawSeeds::default() {
        notes.push(Note::FreshSeed);
    }
    let seeds = match loading.randomness {
        Randomness::Seed(seed) => {
            RawSeeds { kaslr: Some(seed.0.to_be_bytes().to_vec()), ..RawSeeds::default() }
        }
        Randomness::Fresh | Randomness::Off => seeds,
    };
    let assumed = seeds.with_assumed_generator(&facts);
    if assumed.is_some() {
        notes.push(Note::ZkrAssumed);
    }
    Ok(Ok(Case {
        facts,
        policy: kernel.policy,
        missing: kernel.missing,
        seal: kernel.seal,
        slots: kernel.slots,
        modes: loading.mode.map_or(Taken::AsPromised, Taken::Upto),
        seeds: assumed.unwrap_or(seeds),
        notes,
        inner: kernel.inner.clone(),
    }))
}

/// Returns the facts of a tree at `at`, and its seeds. They do not contain the image.
///
/// # Errors
/// Rules 6 and 7.
pub fn facts_of(tree: &[u8], at: PhysAddr, boot_hart: u64) -> Result<(Facts, RawSeeds), Refusal> {
    let mut facts = Facts::UNKNOWN;
    (facts.tree, facts.boot_hart) = (PhysRange::new(at, tree.len() as u64), boot_hart);
    let found = Tree::read(tree, &mut facts)?;
    Ok((facts, RawSeeds::of(&found.seeds, tree)))
}

/// Physical addresses have 56 bits.
pub(super) const PHYSICAL_MEMORY: u64 = 1 << 56;

/// Checks that RAM and tree have possible addresses. A tree cannot state others, so kernels have no
/// message for them.
fn check_places(tree: &[u8], loading: &Loading) -> Result<(), BoardError> {
    let outside = |range: PhysRange| range.is_empty() || range.end().get() > PHYSICAL_MEMORY;
    if let Some(extent) = loading.memory.iter().find(|extent| outside(extent.range().pages_within())) {
        return Err(BoardError::Memory { extent: *extent });
    }
    let size = tree.len();
    match loading.tree_at {
        Some(at) if at.0 > PHYSICAL_MEMORY - size as u64 => Err(BoardError::TreePlace { at, size }),
        _ => Ok(()),
    }
}

fn add(
    set: &mut PhysRangeSet,
    extents: &[Extent],
    pages: fn(PhysRange) -> PhysRange,
    what: &'static str,
) -> Result<(), BoardError> {
    let insert = |extent: &Extent| set.insert(pages(extent.range()));
    extents.iter().try_for_each(insert).map_err(|RangeSetFull(range)| BoardError::Ranges { what, range })
}

/// Returns the start of RAM, if nothing there is reserved. Firmware is usually there, and a tree as
/// shipped does not state it.
fn unreserved_firmware(facts: &Facts) -> Option<PhysAddr> {
    let ram = facts.ram.iter().next()?;
    let in_ram = |set: &PhysRangeSet| set.iter().any(|range| facts.ram.first_overlap(range).is_some());
    let start = PhysRange::new(ram.start(), PAGE_SIZE);
    let reserved = in_ram(&facts.no_map) || facts.reserved.first_overlap(start).is_some();
    (!reserved).then_some(ram.start())
}
