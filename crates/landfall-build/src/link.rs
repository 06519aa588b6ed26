//! The link of a kernel, for any build system: scripts and arguments.
//!
//! Nothing here reads Cargo's environment. [`Kernel`](crate::Kernel) passes the result to rustc;
//! `cargo landfall link-args` prints it for others.
//!
//! ```no_run
//! use landfall_build::link::{Link, Linker, OtherRelocations};
//!
//! let (scripts, own) = ("/tmp/scripts".as_ref(), "/tmp/kernel".as_ref());
//! let link = Link::new().with_sections("sections.ld");
//! let arguments = link.arguments(Linker::Gnu, OtherRelocations::Refused, scripts, own);
//! assert!(arguments.contains(&"-pie".to_owned()));
//! ```

use std::path::{Path, PathBuf};
use std::{fs, io};

/// The scripts that others may `INCLUDE`, and those that check.
const SCRIPTS: [(&str, &str); 6] = [
    (LAYOUT, include_str!("scripts/landfall.ld")),
    ("landfall-tables.ld", include_str!("scripts/landfall-tables.ld")),
    ("landfall-debug.ld", include_str!("scripts/landfall-debug.ld")),
    (REBASE_CHECK, include_str!("scripts/landfall-rebase-check.ld")),
    (CHECK, include_str!("scripts/landfall-check.ld")),
    (GNU, include_str!("scripts/landfall-gnu.ld")),
];
const LAYOUT: &str = "landfall.ld";
const REBASE_CHECK: &str = "landfall-rebase-check.ld";
const CHECK: &str = "landfall-check.ld";
const GNU: &str = "landfall-gnu.ld";

/// The arguments of both linkers, scripts aside.
const COMMON: [&str; 7] = [
    "-pie",
    "--no-dynamic-linker",
    // Static code keeps pointers in read-only sections; `rebase` runs while they are writable.
    "-znotext",
    "-zmax-page-size=4096",
    "-Bsymbolic",
    "--gc-sections",
    // `cargo landfall check` reads from names such as `.Lanon` how long constants are. LLD keeps
    // them by itself. No image holds them.
    "--discard-none",
];

/// A linker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linker {
    /// GNU ld, 2.40 or newer. It writes RELA on RISC-V, which `cargo landfall seal` packs.
    Gnu,
    /// LLD, 15 or newer; rustc's `rust-lld` is one. It packs relocations itself.
    Lld,
}

impl Linker {
    /// Returns the arguments for every kernel, scripts aside.
    #[must_use]
    pub fn arguments(self) -> Vec<&'static str> {
        let pack = (self == Self::Lld).then_some("-zpack-relative-relocs");
        COMMON.into_iter().chain(pack).collect()
    }

    /// Returns the kind of a linker by the name of its program: GNU's is `ld` or `ld.bfd`, behind
    /// the prefix of its target.
    #[must_use]
    pub fn of_program(program: &Path) -> Self {
        let name = program.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let last = name.rsplit('-').next().unwrap_or(name);
        if matches!(last, "ld" | "ld.bfd") { Self::Gnu } else { Self::Lld }
    }
}

/// The treatment of relocations other than RELR by the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherRelocations {
    /// They are an error.
    Refused,
    /// `cargo landfall` packs them after the link, or names each that it cannot pack.
    SealedLater,
}

/// The link of a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a description of a link has no effect by itself"]
pub struct Link {
    /// The layout, and behind it those that insert sections into it.
    scripts: Vec<Script>,
    checks: &'static [&'static str],
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Script {
    /// One of ours.
    Ours(&'static str),
    /// The kernel's own.
    Own(PathBuf),
}

impl Default for Link {
    fn default() -> Self {
        Self::new()
    }
}

impl Link {
    /// Returns the link of a kernel that lands, in landfall's layout.
    pub fn new() -> Self {
        Self { scripts: vec![Script::Ours(LAYOUT)], checks: &[REBASE_CHECK, CHECK] }
    }

    /// Adds sections of the kernel's own to that layout: `script` names them and their places, as
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

    /// Returns the link of a kernel with a `_start`, a layout and tables of its own, which moves
    /// itself by the crate `landfall-rebase`.
    pub fn rebase_only(script: impl Into<PathBuf>) -> Self {
        Self { scripts: vec![Script::Own(script.into())], checks: &[REBASE_CHECK] }
    }

    /// Writes landfall's scripts into `folder`. A script that has not changed keeps its time, so
    /// that Make and CMake do not link again.
    ///
    /// # Errors
    /// The system's error, if a script cannot be written.
    pub fn write_scripts(&self, folder: &Path) -> io::Result<()> {
        SCRIPTS.iter().try_for_each(|(name, text)| {
            let path = folder.join(name);
            let same = fs::read(&path).is_ok_and(|old| old == text.as_bytes());
            if same { Ok(()) } else { fs::write(path, text) }
        })
    }

    /// Returns the scripts in the order in which the linker reads them: landfall's in `folder`, and
    /// the kernel's own by paths relative to `own`.
    #[must_use]
    pub fn scripts(&self, linker: Linker, folder: &Path, own: &Path) -> Vec<PathBuf> {
        let path = |script: &Script| match script {
            Script::Ours(name) => folder.join(name),
            Script::Own(script) => own.join(script),
        };
        let mut scripts: Vec<_> = self.scripts.iter().map(path).collect();
        if linker == Linker::Gnu {
            // `INSERT` of GNU's moves every section that was read before it, so the layout comes
            // behind.
            scripts.rotate_left(1);
        }
        let gnu = (linker == Linker::Gnu).then_some(&GNU);
        let checks = self.checks.iter().chain(gnu).map(|name| folder.join(name));
        scripts.into_iter().chain(checks).collect()
    }

    /// Returns the scripts of the kernel's own, by paths relative to `own`.
    #[must_use]
    pub fn own_scripts(&self, own: &Path) -> Vec<PathBuf> {
        let path = |script: &Script| match script {
            Script::Ours(_) => None,
            Script::Own(script) => Some(own.join(script)),
        };
        self.scripts.iter().filter_map(path).collect()
    }

    /// Returns all arguments of the linker, for scripts as in [`scripts`](Self::scripts).
    #[must_use]
    pub fn arguments(
        &self,
        linker: Linker,
        others: OtherRelocations,
        folder: &Path,
        own: &Path,
    ) -> Vec<String> {
        let mut arguments: Vec<_> = linker.arguments().into_iter().map(str::to_owned).collect();
        // In a layout of ours every section has a place, so that none is placed by chance. In
        // other layouts the author decides.
        if self.scripts.contains(&Script::Ours(LAYOUT)) {
            arguments.push("--orphan-handling=error".to_owned());
        }
        // landfall-tables.ld has a place for its note. A kernel that lands includes that script.
        if self.checks.contains(&CHECK) {
            arguments.push("--build-id=sha1".to_owned());
        }
        arguments.push(format!("-L{}", folder.display()));
        let scripts = self.scripts(linker, folder, own);
        arguments.extend(scripts.iter().map(|script| format!("-T{}", script.display())));
        let later = u8::from(others == OtherRelocations::SealedLater || linker == Linker::Gnu);
        arguments.push(format!("--defsym=__landfall_sealed_later={later}"));
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(link: &Link, linker: Linker) -> Vec<String> {
        link.arguments(linker, OtherRelocations::Refused, Path::new("/out"), Path::new("/kernel"))
    }

    fn has(link: &Link, argument: &str) -> bool {
        arguments(link, Linker::Lld).iter().any(|found| found.starts_with(argument))
    }

    fn scripts(link: &Link) -> Vec<PathBuf> {
        link.scripts(Linker::Lld, Path::new("/out"), Path::new("/kernel"))
    }

    #[test]
    fn only_a_layout_with_a_place_for_the_build_id_gets_one() {
        assert!(has(&Link::new(), "--build-id") && has(&Link::new().with_layout("kernel.ld"), "--build-id"));
        assert!(!has(&Link::rebase_only("kernel.ld"), "--build-id"));
    }

    const CHECKS: [&str; 2] = ["/out/landfall-rebase-check.ld", "/out/landfall-check.ld"];

    #[test]
    fn the_layout_comes_before_what_is_inserted_and_both_before_the_checks() {
        let found = scripts(&Link::new().with_sections("a.ld").with_sections("b.ld"));
        assert_eq!(found[..3], ["/out/landfall.ld", "/kernel/a.ld", "/kernel/b.ld"].map(PathBuf::from));
        assert_eq!(found[3..], CHECKS.map(PathBuf::from));
    }

    #[test]
    fn gnu_ld_reads_the_layout_behind_what_is_inserted() {
        let link = Link::new().with_sections("a.ld").with_sections("b.ld");
        let found = link.scripts(Linker::Gnu, Path::new("/out"), Path::new("/kernel"));
        assert_eq!(found[..3], ["/kernel/a.ld", "/kernel/b.ld", "/out/landfall.ld"].map(PathBuf::from));
    }

    #[test]
    fn a_script_of_the_kernels_own_takes_the_layouts_place() {
        let found = scripts(&Link::new().with_layout("kernel.ld"));
        assert_eq!(found, ["/kernel/kernel.ld", CHECKS[0], CHECKS[1]].map(PathBuf::from));
        assert_eq!(
            scripts(&Link::rebase_only("kernel.ld")),
            ["/kernel/kernel.ld", CHECKS[0]].map(PathBuf::from)
        );
    }

    #[test]
    fn only_landfalls_own_layout_has_a_place_for_every_section() {
        let strict = |link: Link| has(&link, "--orphan-handling=error");
        assert!(strict(Link::new()) && strict(Link::new().with_sections("a.ld")));
        assert!(!strict(Link::new().with_layout("a.ld")) && !strict(Link::rebase_only("a.ld")));
    }

    #[test]
    fn only_lld_is_asked_to_pack_relocations() {
        let later = |linker| {
            let arguments = arguments(&Link::new(), linker);
            let packs = arguments.contains(&"-zpack-relative-relocs".to_owned());
            (packs, arguments.contains(&"--defsym=__landfall_sealed_later=1".to_owned()))
        };
        assert_eq!(later(Linker::Lld), (true, false));
        assert_eq!(later(Linker::Gnu), (false, true));
        let script = |linker| arguments(&Link::new(), linker).contains(&"-T/out/landfall-gnu.ld".to_owned());
        assert!(script(Linker::Gnu) && !script(Linker::Lld));
    }

    #[test]
    fn gnus_linker_is_known_by_its_name() {
        for name in ["ld", "riscv64-linux-gnu-ld", "/usr/bin/riscv64-unknown-elf-ld.bfd"] {
            assert_eq!(Linker::of_program(Path::new(name)), Linker::Gnu, "{name}");
        }
        for name in ["rust-lld", "ld.lld", "ld.lld-15", "", "riscv64-linux-gnu-gcc"] {
            assert_eq!(Linker::of_program(Path::new(name)), Linker::Lld, "{name}");
        }
    }
}
