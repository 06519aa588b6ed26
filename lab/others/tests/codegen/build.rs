//! Compiles and links one pattern with one compiler and one model.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use landfall_build::link::Linker;
use tempfile::TempDir;

use crate::compilers::{Compiler, Compilers, Model, OBJECT};
use crate::outcome::{Linked, Outcome, Refused};
use crate::pattern::Pattern;

/// The file that the linker writes.
const KERNEL: &str = "pattern.elf";

/// Everything that it takes.
pub(crate) struct Bench {
    compilers: Compilers,
    linker: PathBuf,
    directory: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let ask = |what: &[&str]| {
            let output = Command::new("rustc").args(what).output().expect("rustc");
            String::from_utf8(output.stdout).expect("text")
        };
        let host = ask(&["-vV"]);
        let host = host.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
        let sysroot = ask(&["--print", "sysroot"]);
        let linker = Path::new(sysroot.trim()).join("lib/rustlib").join(host).join("bin/rust-lld");
        let directory = landfall_host::private::folder("landfall-").expect("a directory");
        Self { compilers: Compilers::ready(), linker, directory }
    }

    pub(crate) fn versions(&self) -> Vec<String> {
        let output = Command::new(&self.linker).args(["-flavor", "gnu", "--version"]).output();
        let linker = String::from_utf8(output.expect("rust-lld").stdout).expect("text");
        let mut versions = self.compilers.versions();
        versions.push(linker.split(" (").next().expect("a version").to_owned());
        versions
    }

    pub(crate) fn build(&self, pattern: &Pattern, compiler: Compiler, model: Model) -> Outcome {
        // A folder for each: rustc puts intermediate files beside what it writes.
        let folder = self.directory.path().join(format!("{}-{compiler:?}-{model:?}", pattern.name));
        fs::create_dir(&folder).expect("a folder");
        let (object, kernel) = (folder.join(OBJECT), folder.join(KERNEL));
        let source = pattern.source(compiler.language()).expect("a source in that language");
        let result = self.compilers.command(compiler, model, source, &folder).output().expect("a compiler");
        if !result.status.success() {
            let words = String::from_utf8_lossy(&result.stderr).into_owned();
            panic!("{} does not compile with {compiler:?}, {model:?}:\n{words}", pattern.name);
        }
        let object_bytes = fs::read(&object).expect("an object");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codegen/link.ld");
        let linked = Command::new(&self.linker)
            .args(["-flavor", "gnu", "-T"])
            .arg(script)
            .args(Linker::Lld.arguments())
            .arg("-o")
            .args([&kernel, &object])
            .output()
            .expect("rust-lld");
        let linked = if linked.status.success() {
            Ok(Linked::read(&folder, KERNEL))
        } else {
            Err(Refused::from_words(&String::from_utf8_lossy(&linked.stderr)))
        };
        Outcome::new(&object_bytes, linked)
    }
}
