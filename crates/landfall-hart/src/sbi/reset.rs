//! System reset (SRST).

use crate::machine::Outcome;

use super::{Call, Error, Reply};

pub(super) fn call(call: &Call) -> Reply {
    let failed = match (call.function, call.word(1)) {
        (0, 0) => false,
        (0, 1) => true,
        (0, _) => return Reply::Return(Err(Error::InvalidParam)),
        _ => return Reply::Return(Err(Error::NotSupported)),
    };
    match call.word(0) {
        0 => Reply::End(Outcome::Shutdown { failed }),
        1 | 2 => Reply::End(Outcome::Reboot),
        _ => Reply::Return(Err(Error::InvalidParam)),
    }
}
