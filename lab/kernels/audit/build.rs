//! Makes a bootable image of this package.

fn main() {
    landfall_build::kernel();
}
