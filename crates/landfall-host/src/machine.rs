//! A machine, as arguments of QEMU.
//!
//! ```
//! use landfall_host::machine::{Machine, Memory, Mode};
//! use landfall_predict::units::Size;
//!
//! let memory = Memory::One(Size::mib(256));
//! let machine = Machine { mode: Some(Mode::Sv39), memory, ..Machine::default() };
//! let arguments = machine.arguments();
//! assert!(arguments.contains(&"rv64,sv48=off,sv57=off".into()));
//! ```

use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use self::argument::option;
use landfall_predict::units::Size;

mod argument;
mod board;
mod firmware;
mod memory;

pub use argument::escape_commas;
pub use board::Board;
pub use firmware::Firmware;
pub use memory::Memory;

/// The number of harts of a machine.
pub type Harts = NonZeroU32;

/// A paging mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Mode {
    /// Three levels of tables
    Sv39,
    /// Four levels
    Sv48,
    /// Five levels
    Sv57,
}

impl Mode {
    /// Returns the name in the specification.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sv39 => "sv39",
            Self::Sv48 => "sv48",
            Self::Sv57 => "sv57",
        }
    }
}

impl From<Mode> for landfall_paging::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Sv39 => Self::Sv39,
            Mode::Sv48 => Self::Sv48,
            Mode::Sv57 => Self::Sv57,
        }
    }
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
    /// The software that runs before the kernel.
    pub firmware: Firmware,
    /// Disks, as files with all of their bytes.
    pub disks: Vec<PathBuf>,
    /// The file for `-kernel`: a flat image, which lands at [`crate::place::DEFAULT`], or an ELF.
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
    /// Returns the arguments with which QEMU boots this machine, its console on stdout.
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

    /// Returns the arguments with which QEMU writes this machine's device tree to `file`, and ends.
    ///
    /// The tree lacks the properties of `/chosen` that `-kernel` and its companions add; QEMU adds
    /// them when it boots.
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

    /// Returns true if QEMU counts the machine's instructions exactly: it runs under `-icount` and
    /// has one hart.
    #[must_use]
    pub fn counts_instructions(&self) -> bool {
        let icount = self.extra.iter().any(|argument| argument == "-icount" || argument == "--icount");
        icount && self.harts == Harts::MIN
    }

    /// Everything but what is loaded into the machine.
    fn hardware(&self, more_properties: &[OsString]) -> Vec<OsString> {
        let mut machine = OsString::from(self.board.name());
        for property in self.properties.iter().map(OsString::from).chain(more_properties.iter().cloned()) {
            machine.push(",");
            machine.push(property);
        }
        // No default devices: the default network card requires a ROM that some packages of QEMU
        // lack.
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
    fn instructions_are_counted_with_icount_and_one_hart() {
        let extra = vec!["-icount".into(), "shift=0".into()];
        let one = Machine { extra, ..Machine::default() };
        assert!(one.counts_instructions() && !Machine::default().counts_instructions());
        let two = Machine { harts: Harts::new(2).expect("2 harts"), ..one };
        assert!(!two.counts_instructions());
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
}
