//! The landing.

use core::fmt;

use landfall_image::console::REFUSED;
use landfall_paging::{Mode, PhysAddr, PhysRange};
use landfall_plan::harts::HartIndex;
use landfall_plan::plan::TreePlace;
use landfall_plan::planner::ModeLimit;
use landfall_plan::policy::{PhysicalPlacement, PolicyError};
#[cfg(not(feature = "efi"))]
use landfall_plan::refusal::MissingFeature;
use landfall_plan::refusal::Part;
use landfall_plan::{Facts, Plan, Policy, Refusal, Rule};

use super::backing;
use super::early::{
    PhysicalMemory, memory_types, move_down, other_harts, probe, probe_tables, try_blocks, zero_bss,
};
use super::hart_seed::HartSeed;
use super::landing::{Landing, LandingCell};
#[cfg(feature = "relocate")]
use super::moving::{Secrets, move_image, wipe_old_place};
use super::symbols::{image, image_start, policy_record};
use super::{constants, power_off_after_failure, tables};
use landfall_tree::{Entropy, Seeds, Tree, TreeContents};

unsafe extern "C" {
    /// Rebases the image and goes on at its virtual address: see leap.s.
    ///
    /// # Safety
    /// satp is 0, and the tables that `satp` names map the image `addend` bytes above where it is,
    /// and `stack`.
    fn landfall_leap(addend: u64, satp: u64, stack: u64, hart: u64) -> !;
}

/// Lands. It runs at the image's physical address, on one hart, with satp 0, on the early stack;
/// every slot is physical.
///
/// Parts of it have names of their own, at which `cargo landfall run` counts instructions from
/// outside. Nothing in here stores a pointer in a static: the last rebase would not know of it.
/// Numbers are handed over.
#[unsafe(no_mangle)]
extern "C" fn landfall_land(boot_hart: u64, tree: u64) -> ! {
    // SAFETY: satp is 0 (head.s), this is the only hart, and this function is entered once.
    let (memory, landing) = unsafe { (PhysicalMemory::new(), LandingCell::take()) };
    let entropy = match decide(&memory, landing, boot_hart, PhysAddr::new(tree)) {
        Err(refusal) => refuse(refusal.rule(), refusal),
        Ok(entropy) => entropy,
    };
    #[cfg(feature = "relocate")]
    let entropy = move_image(landing, entropy);
    carry_out(&memory, landing, entropy)
}

/// The same, in the image's new place: what was decided came along with it.
#[cfg(feature = "relocate")]
#[unsafe(no_mangle)]
extern "C" fn landfall_land_moved(secrets: Secrets) -> ! {
    // SAFETY: satp is 0 (head.s), this is the only hart, and this image has just come to life.
    let (memory, landing) = unsafe { (PhysicalMemory::new(), LandingCell::take()) };
    wipe_old_place(&memory, landing);
    if let Err(refusal) = backing::check_after_move(&memory, landing) {
        refuse(refusal.rule(), refusal)
    }
    carry_out(&memory, landing, secrets.into_entropy())
}

/// Finds out what the machine is, and decides everything. Returns the kernel's entropy.
fn decide(
    memory: &PhysicalMemory,
    landing: &mut Landing,
    boot_hart: u64,
    tree: PhysAddr,
) -> Result<Option<[u64; 4]>, Refusal> {
    read_policy(&mut landing.policy)?;
    let seeds = read_tree(memory, landing, boot_hart, tree)?;
    ask_firmware(landing);
    let entropy = take_entropy(memory, &mut landing.facts, &seeds);
    if let Some(entropy) = &entropy {
        landing.keep_secret(*entropy.secret(), entropy.draws.seed.bits);
    }
    backing::check_part(memory, Part::Image, probe_tables())?;
    try_blocks(memory, landing.facts.zero_block);
    let limit = ModeLimit::new(&landing.facts, &landing.policy)?;
    landing.facts.memory_types = memory_types(limit.best);
    let mode = probe(memory, limit, landing.facts.memory_types.leaf_format())?;
    if mode != limit.best {
        landing.facts.memory_types = memory_types(mode);
    }
    make_plan(landing, mode, entropy.as_ref())?;
    backing::check(memory, landing)?;
    Ok(entropy.as_ref().and_then(|entropy| entropy.kernel().copied()))
}

/// Predicts `decide`, without this hart's registers, for a loader that can still boot something
/// else.
#[cfg(feature = "efi")]
pub(super) fn rehearse(policy: &Policy, boot_hart: u64, tree: PhysAddr) -> Result<(), Refusal> {
    // SAFETY: firmware has mapped memory where it is, which is as good as no mapping. It runs this
    // hart alone, and this reference ends here.
    let (memory, landing) = unsafe { (PhysicalMemory::new(), LandingCell::take()) };
    read_tree(&memory, landing, boot_hart, tree)?;
    landing.policy = *policy;
    let limit = ModeLimit::new(&landing.facts, policy)?;
    make_plan(landing, limit.best, None)
}

/// Carries the plan out, and goes on at the kernel's virtual address.
fn carry_out(memory: &PhysicalMemory, landing: &mut Landing, entropy: Option<[u64; 4]>) -> ! {
    let plan = landing.plan();
    // SAFETY: the plan has found the whole image in free RAM, and .bss has not been used.
    unsafe { zero_bss(memory) };
    let satp = match tables::build(memory, landing.facts(), plan) {
        Err(refusal) => refuse(refusal.rule(), refusal),
        Ok(satp) => satp,
    };
    // SAFETY: the code is writable, since satp is 0; no conversion has run; the leap does
    // `fence.i`.
    unsafe { constants::patch(memory, plan) };
    move_tree(memory, landing);
    let (addend, stack) = (plan.image_offset(), plan.stacks.usable(HartIndex::BOOT).end().get());
    landing.settle(satp, entropy);
    // SAFETY: the tables map the image where its slots will point, and the stack.
    unsafe { landfall_leap(addend, satp.bits(), stack, landing.facts.boot_hart) }
}

pub(super) fn read_policy(policy: &mut Policy) -> Result<(), Refusal> {
    let cut_off = PolicyError::Version { found: 0 };
    let record = policy_record().first_chunk().ok_or(cut_off);
    record.and_then(|record| policy.load(record)).map_err(Refusal::BadPolicy)
}

#[inline(never)]
#[unsafe(export_name = "landfall_read_tree")]
fn read_tree(
    memory: &PhysicalMemory,
    landing: &mut Landing,
    boot_hart: u64,
    at: PhysAddr,
) -> Result<Seeds, Refusal> {
    // SAFETY: head.s has read the magic there; no other reference to the tree exists.
    let size = Tree::stated_size(unsafe { memory.bytes(at, 8) }.try_into().unwrap_or_default())?;
    // SAFETY: as above.
    let tree = unsafe { memory.bytes(at, size) };
    let facts = &mut landing.facts;
    facts.forget();
    (facts.image, facts.loaded) = (image(), image_start());
    facts.boot_hart = boot_hart;
    facts.tree = PhysRange::new(at, size as u64);
    let TreeContents { seeds, lacks_memory_map, .. } = Tree::read(tree, facts)?;
    if lacks_memory_map {
        return read_handed_on(memory, landing, boot_hart);
    }
    Ok(seeds)
}

/// Completes the tree, whose facts `landing` has, and reads it again.
#[cfg(feature = "efi")]
#[cold]
fn read_handed_on(memory: &PhysicalMemory, landing: &mut Landing, boot_hart: u64) -> Result<Seeds, Refusal> {
    match super::efi::handed_on::complete(memory, &landing.facts) {
        Ok(at) => read_tree(memory, landing, boot_hart, at),
        Err(refused) => refuse(refused.rule(), refused),
    }
}

/// Refuses: without the memory map, memory of runtime services would be RAM.
#[cfg(not(feature = "efi"))]
const fn read_handed_on(_: &PhysicalMemory, _: &mut Landing, _: u64) -> Result<Seeds, Refusal> {
    Err(Refusal::CompiledOut(MissingFeature::Efi))
}

/// Facts that only firmware knows.
fn ask_firmware(landing: &mut Landing) {
    if landing.policy.physical_placement() != PhysicalPlacement::Stay {
        landing.facts.other_harts = other_harts(&landing.facts.harts);
    }
}

#[inline(never)]
#[unsafe(export_name = "landfall_random")]
fn take_entropy(memory: &PhysicalMemory, facts: &mut Facts, seeds: &Seeds) -> Option<Entropy> {
    let tree = facts.tree;
    // SAFETY: the tree was read there; no other reference to it exists.
    let tree = unsafe { memory.bytes(tree.start(), tree.size() as usize) };
    let hart = HartSeed::read(facts);
    let hart = hart.as_ref().map(HartSeed::bytes).unwrap_or_default();
    seeds.take_with(tree, facts, hart, move_down)
}

#[inline(never)]
#[unsafe(export_name = "landfall_plan")]
fn make_plan(landing: &mut Landing, mode: Mode, entropy: Option<&Entropy>) -> Result<(), Refusal> {
    let Landing { facts, policy, plan, .. } = landing;
    facts.reserve_crash_memory(policy);
    let draws = entropy.map(|entropy| &entropy.draws);
    #[cfg(feature = "relocate")]
    Plan::write(plan, facts, policy, mode, draws)?;
    #[cfg(not(feature = "relocate"))]
    Plan::write_in_place(plan, facts, policy, mode, draws)?;
    Ok(())
}

fn move_tree(memory: &PhysicalMemory, landing: &Landing) {
    if let TreePlace::Copied(to) = landing.plan().tree {
        let from = landing.facts.tree;
        let size = from.size() as usize;
        // SAFETY: the plan took the target from free RAM, so they do not overlap.
        unsafe { memory.bytes(to, size).copy_from_slice(memory.bytes(from.start(), size)) };
    }
}

/// Says why, and powers off with failure.
fn refuse(rule: Rule, refused: impl fmt::Display) -> ! {
    crate::println!("{REFUSED}{rule}: {refused}");
    power_off_after_failure()
}
