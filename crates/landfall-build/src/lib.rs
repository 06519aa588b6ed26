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

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The scripts that others may `INCLUDE`, and those that check.
const SCRIPTS: [(&str, &str); 5] = [
    (LAYOUT, include_str!("scripts/landfall.ld")),
    ("landfall-tables.ld", include_str!("scripts/landfall-tables.ld")),
    ("landfall-debug.ld", include_str!("scripts/landfall-debug.ld")),
    (REBASE_CHECK, include_str!("scripts/landfall-rebase-check.ld")),
    (CHECK, include_str!("scripts/landfall-check.ld")),
];
const LAYOUT: &str = "landfall.ld";
const REBASE_CHECK: &str = "landfall-rebase-check.ld";
const CHECK: &str = "landfall-check.ld";

/// The linker's arguments for every kernel, scripts aside. Tools that link kernel-like files use
/// them too.
pub const LINK_ARGUMENTS: &[&str] = &[
    "-pie",
    "--no-dynamic-linker",
    // Static code keeps pointers in read-only sections; `rebase` runs while they are writable.
    "-znotext",
    "-zpack-relative-relocs",
    "-zmax-page-size=4096",
    "-Bsymbolic",
    "--gc-sections",
    // No `-X`: `cargo landfall check` reads from names such as `.Lanon` how long constants are. No
    // image holds them.
];

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

/// A kernel, as it is linked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "nothing is passed to the linker before `link`"]
pub struct Kernel {
    /// In the order in which the linker reads them.
    scripts: Vec<Script>,
    checks: &'static [&'static str],
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

#[derive(Clone, Debug, PartialEq, Eq)]
enum Script {
    /// One of ours.
    Ours(&'static str),
    /// The kernel's own, relative to the folder of its `Cargo.toml`.
    Own(PathBuf),
}

impl Default for Kernel {
    fn default() -> Self {
        Self::new()
    }
}

impl Kernel {
    /// Returns a kernel that lands, in landfall's layout.
    pub fn new() -> Self {
        Self {
            scripts: vec![Script::Ours(LAYOUT)],
            checks: &[REBASE_CHECK, CHECK],
            elsewhere: Elsewhere::Mistake,
        }
    }

    /// Adds sections of its own to that layout: `script` names them and their places, as
    /// in `SECTIONS { .percpu : { ... } } INSERT AFTER .data;`.
    pub fn with_sections(mut self, script: impl Into<PathBuf>) -> Self {
        self.scripts.push(Script::Own(script.into()));
        self
    }

    /// Replaces landfall's layout by one of the kernel's own.
    pub fn with_layout(mut self, script: impl Into<PathBuf>) -> Self {
        self.scripts = vec![Script::Own(script.into())];
        self
    }

    /// Returns a kernel with a `_start`, a layout and tables of its own, which moves itself by the
    /// crate `landfall-rebase`.
    pub fn rebase_only(script: impl Into<PathBuf>) -> Self {
        Self {
            scripts: vec![Script::Own(script.into())],
            checks: &[REBASE_CHECK],
            elsewhere: Elsewhere::Mistake,
        }
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
        if variable("CARGO_CFG_TARGET_ARCH") != "riscv64" || variable("CARGO_CFG_TARGET_OS") != "none" {
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
        let mut kernel = self;
        kernel.add_sections_of_dependencies(env::vars());
        let (ours, own) = (folder("OUT_DIR"), folder("CARGO_MANIFEST_DIR"));
        for (name, text) in SCRIPTS {
            let script = ours.join(name);
            fs::write(&script, text)
                .unwrap_or_else(|error| panic!("cannot write {}: {error}", script.display()));
        }
        // `cargo landfall build` names the relocations that must not be there, which needs a linked
        // file to look at.
        let named_later = u8::from(env::var_os("LANDFALL_BUILD").is_some());
        for argument in kernel.arguments(&ours, &own) {
            println!("cargo::rustc-link-arg={argument}");
        }
        println!("cargo::rustc-link-arg=--defsym=__landfall_named_later={named_later}");
        for script in &kernel.scripts {
            if let Script::Own(script) = script {
                println!("cargo::rerun-if-changed={}", own.join(script).display());
            }
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

    /// Adds the sections of crates that the kernel depends on. Such a crate has `links = ".."` in
    /// its `Cargo.toml`, and its build script prints `cargo::metadata=landfall_sections=PATH`.
    /// Cargo passes that to the build scripts of its direct dependents.
    fn add_sections_of_dependencies(&mut self, variables: impl Iterator<Item = (String, String)>) {
        let is_ours = |name: &str| name.starts_with("DEP_") && name.ends_with("_LANDFALL_SECTIONS");
        let mut found: Vec<_> = variables.filter(|(name, _)| is_ours(name)).collect();
        found.sort();
        self.scripts.extend(found.into_iter().map(|(_, script)| Script::Own(script.into())));
    }

    fn arguments(&self, ours: &Path, own: &Path) -> Vec<String> {
        let mut arguments: Vec<_> = LINK_ARGUMENTS.iter().copied().map(str::to_owned).collect();
        // In a layout of ours every section has a place, so that none is placed by chance. In
        // other layouts the author decides.
        if self.scripts.contains(&Script::Ours(LAYOUT)) {
            arguments.push("--orphan-handling=error".to_owned());
        }
        // landfall-tables.ld has a place for its note. A kernel that lands includes that script.
        if self.checks.contains(&CHECK) {
            arguments.push("--build-id=sha1".to_owned());
        }
        arguments.push(format!("-L{}", ours.display()));
        let path = |script: &Script| match script {
            Script::Ours(name) => ours.join(name),
            Script::Own(script) => own.join(script),
        };
        let checks = self.checks.iter().map(|name| ours.join(name));
        let scripts = self.scripts.iter().map(path).chain(checks);
        arguments.extend(scripts.map(|script| format!("-T{}", script.display())));
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scripts(kernel: &Kernel) -> Vec<String> {
        let arguments = kernel.arguments(Path::new("/out"), Path::new("/kernel"));
        arguments.iter().filter_map(|argument| argument.strip_prefix("-T")).map(str::to_owned).collect()
    }

    #[test]
    fn only_a_layout_with_a_place_for_the_build_id_gets_one() {
        let has_id = |kernel: Kernel| {
            let arguments = kernel.arguments(Path::new("/out"), Path::new("/kernel"));
            arguments.iter().any(|argument| argument.starts_with("--build-id"))
        };
        assert!(has_id(Kernel::new()) && has_id(Kernel::new().with_layout("kernel.ld")));
        assert!(!has_id(Kernel::rebase_only("kernel.ld")));
    }

    const CHECKS: [&str; 2] = ["/out/landfall-rebase-check.ld", "/out/landfall-check.ld"];

    #[test]
    fn the_layout_comes_before_what_is_inserted_and_both_before_the_checks() {
        let found = scripts(&Kernel::new().with_sections("a.ld").with_sections("b.ld"));
        assert_eq!(found[..3], ["/out/landfall.ld", "/kernel/a.ld", "/kernel/b.ld"]);
        assert_eq!(found[3..], CHECKS);
    }

    #[test]
    fn sections_of_dependencies_follow_the_kernels_own() {
        let mut kernel = Kernel::new().with_sections("a.ld");
        let variables = [
            ("DEP_B_LANDFALL_SECTIONS", "/b/b.ld"),
            ("DEP_A_LANDFALL_SECTIONS", "/a/a.ld"),
            ("DEP_A_ROOT", "/a"),
            ("LANDFALL_SECTIONS", "/x.ld"),
        ];
        kernel.add_sections_of_dependencies(
            variables.map(|(name, path)| (name.into(), path.into())).into_iter(),
        );
        assert_eq!(scripts(&kernel)[1..4], ["/kernel/a.ld", "/a/a.ld", "/b/b.ld"]);
    }

    #[test]
    fn a_script_of_the_kernels_own_takes_the_layouts_place() {
        let found = scripts(&Kernel::new().with_layout("kernel.ld"));
        assert_eq!(found, ["/kernel/kernel.ld", CHECKS[0], CHECKS[1]]);
        assert_eq!(scripts(&Kernel::rebase_only("kernel.ld")), ["/kernel/kernel.ld", CHECKS[0]]);
    }

    #[test]
    fn a_build_for_the_host_is_one_mistake_unless_the_package_has_host_parts() {
        let host = "x86_64-unknown-linux-gnu";
        let mistake = Kernel::new().mistake(host, "k").expect("a mistake");
        assert!(mistake.contains(TARGET) && mistake.contains(host) && mistake.contains("`k`"), "{mistake}");
        assert!(!mistake.contains('\n'), "Cargo reads one line");
        assert_eq!(Kernel::new().with_host_parts().mistake(host, "k"), None);
    }

    #[test]
    fn only_landfalls_own_layout_has_a_place_for_every_section() {
        let strict = |kernel: Kernel| {
            let arguments = kernel.arguments(Path::new("/out"), Path::new("/kernel"));
            arguments.iter().any(|argument| argument == "--orphan-handling=error")
        };
        assert!(strict(Kernel::new()) && strict(Kernel::new().with_sections("a.ld")));
        assert!(!strict(Kernel::new().with_layout("a.ld")) && !strict(Kernel::rebase_only("a.ld")));
    }
}

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
