//! Links the kernel by its own script.

fn main() {
    landfall_build::Kernel::new().script("src/kernel.ld").link();
}
