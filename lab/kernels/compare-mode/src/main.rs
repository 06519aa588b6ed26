//! Edits its own live tables, with the mode chosen at run time and with sv39 fixed, and counts the
//! instructions of each operation, for `cargo compare mode`. The machine has sv39 only.

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits")]

mod steps;
mod tables;

use core::arch::asm;

use compare_count::{counted, nothing};
use landfall::Landing;
use landfall::address::{LinearAddr, PhysAddr};
use landfall::paging::Mode;
use landfall_paging::{Editor, Levels, Sv39, VirtRange};

use steps::{Context, Expect, STEPS, Step, steps};
use tables::{LinearMap, Pool};

landfall::entry!(main);

/// The result of one run of all steps: instructions, and the correctness of each step.
type Run = [(u64, bool); STEPS];

fn main(landing: &'static Landing) -> ! {
    assert!(
        landing.mode() == Mode::Sv39,
        "this kernel compares editors of sv39, and the machine has {}",
        landing.mode()
    );
    let check = counted(nothing, &mut 0).instructions;
    let fixed = run(landing, Sv39, &steps());
    // `landing` was written by the landing: for the compiler this is any mode.
    let runtime = run(landing, landing.mode(), &steps());
    for (index, Step { name, .. }) in steps::<Sv39>().iter().enumerate() {
        let ((fixed, fixed_is_right), (runtime, runtime_is_right)) = (fixed[index], runtime[index]);
        let is_right = if fixed_is_right && runtime_is_right { "right" } else { "wrong" };
        landfall::println!(
            "compare: calibration={check} op={name} fixed={fixed} runtime={runtime} result={is_right}"
        );
    }
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

/// Runs all steps on the kernel's own tables, which are as before afterwards.
fn run<L: Levels>(landing: &'static Landing, levels: L, steps: &[Step<L>; STEPS]) -> Run {
    let root = landing.satp().root();
    let gigabyte = 1 << 30;
    // A gigabyte of the dynamic region that no table serves yet.
    let dynamic = landing.plan().dynamic;
    let virt = dynamic.start().wrapping_add(2 * gigabyte - 1).align_down(gigabyte);
    let owned = [VirtRange::new(virt, gigabyte), VirtRange::EMPTY];
    // SAFETY: these are this kernel's tables, of which it takes no other editor; the run before has
    // unmapped all that it had mapped, and fenced. Nothing lies in that gigabyte, and this hart is
    // the only one.
    let editor =
        unsafe { Editor::new(levels, landing.plan().format, LinearMap::new(), Pool::new(), root, owned) };
    let mut context = Context { editor, virt, phys: large_frame(landing) };
    steps.each_ref().map(|step| {
        let counted = counted(step.run, &mut context);
        // SAFETY: it orders, and nothing else.
        unsafe { asm!("sfence.vma", options(nostack, preserves_flags)) };
        (counted.instructions, counted.result != 0 && is_as(&step.expect, &context))
    })
}

/// 2 MiB of free memory, aligned.
fn large_frame(landing: &Landing) -> PhysAddr {
    let size = 2 << 20;
    let aligned = |range: landfall::address::PhysRange| {
        let start = PhysAddr::new(range.start().get().next_multiple_of(size));
        range.contains(landfall::address::PhysRange::new(start, size)).then_some(start)
    };
    landing.free_memory().find_map(aligned).expect("1 GiB of RAM has 2 MiB that are free")
}

/// Returns true if the machine translates correctly: a word written at the new address is read
/// through the linear map.
fn is_as<L: Levels>(expect: &Expect, context: &Context<L>) -> bool {
    match *expect {
        Expect::Writable(offset) => {
            let at = context.virt.wrapping_add(offset);
            let word = 0x5eed_0000_0000_0000 | offset;
            let new = core::ptr::with_exposed_provenance_mut::<u64>(at.get() as usize);
            let old = LinearAddr::from_phys(context.phys.wrapping_add(offset)).as_ptr::<u64>();
            // SAFETY: the editor has just mapped it to free memory without another user; the
            // second is the same word.
            unsafe {
                new.write_volatile(word);
                old.read_volatile() == word
            }
        }
        Expect::Readable(offset) => {
            let new =
                core::ptr::with_exposed_provenance::<u64>(context.virt.wrapping_add(offset).get() as usize);
            let old = LinearAddr::from_phys(context.phys.wrapping_add(offset)).as_ptr::<u64>();
            // SAFETY: as above.
            unsafe { new.read_volatile() == old.read_volatile() }
        }
        Expect::Unmapped(offset) => {
            context.editor.walk(context.virt.wrapping_add(offset)) == landfall_paging::Translation::Unmapped
        }
    }
}
