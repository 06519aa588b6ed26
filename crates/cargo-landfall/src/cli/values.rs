//! Values of options that several verbs have.

use std::time::Duration;

use landfall_host::machine::Harts;
use landfall_predict::units::Size;

/// Parses a size of RAM. QEMU requires a multiple of 8 KiB.
pub(super) fn parse_memory(text: &str) -> Result<Size, String> {
    let size: Size = text.parse().map_err(|error| format!("{error}"))?;
    match size.0 {
        0 => Err("a machine needs memory; write a size such as 1G".to_owned()),
        bytes if !bytes.is_multiple_of(8192) => {
            Err(format!("{size} is not a multiple of 8 KiB, which QEMU's RAM must be; round it"))
        }
        _ => Ok(size),
    }
}

pub(super) fn parse_harts(text: &str) -> Result<Harts, String> {
    text.parse().map_err(|_| format!("write a number of harts from 1 to {}, such as 4", u32::MAX))
}

/// Parses a time limit.
pub(super) fn parse_seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 1_u32..) => Ok(Duration::from_secs(seconds.into())),
        _ => Err(format!("write whole seconds, from 1 to {}, such as 30", u32::MAX)),
    }
}
