//! Links the kernel so that it lands wherever it is loaded.

fn main() {
    landfall_build::kernel();
}
