//! The firmware: the calls of the SBI (version 3.0), native.
//!
//! A call acts on the machine at once. It asks other harts by messages, which the machine delivers
//! in its own order.

mod base;
mod console;
mod deliver;
mod event;
mod feature;
mod fence;
mod hsm;
mod legacy;
mod memory;
mod reset;
mod targets;
#[cfg(test)]
mod tests;
mod timer;

use crate::config::Start;
use crate::machine::{Machine, Outcome};

pub(crate) use deliver::deliver;
pub(crate) use event::{deliver_pending, double_trap};

/// Numbers of extensions.
mod extension {
    pub(super) const LAST_LEGACY: u64 = 0x0f;
    pub(super) const BASE: u64 = 0x10;
    pub(super) const TIME: u64 = 0x5449_4d45;
    pub(super) const IPI: u64 = 0x0073_5049;
    pub(super) const RFENCE: u64 = 0x5246_4e43;
    pub(super) const HSM: u64 = 0x0048_534d;
    pub(super) const SRST: u64 = 0x5352_5354;
    pub(super) const DBCN: u64 = 0x4442_434e;
    pub(super) const SSE: u64 = 0x0053_5345;
    pub(super) const FWFT: u64 = 0x4657_4654;
    /// All but the legacy ones.
    pub(super) const ALL: &[u64] = &[BASE, TIME, IPI, RFENCE, HSM, SRST, DBCN, SSE, FWFT];
}

/// An error of the SBI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
enum Error {
    Failed = -1,
    NotSupported = -2,
    InvalidParam = -3,
    Denied = -4,
    InvalidAddress = -5,
    AlreadyAvailable = -6,
    AlreadyStarted = -7,
    AlreadyStopped = -8,
    InvalidState = -10,
    BadRange = -11,
    DeniedLocked = -14,
}

/// The result of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reply {
    /// It returns an error, or a value in `a1`.
    Return(Result<u64, Error>),
    /// It returns a value in `a0` alone, as the legacy extensions do.
    Legacy(u64),
    /// The caller's registers are already as they must be, or it does not continue.
    Silent,
    /// The machine stops.
    End(Outcome),
}

/// A call.
#[derive(Clone, Copy, Debug)]
struct Call {
    /// The index of the hart that calls.
    caller: usize,
    /// The extension, `a7`.
    extension: u64,
    /// The function, `a6`.
    function: u64,
    /// `a0` to `a5`.
    arguments: [u64; 6],
}

impl Call {
    /// Returns an argument that is 32 bits wide.
    #[expect(clippy::cast_possible_truncation, reason = "the callee ignores the other bits")]
    const fn word(&self, argument: usize) -> u32 {
        self.arguments[argument] as u32
    }

    /// Returns an argument that is a byte.
    const fn byte(&self, argument: usize) -> u8 {
        self.word(argument).to_le_bytes()[0]
    }
}

/// The result of a function that returns no value.
type Done = Result<(), Error>;

impl From<Result<u64, Error>> for Reply {
    fn from(result: Result<u64, Error>) -> Self {
        Self::Return(result)
    }
}

impl From<Done> for Reply {
    fn from(result: Done) -> Self {
        Self::Return(result.map(|()| 0))
    }
}

/// Handles the `ecall` that a hart has executed. Its `pc` is the next instruction's address.
///
/// Returns an outcome if the machine stops.
pub(crate) fn call(machine: &mut Machine, caller: usize) -> Option<Outcome> {
    let hart = &machine.harts[caller];
    let call = Call {
        caller,
        extension: hart.x[17],
        function: hart.x[16],
        arguments: std::array::from_fn(|argument| hart.x[10 + argument]),
    };
    let reply = dispatch(machine, &call);
    let hart = &mut machine.harts[caller];
    match reply {
        Reply::Return(Ok(value)) => (hart.x[10], hart.x[11]) = (0, value),
        Reply::Return(Err(error)) => (hart.x[10], hart.x[11]) = ((error as i64).cast_unsigned(), 0),
        Reply::Legacy(value) => hart.x[10] = value,
        Reply::Silent => {}
        Reply::End(outcome) => return Some(outcome),
    }
    if call.extension == extension::SSE {
        // The call may have made an event ready for its own hart.
        deliver_pending(machine, caller);
    }
    None
}

/// Runs a call.
fn dispatch(machine: &mut Machine, call: &Call) -> Reply {
    match call.extension {
        0..=extension::LAST_LEGACY => legacy::call(machine, call),
        extension::BASE => base::call(machine, call),
        extension::TIME => timer::call(machine, call),
        extension::IPI => targets::call(machine, call),
        extension::RFENCE => fence::call(machine, call),
        extension::HSM if machine.world.config.start == Start::Hsm => hsm::call(machine, call),
        extension::SRST => reset::call(call),
        extension::DBCN => console::call(machine, call),
        extension::SSE => event::call(machine, call),
        extension::FWFT => feature::call(machine, call),
        _ => Reply::Return(Err(Error::NotSupported)),
    }
}
