//! Links the examples; `collected` has a section of its own.

fn main() {
    landfall_build::Kernel::new().sections("collected.ld").link();
}
