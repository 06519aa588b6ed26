//! States whether this crate is compiled without optimization, which `cfg` does not: such code
//! needs a larger stack.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(landfall_unoptimized)");
    if std::env::var("OPT_LEVEL").is_ok_and(|level| level == "0") {
        println!("cargo::rustc-cfg=landfall_unoptimized");
    }
}
