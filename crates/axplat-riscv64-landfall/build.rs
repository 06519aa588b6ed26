//! Names the sections of this platform's crates for the build script of a kernel. `landfall_build`
//! adds them to landfall's layout.

use std::env;
use std::path::PathBuf;

fn main() {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let preview = env::var_os("CARGO_FEATURE_PREVIEW").is_some();
    let sections = folder.join(if preview { "preview.ld" } else { "sections.ld" });
    println!("cargo::rerun-if-changed={}", sections.display());
    println!("cargo::metadata=landfall_sections={}", sections.display());
}
