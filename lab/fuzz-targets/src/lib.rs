//! The fuzz targets, as functions: each reads an untrusted input, and panics if landfall does.
//!
//! `fuzz/` calls them by `cargo-fuzz`, which needs a nightly compiler. The test `smoke` calls them
//! on stable Rust with the corpus and mutations of it.

mod acpi;
mod audit;
mod board;
mod change;
mod check;
mod efi;
mod facts;
mod formats;
mod image;
mod kexec;
mod limine;
mod module;
mod options;
mod pack;
mod policy;
mod readers;
mod relr;
mod tree;
mod wrap;

pub use acpi::run as acpi;
pub use audit::run as audit;
pub use board::run as board;
pub use change::run as change;
pub use check::run as check;
pub use efi::run as efi;
pub use facts::run as facts;
pub use image::run as image;
pub use kexec::run as kexec;
pub use limine::run as limine;
pub use module::run as module;
pub use options::run as options;
pub use pack::run as pack;
pub use policy::run as policy;
pub use readers::run as readers;
pub use relr::run as relr;
pub use tree::run as tree;
pub use wrap::run as wrap;

/// A target: its name, which is that of its corpus, and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 18] = [
    ("acpi", acpi),
    ("audit", audit),
    ("board", board),
    ("change", change),
    ("check", check),
    ("efi", efi),
    ("facts", facts),
    ("image", image),
    ("kexec", kexec),
    ("limine", limine),
    ("module", module),
    ("options", options),
    ("pack", pack),
    ("policy", policy),
    ("readers", readers),
    ("relr", relr),
    ("tree", tree),
    ("wrap", wrap),
];
