//! A machine under a debugger: from the kernel's first instruction to its end.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use dtoolkit::model::DeviceTree;

use super::devicetree;
use super::image::Image;
use landfall_host::gdb::{self, Client, Ended, Hart, Space};
use landfall_host::machine::{Board, Machine};
use landfall_host::qemu::{Next, Qemu, Running};
use landfall_host::verdict::Verdict;
use landfall_judge::Unreadable;
use landfall_judge::intervals::Interval;
use landfall_judge::memory::PhysicalMemory;
use landfall_predict::units::Address;

/// The address at which the harts of `virt` begin.
const RESET: u64 = 0x1000;

/// The address of QEMU's `fw_dynamic_info` for firmware, behind its reset code: magic, version,
/// next address, next mode, options, boot hart.
const FIRMWARE_INFO: u64 = 0x1028;
const FIRMWARE_INFO_MAGIC: u64 = 0x4942_534f;

/// The time for which a machine runs between two reads of its console.
const GLANCE: Duration = Duration::from_millis(50);

/// The time limit for QEMU to open its socket, on a busy host.
const CONNECT: Duration = Duration::from_secs(60);

/// The time limit for what an ended machine has left on its console, on a busy host.
const LAST_LINES: Duration = Duration::from_secs(30);

/// The pause after which a running machine is considered to print nothing more.
const SILENCE: Duration = Duration::from_millis(500);

/// The address at which harts wait: unused ROM.
const WAIT: u64 = 0x1800;

/// A machine that stands still.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) gdb: Client,
    running: Running,
    until: Instant,
    breakpoints: BTreeSet<u64>,
    ended: bool,
    loader: Loader,
    power: Power,
    /// Lines of the console that were read before the end.
    lines: Vec<String>,
}

/// The boot loader between firmware and kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loader {
    None,
    /// Other code runs first, and may lie at the kernel's address.
    Other,
}

/// The way in which the machine ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Power {
    /// The kernel powers it off.
    Off,
    /// Firmware cannot power it off: the kernel sleeps after its last line.
    Sleep,
}

/// The software that selects the boot hart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lottery {
    /// Firmware: one hart alone enters.
    Firmware,
    /// The kernel: all harts enter, and the first at a breakpoint need not be the one that draws
    /// the first ticket.
    Kernel,
}

/// The state of a machine at the kernel's first instruction.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The hart that enters.
    pub(super) hart: u64,
    /// The software that selected this hart.
    pub(super) lottery: Lottery,
    /// `a1`: the device tree's address.
    pub(super) tree_at: u64,
    /// `sp`: under EFI the firmware's, which becomes free memory.
    pub(super) stack: u64,
    /// The image's address.
    pub(super) base: u64,
    /// Bytes of the image with its `.bss`.
    pub(super) size: u64,
}

/// A machine after it has run for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glimpse {
    /// It stands still, at a breakpoint or anywhere.
    Stopped {
        /// The address at which a hart stands.
        pc: u64,
    },
    /// It has ended.
    Ended,
}

/// The output of a console up to the machine's end.
#[derive(Debug)]
pub(super) struct Console {
    pub(super) verdict: Option<Verdict>,
    pub(super) lines: Vec<String>,
    /// True if QEMU ended by itself, as after power-off.
    pub(super) ended: bool,
}

/// Converts an error of QEMU or of its debugger to text.
pub(super) fn as_text<T, E: std::fmt::Display>(result: Result<T, E>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

/// The software that knows the image in an EFI boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Firmware loaded the image itself, and lists it.
    ToFirmware,
    /// A boot loader copied the image, so firmware does not list it.
    ToNobody,
}

impl Session {
    /// Starts `machine`, which stands before its first instruction.
    pub(super) fn start(
        qemu: &Qemu,
        machine: &Machine,
        directory: &Path,
        time: Duration,
    ) -> Result<Self, String> {
        let socket = directory.join("gdb");
        let mut arguments = machine.arguments();
        arguments.extend(gdb::arguments(&socket));
        let mut running = as_text(qemu.start(arguments))?;
        match Client::connect(&socket, CONNECT) {
            Ok(gdb) => {
                let until = Instant::now() + time;
                let loader = if machine.disks.is_empty() { Loader::None } else { Loader::Other };
                let power = if machine.board == Board::Virt { Power::Off } else { Power::Sleep };
                let mut session = Self {
                    gdb,
                    running,
                    until,
                    breakpoints: BTreeSet::new(),
                    ended: false,
                    loader,
                    power,
                    lines: Vec::new(),
                };
                if let Some(group) = machine.board.group_with_mmu() {
                    as_text(session.gdb.attach_group(group))?;
                }
                Ok(session)
            }
            Err(error) => {
                let _ = running.wait(Duration::from_millis(100));
                Err(format!("{error}; QEMU says: {}", running.stop()))
            }
        }
    }

    /// Runs to the image's first instruction, at which the first hart stops. With `first`, the
    /// other harts wait in a loop until that hart is there.
    pub(super) fn enter(&mut self, base: u64, image: &Image, first: Option<u64>) -> Result<Entry, String> {
        let held = self.hold_all_but(first)?;
        let hart = self.go_to_image(base, image)?;
        let size = image.size;
        let (tree_at, stack) = (as_text(self.gdb.register("a1"))?, as_text(self.gdb.register("sp"))?);
        let entry = Entry { hart, lottery: Lottery::Firmware, tree_at, stack, base, size };
        if as_text(self.gdb.register("a0"))? != hart {
            return Err(format!("hart {hart} enters with another hart's ID in a0"));
        }
        self.release(&held)?;
        as_text(self.gdb.select(Hart::with_id(hart)))?;
        Ok(entry)
    }

    /// Runs until EFI firmware is about to start our image, or until the image leaves firmware, and
    /// returns the image's address. Firmware must publish the address to debuggers (UEFI 2.10,
    /// 18.4).
    pub(super) fn locate(&mut self, machine: &Machine, known: Known) -> Result<u64, String> {
        let (gdb, until) = (&mut self.gdb, self.until);
        let base = match known {
            Known::ToFirmware => as_text(landfall_host::efi::locate(gdb, machine, until))?.ok(),
            Known::ToNobody => {
                as_text(landfall_host::efi::locate_leaving(gdb, machine, until))?.ok().flatten()
            }
        };
        base.map(|base| base.0)
            .ok_or_else(|| format!("firmware has not started the image{}", self.last_lines()))
    }

    /// Lets firmware begin on the hart `first`, if there is one; the others wait in a loop.
    pub(super) fn hold_all_but(&mut self, first: Option<u64>) -> Result<Vec<Hart>, String> {
        let Some(first) = first else { return Ok(Vec::new()) };
        let held: Vec<Hart> =
            as_text(self.gdb.harts())?.into_iter().filter(|hart| hart.id() != first).collect();
        self.prefer(first)?;
        self.move_harts(&held, WAIT)?;
        Ok(held)
    }

    /// Lets waiting harts enter firmware.
    pub(super) fn release(&mut self, held: &[Hart]) -> Result<(), String> {
        self.move_harts(held, RESET)
    }

    /// Other code runs before the kernel, and may lie at its address.
    pub(super) const fn expect_other_code(&mut self) {
        self.loader = Loader::Other;
    }

    /// Runs to the image's first instruction, past a boot loader that begins at the same address,
    /// and returns the hart that stands there.
    fn go_to_image(&mut self, base: u64, image: &Image) -> Result<u64, String> {
        self.set_breakpoint(base)?;
        // A loader has at most the code before the header's first number in common with our image.
        let header = image.flat.get(8..64).unwrap_or_default();
        loop {
            let hart = self.go()?.ok_or_else(|| {
                format!("the machine ended before the kernel's first instruction at {base:#x}")
            })?;
            if self.loader == Loader::None || self.read(base + 8, 56)? == header {
                self.remove_breakpoint(base)?;
                return Ok(hart.id());
            }
        }
    }

    /// Passes the hart that prepares memory for all to OpenSBI, and writes a loop for the others.
    /// Both lie in ROM, which the debugger can write by a hart's virtual addresses.
    fn prefer(&mut self, first: u64) -> Result<(), String> {
        let magic = as_text(self.gdb.read_memory(Space::Virtual, Address(FIRMWARE_INFO), 8))?;
        if magic != FIRMWARE_INFO_MAGIC.to_le_bytes() {
            return Err(format!("QEMU's fw_dynamic_info is not at {FIRMWARE_INFO:#x}"));
        }
        as_text(self.gdb.write_memory(Space::Virtual, Address(FIRMWARE_INFO + 40), &first.to_le_bytes()))?;
        as_text(self.gdb.write_memory(Space::Virtual, Address(WAIT), &0x0000_006f_u32.to_le_bytes()))
    }

    fn move_harts(&mut self, harts: &[Hart], to: u64) -> Result<(), String> {
        for hart in harts {
            as_text(self.gdb.select(*hart))?;
            as_text(self.gdb.set_register("pc", to))?;
        }
        Ok(())
    }

    pub(super) fn set_breakpoint(&mut self, at: u64) -> Result<(), String> {
        if self.breakpoints.insert(at) { as_text(self.gdb.set_breakpoint(Address(at))) } else { Ok(()) }
    }

    pub(super) fn remove_breakpoint(&mut self, at: u64) -> Result<(), String> {
        if self.breakpoints.remove(&at) { as_text(self.gdb.remove_breakpoint(Address(at))) } else { Ok(()) }
    }

    pub(super) fn remove_all_breakpoints(&mut self) -> Result<(), String> {
        let mut all = self.breakpoints.clone().into_iter();
        all.try_for_each(|at| self.remove_breakpoint(at))
    }

    /// Runs to the next breakpoint, and returns the hart that stands there, or `None` if the
    /// machine ended.
    pub(super) fn go(&mut self) -> Result<Option<Hart>, String> {
        match self.run()? {
            Ended::Stopped(stop) => Ok(Some(stop.hart)),
            Ended::Exited => {
                self.ended = true;
                Ok(None)
            }
            Ended::Late => Err(format!("the machine does not end in time{}", self.last_lines())),
        }
    }

    /// Runs for at most `time`, and stops the machine.
    pub(super) fn go_for(&mut self, time: Duration) -> Result<Glimpse, String> {
        if Instant::now() > self.until {
            return Err(format!("the machine does not end in time{}", self.last_lines()));
        }
        let mut ended = as_text(self.gdb.resume(time))?;
        if ended == Ended::Late {
            ended = as_text(self.gdb.interrupt())?;
        }
        match ended {
            Ended::Stopped(_) => Ok(Glimpse::Stopped { pc: as_text(self.gdb.register("pc"))? }),
            Ended::Exited => {
                self.ended = true;
                Ok(Glimpse::Ended)
            }
            Ended::Late => Err("the machine does not stop".to_owned()),
        }
    }

    /// Runs until a line of the console contains `text`, and stops the machine then.
    pub(super) fn go_to_line(&mut self, text: &str) -> Result<(), String> {
        let mut ended = as_text(self.gdb.resume(GLANCE))?;
        loop {
            while let Next::Line(line) = self.running.next_line(Instant::now()) {
                self.lines.push(line);
            }
            if self.lines.iter().any(|line| line.contains(text)) {
                break;
            }
            if ended != Ended::Late || Instant::now() > self.until {
                return Err(format!("no line of the console has \"{text}\"{}", self.last_lines()));
            }
            ended = as_text(self.gdb.wait(GLANCE))?;
        }
        match as_text(self.gdb.interrupt())? {
            Ended::Stopped(_) => Ok(()),
            ended => Err(format!("the machine does not stop: {ended:?}")),
        }
    }

    /// Runs to a stop or to the machine's end. The verdict is the end of a machine that cannot be
    /// powered off.
    fn run(&mut self) -> Result<Ended, String> {
        let left = |until: Instant| until.saturating_duration_since(Instant::now());
        if self.power == Power::Off {
            return as_text(self.gdb.resume(left(self.until)));
        }
        let mut ended = as_text(self.gdb.resume(GLANCE))?;
        while ended == Ended::Late && !left(self.until).is_zero() {
            while let Next::Line(line) = self.running.next_line(Instant::now()) {
                self.lines.push(line);
            }
            if self.lines.iter().any(|line| Verdict::of(line).is_some()) {
                return Ok(Ended::Exited);
            }
            ended = as_text(self.gdb.wait(GLANCE))?;
        }
        Ok(ended)
    }

    /// Returns the last lines of the console so far, for an error message.
    fn last_lines(&mut self) -> String {
        let mut lines = std::mem::take(&mut self.lines);
        while let Next::Line(line) = self.running.next_line(Instant::now()) {
            lines.push(line);
        }
        let skip = lines.len().saturating_sub(4);
        lines.into_iter().skip(skip).fold(String::new(), |text, line| text + "\n    | " + &line)
    }

    /// Reads the machine's memory.
    pub(super) fn read(&mut self, at: u64, size: u64) -> Result<Vec<u8>, String> {
        let size = usize::try_from(size).map_err(|error| error.to_string())?;
        as_text(self.gdb.read_memory(Space::Physical, Address(at), size))
    }

    /// Reads eight bytes of the machine's memory, as a number.
    pub(super) fn read_word(&mut self, at: u64) -> Result<u64, String> {
        let bytes = self.read(at, 8)?;
        bytes
            .first_chunk()
            .map(|bytes| u64::from_le_bytes(*bytes))
            .ok_or_else(|| format!("memory at {at:#x} has fewer than eight bytes"))
    }

    pub(super) fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), String> {
        as_text(self.gdb.write_memory(Space::Physical, Address(at), bytes))
    }

    /// Returns the bytes of the tree at `at`.
    pub(super) fn tree(&mut self, at: u64) -> Result<Vec<u8>, String> {
        let header = self.read(at, 8)?;
        let size = header.iter().skip(4).fold(0, |size, byte| size << 8 | u64::from(*byte));
        if !(40..=2 << 20).contains(&size) {
            return Err(format!("there is no device tree at {at:#x}"));
        }
        self.read(at, size)
    }

    /// Changes the kernel's tree between firmware and kernel, as boot loaders do.
    pub(super) fn edit_tree(
        &mut self,
        entry: &mut Entry,
        change: impl FnOnce(&mut DeviceTree),
    ) -> Result<(), String> {
        let bytes = devicetree::edit(&self.tree(entry.tree_at)?, change)?;
        self.put_tree(entry, &bytes)
    }

    /// Gives the kernel these bytes as its tree: in the old tree's place, or elsewhere if they
    /// would reach the image.
    pub(super) fn put_tree(&mut self, entry: &mut Entry, bytes: &[u8]) -> Result<(), String> {
        let image = Interval::new(entry.base, entry.size);
        let places = [entry.tree_at, 0x8180_0000, 0x8280_0000, 0x8380_0000];
        let fits = |at: &&u64| !Interval::new(**at, bytes.len() as u64).overlaps(image);
        let at = *places.iter().find(fits).ok_or("no place for a tree")?;
        self.write(at, bytes)?;
        self.set_tree(entry, at)
    }

    /// Puts another address of a tree into `a1`.
    pub(super) fn set_tree(&mut self, entry: &mut Entry, at: u64) -> Result<(), String> {
        entry.tree_at = at;
        as_text(self.gdb.set_register("a1", at))
    }

    /// Makes the verdict the machine's end: EFI firmware continues after a refusal.
    pub(super) const fn end_with_verdict(&mut self) {
        self.power = Power::Sleep;
    }

    /// Runs to the machine's end, and returns the console's output.
    pub(super) fn finish(mut self) -> Result<Console, String> {
        if !self.ended {
            self.remove_all_breakpoints()?;
            // The machine ends by powering off; otherwise it is killed when the time is over.
            self.ended = self.run()? == Ended::Exited;
        }
        let mut lines = std::mem::take(&mut self.lines);
        // The console of a machine that ended has an end; this waits for it.
        let patience = if self.ended && self.power == Power::Off { LAST_LINES } else { SILENCE };
        while let Next::Line(line) = self.running.next_line(Instant::now() + patience) {
            lines.push(line);
        }
        Ok(Console { verdict: Verdict::over(&lines), lines, ended: self.ended })
    }
}

impl PhysicalMemory for Session {
    fn read(&mut self, at: u64, size: u64) -> Result<Vec<u8>, Unreadable> {
        Ok(Self::read(self, at, size)?)
    }
}
