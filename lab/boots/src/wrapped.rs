//! Kernels that know nothing of landfall, behind a landing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use landfall_host::build::{Built, write};
use landfall_host::private;
use landfall_host::setup::{self, Program};
use landfall_host::wrap::{self, WrapRequest};
use landfall_image::inner::Options;

use super::bare::build_bare;
use super::session::as_text;

/// A kernel, and the way in which its ELF is made.
struct Inner {
    name: &'static str,
    source: Source,
}

enum Source {
    /// By the Makefile in this folder, with these settings.
    Make { folder: &'static str, elf: &'static str, settings: &'static [&'static str] },
    /// By Cargo.
    Cargo { package: &'static str },
}

const PLAIN: &str = "kernels/wrapped";
const LIMINE: &str = "lab/kernels/limine-c";

const INNER: [Inner; 7] = [
    Inner { name: "wrapped", source: Source::Make { folder: PLAIN, elf: "wrapped.elf", settings: &[] } },
    Inner {
        name: "wrapped-fixed",
        source: Source::Make {
            folder: PLAIN,
            elf: "wrapped.elf",
            settings: &["LINK=-no-pie -static -Wl,--defsym=BASE=0xffffffe000000000"],
        },
    },
    Inner { name: "wrapped-rust", source: Source::Cargo { package: "wrapped-rust" } },
    Inner {
        name: "wrapped-traps",
        source: Source::Make { folder: PLAIN, elf: "wrapped.elf", settings: &["CFLAGS=-O2 -DTRAPS"] },
    },
    Inner { name: "limine-c", source: Source::Make { folder: LIMINE, elf: "limine-c.elf", settings: &[] } },
    Inner {
        name: "limine-c-fixed",
        source: Source::Make { folder: LIMINE, elf: "limine-c.elf", settings: &["KIND=fixed"] },
    },
    Inner { name: "limine-rust", source: Source::Cargo { package: "limine-rust" } },
];

const COMPILER: Program<'_> = Program { name: "riscv64-linux-gnu-gcc", package: "gcc-riscv64-linux-gnu" };
const MAKE: Program<'_> = Program { name: "make", package: "make" };

/// Returns true for a kernel that is wrapped.
pub(super) fn is_wrapped(name: &str) -> bool {
    INNER.iter().any(|inner| inner.name == name)
}

/// Builds a kernel and its wrapper.
pub(super) fn build(name: &str) -> Result<Built, String> {
    build_with(name, name, Options::default(), DISCLOSE)
}

/// Addresses on the console, which a judge compares with the machine.
pub(super) const DISCLOSE: &[&str] = &["addresses=disclose"];

/// Builds a kernel and a wrapper with these options, into files of the name `into`, which no other
/// test may have. `policy` is changed in it.
pub(super) fn build_with(name: &str, into: &str, options: Options, policy: &[&str]) -> Result<Built, String> {
    let elf = inner_elf(name)?;
    let place = folder()?.join(into);
    let built = Built { elf: place.with_extension("elf"), flat: place.with_extension("bin") };
    let sealed = as_text(wrap::image(&WrapRequest {
        kernel: elf,
        built: built.clone(),
        landfall: None,
        options,
        command_line: String::new(),
        modules: Vec::new(),
        policy: as_text(policy.iter().map(|change| change.parse()).collect::<Result<_, _>>())?,
    }))?;
    as_text(built.write(&sealed))?;
    Ok(built)
}

/// Returns the ELF of an inner kernel, which is built if this process has not built it yet.
pub(super) fn inner_elf(name: &str) -> Result<PathBuf, String> {
    static BUILT: [OnceLock<Result<PathBuf, String>>; INNER.len()] = [const { OnceLock::new() }; INNER.len()];
    let index = INNER.iter().position(|inner| inner.name == name);
    let index = index.ok_or_else(|| format!("no kernel {name}"))?;
    BUILT[index].get_or_init(|| build_inner(&INNER[index])).clone()
}

fn build_inner(&Inner { name, ref source }: &Inner) -> Result<PathBuf, String> {
    match *source {
        Source::Make { folder, elf, settings } => {
            as_text(setup::programs(&[COMPILER, MAKE], "tests of kernels in C"))?;
            // A folder of its own: another process may make the same kernel.
            let build = as_text(private::folder("landfall-test-"))?;
            let mut make = Command::new("make");
            make.args(["--silent", "-C", folder]).arg(format!("BUILD={}", build.path().display()));
            let output = as_text(make.args(settings).stdin(Stdio::null()).output())?;
            if !output.status.success() {
                return Err(String::from_utf8_lossy(&output.stderr).into_owned());
            }
            let path = self::folder()?.join(format!("{name}-inner.elf"));
            as_text(write(&path, &as_text(fs::read(build.path().join(elf)))?))?;
            Ok(path)
        }
        Source::Cargo { package } => build_bare(package),
    }
}

/// Returns the folder of the results, beside the folder of this program.
fn folder() -> Result<PathBuf, String> {
    let program = as_text(std::env::current_exe())?;
    let folder = program.parent().and_then(Path::parent).ok_or("this program lies in no folder")?;
    let folder = folder.join("wrapped");
    as_text(fs::create_dir_all(&folder))?;
    Ok(folder)
}
