//! Firmware features (FWFT).

use crate::config::Extensions;
use crate::hart::csr::status;
use crate::hart::feature::Features;
use crate::machine::Machine;

use super::{Call, Done, Error, Reply};

/// Misaligned accesses that trap reach the supervisor.
const MISALIGNED: u32 = 0;
/// Landing pads (Zicfilp).
const LANDING_PAD: u32 = 1;
/// Shadow stacks (Zicfiss).
const SHADOW_STACK: u32 = 2;
/// Double traps (Ssdbltrp).
const DOUBLE_TRAP: u32 = 3;
/// The hart sets A and D (Svadu).
const UPDATES_ENTRIES: u32 = 4;
/// Pointer masking (Ssnpm).
const POINTER_MASKING: u32 = 5;

/// The flag of a set that is the last one.
const LOCK: u64 = 1;

pub(super) fn call(machine: &mut Machine, call: &Call) -> Reply {
    let [_, value, flags, ..] = call.arguments;
    let feature = call.word(0);
    let extensions = machine.world.config.extensions;
    let hart = &mut machine.harts[call.caller];
    match call.function {
        0 => {
            let set = set(&mut hart.features, &extensions, feature, value, flags);
            if !hart.features.double_trap {
                hart.csrs.sstatus &= !status::SDT;
            }
            set.into()
        }
        1 => get(hart.features, &extensions, feature).into(),
        _ => Reply::Return(Err(Error::NotSupported)),
    }
}

/// Sets a feature.
fn set(features: &mut Features, extensions: &Extensions, feature: u32, value: u64, flags: u64) -> Done {
    let old = get(*features, extensions, feature)?;
    if value > 1 || flags & !LOCK != 0 {
        return Err(Error::InvalidParam);
    }
    let (setting, locked) = match feature {
        DOUBLE_TRAP => (&mut features.double_trap, &mut features.double_trap_locked),
        UPDATES_ENTRIES => (&mut features.updates_entries, &mut features.updates_entries_locked),
        // The firmware emulates no access, so it delegates each.
        _ if value == old => return Ok(()),
        _ => return Err(Error::Denied),
    };
    if *locked && value != old {
        return Err(Error::DeniedLocked);
    }
    *setting = value != 0;
    *locked |= flags & LOCK != 0;
    Ok(())
}

/// Returns a feature's value.
fn get(features: Features, extensions: &Extensions, feature: u32) -> Result<u64, Error> {
    let value = match feature {
        MISALIGNED => true,
        DOUBLE_TRAP if extensions.ssdbltrp => features.double_trap,
        UPDATES_ENTRIES if extensions.svadu => features.updates_entries,
        LANDING_PAD | SHADOW_STACK | DOUBLE_TRAP | UPDATES_ENTRIES | POINTER_MASKING => {
            return Err(Error::NotSupported);
        }
        _ => return Err(Error::Denied),
    };
    Ok(u64::from(value))
}
