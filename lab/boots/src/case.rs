//! One case of the matrix: a machine, a kernel, and what must become of it.

use std::fmt;
use std::fmt::Write;

use landfall_plan::Policy;

use super::efi;
use super::image::Image;
use super::kernels;
use super::moving::Way;
use super::mutation::Mutation;
use super::paths::BootPath;
use super::secrets::Search;
use super::session::{Entry, Session};
use super::unwilling::{Tables, Unwilling};
use landfall_host::machine::{Board, Machine};
use landfall_predict::units::{Address, Seed};

/// Changes a machine that stands before the kernel's first instruction: its tree, its registers,
/// its memory.
pub(super) type Change = Box<dyn Fn(&mut Session, &mut Entry, &Image) -> Result<(), String> + Send + Sync>;

/// Changes the image before it is loaded.
pub(super) type Damage = Box<dyn Fn(&Image) -> Result<Vec<u8>, String> + Send + Sync>;

/// How the image gets into the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Load {
    /// The flat image by `-kernel`.
    Flat,
    /// The ELF by `-kernel`.
    Elf,
    /// The image at this address.
    At(u64),
    /// By this firmware and boot loader.
    Path(BootPath),
    /// The image as an EFI application; firmware chooses the place.
    Efi(efi::Way),
}

/// A program of the tests' own that boots with the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aid {
    /// The machine-mode firmware without HSM, in place of OpenSBI.
    Shim,
    /// The EFI application that splits memory into pieces of this type, which U-Boot starts first.
    Pieces(u8),
}

/// Where randomness comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seeding {
    /// What QEMU puts into the tree.
    Own,
    /// This `kaslr-seed` alone.
    Seed(u64),
    /// Nothing.
    None,
}

/// What must happen.
#[derive(Clone, Debug)]
pub(super) enum Expect {
    /// It lands, and the judge has nothing to say.
    Landing {
        /// Lines that must be on the console.
        lines: Vec<String>,
    },
    /// It lands with registers as `main` may rely on them, on each hart, although a loader has
    /// filled them all.
    Registers,
    /// It lands, the stack of the hart with this index overflows, and nothing outside of it changes
    /// until that is reported.
    Overflow(usize),
    /// The same with a trap entry that knows no bounds, and the judge sees what changes.
    OverflowObjection(usize),
    /// It lands, and its console has these lines and no test that failed; no debugger looks on.
    Console {
        /// The lines.
        lines: Vec<String>,
    },
    /// It refuses with this rule, and powers off.
    Refusal(&'static str),
    /// It refuses with this rule, and EFI firmware gets an error back.
    Return(&'static str),
    /// The same, and firmware has all of its memory back.
    GivesBack(&'static str),
    /// EFI firmware's tables are changed, and it refuses with this rule, or lands in spite of it.
    Changed(Tables, Option<&'static str>),
    /// EFI firmware fails, or says what nobody would expect.
    Unwilling(Unwilling),
    /// It lands, panics with a message that holds this, and powers off.
    Panic(&'static str),
    /// The judge sees that something was damaged.
    Objection(Mutation),
    /// The same seed gives the same layout, and another one another.
    Layouts,
    /// It lands, and a search of all free memory finds nothing but the exceptions.
    Secrets(Search),
    /// It lands, and then all harts switch to tables of the kernel's own, which map a page at this
    /// physical address besides.
    OwnTables {
        /// The page.
        device: u64,
    },
    /// It lands, registers of devices are mapped besides before the kernel of ArceOS begins, and
    /// its console has these lines.
    Platform {
        /// The lines.
        lines: Vec<String>,
    },
    /// The same, and the judge sees damage to those tables.
    PlatformObjection,
    /// As a platform, and then all harts switch to the tables that ArceOS itself makes.
    Application {
        /// The lines.
        lines: Vec<String>,
    },
    /// It comes to its own tables by its own code, and its console has these lines.
    OwnStart {
        /// The lines.
        lines: &'static [&'static str],
    },
}

/// A case.
pub(super) struct Case {
    /// What sets it apart, in words between slashes.
    pub(super) name: String,
    pub(super) kernel: &'static str,
    pub(super) machine: Machine,
    pub(super) load: Load,
    pub(super) seeding: Seeding,
    /// The hart that is to enter the kernel; any where `None`.
    pub(super) boot_hart: Option<u64>,
    /// In place of the kernel's own, but for the harts that land and what reports tell.
    pub(super) policy: Option<Policy>,
    pub(super) damage: Option<Damage>,
    pub(super) change: Option<Change>,
    /// Whether RAM is full of this byte before.
    pub(super) prefill: Option<u8>,
    /// The bytes of an initial RAM disk that the loader is to hand over.
    pub(super) initrd: Option<Vec<u8>>,
    /// A program of the tests' own that boots with the kernel.
    pub(super) aid: Option<Aid>,
    /// The device tree that QEMU gets, where it makes none for the board.
    pub(super) tree: Option<Vec<u8>>,
    /// The row of the table of paths that this case counts for.
    pub(super) path: Option<BootPath>,
    pub(super) expect: Expect,
    /// Words that a refusal, or a line of a landing's console, must have.
    pub(super) words: Option<&'static str>,
    /// What must become of the image's place in memory; anything where `None`.
    pub(super) way: Option<Way>,
    /// What it counts for in the table: axis and value.
    pub(super) axes: Vec<(&'static str, String)>,
}

impl Case {
    /// A landing of `hello` from the flat image; everything else is changed by who wants it
    /// otherwise.
    pub(super) fn new(name: impl Into<String>, kernel: &'static str, machine: Machine) -> Self {
        Self {
            name: name.into(),
            kernel,
            machine,
            load: Load::Flat,
            seeding: Seeding::Own,
            boot_hart: None,
            policy: None,
            damage: None,
            change: None,
            prefill: None,
            initrd: None,
            aid: None,
            tree: None,
            path: None,
            expect: Expect::Landing { lines: Vec::new() },
            words: None,
            way: None,
            axes: vec![("kernel", kernel.to_owned())],
        }
    }

    #[must_use]
    pub(super) fn expecting(mut self, expect: Expect) -> Self {
        self.expect = expect;
        self
    }

    #[must_use]
    pub(super) fn with_change(
        mut self,
        change: impl Fn(&mut Session, &mut Entry, &Image) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        self.change = Some(Box::new(change));
        self
    }

    #[must_use]
    pub(super) fn with_damage(
        mut self,
        damage: impl Fn(&Image) -> Result<Vec<u8>, String> + Send + Sync + 'static,
    ) -> Self {
        self.damage = Some(Box::new(damage));
        self
    }

    #[must_use]
    pub(super) fn with_policy(mut self, policy: &Policy) -> Self {
        self.policy = Some(*policy);
        self
    }

    #[must_use]
    pub(super) fn saying(mut self, words: &'static str) -> Self {
        self.words = Some(words);
        self
    }

    #[must_use]
    pub(super) fn going(mut self, way: Way) -> Self {
        self.way = Some(way);
        self
    }

    #[must_use]
    pub(super) fn on(mut self, axis: &'static str, value: impl Into<String>) -> Self {
        self.axes.push((axis, value.into()));
        self
    }

    /// The command that boots nearly the same outside of the matrix; `None` where the case does
    /// what only the matrix can.
    pub(super) fn run_command(&self) -> Option<String> {
        if self.policy.is_some()
            || self.damage.is_some()
            || self.change.is_some()
            || self.boot_hart.is_some()
            || self.prefill.is_some()
            || self.tree.is_some()
            || matches!(self.load, Load::Path(_))
            || matches!(self.load, Load::Efi(_))
        {
            return None;
        }
        let Machine { board, processor, properties, mode, harts, memory, cpu, append, extra, .. } =
            &self.machine;
        let mut command = format!(
            "cargo landfall run {} --harts {harts} --memory {}",
            kernels::wanted(self.kernel),
            memory.total().0
        );
        let mut add = |words: fmt::Arguments<'_>| {
            let _ = write!(command, " {words}");
        };
        if let Some(mode) = mode {
            add(format_args!("--mode {}", format!("{mode:?}").to_lowercase()));
        }
        if let Load::At(at) = self.load {
            add(format_args!("--at {}", Address(at)));
        }
        if let Seeding::Seed(seed) = self.seeding {
            add(format_args!("--seed {}", Seed(seed)));
        }
        if let Some(append) = append {
            add(format_args!("--append '{}'", append.display()));
        }
        if *board != Board::Virt {
            add(format_args!("--board {}", format!("{board:?}").to_lowercase()));
        }
        let mut qemu = Vec::new();
        if !cpu.is_empty() || processor.is_some() {
            let processor = processor.as_deref().unwrap_or("rv64");
            qemu.push(format!("-cpu {}", [&[processor.to_owned()], &cpu[..]].concat().join(",")));
        }
        qemu.extend(properties.iter().map(|property| format!("-machine {property}")));
        if !qemu.is_empty() {
            add(format_args!("-- {}", qemu.join(" ")));
        }
        // Without a `--` of its own, what a test adds to QEMU's arguments follows that of the
        // processor.
        for word in extra {
            add(format_args!("{}", word.display()));
        }
        Some(command)
    }
}
