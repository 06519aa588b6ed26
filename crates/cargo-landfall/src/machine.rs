//! A machine, as arguments of QEMU.
//!
//! ```
//! use cargo_landfall::machine::{Machine, Memory, Mode};
//! use cargo_landfall::units::Size;
//!
//! let machine = Machine { mode: Some(Mode::Sv39), memory: Memory::One(Size::mib(256)), ..Machine::default() };
//! let arguments = machine.arguments();
//! assert!(arguments.contains(&"rv64,sv48=off,sv57=off".into()));
//! ```

use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::units::Size;

mod board;

pub use board::Board;

/// How many harts a machine has.
pub type Harts = NonZeroU32;

/// A paging mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub enum Mode {
    /// Three levels of tables
    Sv39,
    /// Four levels
    Sv48,
    /// Five levels
    Sv57,
}

impl From<Mode> for landfall::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Sv39 => Self::Sv39,
            Mode::Sv48 => Self::Sv48,
            Mode::Sv57 => Self::Sv57,
        }
    }
}

/// The machine's RAM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Memory {
    /// One memory node.
    One(Size),
    /// One memory node whose bytes are those of a file, which is made where there is none: what it holds before the boot
    /// is what the kernel finds, and what it holds afterwards is what the kernel left.
    File {
        /// The file.
        path: PathBuf,
        /// Bytes in it.
        size: Size,
    },
    /// A memory node for each (NUMA); harts are spread over them. QEMU wants at least as many harts as nodes.
    Nodes(Vec<Size>),
}

/// What runs first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Firmware {
    /// The OpenSBI that QEMU finds.
    OpenSbi,
    /// This file.
    File(PathBuf),
    /// What is in the `virt` machine's flash, after the OpenSBI that QEMU finds.
    Flash {
        /// The program.
        code: PathBuf,
        /// Its variables, which it writes to.
        variables: PathBuf,
    },
    /// Nothing: the machine starts in what `-kernel` names, or does not start at all.
    None,
}

/// A machine. Its default is what `cargo landfall run` boots: 1 GiB, one hart, every mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// The board.
    pub board: Board,
    /// The processor; `None` for the board's own, on `virt` QEMU's `rv64`.
    pub processor: Option<String>,
    /// The largest paging mode that its harts have; `None` for all that QEMU has.
    pub mode: Option<Mode>,
    /// Its RAM. Memory that is never touched costs the host nothing.
    pub memory: Memory,
    /// Its harts.
    pub harts: Harts,
    /// More properties of its harts: `svade=on`.
    pub cpu: Vec<String>,
    /// More properties of the machine: `aia=aplic-imsic`.
    pub properties: Vec<String>,
    /// What runs before that which `kernel` names.
    pub firmware: Firmware,
    /// Disks, as files with all of their bytes.
    pub disks: Vec<PathBuf>,
    /// What goes to `-kernel`: a flat image, which lands at [`crate::place::DEFAULT`], or an ELF.
    pub kernel: Option<PathBuf>,
    /// The kernel's command line.
    pub append: Option<OsString>,
    /// An initial RAM disk.
    pub initrd: Option<PathBuf>,
    /// A device tree in place of the one that QEMU makes.
    pub dtb: Option<PathBuf>,
    /// More arguments. They come last, so that they win.
    pub extra: Vec<OsString>,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            board: Board::Virt,
            processor: None,
            mode: None,
            memory: Memory::One(Size::gib(1)),
            harts: Harts::MIN,
            cpu: Vec::new(),
            properties: Vec::new(),
            firmware: Firmware::OpenSbi,
            disks: Vec::new(),
            kernel: None,
            append: None,
            initrd: None,
            dtb: None,
            extra: Vec::new(),
        }
    }
}

impl Machine {
    /// The arguments with which QEMU boots this machine, its console on stdout.
    #[must_use]
    pub fn arguments(&self) -> Vec<OsString> {
        let mut arguments = self.hardware(&[]);
        // The machine never starts anew: a kernel that resets would otherwise boot for ever.
        arguments.push("-no-reboot".into());
        arguments.extend(self.board.console().iter().map(OsString::from));
        self.firmware.add(&mut arguments);
        self.add_disks(&mut arguments);
        option(&mut arguments, "-kernel", self.kernel.as_deref());
        option(&mut arguments, "-append", self.append.as_deref());
        option(&mut arguments, "-initrd", self.initrd.as_deref());
        option(&mut arguments, "-dtb", self.dtb.as_deref());
        arguments.extend(self.extra.iter().cloned());
        arguments
    }

    /// The arguments with which QEMU writes this machine's device tree to `file`, and ends.
    ///
    /// What `-kernel` and its companions put into `/chosen` is not in it; QEMU adds that when it boots.
    #[must_use]
    pub fn dump_tree_arguments(&self, file: &Path) -> Vec<OsString> {
        let mut dump = OsString::from("dumpdtb=");
        dump.push(escape_commas(file.as_os_str()));
        let mut arguments = self.hardware(&[dump]);
        option(&mut arguments, "-bios", Some(OsStr::new("none")));
        option(&mut arguments, "-dtb", self.dtb.as_deref());
        arguments.extend(self.extra.iter().cloned());
        arguments
    }

    /// Everything but what is loaded into the machine.
    fn hardware(&self, more_properties: &[OsString]) -> Vec<OsString> {
        let mut machine = OsString::from(self.board.name());
        for property in self.properties.iter().map(OsString::from).chain(more_properties.iter().cloned()) {
            machine.push(",");
            machine.push(property);
        }
        // No devices that nobody asked for: the default network card wants a ROM that not every QEMU comes with.
        let mut arguments = ["-nodefaults", "-display", "none"].map(OsString::from).to_vec();
        arguments.extend(self.memory.arguments(&mut machine));
        option(&mut arguments, "-machine", Some(&machine));
        option(&mut arguments, "-cpu", self.cpu_argument().as_deref());
        option(&mut arguments, "-smp", Some(&self.harts.to_string()));
        arguments
    }

    /// `None` where the board's own processor is left as it is.
    fn cpu_argument(&self) -> Option<String> {
        let clamp: &[&str] = match self.mode {
            None | Some(Mode::Sv57) => &[],
            Some(Mode::Sv48) => &["sv57=off"],
            Some(Mode::Sv39) => &["sv48=off", "sv57=off"],
        };
        let processor = self.processor.as_deref().or(self.board.processor())?;
        let clamp = clamp.iter().map(|property| (*property).to_owned());
        Some(clamp.chain(self.cpu.iter().cloned()).fold(processor.to_owned(), |mut cpu, property| {
            let _ = write!(cpu, ",{property}");
            cpu
        }))
    }

    fn add_disks(&self, arguments: &mut Vec<OsString>) {
        for (number, disk) in self.disks.iter().enumerate() {
            let mut drive = OsString::from(format!("id=disk{number},if=none,format=raw,file="));
            drive.push(escape_commas(disk.as_os_str()));
            option(arguments, "-drive", Some(&drive));
            option(arguments, "-device", Some(&format!("virtio-blk-device,drive=disk{number}")));
        }
    }
}

impl Memory {
    /// All bytes.
    #[must_use]
    pub fn total(&self) -> Size {
        match self {
            Self::One(size) | Self::File { size, .. } => *size,
            Self::Nodes(sizes) => Size(sizes.iter().fold(0, |sum, size| sum.saturating_add(size.0))),
        }
    }

    /// The arguments for RAM that the host need not have: `reserve=off` promises nothing for pages not touched.
    fn arguments(&self, machine: &mut OsString) -> Vec<OsString> {
        let mut arguments = Vec::new();
        option(&mut arguments, "-m", Some(&format!("{}B", self.total().0)));
        let backend =
            |name: &str, size: &Size| format!("memory-backend-ram,id={name},size={}B,reserve=off", size.0);
        match self {
            Self::One(size) => {
                machine.push(",memory-backend=ram");
                option(&mut arguments, "-object", Some(&backend("ram", size)));
            }
            Self::File { path, size } => {
                machine.push(",memory-backend=ram");
                let mut backend = OsString::from("memory-backend-file,id=ram,share=on,mem-path=");
                backend.push(escape_commas(path.as_os_str()));
                backend.push(format!(",size={}B", size.0));
                option(&mut arguments, "-object", Some(&backend));
            }
            Self::Nodes(sizes) => {
                for (node, size) in sizes.iter().enumerate() {
                    let name = format!("ram{node}");
                    option(&mut arguments, "-object", Some(&backend(&name, size)));
                    let numa = format!("node,nodeid={node},memdev={name}");
                    option(&mut arguments, "-numa", Some(&numa));
                }
            }
        }
        arguments
    }
}

impl Firmware {
    fn add(&self, arguments: &mut Vec<OsString>) {
        match self {
            Self::OpenSbi => {}
            Self::File(path) => option(arguments, "-bios", Some(path)),
            Self::Flash { code, variables } => {
                for (file, writable) in [(code, "readonly=on,"), (variables, "")] {
                    let mut drive = OsString::from(format!("if=pflash,format=raw,{writable}file="));
                    drive.push(escape_commas(file.as_os_str()));
                    option(arguments, "-drive", Some(&drive));
                }
                // EDK2 waits five seconds for a key, and nobody is there to press one.
                option(arguments, "-boot", Some("menu=on,splash-time=0"));
            }
            Self::None => option(arguments, "-bios", Some("none")),
        }
    }
}

/// Adds an option with its value, where there is one.
fn option<T: AsRef<OsStr> + ?Sized>(arguments: &mut Vec<OsString>, name: &str, value: Option<&T>) {
    if let Some(value) = value {
        arguments.extend([name.into(), value.as_ref().to_owned()]);
    }
}

/// A value within a list of properties, where QEMU takes `,` for the end of it and `,,` for a comma.
pub(crate) fn escape_commas(value: &OsStr) -> OsString {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let mut escaped = Vec::with_capacity(value.len());
    for &byte in value.as_bytes() {
        escaped.push(byte);
        if byte == b',' {
            escaped.push(byte);
        }
    }
    OsString::from_vec(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(arguments: &[OsString], pair: [&str; 2]) -> bool {
        arguments.windows(2).any(|window| window == pair.map(OsString::from))
    }

    #[test]
    fn a_mode_takes_away_the_larger_ones() {
        for (mode, cpu) in [
            (None, "rv64,svade=on"),
            (Some(Mode::Sv57), "rv64,svade=on"),
            (Some(Mode::Sv48), "rv64,sv57=off,svade=on"),
            (Some(Mode::Sv39), "rv64,sv48=off,sv57=off,svade=on"),
        ] {
            let machine = Machine { mode, cpu: vec!["svade=on".into()], ..Machine::default() };
            assert!(has(&machine.arguments(), ["-cpu", cpu]), "{mode:?}");
        }
    }

    #[test]
    fn what_a_user_adds_comes_last() {
        let extra = vec!["-cpu".into(), "max".into()];
        let machine = Machine { extra: extra.clone(), append: Some("a,b".into()), ..Machine::default() };
        assert!(machine.arguments().ends_with(&extra));
        assert!(has(&machine.arguments(), ["-append", "a,b"]));
    }

    #[test]
    fn a_tree_is_dumped_from_the_same_machine_without_its_kernel() {
        let machine = Machine { kernel: Some("k".into()), append: Some("a".into()), ..Machine::default() };
        let arguments = machine.dump_tree_arguments(Path::new("/a,b"));
        assert!(has(&arguments, ["-machine", "virt,dumpdtb=/a,,b,memory-backend=ram"]), "{arguments:?}");
        assert!(!arguments.contains(&"-append".into()) && !arguments.contains(&"-kernel".into()));
    }

    #[test]
    fn a_board_keeps_its_own_processor_and_console() {
        let machine = |board| Machine { board, mode: Some(Mode::Sv39), ..Machine::default() };
        let icicle = machine(Board::Icicle).arguments();
        assert!(has(&icicle, ["-serial", "null"]) && !icicle.contains(&"-cpu".into()), "{icicle:?}");
        assert!(has(&machine(Board::Spike).arguments(), ["-cpu", "rv64,sv48=off,sv57=off"]));
        let other = Machine { processor: Some("rva23s64".into()), ..machine(Board::Virt) };
        assert!(has(&other.arguments(), ["-cpu", "rva23s64,sv48=off,sv57=off"]));
    }

    #[test]
    fn flashes_and_disks_are_files() {
        let firmware = Firmware::Flash { code: "code.fd".into(), variables: "v,1.fd".into() };
        let machine = Machine { firmware, disks: vec!["d,1".into()], ..Machine::default() };
        let arguments = machine.arguments();
        assert!(has(&arguments, ["-drive", "if=pflash,format=raw,readonly=on,file=code.fd"]));
        assert!(has(&arguments, ["-drive", "if=pflash,format=raw,file=v,,1.fd"]));
        assert!(has(&arguments, ["-drive", "id=disk0,if=none,format=raw,file=d,,1"]));
        assert!(has(&arguments, ["-device", "virtio-blk-device,drive=disk0"]));
    }

    #[test]
    fn each_node_has_its_memory() {
        let memory = Memory::Nodes(vec![Size::mib(64), Size::mib(192)]);
        let machine = Machine { memory, ..Machine::default() };
        let arguments = machine.arguments();
        assert!(has(&arguments, ["-m", "268435456B"]));
        assert!(has(&arguments, ["-numa", "node,nodeid=1,memdev=ram1"]));
        assert!(has(&arguments, ["-object", "memory-backend-ram,id=ram1,size=201326592B,reserve=off"]));
    }
}
