//! Random bytes for the kernel: what is left of the boot loader's seed, once.

#![no_std]
#![no_main]

use landfall::Landing;

landfall::entry!(main);

fn main(landing: &'static Landing) -> ! {
    match landing.take_entropy() {
        Some(entropy) => {
            let (bytes, bits) = (entropy.bytes().len(), entropy.bits());
            landfall::println!("{bytes} random bytes to seed a generator with, of {bits} bits of entropy");
        }
        None => landfall::println!("no seed: {}", landing.plan().kaslr),
    }
    // The second caller gets none: the same bytes must not seed two generators.
    assert!(landing.take_entropy().is_none());
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}
