//! System reset (SRST).

use crate::machine::Outcome;

use super::{Call, Error, Reply};

pub(super) fn call(call: &Call) -> Reply {
    // Both are 32 bits wide.
    let [kind, reason] = [call.arguments[0], call.arguments[1]].map(|argument| argument & 0xffff_ffff);
    let failed = match (call.function, reason) {
        (0, 0) => false,
        (0, 1) => true,
        (0, _) => return Reply::Return(Err(Error::InvalidParam)),
        _ => return Reply::Return(Err(Error::NotSupported)),
    };
    match kind {
        0 => Reply::End(Outcome::Shutdown { failed }),
        1 | 2 => Reply::End(Outcome::Reboot),
        _ => Reply::Return(Err(Error::InvalidParam)),
    }
}
