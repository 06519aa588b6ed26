//! A machine that stands at the kernel's first instruction: what its firmware hands over can be
//! read there, and it can go on.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ChildStdin;
use std::time::{Duration, Instant};

use landfall_tree::Tree;
use thiserror::Error;

use crate::efi::{self, Came};
use crate::gdb::{self, Client, Ended, GdbError, Space};
use crate::landmarks::is_image;
use crate::last_lines::LastLines;
use crate::machine::Machine;
use crate::qemu::{Audience, Boot, Next, Qemu, QemuError, Running, Watch};
use landfall_predict::units::Address;

/// Time that a QEMU that runs has to open its debugger's socket.
const CONNECT: Duration = Duration::from_secs(60);

/// Why a machine does not come to the kernel.
#[derive(Debug, Error)]
pub enum StopError {
    /// QEMU did not run.
    #[error(transparent)]
    Qemu(#[from] QemuError),
    /// The debugger's connection broke.
    #[error(transparent)]
    Gdb(#[from] GdbError),
    /// The boot was over before: its verdict says why.
    #[error("the boot ended before the kernel's first instruction{}", LastLines::of(&.0.console))]
    Over(Box<Boot>),
    /// The firmware never went there.
    #[error("the machine did not reach the kernel's first instruction{at} within {} s{last}", .waited.as_secs())]
    Never {
        /// The expected address.
        at: ImageBase,
        /// The time limit.
        waited: Duration,
        /// The last lines of the console.
        last: LastLines,
    },
}

/// The address of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageBase {
    /// Its first byte is at this address.
    At(Address),
    /// The address that EFI firmware chooses and reports to debuggers.
    ByEfi,
    /// The address that EFI firmware chooses without a report.
    EnteredByEfi {
        /// The address of its first byte.
        base: Address,
        /// The address at which firmware enters it.
        entry: Address,
    },
}

impl fmt::Display for ImageBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) | Self::EnteredByEfi { base: at, .. } => write!(f, " at {at}"),
            Self::ByEfi => Ok(()),
        }
    }
}

/// A machine at the kernel's first instruction, with what firmware hands over.
#[derive(Debug)]
pub struct StoppedMachine {
    /// The address of the image's first byte.
    pub base: Address,
    /// `a0`: the hart that boots.
    pub boot_hart: u64,
    /// `a1`: where the device tree lies.
    pub tree_at: Address,
    /// The device tree, if `a1` points to one.
    pub tree: Option<Vec<u8>>,
    /// The socket of the machine's debugger.
    pub socket: PathBuf,
    /// Instructions of the image's own EFI loader, where there was one and they were counted.
    pub efi_loader: u64,
    /// The connection to the machine's debugger.
    pub gdb: Client,
    stands: bool,
    running: Running,
    console: Vec<String>,
}

/// A machine that stands still until a debugger lets it go on.
#[derive(Debug)]
pub struct Waiting {
    running: Running,
    console: Vec<String>,
}

impl StoppedMachine {
    /// Boots `machine` up to the kernel's first instruction. Files for QEMU go to `directory`.
    ///
    /// # Errors
    /// [`StopError`] where it does not come there.
    pub fn reach(
        qemu: &Qemu,
        machine: &Machine,
        at: ImageBase,
        directory: &Path,
        timeout: Duration,
    ) -> Result<Self, StopError> {
        let socket = directory.join("gdb");
        let mut arguments = machine.arguments();
        arguments.extend(gdb::arguments(&socket));
        let mut running = qemu.start(arguments)?;
        let runs = || running.wait(Duration::ZERO).is_none();
        let mut gdb = match Client::connect_while(&socket, CONNECT + machine.memory.preparation(), runs) {
            Ok(gdb) => gdb,
            // A QEMU that does not like its arguments has ended, and says why.
            Err(error) => return Err(running.rejected().map_or(error.into(), StopError::Qemu)),
        };
        if let Some(group) = machine.board.group_with_mmu() {
            gdb.attach_group(group)?;
        }
        let until = Instant::now() + timeout;
        let came = match at {
            ImageBase::At(base) => go_to_image(&mut gdb, machine, base, until)?,
            ImageBase::ByEfi => efi::reach(&mut gdb, machine, until)?,
            ImageBase::EnteredByEfi { base, entry } => efi::follow(&mut gdb, machine, base, entry, until)?,
        };
        let Came::ToStart { base, loader } = came else {
            if came == Came::Back {
                gdb.release()?;
            }
            // Its last output may still be on its way.
            let patience = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(200));
            let boot = running.watch(patience, |_| {})?;
            return Err(match boot.verdict {
                Some(_) => StopError::Over(Box::new(boot)),
                None => StopError::Never { at, waited: timeout, last: LastLines::of(&boot.console) },
            });
        };
        let mut console = Vec::new();
        while let Next::Line(line) = running.next_line(Instant::now()) {
            console.push(line);
        }
        let (boot_hart, tree_at) = (gdb.register("a0")?, Address(gdb.register("a1")?));
        let tree = read_tree(&mut gdb, tree_at);
        let efi_loader = loader.unwrap_or_default();
        Ok(Self { base, boot_hart, tree_at, tree, socket, efi_loader, gdb, stands: true, running, console })
    }

    /// Lets the machine run on until something stops it.
    ///
    /// # Errors
    /// [`GdbError`] if the connection breaks.
    pub fn resume(&mut self, until: Instant) -> Result<Ended, GdbError> {
        let ended = self.gdb.resume(until.saturating_duration_since(Instant::now()))?;
        self.stands = matches!(ended, Ended::Stopped(_));
        Ok(ended)
    }

    /// Leaves the machine as it stands, to another debugger.
    ///
    /// # Errors
    /// [`StopError`] where the connection breaks.
    pub fn wait(self) -> Result<Waiting, StopError> {
        self.gdb.leave()?;
        Ok(Waiting { running: self.running, console: self.console })
    }

    /// Lets the machine go on, and watches it. `audience` gets all that the console writes, that so
    /// far included.
    ///
    /// # Errors
    /// [`StopError`] where the connection breaks.
    pub fn finish(self, watch: Watch, audience: &mut dyn Audience) -> Result<Boot, StopError> {
        if self.stands {
            self.gdb.release()?;
        }
        Waiting { running: self.running, console: self.console }.finish(watch, audience)
    }

    /// Returns the keyboard of the machine's console, once.
    pub const fn keys(&mut self) -> Option<ChildStdin> {
        self.running.keys()
    }
}

impl Waiting {
    /// Watches the machine, to its end if a debugger has it. `audience` gets all that the console
    /// writes from now on.
    ///
    /// # Errors
    /// [`StopError`] where no machine ran.
    pub fn finish(self, watch: Watch, audience: &mut dyn Audience) -> Result<Boot, StopError> {
        Ok(self.running.watch_after(self.console, watch, audience)?)
    }

    /// Returns the keyboard of the machine's console, once.
    pub const fn keys(&mut self) -> Option<ChildStdin> {
        self.running.keys()
    }
}

/// Goes on to the kernel's first instruction at `base`. A boot loader that comes from a disk may
/// have begun at the same address, before it put the image there.
fn go_to_image(gdb: &mut Client, machine: &Machine, base: Address, until: Instant) -> Result<Came, GdbError> {
    gdb.set_breakpoint(base)?;
    loop {
        match gdb.resume(until.saturating_duration_since(Instant::now()))? {
            Ended::Stopped(_) if machine.disks.is_empty() || is_image(gdb, base)? => break,
            Ended::Stopped(_) => {}
            ended => return Ok(Came::Not(ended)),
        }
    }
    gdb.remove_breakpoint(base)?;
    Ok(Came::ToStart { base, loader: None })
}

/// Returns the tree at `at`, if a tree is there.
fn read_tree(gdb: &mut Client, at: Address) -> Option<Vec<u8>> {
    let header = gdb.read_memory(Space::Physical, at, 8).ok()?;
    if !header.starts_with(&0xd00d_feed_u32.to_be_bytes()) {
        return None;
    }
    // A size that makes no sense is for the kernel to name: its header is enough for that.
    let size = Tree::stated_size(*header.first_chunk()?).unwrap_or(header.len());
    gdb.read_memory(Space::Physical, at, size).ok()
}
