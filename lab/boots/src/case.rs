//! One case of the matrix: a machine, a kernel, and the expected outcome.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write;

use landfall_audit::Code;
use landfall_plan::Policy;

use super::crash::Crash;
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

/// Changes a machine before the kernel's first instruction: its tree, its registers, its memory.
pub(super) type Change = Box<dyn Fn(&mut Session, &mut Entry, &Image) -> Result<(), String> + Send + Sync>;

/// Changes the image before it is loaded.
pub(super) type Damage = Box<dyn Fn(&Image) -> Result<Vec<u8>, String> + Send + Sync>;

/// The way in which the image is loaded.
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
    /// Modules in the initrd, built for the kernel.
    Modules,
    /// The kernel's own image in the initrd.
    Itself,
    /// The kernel `hello` in the initrd, as the next kernel.
    Hello,
}

/// The source of randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seeding {
    /// The seeds that QEMU puts into the tree.
    Own,
    /// This `kaslr-seed` alone.
    Seed(u64),
    /// Nothing.
    None,
}

/// The expected outcome.
#[derive(Clone, Debug)]
pub(super) enum Expect {
    /// It lands, and the judge has no findings.
    Landing {
        /// Lines that must be on the console.
        lines: Vec<String>,
    },
    /// It lands with the registers that `main` may rely on, on each hart, although a loader filled
    /// them all.
    Registers,
    /// It lands, the stack of the hart with this index overflows, and no byte outside changes
    /// before the report.
    Overflow(usize),
    /// The same with a trap entry without a bounds check; the judge reports the changed bytes.
    OverflowObjection(usize),
    /// It lands, and its console has these lines and no failed test; no debugger is attached.
    Console {
        /// The lines.
        lines: Vec<String>,
    },
    /// It refuses with this rule, and powers off.
    Refusal(&'static str),
    /// It refuses with this rule, and returns an error to EFI firmware.
    Return(&'static str),
    /// The same, and it has freed all memory of the firmware's.
    GivesBack(&'static str),
    /// EFI firmware's tables are changed; it refuses with this rule, or lands if there is no rule.
    Changed(Tables, Option<&'static str>),
    /// EFI firmware fails, or gives an unexpected answer.
    Unwilling(Unwilling),
    /// It lands, panics with a message that holds this, and powers off.
    Panic(&'static str),
    /// The judge reports the damage.
    Objection(Mutation),
    /// Equal seeds give equal layouts, and different seeds give different ones.
    Layouts,
    /// It lands, and a search of all free memory finds nothing but the exceptions.
    Secrets(Search),
    /// It lands, and then all harts switch to the kernel's own tables, which also map a page at
    /// this physical address.
    OwnTables {
        /// The page.
        device: u64,
    },
    /// It lands, the platform also maps device registers before the kernel of ArceOS begins, and
    /// its console has these lines.
    Platform {
        /// The lines.
        lines: Vec<String>,
    },
    /// The same, and the judge reports damage to those tables.
    PlatformObjection,
    /// The same as for a platform; then all harts switch to the tables that ArceOS itself builds.
    Application {
        /// The lines.
        lines: Vec<String>,
    },
    /// It lands, and its harts change a live address space against each other. The judge looks at
    /// all tables meanwhile.
    Spaces,
    /// The same, and the judge sees damage to those tables.
    SpacesObjection,
    /// It lands and starts itself again; so many landings are judged, and the rest check
    /// themselves.
    Generations(u32),
    /// It lands and crashes, and the crash kernel takes over.
    Crash(Crash),
    /// It lands, and then all harts switch to the tables of the inner kernel. The console has these
    /// lines, and none of a failed test.
    Wrapped {
        /// The lines.
        lines: &'static [&'static str],
    },
    /// It lands, puts a fault into its tables, and an audit has one finding, with this code; or
    /// there is no fault and no finding.
    Audit(Option<Code>),
    /// Its own code builds and enables its own tables, and its console has these lines.
    OwnStart {
        /// The lines.
        lines: &'static [&'static str],
    },
}

/// A case.
pub(super) struct Case {
    /// The case's name: words between slashes.
    pub(super) name: String,
    pub(super) kernel: &'static str,
    pub(super) machine: Machine,
    pub(super) load: Load,
    pub(super) seeding: Seeding,
    /// The hart that enters the kernel; any hart if `None`.
    pub(super) boot_hart: Option<u64>,
    /// The policy in place of the kernel's own, except for the harts that land and the contents of
    /// reports.
    pub(super) policy: Option<Policy>,
    pub(super) damage: Option<Damage>,
    pub(super) change: Option<Change>,
    /// The byte that fills RAM before the boot.
    pub(super) prefill: Option<u8>,
    /// The bytes of an initial RAM disk that the loader is to hand over.
    pub(super) initrd: Option<Vec<u8>>,
    /// A program of the tests' own that boots with the kernel.
    pub(super) aid: Option<Aid>,
    /// The device tree for QEMU, for a board without a tree of QEMU's.
    pub(super) tree: Option<Vec<u8>>,
    /// The row of the table of paths that this case counts for.
    pub(super) path: Option<BootPath>,
    pub(super) expect: Expect,
    /// Words that a refusal, or a line of a landing's console, must contain.
    pub(super) words: Option<Cow<'static, str>>,
    /// The expected move of the image; any outcome is accepted if `None`.
    pub(super) way: Option<Way>,
    /// The axes and values that the case counts for in the table.
    pub(super) axes: Vec<(&'static str, String)>,
}

impl Case {
    /// Returns a landing of `hello` from the flat image; other methods change single fields.
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
    pub(super) fn saying(mut self, words: impl Into<Cow<'static, str>>) -> Self {
        self.words = Some(words.into());
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

    /// Returns the command that boots nearly the same outside the matrix, or `None` if only the
    /// matrix can run the case.
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
        // QEMU arguments that a test adds without a `--` of their own follow those of the
        // processor.
        for word in extra {
            add(format_args!("{}", word.display()));
        }
        Some(command)
    }
}
