//! Rust and C compilers, and the code models that they have.

use std::path::{Path, PathBuf};
use std::process::Command;

use landfall_host::build::TARGET;
use landfall_host::setup::{self, archive};

/// The file that compilers write.
pub(crate) const OBJECT: &str = "pattern.o";
const OBJECT_STEM: &str = "pattern";

/// The language of a source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Language {
    Rust,
    C,
}

/// A compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Compiler {
    /// The Rust that kernels are built with here.
    Rust,
    /// The oldest Rust that a crate of ours names.
    OldRust,
    Gcc,
    Clang,
}

/// A code model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Model {
    /// Relative to the program counter, within 2 GiB. The default of Rust's bare-metal target.
    Medany,
    /// Absolute, within 2 GiB of address 0.
    Medlow,
    /// Relative to the program counter, and by a table of addresses to what another object may
    /// define.
    Pic,
}

impl Model {
    pub(crate) const ALL: [Self; 3] = [Self::Medany, Self::Medlow, Self::Pic];
}

impl Compiler {
    pub(crate) const ALL: [Self; 4] = [Self::Rust, Self::OldRust, Self::Gcc, Self::Clang];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::OldRust => "Rust 1.85",
            Self::Gcc => "gcc",
            Self::Clang => "clang",
        }
    }

    pub(crate) const fn language(self) -> Language {
        match self {
            Self::Rust | Self::OldRust => Language::Rust,
            Self::Gcc | Self::Clang => Language::C,
        }
    }

    const fn model(self, model: Model) -> &'static [&'static str] {
        match (self.language(), model) {
            (Language::Rust, Model::Medany) => &["-Ccode-model=medium"],
            (Language::Rust, Model::Medlow) => &["-Ccode-model=small"],
            (Language::Rust, Model::Pic) => &["-Crelocation-model=pic"],
            (Language::C, Model::Medany) => &["-mcmodel=medany", "-fno-pic"],
            (Language::C, Model::Medlow) => &["-mcmodel=medlow", "-fno-pic"],
            (Language::C, Model::Pic) => &["-mcmodel=medany", "-fPIC"],
        }
    }
}

/// All of them, where they lie.
pub(crate) struct Compilers {
    rust: PathBuf,
    old_rust: PathBuf,
}

impl Compilers {
    /// Installs or fetches what is missing.
    pub(crate) fn ready() -> Self {
        setup::rust_target().expect("the Rust target");
        setup::compilers().expect("gcc and clang for RISC-V");
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("debian");
        let old = archive::Rust::ready(&cache).expect("Rust of Debian's archive");
        Self { rust: "rustc".into(), old_rust: old.rustc }
    }

    fn program(&self, compiler: Compiler) -> Command {
        match compiler {
            Compiler::Rust => Command::new(&self.rust),
            Compiler::OldRust => Command::new(&self.old_rust),
            Compiler::Gcc => Command::new("riscv64-linux-gnu-gcc"),
            Compiler::Clang => Command::new("clang"),
        }
    }

    /// The first line of what each says of itself.
    pub(crate) fn versions(&self) -> Vec<String> {
        let version = |compiler| {
            let output = self.program(compiler).arg("--version").output().expect("a compiler");
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.lines().next().expect("a version").to_owned()
        };
        Compiler::ALL.map(version).to_vec()
    }

    /// The command that compiles `source` into [`OBJECT`] in `folder`, optimized as kernels are.
    pub(crate) fn command(&self, compiler: Compiler, model: Model, source: &Path, folder: &Path) -> Command {
        let mut command = self.program(compiler);
        match compiler.language() {
            Language::Rust => {
                command.args(["--edition", "2024", "--crate-type", "lib"]);
                command.args(["-Copt-level=3", "--target", TARGET]);
                command.args(["--crate-name", OBJECT_STEM, "--emit", "obj", "--out-dir"]).arg(folder);
            }
            Language::C => {
                if compiler == Compiler::Clang {
                    command.arg("--target=riscv64-unknown-elf");
                }
                command.args(["-march=rv64gc", "-mabi=lp64d", "-O2", "-ffreestanding"]);
                command.args(["-fno-stack-protector", "-fno-asynchronous-unwind-tables"]);
                command.args(["-c", "-o"]).arg(folder.join(OBJECT));
            }
        }
        command.args(compiler.model(model)).arg(source);
        command
    }
}
