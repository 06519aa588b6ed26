//! Links a static PIE, without anything of landfall's.

/// The library `core` has pointers in its constants: they are relocated there.
const ARGUMENTS: [&str; 5] =
    ["-pie", "--no-dynamic-linker", "-znotext", "-zpack-relative-relocs", "-zmax-page-size=4096"];

fn main() {
    let folder = std::env::var("CARGO_MANIFEST_DIR").expect("Cargo sets it");
    let script = format!("{folder}/kernel.ld");
    println!("cargo::rerun-if-changed={script}");
    for argument in ARGUMENTS.into_iter().chain(["-T", &script]) {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
