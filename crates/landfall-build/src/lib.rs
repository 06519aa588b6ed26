//! For a landfall kernel's `build.rs`: one line in its `main` makes a bootable image.
//!
//! ```no_run
//! landfall_build::kernel();
//! ```
//!
//! It passes the linker script and the arguments for code that is position-independent by relocation: the target's default code
//! model, linked as PIE with its relative relocations in RELR form.

#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::{env, fs};

const LINK_SCRIPT: &str = include_str!("link.ld");

const LINK_ARGUMENTS: [&str; 8] = [
    "-pie",
    "--no-dynamic-linker",
    // Static code keeps pointers in read-only sections; `rebase` runs while they are writable.
    "-znotext",
    "-zpack-relative-relocs",
    "-zmax-page-size=4096",
    "-Bsymbolic",
    "--gc-sections",
    "--orphan-handling=error",
];

/// Passes everything that the linker needs to know, for all binaries of this package. Only for `build.rs`.
///
/// On a target other than bare-metal RISC-V 64 it does nothing, so that a package can also have host parts.
///
/// # Panics
/// Where Cargo's environment is missing or the linker script cannot be written: the build cannot go on.
pub fn kernel() {
    println!("cargo::rerun-if-env-changed=LANDFALL_BUILD");
    let variable = |name| env::var(name).unwrap_or_default();
    if variable("CARGO_CFG_TARGET_ARCH") != "riscv64" || variable("CARGO_CFG_TARGET_OS") != "none" {
        return;
    }
    let out =
        env::var_os("OUT_DIR").expect("landfall_build::kernel() is for build.rs, where Cargo sets OUT_DIR");
    let script = PathBuf::from(out).join("landfall.ld");
    fs::write(&script, LINK_SCRIPT)
        .unwrap_or_else(|error| panic!("cannot write {}: {error}", script.display()));
    println!("cargo::rustc-link-arg-bins=-T{}", script.display());
    for argument in LINK_ARGUMENTS {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
    // `cargo landfall build` names the relocations that must not be there, which needs a linked file to look at.
    let named_later = u8::from(env::var_os("LANDFALL_BUILD").is_some());
    println!("cargo::rustc-link-arg-bins=--defsym=__landfall_named_later={named_later}");
}
