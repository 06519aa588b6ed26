//! Links the examples; `collected` has a section of its own.

fn main() {
    landfall_build::Kernel::new().with_sections("collected.ld").link();
}
