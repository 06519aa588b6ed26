//! Maps, protects and unmaps the same memory in several ways, for `cargo compare space`:
//! by `page_table_multiarch`, by landfall's editor and by its live address space. It counts the
//! instructions of each. The machine has sv39 only.
//!
//! ```text
//! work       the operations, and the check of each result through the machine
//! multiarch  page_table_multiarch
//! editor     landfall's editor alone
//! owned      the live address space
//! shootdown  an unmapping with its fence on every hart
//! switch     from one user address space to another
//! machine    a machine whose harts have no ASIDs
//! pool       frames for tables, and memory to map
//! tables     page tables through the linear map
//! ```

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits")]

mod editor;
mod machine;
mod multiarch;
mod owned;
mod pool;
mod shootdown;
mod switch;
mod tables;
mod work;

use core::fmt;

use compare_count::{counted, nothing};
use landfall::paging::{LandedTables, Mode};
use landfall::space::{LandedStacks, Placing, SbiFences, SpaceOptions};
use landfall::{HartIndex, Landing};

use pool::{Grounds, Pool};
use shootdown::CountedFences;
use work::{Counts, ROWS, Row};

landfall::entry!(main, secondary = second);

fn main(landing: &'static Landing) -> ! {
    assert!(landing.mode() == Mode::Sv39, "the machine has {}, not sv39 alone", landing.mode());
    assert!(!landing.plan().format.has_napot(), "leaves of 64 KiB are not compared");
    let Some(mut tables) = landing.take_tables() else { panic!("nothing else takes the tables") };
    // SAFETY: nothing else in this kernel uses free memory.
    let grounds = unsafe { Grounds::of(landing) };
    let harts = landing.online_harts().len();
    let options = SpaceOptions { placing: Placing::FirstFit, pools: &[] };
    let space = |tables: LandedTables| {
        let (hart, remote) = (LandedStacks::of(landing), CountedFences(SbiFences::of(landing)));
        tables.into_space_with(Pool, &options, hart, remote).unwrap_or_else(|error| panic!("{error}"))
    };
    if harts == 1 {
        let multiarch = multiarch::counts(landing, &grounds);
        let fixed = editor::fixed_counts(landing, &mut tables, &grounds);
        let landed = editor::landed_counts(landing, &mut tables, &grounds);
        let space = space(tables);
        // First, as in the boot with more harts.
        let shootdown = shootdown::count(&space, &grounds);
        let owned = owned::counts(landing, &space, &grounds);
        print_rows([&multiarch, &fixed, &landed, &owned]);
        print_step("unmap_1_page,_1_hart", shootdown);
        print_step("switch,_with_ASIDs", switch::count(&space));
        drop(space);
        // SAFETY: the space before has ended, and this hart is the only one.
        print_step("switch,_without_ASIDs", switch::count(&unsafe { machine::without_asids(landing) }));
    } else {
        print_step(
            format_args!("unmap_1_page,_{harts}_harts,_without_the_remote_fence"),
            shootdown::count(&space(tables), &grounds),
        );
    }
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

/// Other harts are idle: they only execute the fences that the firmware asks of them.
fn second(_: &'static Landing, _: HartIndex) -> ! {
    loop {
        landfall::wait_for_interrupt();
    }
}

/// Counts a function that takes one instruction.
fn calibration() -> u64 {
    counted(nothing, &mut 0).instructions
}

fn print_rows(designs: [&Counts; 4]) {
    for (index, Row { name, .. }) in ROWS.iter().enumerate() {
        let row = designs.map(|counts| counts[index]);
        let result = if row.iter().all(|count| count.is_right) { "right" } else { "wrong" };
        let [multiarch, fixed, landed, space] = row.map(|count| count.instructions);
        let calibration = calibration();
        landfall::println!(
            "compare: calibration={calibration} op={name} multiarch={multiarch} fixed={fixed} \
             landed={landed} space={space} result={result}"
        );
    }
}

fn print_step(name: impl fmt::Display, count: work::Count) {
    let result = if count.is_right { "right" } else { "wrong" };
    let (calibration, instructions) = (calibration(), count.instructions);
    landfall::println!(
        "compare: calibration={calibration} step={name} instructions={instructions} result={result}"
    );
}
