//! Tests against programs of others, which they fetch from Debian's archive.
//!
//! ```text
//! archive   the packages come as named, or not at all
//! codegen   code patterns, compiled by stable Rust, the oldest Rust, gcc and clang
//! foreign   kernels of distributions, checked
//! gnu       files that GNU's tools write
//! modules   modules of gcc and clang, loaded, and linked for the same addresses
//! msrv      the Rust that manifests name
//! target    a target of the kernel's own, by a nightly compiler
//! ```
//!
//! The package is no default member of the workspace, so that `cargo test` fetches none of them:
//! `.ci/long` runs it.
