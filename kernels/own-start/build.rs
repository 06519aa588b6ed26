//! Links the kernel by its own script, so that `landfall-rebase` can move it.

fn main() {
    landfall_build::Kernel::rebase_only("src/kernel.ld").link();
}
