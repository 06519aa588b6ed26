//! A connection: requests, answers, and the harts that they are about.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::endpoint::Endpoint;
use super::error::wrong;
use super::hart::parse_hart;
use super::packet::Connection;
use super::{GdbError, Hart, Space, target};
use landfall_predict::hex::{hex, unhex};
use landfall_predict::units::Address;

/// The time limit for an answer of QEMU's debugger.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The time limit for the first answer, which comes at once.
const GREETING: Duration = Duration::from_secs(10);

/// The time after which another protocol's greeting has come.
const GLANCE: Duration = Duration::from_secs(1);

/// The features of this client.
const FEATURES: &str = "qSupported:xmlRegisters=riscv;vContSupported+";

/// Bytes of memory that every QEMU takes in one packet, and the most of ours.
pub(super) const CHUNK: usize = 1024;
const LONGEST: usize = 64 << 10;

/// A connection to QEMU's debugger.
#[derive(Debug)]
pub struct Client {
    pub(super) connection: Connection,
    pub(super) space: Space,
    pub(super) breakpoints: BTreeSet<Address>,
    /// The numbers of registers, read when the first is asked for: they take many requests.
    registers: Option<HashMap<String, usize>>,
    pub(super) selected: Hart,
    pub(super) groups: Groups,
    /// The most bytes of memory in one packet.
    pub(super) chunk: usize,
    requests: u64,
}

/// Which groups of harts are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Groups {
    First,
    Several,
}

impl Client {
    /// Connects to QEMU at `socket`, which may take a moment to appear. The machine stands still.
    ///
    /// # Errors
    /// Returns [`GdbError`] if nothing listens there within `patience`, or if it is not QEMU.
    pub fn connect(socket: &Path, patience: Duration) -> Result<Self, GdbError> {
        Self::connect_to(&Endpoint::Socket(socket.to_owned()), patience)
    }

    /// Connects to QEMU at `endpoint`, likewise. A machine that runs stops.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn connect_to(endpoint: &Endpoint, patience: Duration) -> Result<Self, GdbError> {
        Self::reach(endpoint, patience, || true)
    }

    /// Connects to QEMU at `socket`, as [`Client::connect`] does, and stops trying as soon as
    /// `runs` returns false.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn connect_while(
        socket: &Path,
        patience: Duration,
        runs: impl FnMut() -> bool,
    ) -> Result<Self, GdbError> {
        Self::reach(&Endpoint::Socket(socket.to_owned()), patience, runs)
    }

    fn reach(
        endpoint: &Endpoint,
        patience: Duration,
        mut runs: impl FnMut() -> bool,
    ) -> Result<Self, GdbError> {
        let until = Instant::now() + patience;
        let stream = loop {
            match endpoint.connect() {
                Ok(stream) => break stream,
                Err(error) if Instant::now() >= until || !runs() => return Err(error.into()),
                Err(_) => thread::sleep(Duration::from_millis(2)),
            }
        };
        let mut client = Self {
            connection: Connection::new(stream),
            space: Space::Virtual,
            breakpoints: BTreeSet::new(),
            registers: None,
            selected: Hart::with_id(0),
            groups: Groups::First,
            chunk: CHUNK,
            requests: 0,
        };
        // QEMU describes its registers only to a client that says it can read that.
        client.send(FEATURES)?;
        // QEMU has one debugger at a time: another's connection is accepted, and not answered.
        let begin = Instant::now();
        let mut answer = client.connection.receive(begin + GLANCE)?;
        if client.connection.is_qmp() {
            return Err(GdbError::Qmp);
        }
        if answer.is_none() {
            answer = client.connection.receive(begin + GREETING)?;
        }
        let answer = answer.ok_or_else(|| GdbError::Silent { request: FEATURES.to_owned() })?;
        client.chunk = chunk(&answer);
        client.ask("?")?;
        Ok(client)
    }

    /// Returns the number of requests so far.
    #[must_use]
    pub const fn requests(&self) -> u64 {
        self.requests
    }

    pub(super) fn send(&mut self, request: &str) -> Result<(), GdbError> {
        self.requests += 1;
        Ok(self.connection.send(request)?)
    }

    /// Sends a packet and waits for the answer.
    ///
    /// # Errors
    /// [`GdbError`] where none comes.
    pub fn ask(&mut self, request: &str) -> Result<String, GdbError> {
        self.send(request)?;
        self.answer(request)
    }

    pub(super) fn answer(&mut self, request: &str) -> Result<String, GdbError> {
        let answer = self.connection.receive(Instant::now() + PATIENCE)?;
        answer.ok_or_else(|| GdbError::Silent { request: request.to_owned() })
    }

    pub(super) fn ask_for_ok(&mut self, request: &str) -> Result<(), GdbError> {
        match self.ask(request)?.as_str() {
            "OK" => Ok(()),
            answer => Err(wrong(request, answer)),
        }
    }

    /// Attaches the harts of another group of processors, and reads their registers. QEMU presents
    /// groups as processes, numbered from 1. At first only the harts of the first group are
    /// visible, and a stop of another is reported as one of theirs.
    ///
    /// # Errors
    /// [`GdbError::Answer`] where there is no such group.
    pub fn attach_group(&mut self, group: u32) -> Result<(), GdbError> {
        let request = format!("vAttach;{group:x}");
        let answer = self.ask(&request)?;
        if !answer.starts_with('T') {
            return Err(wrong(&request, &answer));
        }
        // A group has one kind of processor, with registers of its own; those of the others are not
        // asked for any more.
        self.registers = None;
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

    /// Returns the value of a register of the selected hart: `pc`, `a0`, `satp`, `instret`...
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
    /// Returns [`GdbError`] if the answer does not follow the protocol.
    pub fn monitor(&mut self, command: &str) -> Result<String, GdbError> {
        let request = format!("qRcmd,{}", hex(command.as_bytes()));
        self.send(&request)?;
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

    fn register_number(&mut self, name: &str) -> Result<usize, GdbError> {
        let registers = match self.registers.take() {
            Some(registers) => registers,
            None => target::registers(self)?,
        };
        let registers = self.registers.insert(registers);
        registers.get(name).copied().ok_or_else(|| {
            let mut known: Vec<_> = registers.keys().map(String::as_str).collect();
            known.sort_unstable();
            GdbError::Register { name: name.to_owned(), known: known.join(" ") }
        })
    }
}

impl AsRef<Self> for Client {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl AsMut<Self> for Client {
    fn as_mut(&mut self) -> &mut Self {
        self
    }
}

/// Returns the most bytes of memory in one packet, by QEMU's answer to [`FEATURES`]. A byte is two
/// digits.
fn chunk(features: &str) -> usize {
    let stated = features.split(';').find_map(|feature| feature.strip_prefix("PacketSize="));
    let stated = stated.and_then(|size| usize::from_str_radix(size, 16).ok()).unwrap_or(0);
    (stated / 2).clamp(CHUNK, LONGEST) / CHUNK * CHUNK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_has_as_much_memory_as_qemu_takes() {
        for (features, bytes) in [
            ("PacketSize=1000;qXfer:features:read+", 2048),
            ("qXfer:features:read+;PacketSize=20020", 64 << 10),
            ("PacketSize=ffffffffffffffff", 64 << 10),
            ("PacketSize=10", CHUNK),
            ("PacketSize=-1", CHUNK),
            ("", CHUNK),
        ] {
            assert_eq!(chunk(features), bytes, "{features}");
        }
    }
}
