//! Links the workload as the environment says: fixed, relocated by RELR, or position-independent
//! (which is linked in the same way).

use std::path::PathBuf;
use std::{env, fs};

/// Which code model, for the linker's part of it.
const MODEL: &str = "LANDFALL_COMPARE_MODEL";

/// As crate `landfall-build` links kernels.
const RELOCATED: [&str; 4] = ["-pie", "--no-dynamic-linker", "-znotext", "-zpack-relative-relocs"];

fn main() {
    println!("cargo::rerun-if-env-changed={MODEL}");
    println!("cargo::rerun-if-changed=src/link.ld");
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system != "none") {
        return;
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR"));
    let script = out.join("compare.ld");
    fs::copy("src/link.ld", &script).expect("the linker script is copied");
    let argument = |argument: &str| println!("cargo::rustc-link-arg-bins={argument}");
    argument(&format!("-T{}", script.display()));
    argument("--gc-sections");
    argument("-zmax-page-size=4096");
    if env::var(MODEL).is_ok_and(|model| model == "fixed") {
        argument("--defsym=__compare_base=0x80200000");
    } else {
        argument("--defsym=__compare_base=0xffffffff00000000");
        RELOCATED.iter().copied().for_each(argument);
    }
}
