//! Conversions of addresses in two ways, each a function of its own, and loops of them, for
//! `cargo compare conversions`.
//!
//! The comparison reads the functions in the built kernel, and the executed instructions of the
//! loops in QEMU's log.

#![no_std]
#![no_main]

mod loops;
mod patched;
mod variable;

use core::hint::black_box;

use landfall::policy::Disclosure;
use landfall::{Landing, Policy};

const POLICY: Policy = Policy::new().with_disclosure(Disclosure::Disclose);

landfall::entry!(main, policy = &POLICY);

/// A conversion.
type Conversion = extern "C" fn(u64) -> u64;

/// The same conversion in both ways, and the kind of address that it takes.
const PAIRS: [(Conversion, Conversion, Takes); 6] = [
    (patched::patched_linear_to_virt, variable::variable_linear_to_virt, Takes::Ram),
    (patched::patched_linear_to_phys, variable::variable_linear_to_phys, Takes::Linear),
    (patched::patched_image_to_virt, variable::variable_image_to_virt, Takes::ImageInRam),
    (patched::patched_image_to_phys, variable::variable_image_to_phys, Takes::Image),
    (patched::patched_either_to_phys, variable::variable_either_to_phys, Takes::Image),
    (patched::patched_either_to_phys, variable::variable_either_to_phys, Takes::Linear),
];

/// An input of the conversions.
#[derive(Clone, Copy)]
enum Takes {
    Ram,
    Linear,
    ImageInRam,
    Image,
}

fn main(landing: &'static Landing) -> ! {
    let plan = landing.plan();
    let upper_half = plan.mode.upper_half();
    let border = upper_half.wrapping_add(plan.mode.half_size() / 8 * 5);
    variable::set(plan.linear.offset, plan.image_offset(), border.get());
    let image = landing.facts().loaded.get();
    let ram = image + 0x1000;
    let address = |takes| match takes {
        Takes::Ram => ram,
        Takes::Linear => ram.wrapping_add(plan.linear.offset),
        Takes::ImageInRam => image,
        Takes::Image => image.wrapping_add(plan.image_offset()),
    };
    for (patched, variable, takes) in PAIRS {
        let given = black_box(address(takes));
        let (found, expected) = (patched(given), variable(given));
        landfall::println!("compare: given={given:#x} patched={found:#x} variable={expected:#x}");
    }
    let linear = black_box(address(Takes::Linear));
    for [patched, variable] in loops::PAIRS {
        let (found, expected) = (patched(linear), variable(linear));
        landfall::println!("compare: loop={} patched={found:#x} variable={expected:#x}", loops::ROUNDS);
    }
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}
