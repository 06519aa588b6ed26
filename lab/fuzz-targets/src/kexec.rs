//! kexec: any bytes as the next image and as the running kernel's tree, and an initrd anywhere. The
//! result is an error that can be printed, or a plan that writes nothing but free memory.

use landfall::Policy;
use landfall::address::{PhysAddr, PhysRange};
use landfall::paging::Mode;
use landfall::plan::{Facts, Plan};
use landfall_kexec::{Blob, Block, KexecPlan, Next, Place, Running, Step};
use landfall_plan::facts::ImageFacts;

const RAM: u64 = 0x8000_0000;
const SIZE: u64 = 64 << 20;
/// Memory of the firmware.
const FIRMWARE: u64 = 0x8_0000;
const BLOCK: u64 = RAM + (40 << 20);
const BLOCK_SIZE: usize = 0x1_0000;

/// Plans the start of the input: place, pages to the initrd and pages in it, bytes of the tree,
/// then tree and image.
///
/// # Panics
/// If landfall fails on it.
pub fn run(bytes: &[u8]) {
    let Some((&[place, at_low, at_high, pages, tree_low, tree_high], rest)) = bytes.split_first_chunk()
    else {
        return;
    };
    let tree_size = usize::from(u16::from_le_bytes([tree_low, tree_high]));
    let Some((tree, image)) = rest.split_at_checked(tree_size) else { return };
    let initrd = vec![7; usize::from(pages) << 12];
    let initrd_at = PhysAddr::new(RAM + (u64::from(u16::from_le_bytes([at_low, at_high])) << 12));
    let next = Next::new(Blob::contiguous(image, PhysAddr::new(RAM + (8 << 20))))
        .with_initrd(Blob::contiguous(&initrd, initrd_at))
        .with_command_line(b"quiet")
        .with_place(match place % 3 {
            0 => Place::Lowest,
            1 => Place::Drawn(u64::from(place) << 56),
            _ => Place::At(PhysAddr::new(RAM + (u64::from(place) << 18))),
        });
    let facts = facts();
    let plan = Plan::new(&facts, &Policy::new(), Mode::Sv39, None).expect("a plan");
    let (mut memory, mut steps) = (vec![0; BLOCK_SIZE], [Step::None; 64]);
    let mut block = Block { bytes: &mut memory, at: PhysAddr::new(BLOCK) };
    let running = Running { facts: &facts, plan: &plan, tree, hart: 0 };
    let kexec = match KexecPlan::new(running, &next, &mut block, &mut steps) {
        Err(error) => return assert!(!error.to_string().is_empty()),
        Ok(kexec) => kexec,
    };
    let free = PhysRange::between(PhysAddr::new(RAM + FIRMWARE), PhysAddr::new(RAM + SIZE));
    for target in kexec.steps.iter().map(Step::target).filter(|target| !target.is_empty()) {
        let is_list = block.range().contains(target);
        assert!(free.contains(target) && (is_list || !target.overlaps(block.range())), "{target} is written");
    }
    assert!(kexec.image.contains(PhysRange::new(kexec.entry, 1)) && block.range().contains(kexec.tree));
    if let Some(initrd) = kexec.initrd {
        assert!(!initrd.overlaps(kexec.image) && !initrd.overlaps(block.range()));
    }
}

/// A machine with 64 MiB, and the firmware at their start.
fn facts() -> Facts {
    let range = |start, size| PhysRange::new(PhysAddr::new(start), size);
    let mut facts = Facts::UNKNOWN;
    facts.image = ImageFacts { text: 0x8000, constants: 0x4000, early: 0x7000, data: 0x9000 };
    facts.loaded = PhysAddr::new(RAM + 0x20_0000);
    facts.tree = range(RAM + (60 << 20), 0x2000);
    facts.ram.insert(range(RAM, SIZE)).expect("room for one");
    facts.no_map.insert(range(RAM, FIRMWARE)).expect("room for one");
    facts
}
