//! Links the workload as the environment says: fixed, relocated by RELR, or position-independent
//! (which is linked in the same way).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Which code model, for the linker's part of it.
const MODEL: &str = "LANDFALL_COMPARE_MODEL";

/// The C compiler and its arguments, if the workload is the one in C.
const C: &str = "LANDFALL_COMPARE_C";

/// As crate `landfall-build` links kernels.
const RELOCATED: [&str; 4] = ["-pie", "--no-dynamic-linker", "-znotext", "-zpack-relative-relocs"];

fn main() {
    println!("cargo::rerun-if-env-changed={MODEL}");
    println!("cargo::rerun-if-env-changed={C}");
    println!("cargo::rerun-if-changed=src/link.ld");
    println!("cargo::rustc-check-cfg=cfg(workload_in_c)");
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
    if let Ok(command) = env::var(C) {
        println!("cargo::rustc-cfg=workload_in_c");
        for object in compile(&command, &out) {
            argument(&object.display().to_string());
        }
    }
}

/// Compiles the workload in C, and returns its objects.
fn compile(command: &str, out: &Path) -> Vec<PathBuf> {
    let mut words = command.split(' ');
    let compiler = words.next().expect("the variable names a compiler");
    let arguments: Vec<_> = words.collect();
    let sources = ["parts.c", "workload.c"];
    let objects = sources.map(|source| {
        let (source, object) = (Path::new("src/c").join(source), out.join(source).with_extension("o"));
        println!("cargo::rerun-if-changed={}", source.display());
        let mut command = Command::new(compiler);
        let status = command.args(&arguments).arg("-c").arg(&source).arg("-o").arg(&object).status();
        assert!(status.is_ok_and(|status| status.success()), "{} does not compile", source.display());
        object
    });
    objects.into()
}
