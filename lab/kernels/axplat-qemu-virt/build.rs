//! Links for the fixed place that ArceOS's platform for QEMU's `virt` has.

use std::env;

fn main() {
    let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    println!("cargo::rerun-if-changed=kernel.ld");
    println!("cargo::rustc-link-arg=-T{folder}/kernel.ld");
    println!("cargo::rustc-link-arg=--gc-sections");
    println!("cargo::rustc-link-arg=-no-pie");
}
