//! For a landfall kernel's `build.rs`: one line in its `main` makes a bootable image.
//!
//! ```no_run
//! landfall_build::kernel();
//! ```
//!
//! It passes the linker script and the arguments for code that is position-independent by
//! relocation. Such code has the target's default code model and is linked as PIE, with its
//! relative relocations in RELR form.
//!
//! Other kernels use [`Kernel`]:
//!
//! | the kernel has | call |
//! |---|---|
//! | nothing special | [`kernel()`] |
//! | sections of its own: linker-collected arrays, per-hart data | `Kernel::new().with_sections("sections.ld").link()` |
//! | a layout of its own | `Kernel::new().with_layout("kernel.ld").link()` |
//! | crates with sections of their own | no other call: such crates name them (`links`, and `cargo::metadata=landfall_sections=PATH` from their build script) |
//! | parts for the host, such as a library with tests | `Kernel::new().with_host_parts().link()` |
//! | a `_start` of its own, and of landfall only the crate `landfall-rebase` | `Kernel::rebase_only("kernel.ld").link()` |
//!
//! Such scripts find landfall's own by `INCLUDE`: `landfall.ld` (all of it), `landfall-tables.ld`
//! and `landfall-debug.ld` (parts). A missing definition is a link error that states
//! the line to write.

#![forbid(unsafe_code)]

pub mod link;

use std::env;
use std::path::PathBuf;

use link::{Link, Linker, OtherRelocations};

/// Passes everything that the linker needs to know for a kernel with the default layout. Only for
/// `build.rs`.
///
/// On a target other than bare-metal RISC-V 64 the build fails with one error that names the right
/// target.
///
/// # Panics
/// As [`Kernel::link`].
pub fn kernel() {
    Kernel::new().link();
}

/// A kernel, as Cargo links it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "nothing is passed to the linker before `link`"]
pub struct Kernel {
    link: Link,
    elsewhere: Elsewhere,
}

/// The meaning of a build for another target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Elsewhere {
    /// A mistake: all of the package is the kernel.
    Mistake,
    /// A build of the package's host parts.
    HostParts,
}

/// The target of kernels, as users write it.
const TARGET: &str = "riscv64gc-unknown-none-elf";

impl Default for Kernel {
    fn default() -> Self {
        Self::new()
    }
}

impl Kernel {
    /// Returns a kernel that lands, in landfall's layout.
    pub fn new() -> Self {
        Self { link: Link::new(), elsewhere: Elsewhere::Mistake }
    }

    /// Adds sections of its own to that layout: `script` names them and their places, as
    /// in `SECTIONS { .percpu : { ... } } INSERT AFTER .data;`. Paths are relative to the folder of
    /// the package's `Cargo.toml`.
    pub fn with_sections(mut self, script: impl Into<PathBuf>) -> Self {
        self.link = self.link.with_sections(script);
        self
    }

    /// Replaces landfall's layout by one of the kernel's own.
    pub fn with_layout(mut self, script: impl Into<PathBuf>) -> Self {
        self.link = self.link.with_layout(script);
        self
    }

    /// Returns a kernel with a `_start`, a layout and tables of its own, which moves itself by the
    /// crate `landfall-rebase`.
    pub fn rebase_only(script: impl Into<PathBuf>) -> Self {
        Self { link: Link::rebase_only(script), elsewhere: Elsewhere::Mistake }
    }

    /// Permits parts for the host in the same package, such as a library with tests. A build for
    /// another target than bare-metal RISC-V 64 is no error then, and nothing is passed to its
    /// linker.
    pub fn with_host_parts(mut self) -> Self {
        self.elsewhere = Elsewhere::HostParts;
        self
    }

    /// Passes scripts and arguments to the linker. Only for `build.rs`.
    ///
    /// On a target other than bare-metal RISC-V 64 the build fails with one error that names the
    /// right target. [`Kernel::with_host_parts`] permits such builds.
    ///
    /// # Panics
    /// If Cargo's environment is missing or the linker scripts cannot be written: the build cannot
    /// go on.
    pub fn link(self) {
        println!("cargo::rerun-if-env-changed=LANDFALL_BUILD");
        let variable = |name| env::var(name).unwrap_or_default();
        if !is_bare(&variable("CARGO_CFG_TARGET_ARCH"), &variable("CARGO_CFG_TARGET_FAMILY")) {
            if let Some(mistake) = self.mistake(&variable("TARGET"), &variable("CARGO_PKG_NAME")) {
                println!("cargo::error={mistake}");
            }
            return;
        }
        let folder = |name| {
            PathBuf::from(
                env::var_os(name)
                    .unwrap_or_else(|| panic!("landfall_build is for build.rs, where Cargo sets {name}")),
            )
        };
        let link = with_sections_of_dependencies(self.link, env::vars());
        let (ours, own) = (folder("OUT_DIR"), folder("CARGO_MANIFEST_DIR"));
        link.write_scripts(&ours)
            .unwrap_or_else(|error| panic!("cannot write scripts into {}: {error}", ours.display()));
        // `cargo landfall build` packs the relocations or names them, which needs a linked file.
        let others = match env::var_os("LANDFALL_BUILD") {
            Some(_) => OtherRelocations::SealedLater,
            None => OtherRelocations::Refused,
        };
        let linker =
            env::var_os("RUSTC_LINKER").map_or(Linker::Lld, |path| Linker::of_program(path.as_ref()));
        for argument in link.arguments(linker, others, &ours, &own) {
            println!("cargo::rustc-link-arg={argument}");
        }
        for script in link.own_scripts(&own) {
            println!("cargo::rerun-if-changed={}", script.display());
        }
    }

    /// Returns the error of a build of `package` for `target`, which has no kernels. Without it the
    /// compiler would report every item of landfall that such a target lacks.
    fn mistake(&self, target: &str, package: &str) -> Option<String> {
        match self.elsewhere {
            Elsewhere::HostParts => None,
            Elsewhere::Mistake => Some(format!(
                "`{package}` is a kernel for {TARGET}, and this build is for {target}; run `cargo landfall build`, pass `--target {TARGET}`, or \
                 set `target = \"{TARGET}\"` below [build] in .cargo/config.toml"
            )),
        }
    }
}

/// Returns true for a target on which a kernel runs: 64-bit RISC-V, and no family of operating
/// systems. The name of its own is any.
fn is_bare(architecture: &str, families: &str) -> bool {
    architecture == "riscv64" && !families.split(',').any(|family| matches!(family, "unix" | "windows"))
}

/// Adds the sections of crates that the kernel depends on. Such a crate has `links = ".."` in its
/// `Cargo.toml`, and its build script prints `cargo::metadata=landfall_sections=PATH`. Cargo passes
/// that to the build scripts of its direct dependents.
fn with_sections_of_dependencies(link: Link, variables: impl Iterator<Item = (String, String)>) -> Link {
    let is_ours = |name: &str| name.starts_with("DEP_") && name.ends_with("_LANDFALL_SECTIONS");
    let mut found: Vec<_> = variables.filter(|(name, _)| is_ours(name)).collect();
    found.sort();
    found.into_iter().fold(link, |link, (_, script)| link.with_sections(script))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn sections_of_dependencies_follow_the_kernels_own() {
        let variables = [
            ("DEP_B_LANDFALL_SECTIONS", "/b/b.ld"),
            ("DEP_A_LANDFALL_SECTIONS", "/a/a.ld"),
            ("DEP_A_ROOT", "/a"),
            ("LANDFALL_SECTIONS", "/x.ld"),
        ];
        let link = with_sections_of_dependencies(
            Link::new().with_sections("a.ld"),
            variables.map(|(name, path)| (name.into(), path.into())).into_iter(),
        );
        let own = link.own_scripts(Path::new("/kernel"));
        assert_eq!(own, ["/kernel/a.ld", "/a/a.ld", "/b/b.ld"].map(PathBuf::from));
    }

    #[test]
    fn a_kernels_target_belongs_to_no_family_of_systems() {
        for (architecture, families, bare) in [
            ("riscv64", "", true),
            ("riscv64", "unix", false),
            ("riscv64", "unix,wasm", false),
            ("riscv64", "windows", false),
            ("riscv32", "", false),
            ("x86_64", "", false),
        ] {
            assert_eq!(is_bare(architecture, families), bare, "{architecture} {families}");
        }
    }

    #[test]
    fn a_build_for_the_host_is_one_mistake_unless_the_package_has_host_parts() {
        let host = "x86_64-unknown-linux-gnu";
        let mistake = Kernel::new().mistake(host, "k").expect("a mistake");
        assert!(mistake.contains(TARGET) && mistake.contains(host) && mistake.contains("`k`"), "{mistake}");
        assert!(!mistake.contains('\n'), "Cargo reads one line");
        assert_eq!(Kernel::new().with_host_parts().mistake(host, "k"), None);
    }
}

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
