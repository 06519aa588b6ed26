//! Links the kernel by its own script.

fn main() {
    landfall_build::Kernel::new().with_layout("src/kernel.ld").link();
}
