//! A client of the GDB remote protocol, to look into a machine from outside.
//!
//! ```text
//! endpoint  where a machine's debugger listens
//! packet    the frames: $data#checksum
//! target    names and numbers of a hart's registers, CSRs included
//! ```
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use cargo_landfall::gdb::{Client, Ended, Space};
//! use cargo_landfall::units::Address;
//! use std::path::Path;
//! use std::time::Duration;
//!
//! // QEMU was started with `gdb::arguments(socket)`: it waits before its first instruction.
//! let mut gdb = Client::connect(Path::new("/tmp/gdb"), Duration::from_secs(5))?;
//! gdb.set_breakpoint(Address(0x8020_0000))?;
//! if let Ended::Stopped(stop) = gdb.resume(Duration::from_secs(5))? {
//!     println!("{} has pc {:#x} and satp {:#x}", stop.hart, gdb.register("pc")?, gdb.register("satp")?);
//!     let header = gdb.read_memory(Space::Physical, Address(0x8020_0000), 64)?;
//! }
//! # Ok(())
//! # }
//! ```

pub mod endpoint;
pub mod packet;
mod target;

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::machine::escape_commas;
use crate::units::Address;
use endpoint::Endpoint;
use packet::{Connection, hex, unhex};

/// How long the debugger's side of QEMU may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often a step is tried.
const STEPS: usize = 8;

/// Bytes of memory in one packet: well within QEMU's own limit of 4096 bytes of text.
const CHUNK: usize = 1024;

/// What went wrong between us and QEMU.
#[derive(Debug, Error)]
pub enum GdbError {
    /// No connection.
    #[error("cannot talk to QEMU's debugger: {0}")]
    Connection(#[from] io::Error),
    /// No answer in time.
    #[error("QEMU's debugger does not answer to \"{request}\"")]
    Silent {
        /// What was asked.
        request: String,
    },
    /// An answer that the protocol does not have.
    #[error("QEMU's debugger answers \"{answer}\" to \"{request}\"")]
    Answer {
        /// What was asked.
        request: String,
        /// What came.
        answer: String,
    },
    /// No such register.
    #[error("the hart has no register \"{name}\"; it has: {known}")]
    Register {
        /// The name.
        name: String,
        /// All names.
        known: String,
    },
}

/// A hart, as the debugger counts them: from 1. On the `virt` machine that is the hart id plus 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hart(u64);

impl Hart {
    /// The hart with this hart id on a `virt` machine.
    #[must_use]
    pub const fn with_id(id: u64) -> Self {
        Self(id + 1)
    }

    /// The hart id on a `virt` machine.
    #[must_use]
    pub const fn id(self) -> u64 {
        self.0.saturating_sub(1)
    }
}

impl fmt::Display for Hart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hart {}", self.id())
    }
}

/// Which addresses memory is read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// Those of the machine.
    Physical,
    /// Those that the selected hart sees in its present mode.
    Virtual,
}

/// A machine that has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The signal: 5 for a breakpoint or a step, 2 for an interruption.
    pub signal: u8,
    /// The hart that stopped it. It is the selected one now.
    pub hart: Hart,
}

/// How a machine came to the end of a stretch of running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It has stopped.
    Stopped(Stop),
    /// It is gone: QEMU has ended.
    Exited,
    /// It runs on: the time was over first. [`Client::interrupt`] stops it.
    Late,
}

/// What makes QEMU offer its debugger at `socket`, and wait before the machine's first instruction.
#[must_use]
pub fn arguments(socket: &Path) -> Vec<OsString> {
    let mut place = OsString::from("unix:");
    place.push(escape_commas(socket.as_os_str()));
    place.push(",server=on,wait=off");
    vec!["-gdb".into(), place, "-S".into()]
}

/// A connection to QEMU's debugger.
#[derive(Debug)]
pub struct Client {
    connection: Connection,
    space: Space,
    breakpoints: BTreeSet<Address>,
    registers: HashMap<String, usize>,
    selected: Hart,
    groups: Groups,
}

/// Which groups of harts are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Groups {
    First,
    Several,
}

impl Client {
    /// Connects to QEMU at `socket`, which may take a moment to appear. The machine stands still.
    ///
    /// # Errors
    /// [`GdbError`] where nobody listens there within `patience`, or not QEMU.
    pub fn connect(socket: &Path, patience: Duration) -> Result<Self, GdbError> {
        Self::connect_to(&Endpoint::Socket(socket.to_owned()), patience)
    }

    /// Connects to QEMU at `endpoint`, likewise. A machine that runs stops.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn connect_to(endpoint: &Endpoint, patience: Duration) -> Result<Self, GdbError> {
        let until = Instant::now() + patience;
        let stream = loop {
            match endpoint.connect() {
                Ok(stream) => break stream,
                Err(error) if Instant::now() >= until => return Err(error.into()),
                Err(_) => thread::sleep(Duration::from_millis(2)),
            }
        };
        let mut client = Self {
            connection: Connection::new(stream),
            space: Space::Virtual,
            breakpoints: BTreeSet::new(),
            registers: HashMap::new(),
            selected: Hart::with_id(0),
            groups: Groups::First,
        };
        // QEMU describes its registers only to a client that says it can read that.
        client.ask("qSupported:xmlRegisters=riscv;vContSupported+")?;
        client.ask("?")?;
        client.registers = target::registers(&mut client)?;
        Ok(client)
    }

    /// Sends a packet and waits for the answer.
    ///
    /// # Errors
    /// [`GdbError`] where none comes.
    pub fn ask(&mut self, request: &str) -> Result<String, GdbError> {
        self.connection.send(request)?;
        self.answer(request)
    }

    fn answer(&mut self, request: &str) -> Result<String, GdbError> {
        let answer = self.connection.receive(Instant::now() + PATIENCE)?;
        answer.ok_or_else(|| GdbError::Silent { request: request.to_owned() })
    }

    fn ask_for_ok(&mut self, request: &str) -> Result<(), GdbError> {
        match self.ask(request)?.as_str() {
            "OK" => Ok(()),
            answer => Err(wrong(request, answer)),
        }
    }

    fn select_space(&mut self, space: Space) -> Result<(), GdbError> {
        if self.space != space {
            let physical = u8::from(space == Space::Physical);
            self.ask_for_ok(&format!("Qqemu.PhyMemMode:{physical}"))?;
            self.space = space;
        }
        Ok(())
    }

    /// Reads `size` bytes of memory.
    ///
    /// # Errors
    /// [`GdbError::Answer`] where there is no memory, or none that the selected hart can read.
    pub fn read_memory(&mut self, space: Space, at: Address, size: usize) -> Result<Vec<u8>, GdbError> {
        self.select_space(space)?;
        let mut bytes = Vec::with_capacity(size);
        while bytes.len() < size {
            let chunk = CHUNK.min(size - bytes.len());
            let request = format!("m{:x},{chunk:x}", at.wrapping_add(bytes.len() as u64).0);
            let answer = self.ask(&request)?;
            match unhex(&answer) {
                Some(part) if part.len() == chunk => bytes.extend(part),
                _ => return Err(wrong(&request, &answer)),
            }
        }
        Ok(bytes)
    }

    /// Writes memory.
    ///
    /// # Errors
    /// [`GdbError::Answer`] where there is no memory, or none that the selected hart can reach.
    pub fn write_memory(&mut self, space: Space, at: Address, bytes: &[u8]) -> Result<(), GdbError> {
        self.select_space(space)?;
        for (index, chunk) in bytes.chunks(CHUNK).enumerate() {
            let at = at.wrapping_add((index * CHUNK) as u64);
            self.ask_for_ok(&format!("M{:x},{:x}:{}", at.0, chunk.len(), hex(chunk)))?;
        }
        Ok(())
    }

    /// Stops each hart that is about to run the instruction at `at`. The machine's memory is left alone, and the address is what
    /// the hart's pc holds: physical while paging is off.
    ///
    /// # Errors
    /// [`GdbError`] where QEMU does not take it.
    pub fn set_breakpoint(&mut self, at: Address) -> Result<(), GdbError> {
        self.ask_for_ok(&format!("Z1,{:x},2", at.0))?;
        self.breakpoints.insert(at);
        Ok(())
    }

    /// Takes a breakpoint away again.
    ///
    /// # Errors
    /// [`GdbError`] where there was none.
    pub fn remove_breakpoint(&mut self, at: Address) -> Result<(), GdbError> {
        self.ask_for_ok(&format!("z1,{:x},2", at.0))?;
        self.breakpoints.remove(&at);
        Ok(())
    }

    /// Lets the machine run until something stops it, at most for `patience`.
    ///
    /// A hart that stands on a breakpoint goes one step first, without it: QEMU would stop at once.
    ///
    /// # Errors
    /// [`GdbError`] where the connection breaks.
    pub fn resume(&mut self, patience: Duration) -> Result<Ended, GdbError> {
        let (here, hart) = (Address(self.register("pc")?), self.selected);
        for _ in 0..STEPS {
            if !self.breakpoints.contains(&here) {
                break;
            }
            self.remove_breakpoint(here)?;
            let stepped = self.step();
            self.set_breakpoint(here)?;
            let stop = match stepped? {
                Ended::Stopped(stop) => stop,
                ended => return Ok(ended),
            };
            let now = Address(self.register("pc")?);
            // Another hart that was about to stop can keep this one from its step.
            if (now, self.selected) == (here, hart) {
                continue;
            }
            // Another breakpoint right behind this one: the step has arrived there.
            if self.breakpoints.contains(&now) {
                return Ok(Ended::Stopped(stop));
            }
            break;
        }
        self.connection.send("vCont;c")?;
        self.wait(patience)
    }

    /// Lets the machine run on, and leaves it alone from now on.
    ///
    /// # Errors
    /// [`GdbError`] where the connection breaks.
    pub fn release(mut self) -> Result<(), GdbError> {
        self.select_space(Space::Virtual)?;
        match self.groups {
            Groups::First => self.ask_for_ok("D"),
            // Who leaves one group leaves the others standing. A machine that runs when the connection ends runs on.
            Groups::Several => Ok(self.connection.send("vCont;c")?),
        }
    }

    /// Leaves the machine as it stands, to the debugger that comes next.
    ///
    /// # Errors
    /// [`GdbError`] where the connection breaks.
    pub fn leave(mut self) -> Result<(), GdbError> {
        // QEMU remembers which addresses its last debugger read memory by.
        self.select_space(Space::Virtual)
    }

    /// Lets the selected hart run one instruction; the others stand still.
    ///
    /// # Errors
    /// [`GdbError`] where the connection breaks.
    pub fn step(&mut self) -> Result<Ended, GdbError> {
        // Without a thread's number every hart would step.
        self.connection.send(&format!("vCont;s:{:x}", self.selected.0))?;
        self.wait(PATIENCE)
    }

    /// Stops a machine that runs.
    ///
    /// # Errors
    /// [`GdbError`] where the connection breaks.
    pub fn interrupt(&mut self) -> Result<Ended, GdbError> {
        self.connection.interrupt()?;
        self.wait(PATIENCE)
    }

    /// Waits for a machine that runs to stop.
    ///
    /// # Errors
    /// [`GdbError`] where the connection breaks.
    pub fn wait(&mut self, patience: Duration) -> Result<Ended, GdbError> {
        match self.connection.receive(Instant::now() + patience) {
            Ok(Some(answer)) if answer.starts_with('W') || answer.starts_with('X') => Ok(Ended::Exited),
            Ok(Some(answer)) => {
                let stop = parse_stop(&answer).ok_or_else(|| wrong("wait", &answer))?;
                self.select(stop.hart)?;
                Ok(Ended::Stopped(stop))
            }
            Ok(None) => Ok(Ended::Late),
            Err(error) if is_gone(&error) => Ok(Ended::Exited),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes the harts of another group of a board's processors in, and knows their registers from then on. QEMU calls groups processes, and counts from
    /// 1: at first only the harts of the first one are seen, and a stop of another is told as one of theirs.
    ///
    /// # Errors
    /// [`GdbError::Answer`] where there is no such group.
    pub fn attach_group(&mut self, group: u32) -> Result<(), GdbError> {
        let request = format!("vAttach;{group:x}");
        let answer = self.ask(&request)?;
        if !answer.starts_with('T') {
            return Err(wrong(&request, &answer));
        }
        // A group has one kind of processor, with registers of its own; those of the others are not asked for any more.
        self.registers = target::registers(self)?;
        self.groups = Groups::Several;
        Ok(())
    }

    /// Makes `hart` the one whose registers and memory are read, and which steps.
    ///
    /// # Errors
    /// [`GdbError::Answer`] where there is no such hart.
    pub fn select(&mut self, hart: Hart) -> Result<(), GdbError> {
        self.ask_for_ok(&format!("Hg{:x}", hart.0))?;
        self.ask_for_ok(&format!("Hc{:x}", hart.0))?;
        self.selected = hart;
        Ok(())
    }

    /// All harts of the machine.
    ///
    /// # Errors
    /// [`GdbError`] where the list does not come.
    pub fn harts(&mut self) -> Result<Vec<Hart>, GdbError> {
        let mut harts = Vec::new();
        let mut request = "qfThreadInfo";
        loop {
            let answer = self.ask(request)?;
            match answer.split_at_checked(1) {
                Some(("l", _)) => return Ok(harts),
                Some(("m", list)) => {
                    for id in list.split(',') {
                        harts.push(parse_hart(id).ok_or_else(|| wrong(request, &answer))?);
                    }
                }
                _ => return Err(wrong(request, &answer)),
            }
            request = "qsThreadInfo";
        }
    }

    /// The value of a register of the selected hart: `pc`, `a0`, `satp`, `instret`...
    ///
    /// # Errors
    /// [`GdbError::Register`] where the hart has none of that name.
    pub fn register(&mut self, name: &str) -> Result<u64, GdbError> {
        let request = format!("p{:x}", self.register_number(name)?);
        let answer = self.ask(&request)?;
        let bytes = unhex(&answer).filter(|bytes| (1..=8).contains(&bytes.len()));
        let bytes = bytes.ok_or_else(|| wrong(&request, &answer))?;
        Ok(bytes.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte)))
    }

    /// Changes a register of the selected hart.
    ///
    /// # Errors
    /// [`GdbError::Register`] where the hart has none of that name.
    pub fn set_register(&mut self, name: &str, value: u64) -> Result<(), GdbError> {
        let number = self.register_number(name)?;
        self.ask_for_ok(&format!("P{number:x}={}", hex(&value.to_le_bytes())))
    }

    /// Says something to QEMU's monitor: `info mem`.
    ///
    /// # Errors
    /// [`GdbError`] where the answer is none of the protocol's.
    pub fn monitor(&mut self, command: &str) -> Result<String, GdbError> {
        let request = format!("qRcmd,{}", hex(command.as_bytes()));
        self.connection.send(&request)?;
        let mut text = Vec::new();
        loop {
            let answer = self.answer(&request)?;
            match answer.as_str() {
                "OK" => return Ok(String::from_utf8_lossy(&text).into_owned()),
                _ => match answer.strip_prefix('O').and_then(unhex) {
                    Some(part) => text.extend(part),
                    None => return Err(wrong(&request, &answer)),
                },
            }
        }
    }

    fn register_number(&self, name: &str) -> Result<usize, GdbError> {
        self.registers.get(name).copied().ok_or_else(|| {
            let mut known: Vec<_> = self.registers.keys().map(String::as_str).collect();
            known.sort_unstable();
            GdbError::Register { name: name.to_owned(), known: known.join(" ") }
        })
    }
}

fn wrong(request: &str, answer: &str) -> GdbError {
    let short = |text: &str| text.chars().take(80).collect();
    GdbError::Answer { request: short(request), answer: short(answer) }
}

/// Whether an error means that QEMU has ended.
fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
    )
}

/// `T05thread:02;` or `S05`.
fn parse_stop(answer: &str) -> Option<Stop> {
    let rest = answer.strip_prefix(['T', 'S'])?;
    let (signal, fields) = rest.split_at_checked(2)?;
    let signal = u8::from_str_radix(signal, 16).ok()?;
    let thread = fields.split(';').find_map(|field| field.strip_prefix("thread:"));
    let hart = match thread {
        Some(id) => parse_hart(id)?,
        None => Hart(1),
    };
    Some(Stop { signal, hart })
}

/// `2`, or `p1.2` where the protocol counts processes too.
fn parse_hart(id: &str) -> Option<Hart> {
    let thread = id.rsplit_once('.').map_or(id, |(_process, thread)| thread);
    u64::from_str_radix(thread, 16).ok().map(Hart)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_names_signal_and_hart() {
        assert_eq!(parse_stop("T05thread:02;"), Some(Stop { signal: 5, hart: Hart::with_id(1) }));
        assert_eq!(parse_stop("T02thread:p01.0a;"), Some(Stop { signal: 2, hart: Hart::with_id(9) }));
        assert_eq!(parse_stop("S05"), Some(Stop { signal: 5, hart: Hart::with_id(0) }));
        for wrong in ["", "T", "T0", "Tä5", "T05thread:;", "T05thread:x;", "OK", "E01"] {
            assert_eq!(parse_stop(wrong), None, "{wrong}");
        }
    }
}
