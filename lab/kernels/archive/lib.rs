//! A kernel as a static library, which other build systems link with a part in assembly
//! (`lab/builds/part.s`).

#![no_std]

use core::ffi::{CStr, c_char};

use landfall::policy::Disclosure;
use landfall::{HartIndex, Landing, Policy};

const POLICY: Policy = Policy::new().with_disclosure(Disclosure::Disclose);

landfall::entry!(main, secondary = second, policy = &POLICY);

unsafe extern "C" {
    /// Returns a text, whose address it loads from the GOT.
    safe fn part_name() -> *const c_char;
    /// Returns the address of a weak symbol that nothing defines, from the GOT.
    safe fn part_missing() -> usize;
    /// The address of the same text, and that of the same symbol.
    safe static part_pointer: [usize; 2];
}

fn main(landing: &'static Landing) -> ! {
    landfall::print!("{}", landing.report());
    landfall::println!("landfall: report {}", landing.report().json());
    let name = part_name();
    let same = part_pointer == [name.expose_provenance(), 0] && part_missing() == 0;
    // SAFETY: it is a constant of the image that ends with 0.
    let name = unsafe { CStr::from_ptr(name) };
    landfall::println!("archive: {}", name.to_str().unwrap_or_default());
    landfall::exit(i32::from(!same))
}

fn second(_: &'static Landing, _: HartIndex) -> ! {
    loop {
        landfall::wait_for_interrupt();
    }
}
