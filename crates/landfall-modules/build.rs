//! Passes the name of the target on: stable Rust has no `cfg` for the registers that pass
//! arguments.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=LANDFALL_TARGET={}", std::env::var("TARGET").unwrap_or_default());
}
