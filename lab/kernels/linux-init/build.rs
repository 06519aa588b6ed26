//! Links the program as a static executable of Linux.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=src/link.ld");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR"));
    let script = out.join("linux-init.ld");
    fs::copy("src/link.ld", &script).expect("the linker script is copied");
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "none") {
        println!("cargo::rustc-link-arg-bins=-T{}", script.display());
    }
}
