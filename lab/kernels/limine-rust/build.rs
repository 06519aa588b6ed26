//! Links a kernel at a fixed address, without anything of landfall's.

fn main() {
    let folder = std::env::var("CARGO_MANIFEST_DIR").expect("Cargo sets it");
    let script = format!("{folder}/kernel.ld");
    println!("cargo::rerun-if-changed={script}");
    for argument in ["-zmax-page-size=4096", "-T", &script] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
