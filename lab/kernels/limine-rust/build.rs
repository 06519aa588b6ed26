//! Links a static PIE without anything of landfall's.

fn main() {
    let folder = std::env::var("CARGO_MANIFEST_DIR").expect("Cargo sets it");
    let script = format!("{folder}/kernel.ld");
    println!("cargo::rerun-if-changed={script}");
    // Static code keeps pointers in read-only sections, which the loader relocates.
    for argument in ["-pie", "--no-dynamic-linker", "-znotext", "-zmax-page-size=4096", "-T", &script] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
